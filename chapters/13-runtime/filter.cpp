// The program: first whose calls these are, then a tree of numbers, then conditions.
#include "13-runtime/filter.hpp"

#include <linux/audit.h>
#include <linux/seccomp.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <map>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "08-seccomp/syscall_numbers.hpp"
#include "common/error.hpp"

namespace tincan::oci {
namespace {

constexpr std::uint32_t x32_calls = 0x40000000;  // __X32_SYSCALL_BIT
constexpr std::uint32_t no_calls = 0x80000000;   // below zero: a tracer's way to skip a call is -1
constexpr std::uint32_t library_x32 = 0x4000003e;  // libseccomp's SCMP_ARCH_X32
constexpr std::size_t furthest_jump = 255;

sock_filter load_word(std::size_t offset) {
  return BPF_STMT(BPF_LD | BPF_W | BPF_ABS, static_cast<std::uint32_t>(offset));
}
sock_filter answer(Action action) {
  return BPF_STMT(BPF_RET | BPF_K, action.returned);
}
sock_filter jump(std::uint16_t condition, std::uint32_t value, std::size_t if_so,
                 std::size_t if_not) {
  return BPF_JUMP(static_cast<std::uint16_t>(BPF_JMP | condition | BPF_K), value,
                  static_cast<std::uint8_t>(if_so), static_cast<std::uint8_t>(if_not));
}
sock_filter go_on_after(std::size_t instructions) {
  return BPF_STMT(BPF_JMP | BPF_JA, static_cast<std::uint32_t>(instructions));
}

// Each architecture here is little-endian: the low half of an argument comes first.
std::size_t low_half(unsigned argument) {
  return offsetof(seccomp_data, args) + 8 * argument;
}
std::size_t high_half(unsigned argument) {
  return low_half(argument) + 4;
}

void append(Program& program, const Program& part) {
  program.insert(program.end(), part.begin(), part.end());
}

/// An argument of which the kernel looks at the low half alone: it is an int, or flags that are one.
struct Narrow {
  std::string_view call;
  unsigned arguments;  // bit n: number n
};

// Who compares more than the kernel looks at, can be passed by: bits above are the caller's to set
// (CVE-2019-7303, CVE-2019-10063).
constexpr std::array narrow{
    Narrow{"accept4", 0b1001},  Narrow{"arch_prctl", 0b01},    Narrow{"bpf", 0b101},
    Narrow{"clone", 0b00001},   Narrow{"epoll_ctl", 0b0111},   Narrow{"fcntl", 0b011},
    Narrow{"fcntl64", 0b011},   Narrow{"futex", 0b000110},     Narrow{"getsockopt", 0b00111},
    Narrow{"ioctl", 0b011},     Narrow{"ipc", 0b000001},       Narrow{"keyctl", 0b00001},
    Narrow{"kill", 0b11},       Narrow{"madvise", 0b100},      Narrow{"memfd_create", 0b10},
    Narrow{"mknod", 0b110},     Narrow{"mknodat", 0b1101},     Narrow{"mount", 0b01000},
    Narrow{"open", 0b110},      Narrow{"openat", 0b1101},      Narrow{"personality", 0b1},
    Narrow{"prctl", 0b00001},   Narrow{"quotactl", 0b0101},    Narrow{"seccomp", 0b011},
    Narrow{"setns", 0b11},      Narrow{"setsockopt", 0b10111}, Narrow{"socket", 0b111},
    Narrow{"socketcall", 0b01}, Narrow{"socketpair", 0b0111},  Narrow{"syslog", 0b101},
    Narrow{"tgkill", 0b111},    Narrow{"umount2", 0b10},       Narrow{"userfaultfd", 0b1},
};

bool is_narrow(std::string_view call, unsigned argument, std::uint32_t architecture) {
  if ((architecture & __AUDIT_ARCH_64BIT) == 0) return true;
  return std::any_of(narrow.begin(), narrow.end(), [&](const Narrow& one) {
    return one.call == call && (one.arguments >> argument & 1U) != 0;
  });
}

std::uint32_t low(std::uint64_t value) {
  return static_cast<std::uint32_t>(value);
}
std::uint32_t high(std::uint64_t value) {
  return static_cast<std::uint32_t>(value >> 32);
}

// Equal, or masked equal, in one half.
Program half_equal(std::size_t offset, std::uint32_t mask, std::uint32_t value,
                   std::size_t otherwise) {
  if (mask == 0) return {};
  Program part{load_word(offset)};
  if (mask != UINT32_MAX) part.push_back(BPF_STMT(BPF_ALU | BPF_AND | BPF_K, mask));
  part.push_back(jump(BPF_JEQ, value & mask, 0, otherwise));
  return part;
}

// `rest`: how many instructions are left out where the test does not hold.
Program equal(const ArgumentTest& test, bool is_low, std::uint64_t mask, std::uint64_t value,
              std::size_t rest) {
  const Program second = half_equal(low_half(test.index), low(mask), low(value), rest);
  if (is_low) return second;
  Program whole = half_equal(high_half(test.index), high(mask), high(value), second.size() + rest);
  append(whole, second);
  return whole;
}

// Holds where equal() does not: its two ends exchanged.
Program not_equal(const ArgumentTest& test, bool is_low, std::size_t rest) {
  Program second{load_word(low_half(test.index)), jump(BPF_JEQ, low(test.value), rest, 0)};
  if (is_low) return second;
  Program whole{load_word(high_half(test.index)),
                jump(BPF_JEQ, high(test.value), 0, second.size())};
  append(whole, second);
  return whole;
}

// Greater (BPF_JGT), or greater or equal (BPF_JGE); turned round: not.
Program greater(const ArgumentTest& test, bool is_low, std::uint16_t condition, bool turned,
                std::size_t rest) {
  const std::size_t if_so = turned ? rest : 0;
  const std::size_t if_not = turned ? 0 : rest;
  Program second{load_word(low_half(test.index)), jump(condition, low(test.value), if_so, if_not)};
  if (is_low) return second;
  // Where the high halves differ, they decide.
  Program whole{load_word(high_half(test.index)),
                jump(BPF_JGT, high(test.value), turned ? 3 + rest : 3, 0),
                jump(BPF_JEQ, high(test.value), 0, turned ? 2 : 2 + rest)};
  append(whole, second);
  return whole;
}

Program test_part(const ArgumentTest& test, bool is_low, std::size_t rest) {
  switch (test.op) {
    case Operator::equal:
      return equal(test, is_low, UINT64_MAX, test.value, rest);
    case Operator::masked:
      return equal(test, is_low, test.value, test.second, rest);
    case Operator::not_equal:
      return not_equal(test, is_low, rest);
    case Operator::greater:
      return greater(test, is_low, BPF_JGT, false, rest);
    case Operator::greater_or_equal:
      return greater(test, is_low, BPF_JGE, false, rest);
    case Operator::less:
      return greater(test, is_low, BPF_JGE, true, rest);
    case Operator::less_or_equal:
      return greater(test, is_low, BPF_JGT, true, rest);
  }
  return {};
}

/// A rule for one call of one architecture.
struct CallRule {
  Action action;
  std::vector<ArgumentTest> all;
  std::string_view call;
};

// All tests of one rule, then its answer; whichever fails leads behind it.
Program rule_part(const CallRule& rule, std::uint32_t architecture) {
  Program part{answer(rule.action)};
  for (auto test = rule.all.rbegin(); test != rule.all.rend(); ++test) {
    const bool is_low = is_narrow(rule.call, test->index, architecture);
    Program longer = test_part(*test, is_low, part.size());
    append(longer, part);
    part = std::move(longer);
  }
  return part;
}

/// What is known of one call. Of rules with tests the first that holds counts, and before the one
/// without: who says more means it.
struct CallRules {
  std::vector<CallRule> with_tests = {};
  std::optional<Action> plain = {};

