// What a program expects to find in a root: /proc, /sys and /dev of its own, and /tmp on request.
//
//   Furniture furniture = make_furniture(mounts, luggage);   // in the child; the old root stands
//   move_into(luggage.root);
//   furnish(furniture);
#pragma once

#include <vector>

#include "05-mounts/mounts.hpp"
#include "05-mounts/nodes.hpp"

namespace tincan {

struct Furniture {
  std::vector<Piece> fresh;  ///< new file systems, in the order in which they are attached
  std::vector<Piece> nodes;  ///< device nodes, one mount each
};

/// Makes them all, standing nowhere yet. In the child, because /proc shows the pid namespace of who
/// mounts it, mqueue the ipc namespace and /sys the network namespace; and before the old root
/// goes, because a user namespace may mount /proc and /sys only while it sees others,
/// mount_namespaces(7).
Furniture make_furniture(const MountOptions& options, const Luggage& luggage);

/// Attaches them in the present root, and adds the links that /dev has; where 0, 1 or 2 is the
/// host's /dev/null, it becomes the one in here. A symlink in the place of
/// /proc, /sys, /dev or /tmp is refused (Error, ELOOP): CVE-2019-19921, CVE-2025-31133.
void furnish(const Furniture& furniture);

}  // namespace tincan
