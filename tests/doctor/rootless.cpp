// What an ordinary user's containers need from chapter 11 on: ids that the system grants, and a control group
// that somebody hands over. Tried by that chapter's own functions.
#include <array>
#include <string>

#include "09-cgroups/cgroup.hpp"
#include "09-cgroups/limits.hpp"
#include "11-rootless/delegation.hpp"
#include "11-rootless/ids.hpp"
#include "common/error.hpp"
#include "doctor/trial.hpp"

namespace tincan::doctor {
namespace {

void have_users() {
  const std::string why = why_root_is_alone();
  if (!why.empty()) throw Error{0, "find granted ids", {}, why};
}

// The default limits, and none of a disk's.
void have_limits() {
  const LimitOptions limits;
  stand_in_delegated_group(limits);
  const ControlGroups groups = make_groups(limits, {});
}

constexpr std::array table{
    Trial{"id-ranges", "ids for a user's containers", "11", Weight::useful, nullptr, have_users},
    Trial{"user-limits", "limits for a user's containers", "11", Weight::useful, nullptr,
          have_limits},
};

}  // namespace

std::span<const Trial> rootless_trials() {
  return table;
}

}  // namespace tincan::doctor
