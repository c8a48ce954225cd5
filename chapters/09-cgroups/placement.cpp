// Finding our own groups, cgroups(7), "/proc files".
#include "09-cgroups/placement.hpp"

#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <string_view>

#include "01-observe/proc_text.hpp"
#include "common/error.hpp"
#include "common/files.hpp"

namespace tincan {
namespace {

bool contains(const std::vector<std::string_view>& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

// The path in the hierarchy that has `controller` (empty: in v2); the lines are those of
// chapter 01.
std::optional<std::string> own_path(const std::string& groups, std::string_view controller) {
  const std::string_view wanted = controller.empty() ? "v2" : controller;
  for (const std::string_view line : split_at(groups, '\n')) {
    const auto group = observation::parse_cgroup(line);
    if (group && contains(split_at(group->hierarchy, ','), wanted)) return group->path;
  }
  return std::nullopt;
}

// A hierarchy may be mounted where this user may not look.
bool can_be_seen(const std::string& path) {
  try {
    return exists(path);
  } catch (const Error& error) {
    if (error.number() == EACCES) return false;
    throw;
  }
}

// The directory of the group `path`, if `mount` shows it: a container or a bind may show a part of
// the hierarchy only, and a mount may be covered by a later one.
std::optional<std::string> directory_in(const MountInfo& mount, const std::string& path) {
  const std::string root = mount.root == "/" ? "" : mount.root;
  if (!path.starts_with(root)) return std::nullopt;
  std::string directory = mount.mount_point + path.substr(root.size());
  while (directory.ends_with('/')) directory.pop_back();
  if (!can_be_seen(directory + "/" + cgroup_file::procs)) return std::nullopt;
  return directory;
}

bool has(const MountInfo& mount, std::string_view controller) {
  if (controller.empty()) return mount.type == "cgroup2";
  return mount.type == "cgroup" && contains(split_at(mount.super_options, ','), controller);
}

std::optional<Place> place_on_v2(const CgroupHost& host) {
  const auto own = own_group(host, "");
  if (!own) return std::nullopt;
  const std::string& directory = own->directory;
  return Place{
      Version::v2, own->is_root ? directory : directory.substr(0, directory.rfind('/')), {}};
}

[[noreturn]] void refuse(Controller controller, const std::vector<Place>& places) {
  std::string seen = "no control group is mounted here with it";
  if (!places.empty() && places.front().version == Version::v2) {
    seen = places.front().parent + "/" + cgroup_file::controllers +
           " does not list it: the groups above have to turn it on, each in its " +
           cgroup_file::subtree_control +
           " (under systemd, as root: Delegate=yes; as a user: systemd-run --user --scope)";
  }
  throw Error{0, "find the controller", name(Version::v2, controller),
              seen +
                  ". To go on without this limit give it the value none, without any: "
                  "--no-limits"};
}

// Two controllers may share a hierarchy, "cpu,cpuacct": then they share the group too.
void add_on_v1(std::vector<Place>& places, Controller controller, const CgroupHost& host) {
  const auto own = own_group(host, name(Version::v1, controller));
  if (!own) refuse(controller, places);
  for (Place& place : places) {
    if (place.parent == own->directory) return place.controllers.push_back(controller);
  }
  places.push_back({Version::v1, own->directory, {controller}});
}

}  // namespace

bool lists(std::string_view text, std::string_view word) {
  return contains(split_at(text.substr(0, text.find('\n')), ' '), word);
}

// A host can have thousands of mounts, and a handful of these.
CgroupHost this_host() {
  CgroupHost host{read_file("/proc/self/cgroup"), {}};
  const std::string all = read_file("/proc/self/mountinfo");
  for (const std::string_view line : split_at(all, '\n')) {
    if (line.find(" - cgroup") == std::string_view::npos) continue;
    host.mounts.push_back(parse_mountinfo(line).front());
  }
  return host;
}

std::optional<OwnGroup> own_group(const CgroupHost& host, std::string_view controller) {
  const auto path = own_path(host.own_groups, controller);
  if (!path) return std::nullopt;
  for (const MountInfo& mount : host.mounts) {
    if (!has(mount, controller)) continue;
    const auto directory = directory_in(mount, *path);
    if (directory) return OwnGroup{*directory, *directory == mount.mount_point};
  }
  return std::nullopt;
}

std::vector<Place> find_places(const std::vector<Controller>& wanted, const CgroupHost& host) {
  std::vector<Place> places;
  std::string offered;  // by v2
  if (const auto v2 = place_on_v2(host)) {
    places.push_back(*v2);
    offered = read_file(v2->parent + "/" + cgroup_file::controllers);
  }
  for (const Controller controller : wanted) {
    if (lists(offered, name(Version::v2, controller))) {
      places.front().controllers.push_back(controller);
    } else {
      add_on_v1(places, controller, host);
    }
  }
  return places;
}

std::string disk_of(const Source& root) {
  struct stat status {};
  check(fstat(root.file.get(), &status), "fstat", root.path);
  const std::string number =
      std::to_string(major(status.st_dev)) + ":" + std::to_string(minor(status.st_dev));
  const std::string device = "/sys/dev/block/" + number;
  if (!exists(device)) throw Error{ENOTBLK, "limit io to", root.path};
  const bool part = exists(device + "/partition");
  return part ? observation::without_end(read_file(device + "/../dev")) : number;
}

}  // namespace tincan
