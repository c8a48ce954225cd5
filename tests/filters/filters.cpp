// Prints what the site's filter stepper walks through: the filter of each policy for both architectures, as
// --dump-seccomp prints it, and the names of the numbers, those of 32-bit programs too.
//
//   build/filters >filters.txt
//
// A section begins with a line "== filter POLICY ARCHITECTURE NUMBER" or "== calls ARCHITECTURE NUMBER"; the
// architecture's number is AUDIT_ARCH_*, as a filter sees it.
#include <linux/audit.h>

#include <array>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <string>
#include <utility>

#include "07-capabilities/capability_table.hpp"
#include "08-seccomp/compile.hpp"
#include "08-seccomp/policy.hpp"
#include "08-seccomp/print_program.hpp"
#include "08-seccomp/syscall_numbers.hpp"

namespace {

// Past the newest call there is; numbers that nobody has stay without a line.
constexpr std::uint32_t last_number = 600;

void print_filter(const char* name, const tincan::Policy& policy, std::uint32_t architecture) {
  std::printf("== filter %s %s %u\n%s", name, tincan::architecture_name(architecture).c_str(),
              architecture,
              tincan::print_program(tincan::compile(policy, architecture), architecture).c_str());
}

void print_calls(const char* name, std::uint32_t architecture) {
  std::printf("== calls %s %u\n", name, architecture);
  for (std::uint32_t number = 0; number <= last_number; ++number) {
    const std::string call = tincan::syscall_name(architecture, number);
    if (call != std::to_string(number)) std::printf("%u %s\n", number, call.c_str());
  }
}

void print_all() {
  const std::array policies{
      std::pair{"default", tincan::default_policy(tincan::default_capabilities())},
      std::pair{"series", tincan::series_policy()},
      std::pair{"cap-add-all", tincan::default_policy(tincan::mask_of("ALL", "--cap-add"))},
  };
  for (const std::uint32_t architecture :
       {std::uint32_t{AUDIT_ARCH_X86_64}, std::uint32_t{AUDIT_ARCH_AARCH64}}) {
    for (const auto& [name, policy] : policies) print_filter(name, policy, architecture);
  }
  print_calls("x86_64", AUDIT_ARCH_X86_64);
  print_calls("aarch64", AUDIT_ARCH_AARCH64);
  print_calls("i386", AUDIT_ARCH_I386);
  print_calls("arm", AUDIT_ARCH_ARM);
}

}  // namespace

int main() {
  try {
    print_all();
  } catch (const std::exception& problem) {
    (void)std::fprintf(stderr, "filters: %s\n", problem.what());
    return 1;
  }
  return std::fflush(stdout) == 0 ? 0 : 1;
}
