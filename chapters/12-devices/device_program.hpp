// The rules as a program for the kernel. Cgroup v2 has no file that takes a list of devices; it
// asks a program that is attached to the group, each time that a device is opened or a node for
// one is made: eBPF, bpf(2), type BPF_PROG_TYPE_CGROUP_DEVICE, Linux 4.15. It returns 1, and it
// may be; or 0, and it is EPERM. Unlike a filter of chapter 08 it sees what is meant and not what
// a path is called, so nothing can change between the question and the answer.
//
//   DeviceProgram program = compile(rules);
//   std::fputs(print_program(program).c_str(), stdout);
#pragma once

#include <linux/bpf.h>

#include <string>
#include <vector>

#include "12-devices/device_rules.hpp"

namespace tincan {

using DeviceProgram = std::vector<bpf_insn>;

/// A question comes as a struct bpf_cgroup_dev_ctx: what is done and to which kind, in one word;
/// major; minor. The program takes it apart and compares it with one rule after the other: the
/// first that allows everything that is asked for ends it. There are jumps forward and no loops.
DeviceProgram compile(const std::vector<DeviceRule>& rules);

/// One line an instruction: its number, code, registers, offset and number in hexadecimal, its
/// meaning.
std::string print_program(const DeviceProgram& program);

}  // namespace tincan
