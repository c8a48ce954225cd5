// The filter that keeps what is tried from tracing the probe.
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>

#include "classroom/below.hpp"

namespace below {
namespace {

constexpr sock_filter load(unsigned offset) {
  return BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offset);
}
constexpr sock_filter jump_if(unsigned value, unsigned char yes, unsigned char no) {
  return BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, yes, no);
}
constexpr sock_filter give(unsigned verdict) {
  return BPF_STMT(BPF_RET | BPF_K, verdict);
}

#ifdef __x86_64__
constexpr unsigned native = AUDIT_ARCH_X86_64;
constexpr unsigned other = AUDIT_ARCH_I386;
constexpr std::array<unsigned, 3> x32{521, 539, 540};  // above __X32_SYSCALL_BIT
constexpr unsigned x32_bit = 0x40000000;
#else
constexpr unsigned native = AUDIT_ARCH_AARCH64;
constexpr unsigned other = AUDIT_ARCH_ARM;
constexpr std::array<unsigned, 3> x32{SYS_ptrace, SYS_process_vm_readv, SYS_process_vm_writev};
constexpr unsigned x32_bit = 0;
#endif
constexpr unsigned other_ptrace = 26;  // i386 and arm alike
constexpr unsigned number = offsetof(seccomp_data, nr);
constexpr unsigned arch = offsetof(seccomp_data, arch);

}  // namespace

void forbid_tracing() {
  std::array filter{
      load(arch),
      jump_if(native, 3, 0),
      // A kernel has no third one; i386's process_vm_readv is held by who may trace, as the native one is.
      jump_if(other, 0, 9),
      load(number),
      jump_if(other_ptrace, 8, 7),
      load(number),
      jump_if(SYS_ptrace, 6, 0),
      jump_if(SYS_process_vm_readv, 5, 0),
      jump_if(SYS_process_vm_writev, 4, 0),
      jump_if(x32[0] | x32_bit, 3, 0),
      jump_if(x32[1] | x32_bit, 2, 0),
      jump_if(x32[2] | x32_bit, 1, 0),
      give(SECCOMP_RET_ALLOW),
      give(SECCOMP_RET_ERRNO | EPERM),
  };
  const sock_fprog program{filter.size(), filter.data()};
  if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) == 0) return;
  // An ordinary user.
  need(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no_new_privs");
  need(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program), "seccomp");
}

}  // namespace below
