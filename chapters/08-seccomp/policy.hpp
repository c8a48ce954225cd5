// What a filter decides, before it is a program: a list of rules, tried from the top.
//
//   Policy policy{refuse_with(ENOSYS), {{"read", allow, {}},
//                                       {"ioctl", refuse_with(EPERM), {{1, 0xffffffff, TIOCSTI}}},
//                                       {"ioctl", allow, {}}}};
#pragma once

#include <linux/seccomp.h>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tincan {

/// What the kernel does with a call: SECCOMP_RET_* of seccomp(2), with an errno in the low 16 bits.
struct Action {
  std::uint32_t returned = SECCOMP_RET_KILL_PROCESS;
  bool operator==(const Action&) const = default;
};

constexpr Action allow{SECCOMP_RET_ALLOW};
constexpr Action kill_process{SECCOMP_RET_KILL_PROCESS};
/// The call fails with errno `number` (1 to 4095), and the kernel does nothing.
constexpr Action refuse_with(int number) {
  return {SECCOMP_RET_ERRNO | static_cast<std::uint32_t>(number)};
}

/// True if the low 32 bits of argument number `argument` (0 to 5), masked, are `value`. Only those:
/// where the kernel takes an int it looks at no more, and who compares all 64 lets
/// ioctl(fd, TIOCSTI | 1 << 32) pass (CVE-2019-7303, CVE-2019-10063).
struct Comparison {
  unsigned argument = 0;
  std::uint32_t mask = 0;
  std::uint32_t value = 0;
};

/// `action` for the call `name`, if all comparisons hold. The first rule of a call that fits
/// counts.
struct Rule {
  std::string name;
  Action action;
  std::vector<Comparison> all = {};
};

struct Policy {
  Action otherwise;  ///< for every call that no rule fits
  std::vector<Rule> rules = {};
};

/// A call that will be made. Of its arguments is known what `known` says; with the mask 0, nothing.
struct Call {
  std::string_view name;
  std::array<Comparison, 2> known = {};
};

/// False if the policy refuses the call, whatever stands in the arguments that are not known.
bool may_allow(const Policy& policy, const Call& call);

/// "allow", "kill", or the errno's name.
std::string action_name(Action action);

/// The posts' list of what is refused, with its masks mended: everything else is allowed.
Policy series_policy();

/// What is allowed, everything else being refused. `kept`: a mask of capabilities, each of which
/// opens the calls that are of no use without it, as in Docker.
Policy default_policy(std::uint64_t kept);

}  // namespace tincan
