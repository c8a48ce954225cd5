// A BPF program in words: each instruction as the kernel has it, and what it means.
//
//   std::fputs(print_program(program, native_architecture()).c_str(), stdout);
#pragma once

#include <cstdint>
#include <string>

#include "08-seccomp/compile.hpp"

namespace tincan {

/// One line an instruction: its number, its four fields in hexadecimal (code, jt, jf, k of struct
/// sock_filter), its meaning. `architecture`: AUDIT_ARCH_*, whose names the numbers get.
std::string print_program(const Program& program, std::uint32_t architecture);

}  // namespace tincan