  bool operator==(const CallRules& other) const {
    return with_tests.empty() && other.with_tests.empty() && plain == other.plain;
  }
};

using Calls = std::map<std::uint32_t, CallRules>;

/// Calls that 32-bit x86 has twice: by themselves, and behind a number of socketcall(2).
struct Behind {
  std::string_view call;
  std::uint32_t direct;  // 0: there is none
  std::uint32_t number;
};
constexpr std::array behind_socketcall{
    Behind{"socket", 359, 1},      Behind{"bind", 361, 2},        Behind{"connect", 362, 3},
    Behind{"listen", 363, 4},      Behind{"accept", 0, 5},        Behind{"getsockname", 367, 6},
    Behind{"getpeername", 368, 7}, Behind{"socketpair", 360, 8},  Behind{"send", 0, 9},
    Behind{"recv", 0, 10},         Behind{"sendto", 369, 11},     Behind{"recvfrom", 371, 12},
    Behind{"shutdown", 373, 13},   Behind{"setsockopt", 366, 14}, Behind{"getsockopt", 365, 15},
    Behind{"sendmsg", 370, 16},    Behind{"recvmsg", 372, 17},    Behind{"accept4", 364, 18},
    Behind{"recvmmsg", 337, 19},   Behind{"sendmmsg", 345, 20},
};
constexpr std::array behind_ipc{
    Behind{"semop", 0, 1},      Behind{"semget", 393, 2},  Behind{"semctl", 394, 3},
    Behind{"semtimedop", 0, 4}, Behind{"msgsnd", 400, 11}, Behind{"msgrcv", 401, 12},
    Behind{"msgget", 399, 13},  Behind{"msgctl", 402, 14}, Behind{"shmat", 397, 21},
    Behind{"shmdt", 398, 22},   Behind{"shmget", 395, 23}, Behind{"shmctl", 396, 24},
};
constexpr std::uint32_t i386_socketcall = 102;
constexpr std::uint32_t i386_ipc = 117;

void add(CallRules& rules, CallRule rule) {
  if (!rule.all.empty()) {
    rules.with_tests.push_back(std::move(rule));
  } else if (!rules.plain) {
    rules.plain = rule.action;
  }
}

bool lets_pass(Action action) {
  const std::uint32_t kind = action.returned & SECCOMP_RET_ACTION_FULL;
  return kind == SECCOMP_RET_ALLOW || kind == SECCOMP_RET_LOG;
}

// Behind such a number the arguments lie in memory, where no filter looks: what is allowed for some
// of them only is not allowed there, and what is refused for some is refused for all.
void add_behind(Calls& calls, std::uint32_t entrance, std::uint32_t number, const CallRule& rule) {
  if (!rule.all.empty() && lets_pass(rule.action)) return;
  // Above these bits ipc(2) has a version, and looks at it for few.
  const ArgumentTest which{.index = 0, .value = 0xffff, .second = number, .op = Operator::masked};
  calls[entrance].with_tests.push_back({rule.action, {which}, "socketcall"});
}

template <typename Table>
bool add_from(const Table& table, Calls& calls, std::uint32_t entrance, const CallRule& rule) {
  const auto* found = std::find_if(table.begin(), table.end(),
                                   [&](const Behind& one) { return one.call == rule.call; });
  if (found == table.end()) return false;
  if (found->direct != 0) add(calls[found->direct], rule);
  add_behind(calls, entrance, found->number, rule);
  return true;
}

void add_rule(Calls& calls, std::uint32_t architecture, const std::string& name,
              const ProfileRule& rule) {
  const CallRule one{rule.action, rule.all, name};
  if (architecture == AUDIT_ARCH_I386 &&
      (add_from(behind_socketcall, calls, i386_socketcall, one) ||
       add_from(behind_ipc, calls, i386_ipc, one))) {
    return;
  }
  if (const auto number = syscall_number(architecture, name)) add(calls[*number], one);
}

// x32 has its own numbers, and shares the rest with x86_64.
Calls calls_of(const Profile& profile, std::uint32_t architecture) {
  Calls calls;
  for (const ProfileRule& rule : profile.rules) {
    for (const std::string& name : rule.names) {
      add_rule(calls, architecture, name, rule);
      if (architecture != AUDIT_ARCH_X86_64 || !profile.x32) continue;
      if (const auto number = syscall_number(library_x32, name)) {
        add(calls[*number | x32_calls], {rule.action, rule.all, name});
      }
    }
  }
  return calls;
}

/// Which rules begin at which number.
using Ranges = std::map<std::uint32_t, CallRules>;

Ranges ranges_of(const Profile& profile, std::uint32_t architecture) {
  const CallRules otherwise{.plain = profile.otherwise};
  Ranges ranges{{0, otherwise}};
  if (architecture == AUDIT_ARCH_X86_64) {
    if (!profile.x32) ranges[x32_calls] = {.plain = kill_process};
    ranges[no_calls] = otherwise;
  }
  for (auto& [number, rules] : calls_of(profile, architecture)) {
    if (!rules.plain) rules.plain = profile.otherwise;
    const auto after = std::prev(ranges.upper_bound(number))->second;
    ranges.try_emplace(number + 1, after);
    ranges[number] = rules;
  }
  return ranges;
}

using Steps = std::vector<std::pair<std::uint32_t, Program>>;

Program leaf(const CallRules& rules, std::uint32_t architecture) {
  Program part;
  for (const CallRule& rule : rules.with_tests) append(part, rule_part(rule, architecture));
  part.push_back(answer(*rules.plain));
  return part;
}

// Neighbours with the same answer are one range.
Steps steps_of(const Ranges& ranges, std::uint32_t architecture) {
  Steps steps;
  const CallRules* last = nullptr;
  for (const auto& [first, rules] : ranges) {
    if (last != nullptr && *last == rules) continue;
    steps.emplace_back(first, leaf(rules, architecture));
    last = &rules;
  }
  return steps;
}

// Half of the ranges on each side: as many questions as the number of ranges has binary digits.
Program tree(const Steps& steps, std::size_t from, std::size_t to) {
  if (to - from == 1) return steps[from].second;
  const std::size_t middle = from + (to - from) / 2;
  const Program below = tree(steps, from, middle);
  Program whole;
  if (below.size() <= furthest_jump) {
    whole.push_back(jump(BPF_JGE, steps[middle].first, below.size(), 0));
  } else {
    whole.push_back(jump(BPF_JGE, steps[middle].first, 0, 1));
    whole.push_back(go_on_after(below.size()));
  }
  append(whole, below);
  append(whole, tree(steps, middle, to));
  return whole;
}

Program architecture_part(const Profile& profile, std::uint32_t architecture) {
  const Steps steps = steps_of(ranges_of(profile, architecture), architecture);
  Program part{load_word(offsetof(seccomp_data, nr))};
  append(part, tree(steps, 0, steps.size()));
  return part;
}

void require_short_jumps(const ProfileRule& rule) {
  constexpr std::size_t most_tests = 24;  // ten instructions each
  if (rule.all.size() <= most_tests) return;
  throw Error{0, "config.json: linux.seccomp", rule.names.empty() ? "" : rule.names.front(),
              "more than 24 tests in one rule", 1};
}

}  // namespace

ProfileFilter compile(const Profile& profile) {
  for (const ProfileRule& rule : profile.rules) require_short_jumps(rule);
  Program program{load_word(offsetof(seccomp_data, arch))};
  for (const std::uint32_t architecture : profile.architectures) {
    const Program part = architecture_part(profile, architecture);
    append(program, {jump(BPF_JEQ, architecture, 1, 0), go_on_after(part.size())});
    append(program, part);
  }
  program.push_back(answer(kill_process));
  if (program.size() > BPF_MAXINSNS) {
    throw Error{
        0,
        "config.json: linux.seccomp",
        {},
        std::to_string(program.size()) + " instructions are more than the kernel takes, 4096",
        1};
  }
  unsigned flags = profile.flags;
  if (!profile.listener_path.empty()) flags |= SECCOMP_FILTER_FLAG_NEW_LISTENER;
  return {std::move(program), flags};
}

unique_fd load(const ProfileFilter& filter) {
  Program program = filter.program;
  const sock_fprog loaded{static_cast<unsigned short>(program.size()), program.data()};
  const long returned = check(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, filter.flags, &loaded),
                              "seccomp", "linux.seccomp");
  return (filter.flags & SECCOMP_FILTER_FLAG_NEW_LISTENER) != 0
             ? unique_fd{static_cast<int>(returned)}
             : unique_fd{};
}

}  // namespace tincan::oci
