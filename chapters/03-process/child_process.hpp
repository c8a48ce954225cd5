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

/// A child of this process: killed and reaped if it is neither waited for nor let go.
class ChildProcess {
 public:
  ChildProcess(pid_t pid, unique_fd pidfd) : pid_{pid}, pidfd_{std::move(pidfd)} {}
  ChildProcess(ChildProcess&&) = delete;
  ~ChildProcess();

  pid_t pid() const { return pid_; }
  borrowed_fd pidfd() const { return pidfd_; }
  /// True after wait().
  bool has_ended() const { return reaped_; }
  /// It goes on when this object goes.
  void let_go() { let_go_ = true; }

  /// Waits for the end, waitid(2): the exit status, or 128 + n after signal n.
  int wait();

 private:
  pid_t pid_;
  unique_fd pidfd_;
  bool reaped_ = false;
  bool let_go_ = false;
};

/// How the child hears what a terminal sends to its foreground group, the launcher's.
enum class Hearing {
  itself,        ///< it is of that group
  but_no_stop,   ///< the same, but as process 1 of a pid namespace no stop of a terminal's stops it
  from_us,       ///< it has left the session
  through_init,  ///< the same, and an init stands above it (chapter 10)
};

/// What comes with a signal that goes to the init of chapter 10: it was meant for a whole group.
constexpr int for_the_group = 1;

/// Blocks every signal but faults, and those that the caller ignores: nohup(1) means the command.
/// What is sent to the launcher goes on to the child. Lasts until the launcher exits.
class SignalRelay {
 public:
  explicit SignalRelay(Hearing hearing);

  /// Becomes readable when a signal came.
  borrowed_fd fd() const { return signals_; }

  /// Takes one signal that came, and sends it to `child`, or tells it to stop. Returns its number.
  /// Throws Error, status 128 + n, if the kernel sent it because of a timer or limit of the
  /// launcher's own, or if `child` has ended, and whoever sent it means the launcher.
  int pass_on(const ChildProcess& child, Hearing hearing);

  /// SIGTSTP, and where the child does not hear these: SIGTTIN, SIGTTOU.
  static bool is_stop(int number);
  /// Stops the launcher as `number` does, and returns when it goes on; or at once, if its group has
  /// no shell to continue it, setpgid(2): the kernel stops no such group.
  static void stop(int number);

  /// True if a signal that was passed on explains the exit status `status`.
  bool explains(int status) const { return status == exit_status::signal_base + last_passed_on_; }

 private:
  unique_fd signals_;
  int last_passed_on_ = 0;
};

}  // namespace tincan
