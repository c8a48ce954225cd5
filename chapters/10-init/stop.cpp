// The clock that begins to run at SIGTERM.
#include "10-init/stop.hpp"

#include <poll.h>
#include <sys/timerfd.h>

#include <csignal>
#include <cstdint>
#include <string>

#include "common/error.hpp"
#include "common/exit_status.hpp"
#include "common/log.hpp"
#include "common/numbers.hpp"
#include "common/syscalls.hpp"

namespace tincan {

namespace {

constexpr unsigned a_day = 86400;

int parse_seconds(const std::string& text, const std::string& option, unsigned least,
                  unsigned most) {
  const auto seconds = parse_number(text, least, most);
  if (seconds) return static_cast<int>(*seconds);
  throw UsageError{option, "'" + text + "' is not a number of seconds from " +
                               std::to_string(least) + " to " + std::to_string(most)};
}

unique_fd make_timer() {
  return unique_fd{check(timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC), "timerfd_create")};
}

}  // namespace

void add_stop_options(CommandLine& line, StopOptions& options) {
  line.section("Stopping (chapter 10)");
  line.option("--stop-timeout", "SECONDS", "from SIGTERM to SIGKILL, 10 if it is not given",
              [&](const std::string& text) {
                options.seconds = parse_seconds(text, "--stop-timeout", 0, a_day);
              });
  line.option("--timeout", "SECONDS", "from the start to SIGKILL, never if it is not given",
              [&](const std::string& text) {
                options.limit = parse_seconds(text, "--timeout", 1, 365 * a_day);
              });
}

StopTimeout::StopTimeout(const StopOptions& options)
    : seconds_{options.seconds}, timer_{make_timer()} {}

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

TimeLimit::TimeLimit(const StopOptions& options) : seconds_{options.limit}, timer_{make_timer()} {}

void TimeLimit::begin(Watch& watch, const ChildProcess& child) {
  if (!seconds_) return;
  const itimerspec once{{0, 0}, {*seconds_, 0}};
  check(timerfd_settime(timer_.get(), 0, &once, nullptr), "timerfd_settime");
  watch.add(timer_, POLLIN, [&] {
    std::uint64_t expirations = 0;
    check(read(timer_.get(), &expirations, sizeof expirations), "read", "timerfd");
    // First the deed: nobody may be there to read the word.
    sys::pidfd_send_signal(child.pidfd(), SIGKILL);
    log::error("not ended after {} s (--timeout): killed", *seconds_);
  });
}

}  // namespace tincan
