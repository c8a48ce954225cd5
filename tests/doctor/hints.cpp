// Why something that only the doctor tries is likely to have failed; what the launchers do as well stands in
// common/hints.cpp.
#include <array>
#include <cerrno>

#include "doctor/trial.hpp"

namespace tincan::doctor {
namespace {

struct Hint {
  std::string_view operation;  // the whole of it
  int number;                  // its errno
  std::string_view cause;
  std::string_view remedy;
};

constexpr std::string_view no_controller =
    "no mounted cgroup hierarchy offers this controller: the kernel was built or started without "
    "it, or this is a container that is not shown any";

constexpr std::string_view no_wake =
    "the kernel of a virtual machine often has no clock that can wake the machine, and none that "
    "can be put to sleep";

constexpr std::string_view only_one_test =
    "nothing: only a test is left out here, which the guest (make vm) can make";
constexpr std::string_view other_kernel = "take Linux 5.15 or newer, or the guest (make vm)";

constexpr std::array table{
    Hint{"ptrace", EPERM, "a filter, or Yama (sysctl kernel.yama.ptrace_scope), forbids tracing",
         "set it to 1 or 0 as root, or use the guest (make vm)"},
    Hint{"open /dev/ptmx", ENOENT, "no devpts is mounted: there are no pseudo-terminals",
         "mount one on /dev/pts, or use the guest (make vm)"},
    Hint{"find cgroup2", ENOENT, "no cgroup v2 hierarchy is mounted",
         "cgroup v2 is mounted by systemd on every current distribution; or use the guest"},
    Hint{"find controller", ENOENT, no_controller, "use the guest (make vm)"},
    Hint{"find swap limit", ENOENT,
         "swap is not counted for control groups: the kernel was built or started without it",
         "start the kernel with swapaccount=1, or use the guest (make vm)"},
    Hint{"find cgroup.kill", ENOENT, "cgroup.kill came with Linux 5.14", other_kernel},
    Hint{"raise hard limit", EPERM,
         "raising a hard limit, or lowering oom_score_adj, takes CAP_SYS_RESOURCE, which some "
         "virtual machines withhold from root",
         only_one_test},
    Hint{"delete_module", ENOSYS, "the kernel was built without modules", only_one_test},
    Hint{"request_module", ENOENT, "the kernel loads no modules by itself", only_one_test},
    Hint{"memfd_secret", ENOSYS,
         "the kernel is older than 5.14, or started with secretmem.enable=0", only_one_test},
    Hint{"ptrace GET_FILTER", EINVAL,
         "the kernel was built without CONFIG_CHECKPOINT_RESTORE, and gives no filter back",
         only_one_test},
    Hint{"int 0x80", ENOSYS, "this machine or its kernel runs no 32-bit programs of x86",
         only_one_test},
    Hint{"x32", ENOSYS, "the kernel was built without x32, as most are",
         "nothing: only a test is left out, and the guest's kernel has none either"},
    Hint{"io_uring_setup", EPERM, "io_uring is switched off (sysctl kernel.io_uring_disabled)",
         only_one_test},
    Hint{"io_uring_setup", ENOSYS, "the kernel was built without io_uring", only_one_test},
    Hint{"mbind", ENOSYS, "the kernel was built without NUMA", only_one_test},
    Hint{"lsm_list_modules", ENOSYS, "the newest call that a test looks for is Linux 6.8's",
         only_one_test},
    Hint{"find cgroup v1", ENOENT, "no hierarchy of control groups v1 is mounted", only_one_test},
    Hint{"timer_create", EOPNOTSUPP, no_wake, only_one_test},
    Hint{"keep EPOLLWAKEUP", EOPNOTSUPP, no_wake, only_one_test},
    Hint{"open /dev/kvm", ENOENT, "this machine offers no virtualisation to its programs",
         "nothing: the guest then emulates in software"},
    Hint{"open /dev/kvm", EACCES, "only the group kvm may use it",
         "add yourself to that group; or nothing: the guest then emulates in software"},
    Hint{"find kvm module", ENOENT,
         "/dev/kvm is there, but neither kvm_intel nor kvm_amd is: such a hypervisor has stalled "
         "guests",
         "nothing: the guest then emulates in software"},
};

}  // namespace

Likely hint_for(const Error& error) {
  for (const Hint& hint : table) {
    if (hint.number == error.number() && error.operation() == hint.operation)
      return {hint.cause, hint.remedy};
  }
  return likely(error.operation(), error.number());
}

}  // namespace tincan::doctor
