// The child as the launcher holds it: by a pidfd, which cannot come to mean another process when
// the pid is used again; and the signals that the launcher passes on to it.
//
//   ChildProcess child{pid, std::move(pidfd)};
//   watch.until_readable(child.pidfd());   // a pidfd is readable when its process has ended
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

/// Blocks every signal that would end the launcher or that people send to end, reload or resize a
/// program. The latter go to the child instead; of any other the launcher dies in order: Error,
/// status 128 + n, so that nothing is left half done. Lasts until the launcher exits.
class SignalRelay {
 public:
  SignalRelay();

  /// Becomes readable when a signal came.
  borrowed_fd fd() const { return signals_; }

  /// Takes one signal that came, and sends it to `child` if it is one of those. Returns its number.
  /// `own_session`: the child has left the launcher's session, and hears nothing of its terminal.
  int pass_on(const ChildProcess& child, bool own_session);

  /// True if a signal that was passed on explains the exit status `status`.
  bool explains(int status) const { return status == exit_status::signal_base + last_passed_on_; }

 private:
  unique_fd signals_;
  int last_passed_on_ = 0;
};

}  // namespace tincan
