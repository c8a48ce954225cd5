// The host check of chapter 03: three calls, each tried with arguments that do nothing.
#include "03-process/host_check.hpp"

#include <sys/syscall.h>
#include <unistd.h>

#include "common/error.hpp"

namespace tincan {

void require_calls(const std::vector<KernelCall>& calls) {
  for (const KernelCall& wanted : calls) {
    if (wanted.call() == -1 && errno == ENOSYS) {
      throw Error{ENOSYS, wanted.name, "(Linux " + wanted.since + ")"};
    }
  }
}

void check_host_for_processes() {
  require_calls({
      {"clone3", "5.3", [] { return syscall(SYS_clone3, nullptr, 0); }},
      {"pidfd_send_signal", "5.1",
       [] { return syscall(SYS_pidfd_send_signal, -1, 0, nullptr, 0); }},
      {"close_range", "5.11", [] { return syscall(SYS_close_range, ~0U, ~0U, 1U << 2); }},
  });
}

}  // namespace tincan
