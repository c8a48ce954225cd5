// The clock that begins to run at SIGTERM.
#include "10-init/stop.hpp"

#include <poll.h>
#include <sys/timerfd.h>

#include <csignal>
#include <cstdint>

#include "common/error.hpp"
#include "common/exit_status.hpp"
#include "common/log.hpp"
#include "common/numbers.hpp"
#include "common/syscalls.hpp"

namespace tincan {

void add_stop_option(CommandLine& line, StopOptions& options) {
  constexpr std::uint64_t a_day = 86400;
  line.section("Stopping (chapter 10)");
  line.option("--stop-timeout", "SECONDS", "from SIGTERM to SIGKILL, 10 if it is not given",
              [&](const std::string& text) {
                const auto seconds = parse_number(text, 0, a_day);
                if (!seconds) {
                  throw UsageError{"--stop-timeout",
                                   "'" + text + "' is not a number of seconds from 0 to 86400"};
                }
                options.seconds = static_cast<int>(*seconds);
              });
}

StopTimeout::StopTimeout(const StopOptions& options)
    : seconds_{options.seconds},
      timer_{check(timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC), "timerfd_create")} {}

void StopTimeout::born(Watch& watch, const ChildProcess& child) {
  watch.add(timer_, POLLIN, [&] {
    std::uint64_t expirations = 0;
    check(read(timer_.get(), &expirations, sizeof expirations), "read", "timerfd");
    if (child.has_ended()) {
      throw Error{ETIMEDOUT, "write", "standard output", "nobody reads it",
                  exit_status::signal_base + SIGTERM};
    }
    log::warn("not stopped {} s after SIGTERM: killed", seconds_);
    sys::pidfd_send_signal(child.pidfd(), SIGKILL);
  });
}

void StopTimeout::hear(int number) {
  if (number != SIGTERM || running_) return;
  running_ = true;
  // A timer of zero would be none: one nanosecond instead.
  const itimerspec once{{0, 0}, {seconds_, seconds_ == 0 ? 1 : 0}};
  check(timerfd_settime(timer_.get(), 0, &once, nullptr), "timerfd_settime");
}

}  // namespace tincan
