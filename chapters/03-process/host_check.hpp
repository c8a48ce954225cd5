// Is this kernel able to do what the chapter needs? Asked by trying, never by the version number:
// 4.19 is not smaller than 4.8, and a filter can hide what the version promises.
//
//   require_calls({{"clone3", "5.3", [] { ... }}});   // or Error (ENOSYS), naming what is missing
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace tincan {

/// A system call, and a way to call it that changes nothing.
struct KernelCall {
  std::string name;
  std::string since;  ///< the Linux version that brought it, for the message
  /// With arguments that do nothing or fail; returns -1 and sets errno.
  std::function<long()> call;
  bool asks_for_privilege = false;  ///< the kernel looks at who calls before the arguments
};

/// Throws Error (ENOSYS) for the first call that the kernel does not have; and Error (EPERM) for
/// one that a filter of system calls forbids, which is known where the kernel itself would have
/// answered otherwise.
void require_calls(const std::vector<KernelCall>& calls);

/// What starting a process takes: a /proc that shows this process, and clone3, pidfd_send_signal,
/// close_range.
void check_host_for_processes();

}  // namespace tincan
