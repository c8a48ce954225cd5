// Making the BPF program. A, the accumulator, is all the memory that it needs.
#include "08-seccomp/compile.hpp"

#include <linux/audit.h>

#include <cstddef>
#include <map>
#include <utility>

#include "08-seccomp/syscall_numbers.hpp"
#include "common/error.hpp"

namespace tincan {
namespace {

constexpr std::uint32_t x32_calls = 0x40000000;  // __X32_SYSCALL_BIT
constexpr std::uint32_t no_calls = 0x80000000;   // below zero: a tracer's way to skip a call is -1

constexpr std::size_t furthest_jump = 255;

// Each architecture here is little-endian: the low half of an argument comes first.
std::uint32_t low_half(unsigned argument) {
  return static_cast<std::uint32_t>(offsetof(seccomp_data, args)) + 8 * argument;
}

sock_filter load(std::uint32_t offset) {
  return BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offset);
}
sock_filter mask_with(std::uint32_t mask) {
  return BPF_STMT(BPF_ALU | BPF_AND | BPF_K, mask);
}
// `further`: how many instructions are left out if A is not `value`.
sock_filter require_equal(std::uint32_t value, std::size_t further) {
  return BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, static_cast<std::uint8_t>(further));
}
// The next instruction counts only if A is below `value`.
sock_filter require_below(std::uint32_t value) {
  return BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, value, 1, 0);
}
sock_filter answer(Action action) {
  return BPF_STMT(BPF_RET | BPF_K, action.returned);
}

void append(Program& program, const Program& part) {
  program.insert(program.end(), part.begin(), part.end());
}

// The comparisons of one rule, then its answer; whichever fails leads behind it.
Program rule_part(const Rule& rule) {
  // exercise: rule
  Program part{answer(rule.action)};
  for (auto comparison = rule.all.rbegin(); comparison != rule.all.rend(); ++comparison) {
    Program longer{load(low_half(comparison->argument))};
    if (comparison->mask != 0xffffffff) longer.push_back(mask_with(comparison->mask));
    longer.push_back(require_equal(comparison->value, part.size()));
    append(longer, part);
    part = std::move(longer);
  }
  return part;
  // end of exercise
}

using Rules = std::vector<const Rule*>;

// All rules of one call, up to the first without a condition.
Program call_part(const Rules& rules, Action otherwise) {
  Program part;
  for (const Rule* rule : rules) {
    append(part, rule_part(*rule));
    if (rule->all.empty()) return part;
  }
  part.push_back(answer(otherwise));
  return part;
}

std::map<std::uint32_t, Rules> by_number(const Policy& policy, std::uint32_t architecture) {
  std::map<std::uint32_t, Rules> calls;
  for (const Rule& rule : policy.rules) {
    if (const auto number = syscall_number(architecture, rule.name)) {
      calls[*number].push_back(&rule);
    } else if (!is_syscall(rule.name)) {
      throw Error{EINVAL, "make a filter", rule.name, "no such call"};
    }
  }
  return calls;
}

// Which action begins at which number; the last before a number counts for it.
using Ranges = std::map<std::uint32_t, Action>;

Ranges ranges_of(const std::map<std::uint32_t, Rules>& calls, Action otherwise,
                 std::uint32_t architecture) {
  Ranges ranges{{0, otherwise}};
  for (const auto& [number, rules] : calls) {
    if (rules.front()->all.empty()) {
      ranges.insert_or_assign(number, rules.front()->action);
    } else if (number != 0) {
      ranges.erase(number);  // never asked here: the range before it goes on
    }
    ranges.insert_or_assign(number + 1, otherwise);
  }
  if (architecture == AUDIT_ARCH_X86_64) {
    ranges.insert_or_assign(x32_calls, kill_process);
    ranges.insert_or_assign(no_calls, otherwise);
  }
  return ranges;
}

// Neighbours with the same answer are one range.
Program range_part(const Ranges& ranges) {
  Program part;
  Action action = ranges.begin()->second;
  for (const auto& [first, next] : ranges) {
    if (next == action) continue;
    append(part, {require_below(first), answer(action)});
    action = next;
  }
  part.push_back(answer(action));
  return part;
}

void append_conditional(Program& program, const std::map<std::uint32_t, Rules>& calls,
                        Action otherwise) {
  for (const auto& [number, rules] : calls) {
    if (rules.front()->all.empty()) continue;
    const Program part = call_part(rules, otherwise);
    if (part.size() > furthest_jump) {
      throw Error{EINVAL, "make a filter", rules.front()->name, "too many rules for one call"};
    }
    program.push_back(require_equal(number, part.size()));
    append(program, part);
  }
}

}  // namespace

Program compile(const Policy& policy, std::uint32_t architecture) {
  const auto calls = by_number(policy, architecture);
  Program program{load(offsetof(seccomp_data, arch)),
                  BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, architecture, 1, 0), answer(kill_process),
                  load(offsetof(seccomp_data, nr))};
  append_conditional(program, calls, policy.otherwise);
  append(program, range_part(ranges_of(calls, policy.otherwise, architecture)));
  if (program.size() > BPF_MAXINSNS) throw Error{EINVAL, "make a filter", {}, "too many rules"};
  return program;
}

}  // namespace tincan
