// The capability sets of this process, with an owner, capabilities(7).
//
//   if (!has_capability(own_capabilities(), CAP_EFFECTIVE, CAP_SYS_ADMIN)) return false;
#pragma once

#include <sys/capability.h>

#include <memory>

namespace tincan {

struct FreeCapabilities {
  void operator()(cap_t sets) const { cap_free(sets); }
};
using Capabilities = std::unique_ptr<_cap_struct, FreeCapabilities>;

/// Permitted, effective and inheritable set, cap_get_proc(3).
Capabilities own_capabilities();

/// Is it in that one of them, cap_get_flag(3)? `capability`: 0 to 63.
bool has_capability(const Capabilities& sets, cap_flag_t set, cap_value_t capability);

}  // namespace tincan
