// The control groups of a container by the path that the engine has chosen, `linux.cgroupsPath`: to
// the letter, since engines read the files there by themselves (stats, top). One in each hierarchy
// that is mounted: v2, and those of v1.
//
//   const Groups groups = groups_for("/pod/web", "web");
//   make(groups);
//   limit(groups, document.resources);
//   launch.child_does("join the control groups of v1", [&] { join(groups); });
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "09-cgroups/cgroup_files.hpp"
#include "13-runtime/resources.hpp"
#include "common/unique_fd.hpp"

namespace tincan::oci {

struct Group {
  Version version = Version::v2;
  std::string mount_point = {};
  std::string directory = {};  ///< below that
};

using Groups = std::vector<Group>;

/// `path`: as the document has it; empty: /tincan-ID.
Groups groups_for(const std::string& path, const std::string& id);
/// Where the process is now, in the hierarchies of `groups`: it may have gone deeper.
Groups groups_of(pid_t pid, const Groups& groups);

/// A group of v2 below that which the process is in, made, and the process in it: in a unit of
/// systemd's, which looks after no other hierarchy. Throws Error where v2 is not mounted.
Groups group_below(pid_t pid);

/// By their directories, and back.
std::vector<std::string> directories_of(const Groups& groups);
Groups groups_in(const std::vector<std::string>& directories);

/// Makes them, and what is missing above. Throws Error (EBUSY) if somebody is in one.
void make(const Groups& groups);
/// Throws Error, which names the field, for a limit that no hierarchy has or takes.
void limit(const Groups& groups, const Resources& resources);
/// What may be opened and made: rules of chapter 12.
void rule_devices(const Groups& groups, const Resources& resources);

/// The v2 group, as clone3(2) takes it; not ok(): there is none.
unique_fd birthplace(const Groups& groups);
/// In the child: those of v1.
void join(const Groups& groups);

/// All processes in them, and in groups that were made below.
std::vector<pid_t> processes_in(const std::vector<std::string>& directories);
void signal_all(const std::vector<std::string>& directories, int number);

void freeze(const std::vector<std::string>& directories, bool frozen);
bool is_frozen(const std::vector<std::string>& directories);

/// With whoever is in them. Throws Error for what could not be removed.
void remove_groups(const std::vector<std::string>& directories);

}  // namespace tincan::oci
