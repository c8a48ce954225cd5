// What single tests of chapter 08 need: calls that a kernel may have been built without, and doors
// to other ABIs.
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>

#include "common/error.hpp"
#include "doctor/trial.hpp"

namespace tincan::doctor {
namespace {

// A call that fails for its arguments is there.
void require_call(long returned, const char* name) {
  if (returned == -1 && (errno == ENOSYS || errno == EPERM)) throw Error{errno, name};
}

void call_io_uring() {
  require_call(syscall(SYS_io_uring_setup, 0, nullptr), "io_uring_setup");
}

void call_numa() {
  require_call(syscall(SYS_get_mempolicy, nullptr, nullptr, 0, nullptr, 0), "get_mempolicy");
}

// Linux 6.8; the same number on all architectures.
void call_listmount() {
  constexpr long nr_listmount = 458;
  require_call(syscall(nr_listmount, nullptr, nullptr, 0, 0), "listmount");
}

void call_lsm_list_modules() {
  constexpr long nr_lsm_list_modules = 461;
  require_call(syscall(nr_lsm_list_modules, nullptr, nullptr, 0), "lsm_list_modules");
}

#if defined(__x86_64__)
// getpid(2) as a 32-bit program calls it: where the kernel has no such calls, a signal ends the
// child.
void call_as_i386() {
  const pid_t pid = fork();
  if (pid == 0) {
    long returned = 20;
    asm volatile("int $0x80" : "+a"(returned) : : "memory");
    _exit(returned > 0 ? 0 : 1);
  }
  int status = 0;
  check(waitpid(pid, &status, 0), "waitpid");
  if (status != 0) throw Error{ENOSYS, "int 0x80"};
}

void call_as_x32() {
  constexpr long x32_bit = 0x40000000;
  require_call(syscall(x32_bit | SYS_getpid), "x32 getpid");
}
#else
void call_as_i386() {
  throw Error{ENOSYS, "int 0x80"};
}
void call_as_x32() {
  throw Error{ENOSYS, "x32 getpid"};
}
#endif

constexpr std::array table{
    Trial{"io-uring", "io_uring", "a test of 08", Weight::useful, call_io_uring, nullptr},
    Trial{"numa", "a kernel with NUMA", "a test of 08", Weight::useful, call_numa, nullptr},
    Trial{"listmount", "listmount (Linux 6.8)", "a test of 08", Weight::useful, call_listmount,
          nullptr},
    Trial{"lsm-calls", "lsm_list_modules (Linux 6.8)", "a test of 08", Weight::useful,
          call_lsm_list_modules, nullptr},
    Trial{"i386", "calls of 32-bit programs", "a test of 08", Weight::useful, call_as_i386,
          nullptr},
    Trial{"x32", "calls of x32", "a test of 08", Weight::useful, call_as_x32, nullptr},
};

}  // namespace

std::span<const Trial> call_trials() {
  return table;
}

}  // namespace tincan::doctor
