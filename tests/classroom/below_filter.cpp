// The filter that keeps what is tried from standing between the probe and the kernel.
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/prctl.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "classroom/below.hpp"

namespace below {
namespace {

using Filter = std::vector<sock_filter>;

#ifdef __x86_64__
constexpr unsigned native = AUDIT_ARCH_X86_64;
#else
constexpr unsigned native = AUDIT_ARCH_AARCH64;
#endif
constexpr unsigned other_ptrace = 26;  // i386 and arm alike
constexpr unsigned x32 = 0x40000000;   // no number of aarch64 is that high
constexpr unsigned x32_ptrace = 521;   // and process_vm_readv, process_vm_writev:
constexpr unsigned x32_memory[] = {539, 540};

void load(Filter& filter, unsigned offset) {
  filter.push_back(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offset));
}

// Goes on behind the next `steps` where the comparison fails.
void only_if(Filter& filter, unsigned short comparison, unsigned value, unsigned char steps = 1) {
  const auto code = static_cast<unsigned short>(BPF_JMP | BPF_K | comparison);
  filter.push_back(BPF_JUMP(code, value, 0, steps));
}

void give(Filter& filter, unsigned verdict) {
  filter.push_back(BPF_STMT(BPF_RET | BPF_K, verdict));
}

void refuse(Filter& filter, unsigned short comparison, unsigned value) {
  only_if(filter, comparison, value);
  give(filter, SECCOMP_RET_ERRNO | EPERM);
}

// With `argument`, its low half, for one call. The number is not there any more afterwards.
void refuse_with(Filter& filter, unsigned call, unsigned argument, unsigned short comparison,
                 unsigned value) {
  only_if(filter, BPF_JEQ, call, 4);
  constexpr std::size_t each = sizeof(std::uint64_t);
  load(filter, offsetof(seccomp_data, args) + argument * each);
  refuse(filter, comparison, value);
  give(filter, SECCOMP_RET_ALLOW);
}

Filter make_filter(Filters filters) {
  const bool none = filters == Filters::none;
  Filter filter;
  load(filter, offsetof(seccomp_data, arch));
  // Another processor's calls: none that a chapter before the filter's needs.
  filter.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, native, 4, 0));
  load(filter, offsetof(seccomp_data, nr));
  refuse(filter, none ? BPF_JGE : BPF_JEQ, none ? 0 : other_ptrace);
  give(filter, SECCOMP_RET_ALLOW);
  load(filter, offsetof(seccomp_data, nr));
  for (const int call : {SYS_ptrace, SYS_process_vm_readv, SYS_process_vm_writev}) {
    refuse(filter, BPF_JEQ, static_cast<unsigned>(call));
  }
  for (const unsigned call : {x32_ptrace, x32_memory[0], x32_memory[1]}) {
    refuse(filter, BPF_JEQ, call | x32);
  }
  if (none) {
    refuse(filter, BPF_JGE, x32);
    refuse(filter, BPF_JEQ, SYS_seccomp);
    refuse_with(filter, SYS_prctl, 0, BPF_JEQ, PR_SET_SECCOMP);
  } else {
    refuse_with(filter, SYS_seccomp, 1, BPF_JSET, SECCOMP_FILTER_FLAG_NEW_LISTENER);
  }
  give(filter, SECCOMP_RET_ALLOW);
  return filter;
}

// By an earlier filter: the first has nothing to read, and the second no program to load (EFAULT).
bool is_forbidden(Filters filters) {
  if (filters == Filters::none) return false;
  const auto refused = [](long returned) { return returned == -1 && errno == EPERM; };
  return refused(syscall(SYS_process_vm_readv, getpid(), nullptr, 0, nullptr, 0, 0)) &&
         refused(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER,
                         nullptr));
}

}  // namespace

void forbid_tracing(Filters filters) {
  if (is_forbidden(filters)) return;
  Filter filter = make_filter(filters);
  const sock_fprog program{static_cast<unsigned short>(filter.size()), filter.data()};
  // Not by seccomp(2), whose failures the tests of chapter 08 play.
  if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) == 0) return;
  // An ordinary user.
  need(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no_new_privs");
  need(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0), "load a filter");
}

}  // namespace below
