// One poll(2) over everything that the launcher waits for.
#include "03-process/watch.hpp"

#include <poll.h>

#include <utility>

#include "common/error.hpp"

namespace tincan {

void Watch::add(borrowed_fd fd, short events, Ready ready, Wanted wanted) {
  sources_.push_back({fd.get(), events, std::move(ready), std::move(wanted)});
}

void Watch::until_readable(borrowed_fd fd) {
  while (true) {
    std::vector<pollfd> waiting{{fd.get(), POLLIN, 0}};
    for (const Source& source : sources_) {
      // poll(2) passes over a negative number. No events would not do: a hang-up always shows.
      const bool wanted = !source.wanted || source.wanted();
      waiting.push_back({wanted ? source.fd : -1, source.events, 0});
    }
    if (poll(waiting.data(), waiting.size(), -1) == -1) {
      if (errno != EINTR) throw Error{errno, "poll"};
      continue;
    }
    for (std::size_t i = 0; i + 1 < waiting.size(); ++i) {
      if (waiting[i + 1].revents != 0) sources_[i].ready();
    }
    if (waiting[0].revents != 0) return;
  }
}

}  // namespace tincan
