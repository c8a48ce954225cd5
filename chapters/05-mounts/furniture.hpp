// What a program expects to find in a root: /proc, /sys and /dev of its own, and /tmp on request.
//
//   Luggage luggage{open_all(mounts_of(options))};   // before the clone
//   make_furniture(luggage);                         // in the child; the old root stands
//   move_into(root.mount);
//   furnish(luggage);
#pragma once

#include <vector>

#include "05-mounts/mounts.hpp"

namespace tincan {

/// The list of what is to stand in the root: the furniture, and then what was added.
std::vector<Mount> mounts_of(const MountOptions& options);

/// Makes the new file systems and takes the nodes, all standing nowhere yet. In the child, because
/// /proc shows the pid namespace of who mounts it, mqueue the ipc namespace and /sys the network
/// namespace; and before the old root goes, because a user namespace may mount /proc and /sys only
/// while it sees others, mount_namespaces(7).
void make_furniture(Luggage& luggage);

/// Attaches everything in the present root, in the order of the list, where Targets allows it. A
/// new /dev gets its nodes and links at once, and use_null_in() is asked. A symlink in the place of
/// /proc, /sys, /dev or /tmp is refused (Error, ELOOP): CVE-2019-19921, CVE-2025-31133.
void furnish(const Luggage& luggage);

/// Where 0, 1 or 2 is the host's /dev/null, it becomes the node `null` in the directory `dev`.
void use_null_in(borrowed_fd dev);

}  // namespace tincan
