// The nodes of a container, and the links beside them: six that every container has, and those of
// `linux.devices`. Where it has no user namespace of its own they are made in it; else they are made
// before, in a file system of the host's, and shown: see 05-mounts/nodes.hpp.
#pragma once

#include <string>
#include <vector>

#include "05-mounts/nodes.hpp"
#include "06-user-namespace/user_namespace.hpp"
#include "13-runtime/document.hpp"
#include "common/unique_fd.hpp"

namespace tincan::oci {

/// null, zero, full, random, urandom, tty; and those of the document, of which one with the same path
/// takes its place.
std::vector<DeviceNode> nodes_for(const Document& document);

/// By the launcher: a detached tmpfs with a node for each that is a device, called by its place in the
/// list. Not ok(): this process may make none.
unique_fd make_nodes(const std::vector<DeviceNode>& nodes, const UserNamespace& users);

/// In the child, while the host's root is there: each as a mount of its own, of `made` or, if that is
/// not ok(), of the host's node with that path. Throws Error for one that is not what it should be.
std::vector<Piece> take_nodes(const std::vector<DeviceNode>& nodes, const unique_fd& made);

/// In the container: what is there already and is the device, stays; throws Error (EEXIST) for
/// anything else.
void place_node(const DeviceNode& node);
void place_piece(const Piece& piece);

/// /dev/fd and its relatives, /dev/ptmx, where nothing is called so.
void link_dev();

/// The container's /dev/null once more, to cover files with. Throws Error (ENODEV) if it is none:
/// CVE-2025-31133.
Piece null_for_covers();

}  // namespace tincan::oci
