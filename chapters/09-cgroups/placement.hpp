// Where a container's groups can be made: which hierarchy has which controller, and which directory
// of it is ours to make groups in. Decided from three texts and the files themselves, so that a
// test can lay out a host in a directory.
//
//   CgroupHost host = this_host();
//   for (const Place& place : find_places(controllers_for(limits), host)) ...
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "05-mounts/mounts.hpp"
#include "09-cgroups/cgroup_files.hpp"
#include "common/mountinfo.hpp"

namespace tincan {

/// What the kernel says about the groups of this process, and where they can be seen.
struct CgroupHost {
  std::string own_groups;         ///< /proc/self/cgroup, cgroups(7)
  std::vector<MountInfo> mounts;  ///< /proc/self/mountinfo
};
CgroupHost this_host();

/// A group that this process is in.
struct OwnGroup {
  std::string directory;
  bool is_root = false;  ///< of what can be seen
};
/// That in the hierarchy of v1 which has `controller`, by the kernel's name, or, without a name, in
/// v2. Nothing if the hierarchy is not mounted, or does not show it.
std::optional<OwnGroup> own_group(const CgroupHost& host, std::string_view controller);

/// One hierarchy in which the container gets a group.
struct Place {
  Version version;
  std::string parent;                   ///< the directory that the group is made in
  std::vector<Controller> controllers;  ///< whose limits are set there
};

/// v2 comes first, and if it is mounted the container has a group there in any case; v1 has what v2
/// does not. On v1 the parent is our own group. On v2 it is the group above ours: ours holds this
/// process, and a group that holds processes can turn on no controllers for groups below it (the
/// root group alone may). Throws Error if one of `wanted` is nowhere.
std::vector<Place> find_places(const std::vector<Controller>& wanted, const CgroupHost& host);

/// True if `word` is in a file like cgroup.controllers: words on one line.
bool lists(std::string_view text, std::string_view word);

/// The disk that holds `root`, "8:0", whole: io is limited for disks, not for partitions. Throws
/// Error (ENOTBLK) if no disk does.
std::string disk_of(const Source& root);

}  // namespace tincan
