// What chapters 07 and 08 need, and the powers that single tests need.
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <ctime>
#include <string>

#include "common/files.hpp"
#include "doctor/trial.hpp"

namespace tincan::doctor {
namespace {

// CAP_SYS_CHROOT, as any other.
void drop_from_bounding_set() {
  constexpr int chroot_capability = 18;
  check(prctl(PR_CAPBSET_DROP, chroot_capability, 0, 0, 0), "prctl", "PR_CAPBSET_DROP");
}

void forbid_new_privileges() {
  check(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "prctl", "PR_SET_NO_NEW_PRIVS");
}

// A filter that allows everything.
void load_filter() {
  forbid_new_privileges();
  sock_filter allow{BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW};
  sock_fprog program{1, &allow};
  check(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program), "seccomp", "SET_MODE_FILTER");
}

// One more than the hard limit. Where that is unlimited, it is lowered first, which needs nothing.
void raise_hard_limit() {
  rlimit now{};
  check(getrlimit(RLIMIT_CORE, &now), "getrlimit", "CORE");
  const rlim_t lower = now.rlim_max == 0 ? 0 : now.rlim_max - 1;
  const rlimit lowered{0, lower};
  check(setrlimit(RLIMIT_CORE, &lowered), "setrlimit", "CORE");
  const rlimit raised{0, lower + 1};
  check(setrlimit(RLIMIT_CORE, &raised), "raise hard limit", "CORE");
}

// No module has this name: with modules in the kernel, ENOENT.
void look_for_module() {
  const long returned = syscall(SYS_delete_module, "no_such_module_of_doctor", O_NONBLOCK);
  if (returned == -1 && errno != ENOENT) throw Error{errno, "delete_module"};
}

// The program that the kernel starts to load a module. There is none if it cannot, or if the name is empty.
void find_loader() {
  constexpr const char* name = "/proc/sys/kernel/modprobe";
  if (access(name, F_OK) != 0 || read_file(name) == "\n") throw Error{ENOENT, "request_module"};
}

void make_alarm() {
  timer_t timer{};
  check(timer_create(CLOCK_BOOTTIME_ALARM, nullptr, &timer), "timer_create", "BOOTTIME_ALARM");
}

// A kernel that cannot suspend leaves the flag out silently; /proc shows what it kept.
void keep_awake() {
  std::array<int, 2> ends{};
  check(pipe2(ends.data(), O_CLOEXEC), "pipe2");
  const unique_fd reader{ends[0]};
  const unique_fd writer{ends[1]};
  const unique_fd epoll{check(epoll_create1(EPOLL_CLOEXEC), "epoll_create1")};
  epoll_event event{};
  event.events = EPOLLIN | EPOLLWAKEUP;
  check(epoll_ctl(epoll.get(), EPOLL_CTL_ADD, reader.get(), &event), "epoll_ctl");
  const std::string info = read_file("/proc/self/fdinfo/" + std::to_string(epoll.get()));
  const auto at = info.find("events:");
  const auto kept = at == std::string::npos ? 0 : std::strtoul(info.c_str() + at + 7, nullptr, 16);
  if ((kept & EPOLLWAKEUP) == 0) throw Error{EOPNOTSUPP, "keep EPOLLWAKEUP"};
}

// The rule of the guest: the device alone is not enough, a foreign hypervisor behind it may stall.
void use_kvm() {
  const unique_fd device{check(open("/dev/kvm", O_RDWR | O_CLOEXEC), "open /dev/kvm")};
  for (const char* module : {"/sys/module/kvm_intel", "/sys/module/kvm_amd"}) {
    if (access(module, F_OK) == 0) return;
  }
  throw Error{ENOENT, "find kvm module"};
}

constexpr std::array table{
    Trial{"bounding-set", "dropping from the bounding set", "07 to 10", Weight::needed,
          drop_from_bounding_set, nullptr},
    Trial{"no-new-privs", "no_new_privs", "07 to 10", Weight::needed, forbid_new_privileges,
          forbid_new_privileges},
    Trial{"seccomp", "a filter of system calls", "08 to 10", Weight::needed, load_filter,
          load_filter},
    Trial{"cap-sys-resource", "CAP_SYS_RESOURCE", "a test of 03", Weight::useful, raise_hard_limit,
          nullptr},
    Trial{"modules", "a kernel with modules", "a test of 07", Weight::useful, look_for_module,
          nullptr},
    Trial{"module-loading", "a kernel that loads modules by itself", "a test of 08", Weight::useful,
          find_loader, nullptr},
    Trial{"alarm-clock", "a clock that wakes the machine", "a test of 07", Weight::useful,
          make_alarm, nullptr},
    Trial{"suspend", "a kernel that can suspend", "a test of 07", Weight::useful, keep_awake,
          nullptr},
    Trial{"kvm", "KVM for the guest", "make vm", Weight::useful, use_kvm, use_kvm},
};

}  // namespace

std::span<const Trial> privilege_trials() {
  return table;
}

}  // namespace tincan::doctor
