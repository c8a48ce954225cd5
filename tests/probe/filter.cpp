// The filter that a process really has, asked of the kernel: what is installed counts, not what the
// launcher says. ptrace(2), PTRACE_SECCOMP_GET_FILTER; takes CAP_SYS_ADMIN on the host and
// CONFIG_CHECKPOINT_RESTORE.
#include <linux/filter.h>
#include <sys/ptrace.h>
#include <sys/wait.h>

#include <cstdio>
#include <vector>

#include "probe/probe.hpp"

namespace probe {
namespace {

constexpr long newest = 0;  // the filters of a process, from the last that was loaded on

std::vector<sock_filter> filter_of(int pid) {
  // Asked without a buffer, the kernel says how many instructions there are.
  const long size = ptrace(PTRACE_SECCOMP_GET_FILTER, pid, newest, nullptr);
  if (size <= 0) return {};
  std::vector<sock_filter> program(static_cast<std::size_t>(size));
  ptrace(PTRACE_SECCOMP_GET_FILTER, pid, newest, program.data());
  return program;
}

}  // namespace

int print_filter_of(int pid) {
  if (ptrace(PTRACE_SEIZE, pid, nullptr, nullptr) == -1) return std::perror("PTRACE_SEIZE"), 1;
  ptrace(PTRACE_INTERRUPT, pid, nullptr, nullptr);
  waitpid(pid, nullptr, __WALL);
  for (const sock_filter& it : filter_of(pid)) {
    std::printf("%02x %02x %02x %08x\n", it.code, it.jt, it.jf, it.k);
  }
  ptrace(PTRACE_DETACH, pid, nullptr, nullptr);
  return 0;
}

}  // namespace probe
