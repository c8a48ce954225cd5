// Hierarchies of control groups: cgroups(7).
#include "13-runtime/group_mounts.hpp"

#include <fcntl.h>
#include <sys/mount.h>
#include <unistd.h>

#include <algorithm>
#include <string_view>

#include "common/error.hpp"
#include "common/files.hpp"
#include "common/syscalls.hpp"

namespace tincan::oci {
namespace {

std::string last_part(const std::string& path) {
  return path.substr(path.rfind('/') + 1);
}

// "rw,xattr,name=systemd": beside the controllers, a name, and switches that are not ours to set.
MountEntry hierarchy(const MountEntry& entry, const MountInfo& mount) {
  MountEntry one = entry;
  one.type = mount.type;
  one.from = mount.type;
  one.to = entry.to + "/" + last_part(mount.mount_point);
  if (mount.type == "cgroup2") return one;
  for (const std::string_view word : split_at(mount.super_options, ',')) {
    if (word.starts_with("name=")) {
      one.switches.emplace_back("none");
      one.data.push_back({"name", std::string{word.substr(word.find('=') + 1)}});
    } else if (word != "rw" && word != "ro" && word != "xattr" && word != "clone_children" &&
               word != "noprefix") {
      if (!word.starts_with("release_agent=")) one.switches.emplace_back(word);
    }
  }
  return one;
}

// By what own_group() knows it.
std::string_view name_of(const MountEntry& entry) {
  if (entry.type == "cgroup2") return {};
  if (!entry.data.empty()) return entry.data.front().value;
  return entry.switches.front();
}

}  // namespace

std::vector<MountEntry> hierarchies_for(const MountEntry& entry, const CgroupHost& host) {
  const bool has_v1 = std::any_of(host.mounts.begin(), host.mounts.end(),
                                  [](const MountInfo& mount) { return mount.type == "cgroup"; });
  MountEntry first = entry;
  first.type = has_v1 ? "tmpfs" : "cgroup2";
  first.from = first.type;
  if (!has_v1) return {first};
  first.data = {{"mode", "755"}, {"size", "64k"}};
  std::vector<MountEntry> all{first};
  std::vector<std::string> seen;
  for (const MountInfo& mount : host.mounts) {
    if (mount.type != "cgroup" && mount.type != "cgroup2") continue;
    if (std::find(seen.begin(), seen.end(), mount.device) != seen.end()) continue;
    seen.push_back(mount.device);
    all.push_back(hierarchy(entry, mount));
  }
  return all;
}

unique_fd own_group_of(const MountEntry& entry) {
  const std::string_view name = name_of(entry);
  const bool named = !entry.data.empty();
  const auto own = own_group(this_host(), named ? "name=" + std::string{name} : std::string{name});
  if (!own) throw Error{ENOENT, "show the group of", entry.to, "its hierarchy is not mounted here"};
  unique_fd tree = sys::open_tree(AT_FDCWD, own->directory, OPEN_TREE_CLONE);
  mount_attr attributes{};
  attributes.propagation = MS_PRIVATE;
  attributes.attr_set = entry.set;
  sys::mount_setattr(tree, 0, attributes);
  return tree;
}

void link_controllers(const std::vector<MountEntry>& entries) {
  for (const MountEntry& entry : entries) {
    if (entry.type != "cgroup" || entry.switches.size() < 2) continue;
    const std::string above = entry.to.substr(0, entry.to.rfind('/') + 1);
    for (const std::string& controller : entry.switches) {
      // guard: a directory in memory, which was made a moment ago
      if (symlink(last_part(entry.to).c_str(), (above + controller).c_str()) == -1 &&
          errno != EEXIST) {
        throw Error{errno, "symlink", above + controller};
      }
    }
  }
}

}  // namespace tincan::oci
