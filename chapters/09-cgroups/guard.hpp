// Who undoes what nobody else can: a process that outlives the launcher by a moment. The kernel
// keeps an empty control group until somebody removes it, and a launcher that got SIGKILL removes
// nothing. So a small process waits beside it, for one of two events: the launcher's word, or its
// death. Then it undoes what is on its list, and ends.
//
//   const auto remove = [] { return remove_group(path); };
//   Guard guard{{{"the group is still there", remove}}};   // before it is made
//   ...                                                    // its destructor waits for the end
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "common/unique_fd.hpp"

namespace tincan {

/// Something to be undone.
struct Undo {
  std::string failure;        ///< said if it fails
  std::function<bool()> run;  ///< in the guard, which has a copy of it; false if it fails
};

class Guard {
 public:
  /// Starts the guard for these things, which need not be there yet: a launcher that dies between
  /// two steps leaves nothing either. Nobody's child, in a session of its own and deaf to every
  /// signal that can be ignored, it holds no descriptor of the caller's: a pipe that reads the
  /// launcher's output ends with the launcher.
  explicit Guard(const std::vector<Undo>& things);
  Guard(const Guard&) = delete;
  Guard& operator=(const Guard&) = delete;
  /// Has everything undone, and waits for the guard's end.
  ~Guard();

  /// What is there stays, and the guard goes.
  void dismiss();

 private:
  unique_fd word_;     ///< eventfd(2), launcher to guard: undo it
  unique_fd answers_;  ///< pipe, guard to launcher: its pid; later what went wrong, if anything
  unique_fd guard_;    ///< pidfd
};

}  // namespace tincan
