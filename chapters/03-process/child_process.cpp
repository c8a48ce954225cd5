// Holding a child: waiting, killing, passing signals on. See pidfd_open(2), signalfd(2).
#include "03-process/child_process.hpp"

#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdint>
#include <optional>
#include <string>

#include "common/error.hpp"
#include "common/log.hpp"
#include "common/syscalls.hpp"

namespace tincan {
namespace {

// A fault of our own, and what does nothing by default.
constexpr std::array left_alone{SIGILL,  SIGTRAP, SIGABRT, SIGBUS, SIGFPE,
                                SIGSEGV, SIGSYS,  SIGCHLD, SIGURG};

// For who uses a terminal in the background.
constexpr std::array background_stops{SIGTTIN, SIGTTOU};
constexpr std::array sent_by_terminals{SIGHUP,  SIGINT,   SIGQUIT, SIGTSTP,
                                       SIGCONT, SIGWINCH, SIGTTIN, SIGTTOU};
// What ends nobody by default.
constexpr std::array harmless{SIGTSTP, SIGCONT, SIGWINCH, SIGTTIN, SIGTTOU};

template <typename Numbers>
bool contains(const Numbers& numbers, int number) {
  return std::find(numbers.begin(), numbers.end(), number) != numbers.end();
}

bool is_ignored(int number) {
  struct sigaction action {};
  return sigaction(number, nullptr, &action) == 0 && action.sa_handler == SIG_IGN;
}

Error ended_by(int number) {
  const int status = exit_status::signal_base + number;
  return Error{EINTR, "wait", {}, "signal " + std::to_string(number) + " came", status};
}

// P_PIDFD, Linux 5.4.
siginfo_t wait_for(borrowed_fd pidfd) {
  siginfo_t info{};
  while (waitid(P_PIDFD, static_cast<id_t>(pidfd.get()), &info, WEXITED) == -1) {
    if (errno != EINTR) throw Error{errno, "waitid"};
  }
  return info;
}

// Ctrl-Z; or a terminal used in the background, where process 1, not stopped, would try for ever.
// An init passes it on as what stops every program; SIGTSTP itself stops none whose session has no
// shell, and no process 1.
void tell_to_stop(const ChildProcess& child, Hearing hearing, bool from_terminal) {
  if (hearing == Hearing::through_init) {
    sys::pidfd_send_signal(child.pidfd(), SIGTSTP, for_the_group);
  } else if (hearing != Hearing::itself || !from_terminal) {
    sys::pidfd_send_signal(child.pidfd(), SIGSTOP);
  }
}

}  // namespace

ChildProcess::~ChildProcess() {
  if (reaped_ || let_go_) return;
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

SignalRelay::SignalRelay(Hearing hearing) {
  sigset_t set;
  sigfillset(&set);
  for (const int number : left_alone) sigdelset(&set, number);
  // Elsewhere they stop whoever it is about: the command by itself, or the launcher alone.
  if (hearing != Hearing::but_no_stop) {
    for (const int number : background_stops) sigdelset(&set, number);
  }
  // What is blocked is not ignored any more: under nohup, a hang-up would reach us and the command.
  for (int number = 1; number < NSIG; ++number) {
    if (is_ignored(number)) sigdelset(&set, number);
  }
  check(sigprocmask(SIG_BLOCK, &set, nullptr), "sigprocmask");
  signals_.reset(check(signalfd(-1, &set, SFD_CLOEXEC), "signalfd"));
}

int SignalRelay::pass_on(const ChildProcess& child, Hearing hearing) {
  signalfd_siginfo info{};
  check(read(signals_.get(), &info, sizeof info), "read", "signalfd");
  const int number = static_cast<int>(info.ssi_signo);
  // A reader of ours went away; write(2) has said so.
  if (number == SIGPIPE && info.ssi_pid == static_cast<std::uint32_t>(getpid())) return number;
  const bool from_terminal = info.ssi_code == SI_KERNEL && contains(sent_by_terminals, number);
  // An alarm that the caller had set before it became us, say.
  if (info.ssi_code == SI_KERNEL && !from_terminal) throw ended_by(number);
  if (child.has_ended() && !contains(harmless, number)) throw ended_by(number);
  if (is_stop(number)) {
    tell_to_stop(child, hearing, from_terminal);
  } else if (!from_terminal || hearing >= Hearing::from_us) {
    log::debug("signal {} goes on to the child", number);
    if (!contains(harmless, number)) last_passed_on_ = number;
    const auto value = from_terminal ? std::optional{for_the_group} : std::nullopt;
    sys::pidfd_send_signal(child.pidfd(), number, value);
  }
  return number;
}

bool SignalRelay::is_stop(int number) {
  return number == SIGTSTP || contains(background_stops, number);
}

void SignalRelay::stop(int number) {
  sigset_t stops;
  sigemptyset(&stops);
  sigaddset(&stops, number);
  check(raise(number), "raise", std::to_string(number));
  check(sigprocmask(SIG_UNBLOCK, &stops, nullptr), "sigprocmask");
  check(sigprocmask(SIG_BLOCK, &stops, nullptr), "sigprocmask");
}

}  // namespace tincan
