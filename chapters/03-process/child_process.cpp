// Holding a child: waiting, killing, passing signals on. See pidfd_open(2), signalfd(2).
#include "03-process/child_process.hpp"

#include <sys/signalfd.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <string>

#include "common/error.hpp"
#include "common/log.hpp"
#include "common/syscalls.hpp"

namespace tincan {
namespace {

constexpr std::array relayed{SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGWINCH};

// A fault of our own, what write(2) reports anyway, the stops of job control, and what does nothing
// by default.
constexpr std::array left_alone{SIGILL, SIGTRAP, SIGABRT, SIGBUS,  SIGFPE,  SIGSEGV,
                                SIGSYS, SIGTSTP, SIGTTIN, SIGTTOU, SIGCHLD, SIGURG};

// P_PIDFD, Linux 5.4.
siginfo_t wait_for(borrowed_fd pidfd) {
  siginfo_t info{};
  while (waitid(P_PIDFD, static_cast<id_t>(pidfd.get()), &info, WEXITED) == -1) {
    if (errno != EINTR) throw Error{errno, "waitid"};
  }
  return info;
}

}  // namespace

ChildProcess::~ChildProcess() {
  if (reaped_) return;
  try {
    sys::pidfd_send_signal(pidfd_, SIGKILL);
    wait_for(pidfd_);
  } catch (const Error& error) {
    log::error("the child {} may be left behind: {}", pid_, error.what());
  }
}

int ChildProcess::wait() {
  const siginfo_t info = wait_for(pidfd_);
  reaped_ = true;
  // exercise: status
  return info.si_code == CLD_EXITED ? info.si_status : exit_status::signal_base + info.si_status;
  // end of exercise
}

SignalRelay::SignalRelay() {
  sigset_t set;
  sigfillset(&set);
  for (const int number : left_alone) sigdelset(&set, number);
  check(sigprocmask(SIG_BLOCK, &set, nullptr), "sigprocmask");
  signals_.reset(check(signalfd(-1, &set, SFD_CLOEXEC), "signalfd"));
}

int SignalRelay::pass_on(const ChildProcess& child, bool own_session) {
  signalfd_siginfo info{};
  check(read(signals_.get(), &info, sizeof info), "read", "signalfd");
  const int number = static_cast<int>(info.ssi_signo);
  if (number == SIGCONT) return number;
  if (std::find(relayed.begin(), relayed.end(), number) == relayed.end()) {
    const int status = exit_status::signal_base + number;
    throw Error{EINTR, "wait", {}, "signal " + std::to_string(number) + " came", status};
  }
  // What the terminal sends (Ctrl-C, a new window size) it sends to the whole foreground group: a
  // child of our session has it already.
  if (info.ssi_code == SI_KERNEL && !own_session) return number;
  log::debug("signal {} goes on to the child", number);
  last_passed_on_ = number;
  sys::pidfd_send_signal(child.pidfd(), number);
  return number;
}

}  // namespace tincan
