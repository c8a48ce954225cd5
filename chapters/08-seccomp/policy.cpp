// Questions to a policy.
#include "08-seccomp/policy.hpp"

#include <algorithm>

#include "common/error.hpp"

namespace tincan {
namespace {

enum class Fit { never, perhaps, always };

// Bit by bit: those that are known decide it, or leave it open.
Fit fit(const Comparison& comparison, const Call& call) {
  std::uint32_t open = comparison.mask;
  for (const Comparison& known : call.known) {
    if (known.argument != comparison.argument) continue;
    const std::uint32_t shared = known.mask & comparison.mask;
    if (((known.value ^ comparison.value) & shared) != 0) return Fit::never;
    open &= ~shared;
  }
  return open == 0 ? Fit::always : Fit::perhaps;
}

Fit fit(const Rule& rule, const Call& call) {
  Fit all = Fit::always;
  for (const Comparison& comparison : rule.all) all = std::min(all, fit(comparison, call));
  return rule.name == call.name ? all : Fit::never;
}

}  // namespace

bool may_allow(const Policy& policy, const Call& call) {
  for (const Rule& rule : policy.rules) {
    const Fit fits = fit(rule, call);
    if (fits != Fit::never && rule.action == allow) return true;
    if (fits == Fit::always) return false;
  }
  return policy.otherwise == allow;
}

std::string action_name(Action action) {
  if (action == allow) return "allow";
  if (action == kill_process) return "kill";
  return errno_name(static_cast<int>(action.returned & SECCOMP_RET_DATA));
}

}  // namespace tincan
