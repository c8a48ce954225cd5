// The seven kinds of instruction that compile() makes, in words.
#include "08-seccomp/print_program.hpp"

#include <linux/seccomp.h>

#include <array>
#include <cstddef>
#include <cstdio>

#include "08-seccomp/syscall_numbers.hpp"

namespace tincan {
namespace {

// What A holds at an instruction decides what a number means there.
enum class Holds { architecture, number, argument };

std::string hex(std::uint32_t value) {
  std::array<char, 16> text{};
  (void)std::snprintf(text.data(), text.size(), "0x%x", value);
  return text.data();
}

constexpr std::uint32_t past_all_calls = 4096;

std::string value_text(Holds holds, std::uint32_t value, std::uint32_t architecture) {
  if (holds == Holds::architecture) return architecture_name(value);
  if (holds == Holds::argument || value >= past_all_calls) return hex(value);
  const std::string name = syscall_name(architecture, value);
  return name == std::to_string(value) ? name : std::to_string(value) + " (" + name + ")";
}

std::string load_text(std::uint32_t offset, Holds& holds) {
  holds = offset == offsetof(seccomp_data, nr)     ? Holds::number
          : offset == offsetof(seccomp_data, arch) ? Holds::architecture
                                                   : Holds::argument;
  if (holds == Holds::number) return "A = number of the call";
  if (holds == Holds::architecture) return "A = architecture";
  return "A = low half of argument " + std::to_string((offset - offsetof(seccomp_data, args)) / 8);
}

std::string jump_text(const sock_filter& it, std::size_t here, const std::string& value) {
  const std::string sign = BPF_OP(it.code) == BPF_JEQ ? " == " : " >= ";
  return "if A" + sign + value + " go to " + std::to_string(here + 1 + it.jt) + ", else to " +
         std::to_string(here + 1 + it.jf);
}

}  // namespace

std::string print_program(const Program& program, std::uint32_t architecture) {
  std::string text;
  Holds holds = Holds::architecture;
  for (std::size_t here = 0; here < program.size(); ++here) {
    const sock_filter& it = program[here];
    std::string meaning;
    switch (BPF_CLASS(it.code)) {
      case BPF_LD:
        meaning = load_text(it.k, holds);
        break;
      case BPF_ALU:
        meaning = "A = A & " + hex(it.k);
        break;
      case BPF_JMP:
        meaning = jump_text(it, here, value_text(holds, it.k, architecture));
        break;
      default:
        meaning = action_name({it.k});
    }
    // Behind a part with arguments, who comes past its head still holds the number.
    if (BPF_CLASS(it.code) == BPF_RET) holds = Holds::number;
    std::array<char, 64> fields{};
    (void)std::snprintf(fields.data(), fields.size(), "%4zu  %02x %02x %02x %08x  ", here, it.code,
                        it.jt, it.jf, it.k);
    text += fields.data() + meaning + "\n";
  }
  return text;
}

}  // namespace tincan
