// In the new root: attaching, and what comes last.
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "05-mounts/furniture.hpp"
#include "12-devices/covers.hpp"
#include "13-runtime/copy_up.hpp"
#include "13-runtime/device_nodes.hpp"
#include "13-runtime/group_mounts.hpp"
#include "13-runtime/mount_list.hpp"
#include "13-runtime/places.hpp"
#include "common/error.hpp"
#include "common/syscalls.hpp"

namespace tincan::oci {
namespace {

// Who binds something on /dev has filled it.
bool fills_dev(const MountList& list) {
  return std::none_of(list.entries.begin(), list.entries.end(), [](const MountEntry& entry) {
    return entry.is_bind() && entry.to == "/dev";
  });
}

void place_nodes(const MountList& list) {
  for (const Piece& piece : list.luggage.nodes) place_piece(piece);
  for (const DeviceNode& node : list.devices) {
    if (!list.own_users || node.kind == S_IFIFO) place_node(node);
  }
}

// A tmpfs has the mode of the directory that it covers, if it is told no other: crun and runc have it so.
void begin_as_what_it_covers(const MountEntry& entry, borrowed_fd mount, borrowed_fd place) {
  const bool told =
      std::any_of(entry.data.begin(), entry.data.end(),
                  [](const sys::FileSystemOption& option) { return option.key == "mode"; });
  struct stat status {};
  check(fstat(place.get(), &status), "fstat", entry.to);
  if (!told) check(fchmodat(mount.get(), ".", status.st_mode & 07777, 0), "chmod", entry.to);
  if (entry.copy_up) copy_up(place, mount);
}

void make_read_only(borrowed_fd mount) {
  mount_attr attributes{};
  attributes.attr_set = MOUNT_ATTR_RDONLY;
  sys::mount_setattr(mount, 0, attributes);
}

bool is_below(const std::string& path, const std::string& place) {
  return path == place || path.starts_with(place + "/");
}

// What can be seen: a mount hides what was put there, or below, before. Covers are looked up from
// these, and one on a mount that is hidden would cover nothing.
Luggage visible(MountList& list) {
  Luggage seen;
  for (Item& item : list.luggage.items) {
    std::erase_if(seen.items,
                  [&](const Item& earlier) { return is_below(earlier.entry.to, item.entry.to); });
    seen.items.push_back({.entry = item.entry,
                          .mount = unique_fd{check(fcntl(item.mount.get(), F_DUPFD_CLOEXEC, 0),
                                                   "fcntl", item.entry.to)}});
  }
  seen.nodes.push_back(null_for_covers());
  return seen;
}

unique_fd nothing_for(const Item& item, const Luggage& luggage) {
  struct stat status {};
  check(fstat(item.mount.get(), &status), "fstat", item.entry.to);
  if (S_ISDIR(status.st_mode)) {
    const std::vector<sys::FileSystemOption> options{
        {"mode", "555"}, {"size", "4k"}, {"nr_inodes", "1"}};
    return sys::make_mount(
        "tmpfs", options,
        MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC | MOUNT_ATTR_RDONLY);
  }
  return sys::open_tree(luggage.nodes.front().mount, "", OPEN_TREE_CLONE | AT_EMPTY_PATH,
                        item.entry.to);
}

// One that is a mount of the list itself. False: it is none.
bool cover_mount(const Cover& one, const Luggage& luggage) {
  for (const Item& item : luggage.items) {
    if (item.entry.to != one.path) continue;
    if (one.kind == CoverKind::read_only) return make_read_only(item.mount), true;
    sys::move_mount(nothing_for(item, luggage), item.mount, "cover on " + one.path);
    return true;
  }
  return false;
}

void cover_all(MountList& list) {
  if (list.covers.empty()) return;
  const Luggage luggage = visible(list);
  std::vector<Cover> inside;
  for (const Cover& one : list.covers) {
    if (!cover_mount(one, luggage)) inside.push_back(one);
  }
  cover(inside, list.root.mount, luggage);
}

}  // namespace

void attach(MountList& list) {
  Places places;
  for (std::size_t i = 0; i < list.entries.size(); ++i) {
    const MountEntry& entry = list.entries[i];
    const unique_fd& mount = list.luggage.items[i].mount;
    const unique_fd place = places.find(entry, mount);
    if (entry.type == "tmpfs") begin_as_what_it_covers(entry, mount, place);
    places.put(entry, mount, place);
  }
  link_controllers(list.entries);
  if (fills_dev(list)) {
    place_nodes(list);
    link_dev();
    use_null_in(open_or_make("/dev", true));
  }
  (void)open_or_make(list.cwd, true);
}

void close_up(MountList& list) {
  cover_all(list);
  for (std::size_t i = 0; i < list.entries.size(); ++i) {
    const MountEntry& entry = list.entries[i];
    if (entry.type == "tmpfs" && (entry.set & MOUNT_ATTR_RDONLY) != 0)
      make_read_only(list.luggage.items[i].mount);
  }
  if (list.root_read_only) make_read_only(list.root.mount);
  if (list.propagation != 0) {
    // guard: the root is the container's own
    check(mount(nullptr, "/", nullptr, list.propagation, nullptr), "mount",
          "linux.rootfsPropagation");
  }
}

}  // namespace tincan::oci
