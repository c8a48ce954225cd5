// Finding the group that may be divided.
#include "11-rootless/delegation.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "01-observe/proc_text.hpp"
#include "09-cgroups/cgroup_files.hpp"
#include "09-cgroups/placement.hpp"
#include "11-rootless/scope.hpp"
#include "common/error.hpp"
#include "common/files.hpp"

namespace tincan {
namespace {

using Wanted = std::vector<Controller>;

std::string last_part(const std::string& path) {
  return path.substr(path.rfind('/') + 1);
}

// The path of our group on v2.
std::string own_group_path() {
  const std::string groups = read_file("/proc/self/cgroup");
  for (const std::string_view line : split_at(groups, '\n')) {
    const auto group = observation::parse_cgroup(line);
    if (group && group->hierarchy == "v2") return group->path;
  }
  return {};
}

// The directories of our group on v2 and of the one above it, if they can be seen.
struct Standing {
  std::string above;
  std::string own;
};
std::optional<Standing> standing(const CgroupHost& host) {
  const auto places = find_places({}, host);
  if (places.empty()) return std::nullopt;
  const std::string& above = places.front().parent;
  return Standing{above, above + "/" + last_part(own_group_path())};
}

bool offers(const std::string& group, const Wanted& wanted) {
  const std::string file = group + "/" + cgroup_file::controllers;
  if (access(file.c_str(), R_OK) == -1) return false;
  const std::string offered = read_file(file);
  return std::all_of(wanted.begin(), wanted.end(), [&](Controller controller) {
    return lists(offered, name(Version::v2, controller));
  });
}

// What is offered at the top can be handed down.
bool is_on_v2(const Wanted& wanted, const CgroupHost& host) {
  return std::any_of(host.mounts.begin(), host.mounts.end(), [&](const MountInfo& mount) {
    return mount.type == "cgroup2" && offers(mount.mount_point, wanted);
  });
}

bool may_write(const std::string& path) {
  return faccessat(AT_FDCWD, path.c_str(), W_OK, AT_EACCESS) == 0;
}

// The three that make a delegation.
bool may_divide(const std::string& group, const Wanted& wanted) {
  return may_write(group) && may_write(group + "/" + cgroup_file::procs) &&
         may_write(group + "/" + cgroup_file::subtree_control) && offers(group, wanted);
}

// The user's systemd has its groups handed over too, and goes on arranging them: whenever a unit
// comes or goes there, it turns off what none of its units needs, our limits with it.
bool is_arranged_by_systemd(const std::string& group) {
  return group.ends_with(".slice") || last_part(group).starts_with("user@");
}

// In a unit of systemd's, which is cleared away with all that is in it when it is empty.
bool is_alone_in_unit(const std::string& group) {
  if (!group.ends_with(".scope") && !group.ends_with(".service")) return false;
  return read_file(group + "/" + cgroup_file::procs) == std::to_string(getpid()) + "\n";
}

// A group that holds processes cannot turn on controllers for groups below it, cgroups(7), "no
// internal processes".
void step_down(const std::string& group) {
  const std::string below = group + "/launcher";
  // guard: the kernel's cgroup file system holds no symlinks and no container's files
  if (mkdir(below.c_str(), 0755) == -1 && errno != EEXIST) {
    throw Error{errno, "make control group", below};
  }
  // guard: the kernel's cgroup file system holds no symlinks and no container's files
  write_file(below + "/" + cgroup_file::procs, "0");
}

}  // namespace

void stand_in_delegated_group(const LimitOptions& limits) {
  if (limits.none || geteuid() == 0) return;
  const CgroupHost host = this_host();
  const Wanted wanted = controllers_for(limits);
  const auto here = standing(host);
  if (!here || !is_on_v2(wanted, host)) return;
  if (!is_arranged_by_systemd(here->above) && may_divide(here->above, wanted)) return;
  if (may_divide(here->own, wanted) && is_alone_in_unit(here->own)) return step_down(here->own);
  ask_for_scope();
  step_down(standing(this_host()).value().own);
}

}  // namespace tincan
