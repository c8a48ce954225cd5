// Trying something in a child that is thrown away: whatever it does to itself is gone with it.
//
//   attempt([] { sys::openat2(AT_FDCWD, "/", O_PATH, 0); }, {});           // throws what it threw
//   attempt(body, {.namespaces = CLONE_NEWUSER | CLONE_NEWNS});            // as root inside
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>

namespace tincan::doctor {

/// Who the child is and where.
struct Place {
  /// CLONE_NEW* of clone(2). With CLONE_NEWUSER the maps are written as the launchers do it: a
  /// range from 100000 on for root, the one own id for others; and the child is root inside.
  std::uint64_t namespaces = 0;
  bool ordinary_user = false;  ///< give up root first: the user who called sudo(8), or 65534
  /// What the parent does while the child waits, its maps written.
  std::function<void(pid_t child)> meanwhile = {};
};

/// Runs `body` in a child, five seconds at most. Returns if it returned; throws the Error that it
/// threw, or Error (ETIME) if it had to be killed, or Error (0) if it died.
void attempt(const std::function<void()>& body, const Place& place);

}  // namespace tincan::doctor
