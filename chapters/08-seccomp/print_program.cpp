// The seven kinds of instruction that compile() makes, in words.
#include "08-seccomp/print_program.hpp"

#include <linux/seccomp.h>

#include <array>
#include <cstddef>
#include <cstdio>

#include "08-seccomp/syscall_numbers.hpp"

namespace tincan {
namespace {

std::string hex(std::uint32_t value) {
  std::array<char, 16> text{};
  (void)std::snprintf(text.data(), text.size(), "0x%x", value);
  return text.data();
}

// No kernel has so many calls; numbers above are not looked up.
constexpr std::uint32_t past_all_calls = 4096;

// Goes through the program once, from its top, and remembers what the next instruction works on.
class Printer {
 public:
  explicit Printer(std::uint32_t architecture) : architecture_{architecture} {}

  std::string meaning(const sock_filter& it, std::size_t here) {
    switch (BPF_CLASS(it.code)) {
      case BPF_LD:
        return load(it.k);
      case BPF_ALU:
        return "A = A & " + hex(it.k);
      case BPF_JMP:
        return jump(it, here);
      default:
        return answer(it.k);
    }
  }

 private:
  // What A holds decides what a number means.
  enum class Holds { architecture, number, argument };

  std::string load(std::uint32_t offset) {
    if (offset == offsetof(seccomp_data, arch)) return "A = architecture";
    if (offset == offsetof(seccomp_data, nr)) {
      holds_ = Holds::number;
      return "A = number of the call";
    }
    holds_ = Holds::argument;
    return "A = low half of argument " +
           std::to_string((offset - offsetof(seccomp_data, args)) / 8);
  }

  std::string jump(const sock_filter& it, std::size_t here) {
    const bool equal = BPF_OP(it.code) == BPF_JEQ;
    if (!equal) end_ = it.k;
    return std::string{"if A "} + (equal ? "== " : ">= ") + value(it.k) + " go to " +
           std::to_string(here + 1 + it.jt) + ", else to " + std::to_string(here + 1 + it.jf);
  }

  // Whoever comes past a part about arguments still holds the number.
  std::string answer(std::uint32_t returned) {
    holds_ = Holds::number;
    std::string name = action_name({returned});
    if (end_ == begin_) return name;
    const std::string first = value(begin_);
    const std::string last = value(end_ - 1);
    begin_ = end_;
    return name + " for " + (first == last ? first : first + " to " + last);
  }

  std::string value(std::uint32_t value) const {
    if (holds_ == Holds::architecture) return architecture_name(value);
    if (holds_ == Holds::argument || value >= past_all_calls) return hex(value);
    const std::string name = syscall_name(architecture_, value);
    const std::string number = std::to_string(value);
    return name == number ? number : number + " (" + name + ")";
  }

  std::uint32_t architecture_;
  Holds holds_ = Holds::architecture;
  std::uint32_t begin_ = 0;  // of the range of numbers that the next answer is for
  std::uint32_t end_ = 0;    // of it; the same as begin_ where no range was asked for
};

}  // namespace

std::string print_program(const Program& program, std::uint32_t architecture) {
  Printer printer{architecture};
  std::string text;
  for (std::size_t here = 0; here < program.size(); ++here) {
    const sock_filter& it = program[here];
    std::array<char, 64> fields{};
    (void)std::snprintf(fields.data(), fields.size(), "%4zu  %02x %02x %02x %08x  ", here, it.code,
                        it.jt, it.jf, it.k);
    text += fields.data() + printer.meaning(it, here) + "\n";
  }
  return text;
}

}  // namespace tincan
