// Fuzzes --seccomp FILE: the parser, and whether the program that comes out decides what the text
// says.
#include <linux/seccomp.h>

#include <algorithm>

#include "08-seccomp/compile.hpp"
#include "08-seccomp/policy_file.hpp"
#include "08-seccomp/syscall_numbers.hpp"
#include "tests/fuzz/fuzz.hpp"
#include "tests/unit/bpf.hpp"

namespace tincan::fuzz {
namespace {

std::string print(const Policy& policy) {
  std::string text = "default " + action_name(policy.otherwise) + "\n";
  for (const Rule& rule : policy.rules) {
    text += rule.name + " " + action_name(rule.action);
    const char* word = " if ";
    for (const Comparison& comparison : rule.all) {
      text += word + ("arg" + std::to_string(comparison.argument)) + " & " +
              std::to_string(comparison.mask) + " == " + std::to_string(comparison.value);
      word = " and ";
    }
    text += "\n";
  }
  return text;
}

bool same(const Policy& one, const Policy& other) {
  return one.otherwise == other.otherwise &&
         std::equal(one.rules.begin(), one.rules.end(), other.rules.begin(), other.rules.end(),
                    [](const Rule& a, const Rule& b) {
                      return a.name == b.name && a.action == b.action &&
                             std::equal(a.all.begin(), a.all.end(), b.all.begin(), b.all.end(),
                                        [](const Comparison& x, const Comparison& y) {
                                          return x.argument == y.argument && x.mask == y.mask &&
                                                 x.value == y.value;
                                        });
                    });
}

bool fits(const Rule& rule, const seccomp_data& call) {
  return std::all_of(rule.all.begin(), rule.all.end(), [&](const Comparison& comparison) {
    const auto low = static_cast<std::uint32_t>(call.args[comparison.argument]);
    return (low & comparison.mask) == comparison.value;
  });
}

// What the policy says, rule by rule.
Action decide(const Policy& policy, const std::string& name, const seccomp_data& call) {
  for (const Rule& rule : policy.rules) {
    if (rule.name == name && fits(rule, call)) return rule.action;
  }
  return policy.otherwise;
}

// Calls whose arguments make each rule fit, or just not.
void try_program(const Policy& policy, const Program& program) {
  Machine machine{program};
  const std::uint32_t architecture = native_architecture();
  for (const Rule& rule : policy.rules) {
    const auto number = syscall_number(architecture, rule.name);
    if (!number) continue;
    for (const std::uint32_t changed : {0U, 1U, 0x80000000U}) {
      seccomp_data call{};
      call.nr = static_cast<int>(*number);
      call.arch = architecture;
      for (const Comparison& comparison : rule.all) {
        call.args[comparison.argument] = (comparison.value ^ changed) | 1ULL << 40;
      }
      require(machine.ask(call) == decide(policy, rule.name, call).returned,
              "the program decides what the policy says");
    }
  }
}

}  // namespace

void try_input(std::string_view text) {
  const auto policy = accepted([&] { return parse_policy(text, "--seccomp"); });
  if (!policy) return;
  for (const Rule& rule : policy->rules) require(is_syscall(rule.name), "a rule has a call");
  require(same(parse_policy(print(*policy), "--seccomp"), *policy),
          "a policy that is printed and parsed is the same");
  const auto program = accepted([&] { return compile(*policy, native_architecture()); });
  if (!program) return;
  require(!program->empty() && program->size() <= 4096, "a program that the kernel takes");
  try_program(*policy, *program);
}

}  // namespace tincan::fuzz
