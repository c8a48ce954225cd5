// Where the mounts of a document go: the container's root, which may hold anything. Nothing that is
// looked up here leads to the host, whose root is gone; what could still be got wrong is what stands
// there and is believed, by programs and by the steps that follow: /proc.
//
//   Places places;
//   places.put(entry, mount, places.find(entry, mount));
#pragma once

#include <cstdint>
#include <set>
#include <string>

#include "13-runtime/document.hpp"
#include "common/unique_fd.hpp"

namespace tincan::oci {

/// The directory, or the file, at `path` in the present root; made if it is not there, with all that
/// is missing above it. A symlink is followed, also one to what is not there yet; a link of /proc is
/// no path (Error, ELOOP).
unique_fd open_or_make(const std::string& path, bool directory);

class Places {
 public:
  /// Where it goes. /proc and /sys have to be where the document says, and behind no symlink
  /// (CVE-2019-19921). Throws Error (EBUSY) for what would stand on or in /proc, unless it is one of
  /// the few files that a container may have its own of, or comes from a /proc (CVE-2019-16884,
  /// CVE-2025-52881: by a symlink, `to` can say anything).
  unique_fd find(const MountEntry& entry, borrowed_fd mount) const;
  void put(const MountEntry& entry, borrowed_fd mount, borrowed_fd place);

 private:
  std::set<std::uint64_t> proc_;  ///< the numbers of the mounts
};

}  // namespace tincan::oci
