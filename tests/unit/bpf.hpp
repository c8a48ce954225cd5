// A classic BPF machine, as far as seccomp filters use one: asks a filter's program without a
// kernel, so also for architectures, numbers and families that the machine at hand does not have.
//
//   Machine machine{program};
//   machine.ask({.nr = 16, .arch = AUDIT_ARCH_X86_64, .args = {0, 0x5412}});   // SECCOMP_RET_*
//   machine.never_reached();                          // the instructions that no question came to
#pragma once

#include <linux/filter.h>
#include <linux/seccomp.h>

#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <utility>
#include <vector>

namespace tincan {

class Machine {
 public:
  explicit Machine(std::vector<sock_filter> program)
      : program_{std::move(program)}, reached_(program_.size()) {}

  /// What the program returns for the call `data`. Throws for what the kernel would refuse to load.
  std::uint32_t ask(const seccomp_data& data) {
    std::uint32_t a = 0;
    for (std::size_t at = 0;; ++at) {
      const sock_filter& it = program_.at(at);
      reached_[at] = true;
      switch (it.code) {
        case BPF_LD | BPF_W | BPF_ABS:
          a = word_of(data, it.k);
          break;
        case BPF_ALU | BPF_AND | BPF_K:
          a &= it.k;
          break;
        case BPF_JMP | BPF_JEQ | BPF_K:
          at += a == it.k ? it.jt : it.jf;
          break;
        case BPF_JMP | BPF_JGE | BPF_K:
          at += a >= it.k ? it.jt : it.jf;
          break;
        case BPF_RET | BPF_K:
          return it.k;
        default:
          throw std::runtime_error{"an instruction that no filter here needs"};
      }
    }
  }

  std::vector<std::size_t> never_reached() const {
    std::vector<std::size_t> places;
    for (std::size_t at = 0; at < reached_.size(); ++at) {
      if (!reached_[at]) places.push_back(at);
    }
    return places;
  }

 private:
  static std::uint32_t word_of(const seccomp_data& data, std::uint32_t offset) {
    if (offset % 4 != 0 || offset + 4 > sizeof data) throw std::runtime_error{"a load outside"};
    std::uint32_t word = 0;
    std::memcpy(&word, reinterpret_cast<const char*>(&data) + offset, sizeof word);
    return word;
  }

  std::vector<sock_filter> program_;
  std::vector<bool> reached_;
};

}  // namespace tincan
