// Instructions for the kernel's eBPF machine: eleven registers, of which this takes six.
#include "12-devices/device_program.hpp"

#include <fmt/core.h>
#include <linux/bpf_common.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

namespace tincan {
namespace {

// The answer; where the question lies; its parts.
constexpr std::uint8_t answer = BPF_REG_0;
constexpr std::uint8_t question = BPF_REG_1;
constexpr std::uint8_t type = BPF_REG_2;
constexpr std::uint8_t access = BPF_REG_3;
constexpr std::uint8_t major_number = BPF_REG_4;
constexpr std::uint8_t minor_number = BPF_REG_5;

constexpr std::uint32_t type_bits = 0xffff;
constexpr std::int32_t access_shift = 16;

bpf_insn instruction(int code, std::uint8_t to, std::uint8_t from, std::size_t offset,
                     std::uint32_t number) {
  return {.code = static_cast<std::uint8_t>(code),
          .dst_reg = static_cast<std::uint8_t>(to & 0xfU),
          .src_reg = static_cast<std::uint8_t>(from & 0xfU),
          .off = static_cast<std::int16_t>(offset),
          .imm = static_cast<std::int32_t>(number)};
}

bpf_insn load(std::uint8_t to, std::size_t offset) {
  return instruction(BPF_LDX | BPF_MEM | BPF_W, to, question, offset, 0);
}

// In 32 bits: whatever is compared here has no more.
bpf_insn compute(int operation, std::uint8_t to, std::uint32_t number) {
  return instruction(BPF_ALU | operation | BPF_K, to, 0, 0, number);
}

bpf_insn copy(std::uint8_t to, std::uint8_t from) {
  return instruction(BPF_ALU | BPF_MOV | BPF_X, to, from, 0, 0);
}

bpf_insn skip_unless(std::uint8_t part, std::uint32_t number, std::size_t instructions) {
  return instruction(BPF_JMP | BPF_JNE | BPF_K, part, 0, instructions, number);
}

void append_end(DeviceProgram& program, bool allowed) {
  program.push_back(compute(BPF_MOV, answer, allowed ? 1 : 0));
  program.push_back(instruction(BPF_JMP | BPF_EXIT, 0, 0, 0, 0));
}

// What is asked for, less what the rule allows, must be nothing. Whoever compares it with one bit
// at a time lets "read and write" pass where only reading is allowed.
DeviceProgram test_access(const DeviceRule& rule) {
  // exercise: access
  return {copy(answer, access), compute(BPF_AND, answer, ~rule.access)};
  // end of exercise
}

// The tests of a rule stand in a row, and each that fails jumps behind the rule's end.
DeviceProgram compile(const DeviceRule& rule) {
  constexpr std::size_t end = 2;
  const std::uint32_t kind =
      rule.type == DeviceType::block ? BPF_DEVCG_DEV_BLOCK : BPF_DEVCG_DEV_CHAR;
  const DeviceProgram accesses = test_access(rule);
  std::size_t left = accesses.size() + (rule.minor ? 4 : 3) + end;
  DeviceProgram program;
  const auto require = [&](std::uint8_t part, std::uint32_t number) {
    program.push_back(skip_unless(part, number, --left));
  };
  require(type, kind);
  require(major_number, rule.major);
  if (rule.minor) require(minor_number, *rule.minor);
  program.insert(program.end(), accesses.begin(), accesses.end());
  left -= accesses.size();
  require(answer, 0);
  append_end(program, true);
  return program;
}

// The words of a question.
constexpr std::array words{"what is done (high half) and to what (low half)", "major", "minor"};

std::string meaning(const bpf_insn& it) {
  const int code = it.code;
  const unsigned number = static_cast<std::uint32_t>(it.imm);
  switch (code) {
    case BPF_LDX | BPF_MEM | BPF_W:
      return fmt::format("r{} = {}", +it.dst_reg, words.at(static_cast<std::size_t>(it.off) / 4));
    case BPF_ALU | BPF_MOV | BPF_X:
      return fmt::format("r{} = r{}", +it.dst_reg, +it.src_reg);
    case BPF_ALU | BPF_MOV | BPF_K:
      return fmt::format("r{} = {}", +it.dst_reg, number);
    case BPF_ALU | BPF_AND | BPF_K:
      return fmt::format("r{} &= {:#x}", +it.dst_reg, number);
    case BPF_ALU | BPF_RSH | BPF_K:
      return fmt::format("r{} >>= {}", +it.dst_reg, number);
    case BPF_JMP | BPF_JNE | BPF_K:
      return fmt::format("if r{} != {}, skip {}", +it.dst_reg, number, it.off);
    case BPF_JMP | BPF_EXIT:
      return "answer r0";
    default:
      return "?";
  }
}

}  // namespace

DeviceProgram compile(const std::vector<DeviceRule>& rules) {
  DeviceProgram program{
      load(type, offsetof(bpf_cgroup_dev_ctx, access_type)),
      copy(access, type),
      compute(BPF_AND, type, type_bits),
      compute(BPF_RSH, access, access_shift),
      load(major_number, offsetof(bpf_cgroup_dev_ctx, major)),
      load(minor_number, offsetof(bpf_cgroup_dev_ctx, minor)),
  };
  for (const DeviceRule& rule : rules) {
    const DeviceProgram part = compile(rule);
    program.insert(program.end(), part.begin(), part.end());
  }
  append_end(program, false);
  return program;
}

std::string print_program(const DeviceProgram& program) {
  std::string text;
  for (std::size_t at = 0; at < program.size(); ++at) {
    const bpf_insn& it = program[at];
    text += fmt::format("{:4}: {:02x} {:x} {:x} {:4x} {:08x}  {}\n", at, +it.code, +it.dst_reg,
                        +it.src_reg, +it.off, static_cast<std::uint32_t>(it.imm), meaning(it));
  }
  return text;
}

}  // namespace tincan
