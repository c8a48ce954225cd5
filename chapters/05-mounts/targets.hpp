// Where something may be put: what it would cover is looked at first, and a mount point that is
// missing is made where that leaves nothing in the user's tree.
//
//   Targets targets;                                           // in the new root
//   const unique_fd target = targets.find(item);
//   sys::move_mount(item.mount, target, "on /dev/shm/data");
//   targets.remember(item);                                    // the next may not cover it
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "05-mounts/mounts.hpp"
#include "common/unique_fd.hpp"

namespace tincan {

class Targets {
 public:
  Targets();

  /// The place of `item` in the present root. For a bind a directory for a directory, and a file for
  /// anything else; a symlink there is followed, inside the root, and no magic link. The mount
  /// point of a new file system must be no symlink. What is missing is made on the container's
  /// own /dev, /dev/shm and /tmp, and nowhere else: Error (ENOENT). Error (EBUSY) for what must not
  /// be covered: the root, /proc, /sys, /dev, a device, terminals, message queues, the own /tmp.
  unique_fd find(const Item& item) const;

  /// `item` is attached. Error (EBUSY) if it has covered what a bind has put there before.
  void remember(const Item& item);

 private:
  unique_fd open_target(const std::string& path, bool directory) const;
  unique_fd open_or_make(const std::string& path, bool directory, std::uint64_t resolve) const;
  void require_free(borrowed_fd target, const std::string& path) const;

  std::vector<std::uint64_t> believed_;          ///< mounts on which nothing may be put, anywhere
  std::map<std::uint64_t, const char*> taken_;   ///< those not to be covered as a whole, and why
  std::map<std::string, std::uint64_t> places_;  ///< where a bind has been put, and which
  std::vector<std::uint64_t> own_;               ///< in memory, and gone with the container
};

}  // namespace tincan
