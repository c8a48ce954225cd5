// Who undoes what nobody else can: a process that outlives the launcher by a moment. The kernel
// keeps an empty control group until somebody removes it, and a launcher that got SIGKILL removes
// nothing. So a small process waits beside it, for one of two events: the launcher's word, or its
// death. Then it undoes it, and ends.
//
//   Guard guard{[] { return groups.remove(); }};   // before they are made
//   ...                                            // its destructor waits for the end
#pragma once

#include <functional>
#include <string>

#include "common/unique_fd.hpp"

namespace tincan {

class Guard {
 public:
  /// With a copy of the launcher's memory. Returns what could not be undone, in words, or nothing.
  using Undo = std::function<std::string()>;

  /// What it undoes need not be there yet: a launcher that dies between two steps leaves nothing.
  /// The guard is nobody's child, in its own session, deaf to every signal that can be ignored, and
  /// holds no descriptor of the caller's: who reads the launcher's output sees its end.
  explicit Guard(const Undo& undo);
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
