// Stopping: SIGTERM asks, SIGKILL does not. A program that ignores the first must not keep whoever
// wants to stop the container waiting for ever. And stopping what nobody asks: after so long.
//
//   StopTimeout stop{options};
//   TimeLimit limit{options};
//   launch.attend(stop);
//   launch.attend(limit);
#pragma once

#include <optional>

#include "03-process/launch.hpp"
#include "common/command_line.hpp"
#include "common/unique_fd.hpp"

namespace tincan {

struct StopOptions {
  int seconds = 10;          ///< from SIGTERM to SIGKILL, 0 to 86400
  std::optional<int> limit;  ///< from the start of the command to SIGKILL, 1 to 31536000
};

/// --stop-timeout and --timeout.
void add_stop_options(CommandLine& line, StopOptions& options);

/// From the first SIGTERM on a timer runs, timerfd_create(2); at its end process 1 is killed, and
/// with it everything in the container. SIGINT does not start it: Ctrl-C is a word to the program,
/// which may go on. In the launcher, not in init: what is to be stopped must not hold the clock. It
/// also ends the wait for a terminal to take what the command has printed.
class StopTimeout : public Attendant {
 public:
  explicit StopTimeout(const StopOptions& options);

  void born(Watch& watch, const ChildProcess& child) override;
  void hear(int number) override;

 private:
  int seconds_;
  unique_fd timer_;
  bool running_ = false;
};

/// --timeout: when the command has run for that long, process 1 is killed, and with it everything
/// in the container; the status is then 137, as with `timeout -s KILL`, timeout(1). Nobody inside
/// can stop or reach this clock. It counts the seconds of CLOCK_MONOTONIC: not those in which the
/// machine was suspended.
class TimeLimit : public Attendant {
 public:
  explicit TimeLimit(const StopOptions& options);

  void begin(Watch& watch, const ChildProcess& child) override;

 private:
  std::optional<int> seconds_;
  unique_fd timer_;
};

}  // namespace tincan
