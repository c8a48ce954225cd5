// The host check of chapter 03: its own /proc, and three calls, each tried with arguments that do
// nothing.
#include "03-process/host_check.hpp"

#include <sys/syscall.h>
#include <unistd.h>

#include "common/error.hpp"

namespace tincan {
namespace {

// /proc shows the pid namespace of who mounted it. Where this process is not in it, what stands
// there belongs to others, and there is no /proc/self.
void require_own_proc() {
  if (access("/proc/self/stat", F_OK) == 0) return;
  throw Error{errno, "find this process in", "/proc",
              "nothing is mounted there, or the /proc of a pid namespace that this process is not "
              "in: mount its own (unshare and nsenter have options for it)"};
}

}  // namespace

void require_calls(const std::vector<KernelCall>& calls) {
  for (const KernelCall& wanted : calls) {
    if (wanted.call() != -1) continue;
    const std::string since = "(Linux " + wanted.since + ")";
    if (errno == ENOSYS) throw Error{ENOSYS, wanted.name, since};
    if (errno == EPERM && !wanted.asks_for_privilege) {
      throw Error{EPERM, wanted.name, since,
                  "a filter of system calls around this process forbids it, as that of a container "
                  "may: start it outside, or with a filter that lets it pass"};
    }
  }
}

void check_host_for_processes() {
  require_own_proc();
  require_calls({
      {"clone3", "5.3", [] { return syscall(SYS_clone3, nullptr, 0); }},
      {"pidfd_send_signal", "5.1",
       [] { return syscall(SYS_pidfd_send_signal, -1, 0, nullptr, 0); }},
      {"close_range", "5.11", [] { return syscall(SYS_close_range, ~0U, ~0U, 1U << 2); }},
  });
}

}  // namespace tincan
