// Questions to a policy.
#include "08-seccomp/policy.hpp"

#include "common/error.hpp"

namespace tincan {

bool may_allow(const Policy& policy, const std::string& name) {
  for (const Rule& rule : policy.rules) {
    if (rule.name != name) continue;
    if (rule.action == allow) return true;
    if (rule.all.empty()) return false;
  }
  return policy.otherwise == allow;
}

std::string action_name(Action action) {
  if (action == allow) return "allow";
  if (action == kill_process) return "kill";
  return errno_name(static_cast<int>(action.returned & SECCOMP_RET_DATA));
}

}  // namespace tincan
