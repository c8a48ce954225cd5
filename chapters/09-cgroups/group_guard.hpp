// Who removes the groups when nobody else can: a process that outlives the launcher by a moment.
// The kernel keeps an empty group until somebody removes it, and a launcher that got SIGKILL
// removes nothing. So a small process waits beside it, for one of two events: the launcher's word,
// or its death. Then it kills what is left in the groups, removes them, and ends.
//
//   GroupGuard guard{{"/sys/fs/cgroup/tincan-12-34"}};   // before the group is made
//   ...                                                  // its destructor waits until it is gone
#pragma once

#include <string>
#include <vector>

#include "common/unique_fd.hpp"

namespace tincan {

class GroupGuard {
 public:
  /// Starts the guard for these directories, which need not exist yet: a launcher that dies between
  /// two steps leaves nothing either. Nobody's child, in a session of its own and deaf to every
  /// signal that can be ignored, it holds no descriptor of the caller's: a pipe that reads the
  /// launcher's output ends with the launcher.
  explicit GroupGuard(const std::vector<std::string>& groups);
  GroupGuard(const GroupGuard&) = delete;
  GroupGuard& operator=(const GroupGuard&) = delete;
  /// Has the groups removed, with every process in them, and waits for the guard's end.
  ~GroupGuard();

 private:
  unique_fd word_;     ///< eventfd(2), launcher to guard: remove them
  unique_fd answers_;  ///< pipe, guard to launcher: its pid; later what went wrong, if anything
  unique_fd guard_;    ///< pidfd
};

/// Kills every process in the groups at and below `directory`, and removes them; false if some of
/// them is still there after ten seconds. A group that does not exist is removed.
bool remove_group(const std::string& directory);

}  // namespace tincan
