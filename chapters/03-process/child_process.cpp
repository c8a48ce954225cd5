// Holding a child: waiting, killing, passing signals on. See pidfd_open(2), signalfd(2).
#include "03-process/child_process.hpp"

#include <poll.h>
#include <sys/signalfd.h>
#include <sys/wait.h>

#include <array>
#include <csignal>

#include "common/error.hpp"
#include "common/log.hpp"
#include "common/syscalls.hpp"

namespace tincan {
namespace {

constexpr std::array relayed{SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGWINCH};

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
  return info.si_code == CLD_EXITED ? info.si_status : exit_status::signal_base + info.si_status;
}

SignalRelay::SignalRelay() {
  sigset_t set;
  sigemptyset(&set);
  for (const int number : relayed) sigaddset(&set, number);
  check(sigprocmask(SIG_BLOCK, &set, nullptr), "sigprocmask");
  signals_.reset(check(signalfd(-1, &set, SFD_CLOEXEC), "signalfd"));
}

void SignalRelay::until_readable(borrowed_fd fd, const ChildProcess& child) {
  std::array waiting{pollfd{fd.get(), POLLIN, 0}, pollfd{signals_.get(), POLLIN, 0}};
  while (waiting[0].revents == 0) {
    if (poll(waiting.data(), waiting.size(), -1) == -1 && errno != EINTR)
      throw Error{errno, "poll"};
    if ((waiting[1].revents & POLLIN) != 0) pass_on(child);
  }
}

void SignalRelay::pass_on(const ChildProcess& child) {
  signalfd_siginfo info{};
  check(read(signals_.get(), &info, sizeof info), "read", "signalfd");
  // What the terminal sends (Ctrl-C, a new window size) it sends to the whole foreground group: the
  // child has it already.
  if (info.ssi_code == SI_KERNEL) return;
  log::debug("signal {} goes on to the child", info.ssi_signo);
  last_passed_on_ = static_cast<int>(info.ssi_signo);
  sys::pidfd_send_signal(child.pidfd(), last_passed_on_);
}

}  // namespace tincan
