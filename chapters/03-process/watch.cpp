// One poll(2) over everything that the launcher waits for.
#include "03-process/watch.hpp"

#include <poll.h>

#include <utility>

#include "common/error.hpp"

namespace tincan {

void Watch::add(borrowed_fd fd, short events, Ready ready, Wanted wanted) {
  sources_.push_back({fd.get(), events, std::move(ready), std::move(wanted)});
}

// One poll(2), and what is ready is seen to. True if `fd` is, which may be -1 for none.
bool Watch::wait_once(int fd) {
  std::vector<pollfd> waiting{{fd, POLLIN, 0}};
  for (const Source& source : sources_) {
    const bool wanted = !source.wanted || source.wanted();
    // poll(2) passes over a negative number. No events would not do: a hang-up always shows.
    waiting.push_back({wanted ? source.fd : -1, source.events, 0});
  }
  if (poll(waiting.data(), waiting.size(), -1) == -1) {
    if (errno != EINTR) throw Error{errno, "poll"};
    return false;
  }
  for (std::size_t i = 1; i < waiting.size(); ++i) {
    if (waiting[i].revents != 0) sources_[i - 1].ready();
  }
  return waiting[0].revents != 0;
}

void Watch::until_readable(borrowed_fd fd) {
  while (!wait_once(fd.get())) {
  }
}

void Watch::until(const std::function<bool()>& done) {
  constexpr int none = -1;
  while (!done()) (void)wait_once(none);
}

}  // namespace tincan
