// The sets, as libcap gives them.
#include "common/capability_sets.hpp"

#include <cerrno>

#include "common/error.hpp"

namespace tincan {

Capabilities own_capabilities() {
  Capabilities sets{cap_get_proc()};
  if (!sets) throw Error{errno, "cap_get_proc"};
  return sets;
}

bool has_capability(const Capabilities& sets, cap_flag_t set, cap_value_t capability) {
  cap_flag_value_t value = CAP_CLEAR;
  check(cap_get_flag(sets.get(), capability, set, &value), "cap_get_flag");
  return value == CAP_SET;
}

}  // namespace tincan
