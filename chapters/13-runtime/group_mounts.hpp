// What a mount of type `cgroup` means here: where there is v2 alone, a mount of that; where
// controllers are on v1, a directory with a mount for each hierarchy, as hosts have it.
#pragma once

#include <string>
#include <vector>

#include "09-cgroups/placement.hpp"
#include "13-runtime/document.hpp"
#include "common/unique_fd.hpp"

namespace tincan::oci {

/// The entries that stand for `entry`, which is of type cgroup.
std::vector<MountEntry> hierarchies_for(const MountEntry& entry, const CgroupHost& host);

/// In the child, which is in its groups and sees the host's: a copy of the mount of one of them, from
/// its own group on. For who has no cgroup namespace, which would show that as the root.
unique_fd own_group_of(const MountEntry& entry);

/// In the container: names for the controllers of a hierarchy that has several: cpu for cpu,cpuacct.
void link_controllers(const std::vector<MountEntry>& entries);

}  // namespace tincan::oci
