// Before the root is exchanged: opening, copying, mapping, making.
#include "13-runtime/mount_list.hpp"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <utility>

#include "09-cgroups/placement.hpp"
#include "13-runtime/device_nodes.hpp"
#include "13-runtime/group_mounts.hpp"
#include "common/error.hpp"
#include "common/files.hpp"
#include "common/syscalls.hpp"

namespace tincan::oci {
namespace {

constexpr unsigned times = MOUNT_ATTR__ATIME;

Source open_root(const std::string& path) {
  Source source = open_source(path);
  struct stat status {};
  check(fstat(source.file.get(), &status), "fstat", path);
  if (S_ISDIR(status.st_mode)) return source;
  throw Error{ENOTDIR, "open root.path", path, "the root has to be a directory", 1};
}

Source open_again(const Source& source) {
  Source again = open_source(source.path);
  struct stat before {};
  struct stat now {};
  check(fstat(source.file.get(), &before), "fstat", source.path);
  check(fstat(again.file.get(), &now), "fstat", source.path);
  if (before.st_dev == now.st_dev && before.st_ino == now.st_ino) return again;
  throw Error{ESTALE, "open again", source.path, "its name has come to mean another file since", 1};
}

// The entries, and one of type cgroup as what it means here.
std::vector<MountEntry> expanded(const std::vector<MountEntry>& mounts) {
  std::vector<MountEntry> all;
  for (const MountEntry& entry : mounts) {
    if (entry.type != "cgroup") {
      all.push_back(entry);
      continue;
    }
    for (MountEntry& one : hierarchies_for(entry, this_host())) all.push_back(std::move(one));
  }
  return all;
}

// A mount that was more restricted than it is asked to be here, and whose restriction is locked
// (mount_namespaces(7)), stays so.
void set_attributes(borrowed_fd mount, unsigned flags, unsigned set, unsigned clear) {
  if (set == 0 && clear == 0) return;
  mount_attr attributes{};
  attributes.attr_set = set;
  attributes.attr_clr = clear;
  try {
    sys::mount_setattr(mount, flags, attributes);
  } catch (const Error& error) {
    if (error.number() != EPERM || (clear & ~times) == 0) throw;
    set_attributes(mount, flags, set, (set & times) != 0 ? clear & times : 0);
  }
}

void set_propagation(borrowed_fd mount, unsigned long propagation) {
  mount_attr attributes{};
  attributes.propagation = propagation & ~static_cast<unsigned long>(MS_REC);
  sys::mount_setattr(mount, (propagation & MS_REC) != 0 ? AT_RECURSIVE : 0, attributes);
}

// Where nothing is said, nothing of what is mounted later goes either way; and where something is said
// of the first alone, what is below gives nothing back.
unique_fd copy(const Source& source, bool recursive, unsigned long propagation) {
  const unsigned flags = OPEN_TREE_CLONE | AT_EMPTY_PATH | (recursive ? AT_RECURSIVE : 0U);
  unique_fd tree = sys::open_tree(source.file, "", flags, source.path);
  if (propagation == 0) {
    set_propagation(tree, MS_PRIVATE | MS_REC);
    return tree;
  }
  if ((propagation & (MS_REC | MS_SHARED)) == 0) set_propagation(tree, MS_SLAVE | MS_REC);
  set_propagation(tree, propagation);
  return tree;
}

void finish(borrowed_fd mount, const MountEntry& entry, unsigned later) {
  set_attributes(mount, AT_RECURSIVE, entry.tree_set, entry.tree_clear);
  set_attributes(mount, 0, entry.set & ~later, entry.clear);
}

// As the root is to be a slave of the host's or a peer of others in the end, it may not be cut off.
unique_fd copy_root(const MountList& list) {
  const bool follows = (list.propagation & (MS_SLAVE | MS_SHARED)) != 0;
  unique_fd root = copy(list.root.source, true, follows ? MS_SLAVE | MS_REC : 0);
  if (list.own_users) set_attributes(root, AT_RECURSIVE, MOUNT_ATTR_NODEV, 0);
  return root;
}

void configure(borrowed_fd context, const MountEntry& entry) {
  sys::fsconfig_string(context, entry.type, {"source", entry.from});
  for (const std::string& name : entry.switches) {
    check(syscall(SYS_fsconfig, context.get(), FSCONFIG_SET_FLAG, name.c_str(), nullptr, 0),
          "mount " + entry.type, name);
  }
  for (const sys::FileSystemOption& option : entry.data)
    sys::fsconfig_string(context, entry.type, option);
}

// What stands in a file system in memory is not there yet when that is made.
unsigned later_for(const MountEntry& entry) {
  return entry.type == "tmpfs" ? unsigned{MOUNT_ATTR_RDONLY} : 0U;
}

// fsconfig(2) takes 255 bytes for one value; overlay file systems of many layers have more.
bool has_long_options(const MountEntry& entry) {
  constexpr std::size_t most = 255;
  return std::any_of(entry.data.begin(), entry.data.end(), [](const sys::FileSystemOption& option) {
    return option.value.size() > most;
  });
}

// By mount(2), which takes a page in all, but needs a place: one of the old root's, where it does not
// stay, in a mount namespace that is the container's own.
unique_fd mount_in_passing(const MountEntry& entry) {
  constexpr const char* place = "/dev";
  std::string text;
  for (const std::string& name : entry.switches) text += (text.empty() ? "" : ",") + name;
  for (const sys::FileSystemOption& option : entry.data) {
    text += (text.empty() ? "" : ",") + option.key + "=" + option.value;
  }
  // guard: the host's root is still there, and no container has written to it
  check(mount(entry.from.c_str(), place, entry.type.c_str(), 0, text.c_str()),
        "mount " + entry.type, text);
  unique_fd copy = sys::open_tree(AT_FDCWD, place, OPEN_TREE_CLONE);
  // guard: the host's root is still there, and no container has written to it
  check(umount2(place, MNT_DETACH), "umount2", place);
  return copy;
}

unique_fd mount_detached(const MountEntry& entry) {
  const unique_fd context = sys::fsopen(entry.type);
  configure(context, entry);
  return sys::fsmount(context, entry.type, entry.set & ~later_for(entry));
}

unique_fd make_file_system(const MountEntry& entry) {
  try {
    unique_fd mount = has_long_options(entry) ? mount_in_passing(entry) : mount_detached(entry);
    finish(mount, entry, later_for(entry));
    if (entry.propagation != 0) set_propagation(mount, entry.propagation);
    return mount;
  } catch (const Error& error) {
    throw Error{error.number(), error.operation() + " to " + entry.to, error.object(), error.hint(),
                1};
  }
}

// A user namespace that nobody lives in, for its maps alone. The child waits to be killed.
unique_fd namespace_with(const IdMap& uids, const IdMap& gids) {
  clone_args request{};
  int pidfd = -1;
  request.flags = CLONE_NEWUSER | CLONE_PIDFD;
  request.pidfd = reinterpret_cast<std::uintptr_t>(&pidfd);
  request.exit_signal = SIGCHLD;
  const pid_t pid = sys::clone3(request, "a user namespace for an idmapped mount");
  if (pid == 0) {
    while (true) pause();
  }
  const ChildProcess child{pid, unique_fd{pidfd}};
  const std::string directory = directory_of(child);
  // guard: the launcher's /proc, which is the host's
  write_file(directory + "/uid_map", map_text(uids));
  // guard: the launcher's /proc, which is the host's
  write_file(directory + "/gid_map", map_text(gids));
  // guard: the launcher's /proc, which is the host's
  return open_file(directory + "/ns/user", O_RDONLY);
}

void map_mount(borrowed_fd mount, const MountEntry& entry, borrowed_fd users) {
  mount_attr attributes{};
  attributes.attr_set = MOUNT_ATTR_IDMAP;
  attributes.userns_fd = static_cast<std::uint64_t>(users.get());
  try {
    sys::mount_setattr(mount, entry.idmapped == Idmapped::tree ? AT_RECURSIVE : 0, attributes);
  } catch (const Error& error) {
    throw Error{error.number(), "idmap", entry.from,
                "its file system may not have it, mount_setattr(2)", 1};
  }
}

}  // namespace

MountList open_mounts(const Document& document) {
  MountList list{.entries = expanded(document.mounts), .root = {open_root(document.root)}};
  for (const MountEntry& entry : list.entries) {
    Item item{{.kind = entry.type, .to = entry.to, .from = entry.from}};
    if (entry.is_bind()) item.source = open_source(entry.from);
    list.luggage.items.push_back(std::move(item));
  }
  list.devices = nodes_for(document);
  list.covers = document.covers;
  list.cwd = document.process.cwd;
  list.root_read_only = document.root_read_only;
  list.own_users = document.find(CLONE_NEWUSER) != nullptr;
  list.own_groups = document.find(CLONE_NEWCGROUP) != nullptr;
  list.propagation = document.propagation;
  return list;
}

void pack(MountList& list, const UserNamespace& users) {
  list.root.mount = copy_root(list);
  for (std::size_t i = 0; i < list.entries.size(); ++i) {
    const MountEntry& entry = list.entries[i];
    if (!entry.is_bind()) continue;
    Item& item = list.luggage.items[i];
    item.mount = copy(item.source, entry.recursive, entry.propagation);
    finish(item.mount, entry, 0);
  }
  if (list.own_users) list.luggage.own_nodes = make_nodes(list.devices, users);
}

void pack_again(MountList& list, const UserNamespace& users) {
  list.root.source = open_again(list.root.source);
  for (Item& item : list.luggage.items) {
    if (item.entry.is_bind()) item.source = open_again(item.source);
  }
  pack(list, users);
}

void idmap(MountList& list, const ChildProcess& child) {
  for (std::size_t i = 0; i < list.entries.size(); ++i) {
    const MountEntry& entry = list.entries[i];
    if (entry.idmapped == Idmapped::no) continue;
    // guard: the launcher's /proc, which is the host's
    const unique_fd users = entry.uids.empty()
                                ? open_file(directory_of(child) + "/ns/user", O_RDONLY)
                                : namespace_with(entry.uids, entry.gids);
    map_mount(list.luggage.items[i].mount, entry, users);
  }
}

void make_file_systems(MountList& list) {
  for (std::size_t i = 0; i < list.entries.size(); ++i) {
    const MountEntry& entry = list.entries[i];
    if (entry.is_bind()) continue;
    const bool shows_all = entry.is_cgroup() && !list.own_groups;
    list.luggage.items[i].mount = shows_all ? own_group_of(entry) : make_file_system(entry);
  }
  if (list.own_users) list.luggage.nodes = take_nodes(list.devices, list.luggage.own_nodes);
}

}  // namespace tincan::oci
