// Where something may be put: what it would cover is looked at first, and a mount point that is
// missing is made where that leaves nothing in the user's tree.
//
//   Targets targets;      // in the new root
//   targets.put(item);    // on /dev/shm/data, say; the next may not cover it
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "05-mounts/mounts.hpp"
#include "common/unique_fd.hpp"

namespace tincan {

/// How a mount may be built on: in any way, unless one of these says otherwise.
struct Ground {
  bool believed = false;        ///< nothing, anywhere on it
  bool own = false;             ///< in memory, and gone with the container: what is missing is made
  const char* taken = nullptr;  ///< why it is not to be covered as a whole
};

class Targets {
 public:
  Targets();

  /// Attaches `item` at its place in the present root. For a bind a directory for a directory, and a
  /// file for anything else; a symlink there is followed, inside the root, and no magic link. The
  /// mount point of a new file system must be no symlink. What is missing is made on the container's
  /// own /dev, /dev/shm and /tmp, and nowhere else: Error (ENOENT). Error (EBUSY) for what must not
  /// be covered: the root, /proc, /sys, /dev, a device, terminals, message queues, the own /tmp, and
  /// what a bind has put there before.
  void put(const Item& item);

 private:
  unique_fd find(const Mount& entry, bool directory);
  unique_fd open_target(const std::string& path, bool directory);
  unique_fd open_or_make(const std::string& path, bool directory, std::uint64_t resolve);

  std::map<std::uint64_t, Ground> grounds_;      ///< by the number of the mount
  std::map<std::string, std::uint64_t> places_;  ///< where a bind has been put, and which
};

}  // namespace tincan
