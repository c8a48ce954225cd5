// The child as the launcher holds it: by a pidfd, which cannot come to mean another process when
// the pid is used again; and the signals that the launcher passes on to it.
//
//   ChildProcess child{pid, std::move(pidfd)};
//   relay.until_readable(child.pidfd(), child);   // a pidfd is readable when its process has ended
//   int status = child.wait();
#pragma once

#include <sys/types.h>

#include "common/exit_status.hpp"
#include "common/unique_fd.hpp"

namespace tincan {

/// A child of this process. Killed and reaped when this object goes before wait() was called.
class ChildProcess {
 public:
  ChildProcess(pid_t pid, unique_fd pidfd) : pid_{pid}, pidfd_{std::move(pidfd)} {}
  ChildProcess(ChildProcess&&) = delete;
  ~ChildProcess();

  pid_t pid() const { return pid_; }
  borrowed_fd pidfd() const { return pidfd_; }

  /// Waits for the end, waitid(2): the exit status, or 128 + n after signal n.
  int wait();

 private:
  pid_t pid_;
  unique_fd pidfd_;
  bool reaped_ = false;
};

/// Blocks the signals that people send to end, reload or resize a program, and hands them to the
/// child instead. Lasts until the launcher exits.
class SignalRelay {
 public:
  SignalRelay();

  /// Waits until `fd` is readable or at its end; signals that come meanwhile go to `child`.
  void until_readable(borrowed_fd fd, const ChildProcess& child);

  /// True if a signal that was passed on explains the exit status `status`.
  bool explains(int status) const { return status == exit_status::signal_base + last_passed_on_; }

 private:
  void pass_on(const ChildProcess& child);

  unique_fd signals_;
  int last_passed_on_ = 0;
};

}  // namespace tincan
