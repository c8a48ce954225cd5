// Where -a may put something: what it would cover is looked at first, and a mount point that is
// missing is made where that leaves nothing in the user's tree.
//
//   Targets targets{options.temporary_tmp};                    // in the new root, furnished
//   const unique_fd target = targets.find("/dev/shm/data", tree);
//   sys::move_mount(tree, target, "on /dev/shm/data");
//   targets.remember(tree);                                    // the next may not cover it
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "common/unique_fd.hpp"

namespace tincan {

class Targets {
 public:
  /// `own_tmp`: /tmp is a file system of the container's own.
  explicit Targets(bool own_tmp);

  /// The place `path` of the present root, for `tree`: a directory for a directory, and a file for
  /// anything else. A symlink there is followed, inside the root, and no magic link. What is
  /// missing is made on the container's own /dev, /dev/shm and /tmp, and nowhere else: Error
  /// (ENOENT). Error (EBUSY) for what must not be covered: the root, /proc, /sys, /dev, a device,
  /// terminals, message queues, the own /tmp, and what was put there before.
  unique_fd find(const std::string& path, borrowed_fd tree) const;

  void remember(borrowed_fd tree);

 private:
  unique_fd open_target(const std::string& path, bool directory) const;
  unique_fd open_or_make(const std::string& path, bool directory) const;
  void require_free(borrowed_fd target, const std::string& path) const;

  std::vector<std::uint64_t> believed_;         ///< mounts on which nothing may be put, anywhere
  std::map<std::uint64_t, const char*> taken_;  ///< those not to be covered as a whole, and why
  std::vector<std::string> places_;             ///< where something has been put
  std::vector<std::uint64_t> own_;              ///< in memory, and gone with the container
};

}  // namespace tincan
