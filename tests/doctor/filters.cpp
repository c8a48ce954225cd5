// What single tests of chapter 08 need: system calls that a filter is to refuse have to be there
// without it.
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>

#include "doctor/trial.hpp"

namespace tincan::doctor {
namespace {

// lsm_list_modules, Linux 6.8; it has no name in Debian 12's headers, and the same number
// everywhere.
constexpr long nr_lsm_list_modules = 461;
constexpr long x32_bit = 0x40000000;

// Throws only if the kernel does not have the call, or not for us.
void ask(const char* name, long number) {
  if (syscall(number, 0L, 0L, 0L, 0L, 0L, 0L) != -1) return;
  if (errno == ENOSYS || errno == EPERM) throw Error{errno, name};
}

[[noreturn]] void be_traced_with_filter() {
  sock_filter allow{BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW};
  sock_fprog program{1, &allow};
  const bool ready = prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
                     syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) == 0 &&
                     ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) == 0;
  if (ready) (void)raise(SIGSTOP);
  _exit(1);
}

void read_filter_back() {
  const pid_t child = check(fork(), "fork");
  if (child == 0) be_traced_with_filter();
  int status = 0;
  check(waitpid(child, &status, 0), "waitpid");
  if (!WIFSTOPPED(status)) throw Error{EPERM, "ptrace"};
  const long size = ptrace(PTRACE_SECCOMP_GET_FILTER, child, 0L, nullptr);
  const int number = errno;
  (void)kill(child, SIGKILL);
  check(waitpid(child, &status, 0), "waitpid");
  if (size == -1) throw Error{number, "ptrace GET_FILTER"};
}

// getpid(2) by the door of 32-bit programs, number 20 there.
[[noreturn]] void call_as_32_bit_program() {
#ifdef __x86_64__
  long answer = 20;
  asm volatile("int $0x80" : "+a"(answer) : : "memory");
  _exit(answer == getpid() ? 0 : 1);
#else
  _exit(1);
#endif
}

void use_int_0x80() {
  const pid_t child = check(fork(), "fork");
  if (child == 0) call_as_32_bit_program();
  int status = 0;
  check(waitpid(child, &status, 0), "waitpid");
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) throw Error{ENOSYS, "int 0x80"};
}

void use_x32() {
  ask("x32", x32_bit | SYS_getpid);
}
void use_io_uring() {
  ask("io_uring_setup", SYS_io_uring_setup);
}
void use_numa() {
  ask("mbind", SYS_mbind);
}
void use_secret_memory() {
  const long fd = syscall(SYS_memfd_secret, 0);
  if (fd == -1) throw Error{errno, "memfd_secret"};
  (void)::close(static_cast<int>(fd));
}
void use_new_calls() {
  ask("lsm_list_modules", nr_lsm_list_modules);
}

constexpr std::array table{
    Trial{"filter-read", "reading a filter back", "a test of 08", Weight::useful, read_filter_back,
          nullptr},
    Trial{"int-0x80", "calls of 32-bit programs", "a test of 08", Weight::useful, use_int_0x80,
          nullptr},
    Trial{"x32", "calls of x32 programs", "a test of 08", Weight::useful, use_x32, nullptr},
    Trial{"io-uring", "io_uring", "a test of 08", Weight::useful, use_io_uring, nullptr},
    Trial{"numa", "a kernel with NUMA", "a test of 08", Weight::useful, use_numa, nullptr},
    Trial{"new-calls", "system calls of Linux 6.8", "tests of 08", Weight::useful, use_new_calls,
          nullptr},
    Trial{"secret-memory", "memfd_secret", "a test of 08", Weight::useful, use_secret_memory,
          nullptr},
};

}  // namespace

std::span<const Trial> filter_trials() {
  return table;
}

}  // namespace tincan::doctor
