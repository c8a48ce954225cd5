// A limit on how long a system call may block. The launcher reads and writes what belongs to its
// caller, and O_NONBLOCK is no way out: that flag is the open file's, not the descriptor's, so the
// caller's shell would find it set on its own terminal.
//
//   const CallTimeout limit{20};                       // milliseconds
//   ssize_t count = write(terminal, bytes, length);  // -1 and EINTR, if it would take longer
#pragma once

#include <csignal>
#include <ctime>

namespace tincan {

/// While it lives, a system call of this thread that blocks is interrupted after `milliseconds` (1
/// to 999), and once more each time the same span is over, so that a signal which came just before
/// the call is no loss. By SIGURG, which does nothing by default, and a timer, timer_create(2).
/// Where the kernel refuses the timer there is no limit.
class CallTimeout {
 public:
  explicit CallTimeout(int milliseconds);
  CallTimeout(const CallTimeout&) = delete;
  CallTimeout& operator=(const CallTimeout&) = delete;
  ~CallTimeout();

 private:
  timer_t timer_{};
  bool running_ = false;
  struct sigaction action_ {};
  sigset_t mask_{};
};

}  // namespace tincan
