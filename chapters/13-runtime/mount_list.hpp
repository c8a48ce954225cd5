// The root of a document and its `mounts`. Chapter 05 moves in and then furnishes, and so does this;
// but the list is somebody else's: it has every type and option there is, binds of single mounts and
// of trees, places that are not there yet, a root that is read-only only when all that is in it
// stands. What makes it safe is the same: everything is a descriptor before the root is exchanged,
// and from then on no path leads to the host.
//
//   MountList list = open_mounts(document);                  // before the clone
//   pack(list, users);                                       // the launcher, where it may; or the child
//   launch.parent_does("...", [&] { idmap(list, launch.child()); });
//   launch.child_does("...", [&] { make_file_systems(list); });   // mounts are private, groups joined
//   launch.child_does("...", [&] { move_into(list.root.mount); });
//   launch.child_does("...", [&] { attach(list); });         // mounts, devices, links
//   launch.child_does("...", [&] { close_up(list); });       // covers, read-only, propagation
#pragma once

#include <string>
#include <vector>

#include "03-process/child_process.hpp"
#include "05-mounts/mounts.hpp"
#include "06-user-namespace/user_namespace.hpp"
#include "13-runtime/document.hpp"

namespace tincan::oci {

struct MountList {
  std::vector<MountEntry> entries = {};  ///< the document's; of `cgroup` on v1, one a hierarchy
  Root root = {};
  Luggage luggage = {};                  ///< an item for each entry; nodes that are mounts
  std::vector<DeviceNode> devices = {};  ///< what every container has, and what the document adds
  std::vector<Cover> covers = {};
  std::string cwd = {};  ///< is made if it is not there
  bool root_read_only = false;
  bool own_users = false;         ///< nobody inside can make a node for a device
  bool own_groups = false;        ///< what it sees of control groups begins with its own
  unsigned long propagation = 0;  ///< of the root, in the end
};

/// Opens the root and what the binds show. Throws Error for what is not there.
MountList open_mounts(const Document& document);

/// Copies them: by the launcher, where it has CAP_SYS_ADMIN over the host's mounts; else in the child,
/// which opens everything by name once more, and refuses (Error, ESTALE) what is another file by now.
void pack(MountList& list, const UserNamespace& users);
void pack_again(MountList& list, const UserNamespace& users);

/// In the parent, after the maps: the mounts that ask for it show their files with owners of the
/// child's user namespace, or of one with the maps that they give: MOUNT_ATTR_IDMAP.
void idmap(MountList& list, const ChildProcess& child);

/// In the child, which is in all its namespaces and groups: what is no bind, and nodes.
void make_file_systems(MountList& list);

/// In the new root: each at its place, which is made if it is not there; then nodes and links in /dev.
void attach(MountList& list);

/// What could not be so from the beginning: covers, read-only, the root's propagation.
void close_up(MountList& list);

}  // namespace tincan::oci
