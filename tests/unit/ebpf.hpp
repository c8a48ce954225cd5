// An eBPF machine, as far as rules for devices use one: asks their program without a kernel, and
// refuses what the kernel's verifier would.
//
//   DeviceMachine machine{program};
//   machine.ask({.access_type = 2 << 16 | 2, .major = 1, .minor = 3});   // 1 or 0
//   machine.never_reached();                          // the instructions that no question came to
#pragma once

#include <linux/bpf.h>
#include <linux/bpf_common.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <stdexcept>
#include <utility>
#include <vector>

namespace tincan {

class DeviceMachine {
 public:
  explicit DeviceMachine(std::vector<bpf_insn> program)
      : program_{std::move(program)}, reached_(program_.size()) {}

  /// What the program answers. Throws for what the kernel would refuse to load.
  std::uint32_t ask(const bpf_cgroup_dev_ctx& question) {
    registers_ = {};
    registers_.at(BPF_REG_1) = 0;  // an address, which only a load may use
    for (std::size_t at = 0; at < program_.size(); ++at) {
      const bpf_insn& it = program_[at];
      reached_[at] = true;
      if (it.code == (BPF_JMP | BPF_EXIT)) return value(BPF_REG_0);
      if (it.code == (BPF_JMP | BPF_JNE | BPF_K)) {
        if (it.off < 0) throw std::runtime_error{"a jump back"};
        at += value(it.dst_reg) != number(it) ? static_cast<std::size_t>(it.off) : 0;
      } else {
        registers_.at(it.dst_reg) = result(it, question);
      }
    }
    throw std::runtime_error{"it runs over its end"};
  }

  std::vector<std::size_t> never_reached() const {
    std::vector<std::size_t> places;
    for (std::size_t at = 0; at < reached_.size(); ++at) {
      if (!reached_[at]) places.push_back(at);
    }
    return places;
  }

 private:
  static std::uint32_t number(const bpf_insn& it) { return static_cast<std::uint32_t>(it.imm); }

  // A register that nobody has written has no value, and the kernel takes no program that asks.
  std::uint32_t value(unsigned of) const {
    if (const auto known = registers_.at(of)) return *known;
    throw std::runtime_error{"a register without a value"};
  }

  std::uint32_t result(const bpf_insn& it, const bpf_cgroup_dev_ctx& question) const {
    switch (it.code) {
      case BPF_LDX | BPF_MEM | BPF_W:
        return word_of(question, it);
      case BPF_ALU | BPF_MOV | BPF_X:
        return value(it.src_reg);
      case BPF_ALU | BPF_MOV | BPF_K:
        return number(it);
      case BPF_ALU | BPF_AND | BPF_K:
        return value(it.dst_reg) & number(it);
      case BPF_ALU | BPF_RSH | BPF_K:
        return value(it.dst_reg) >> number(it);
      default:
        throw std::runtime_error{"an instruction that no rule here needs"};
    }
  }

  static std::uint32_t word_of(const bpf_cgroup_dev_ctx& question, const bpf_insn& it) {
    const auto offset = static_cast<std::size_t>(it.off);
    if (it.src_reg != BPF_REG_1 || it.off % 4 != 0 || offset + 4 > sizeof question) {
      throw std::runtime_error{"a load outside"};
    }
    std::uint32_t word = 0;
    std::memcpy(&word, reinterpret_cast<const char*>(&question) + offset, sizeof word);
    return word;
  }

  std::vector<bpf_insn> program_;
  std::vector<bool> reached_;
  std::array<std::optional<std::uint32_t>, 11> registers_;
};

}  // namespace tincan
