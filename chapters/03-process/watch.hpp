// What the launcher looks after while it waits for its child: descriptors, each with what to do
// when it is ready. One poll(2), no threads.
//
//   Watch watch;
//   watch.add(signals, POLLIN, [&] { pass_on(); });
//   watch.until_readable(child.pidfd());
#pragma once

#include <functional>
#include <vector>

#include "common/unique_fd.hpp"

namespace tincan {

class Watch {
 public:
  using Ready = std::function<void()>;
  using Wanted = std::function<bool()>;

  /// `events`: POLLIN or POLLOUT. `ready` is called each time one of them, an error or a hang-up is
  /// there, unless `wanted` says that nobody cares at the moment. `fd` has to stay open.
  void add(borrowed_fd fd, short events, Ready ready, Wanted wanted = {});

  /// Looks after everything that was added until `fd` is readable or at its end. What throws in a
  /// `ready` ends the wait.
  void until_readable(borrowed_fd fd);
  /// The same until `done`, which is asked first and after each round.
  void until(const std::function<bool()>& done);

 private:
  struct Source {
    int fd;
    short events;
    Ready ready;
    Wanted wanted;
  };
  bool wait_once(int fd);

  std::vector<Source> sources_;
};

}  // namespace tincan
