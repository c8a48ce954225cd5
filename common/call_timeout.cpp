// The limit: a timer, and a signal whose handler does nothing but exist.
#include "common/call_timeout.hpp"

#include <cerrno>

namespace tincan {
namespace {

void do_nothing(int) {}

}  // namespace

CallTimeout::CallTimeout(int milliseconds) {
  // No SA_RESTART: a call that is interrupted returns.
  struct sigaction action {};
  action.sa_handler = do_nothing;
  sigset_t urgent;
  sigemptyset(&urgent);
  sigaddset(&urgent, SIGURG);
  sigevent event{};
  event.sigev_notify = SIGEV_SIGNAL;
  event.sigev_signo = SIGURG;
  if (timer_create(CLOCK_MONOTONIC, &event, &timer_) == -1) return;
  running_ = sigprocmask(SIG_UNBLOCK, &urgent, &mask_) == 0;
  (void)sigaction(SIGURG, &action, &action_);
  const timespec span{0, milliseconds * 1'000'000L};
  const itimerspec again_and_again{span, span};
  (void)timer_settime(timer_, 0, &again_and_again, nullptr);
}

CallTimeout::~CallTimeout() {
  const int saved_errno = errno;
  if (running_) {
    (void)timer_delete(timer_);
    // guard: the mask of before; and a destructor has nobody to tell
    (void)sigprocmask(SIG_SETMASK, &mask_, nullptr);
    (void)sigaction(SIGURG, &action_, nullptr);
  }
  errno = saved_errno;
}

}  // namespace tincan
