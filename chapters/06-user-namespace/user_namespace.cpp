// Planning, writing and using the maps of a user namespace.
#include "06-user-namespace/user_namespace.hpp"

#include <fcntl.h>
#include <linux/nsfs.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sstream>
#include <string_view>

#include "06-user-namespace/reach.hpp"
#include "common/capability_sets.hpp"
#include "common/error.hpp"
#include "common/files.hpp"
#include "common/log.hpp"
#include "common/numbers.hpp"
#include "common/syscalls.hpp"

namespace tincan {
namespace {

const IdMap default_map{{.inside = 0, .outside = 100000, .size = 65536}};

// CAP_SYS_ADMIN over mounts is one over the user namespace that owns the mount namespace. After
// `unshare -Ur` it is one above, which may not even be asked for: EPERM, ioctl_ns(2).
bool owns_mounts() {
  // guard: the launcher's /proc, which is the host's
  const unique_fd mounts = open_file("/proc/self/ns/mnt", O_RDONLY);
  const unique_fd owner{ioctl(mounts.get(), NS_GET_USERNS)};
  return owner.ok() || errno != EPERM;
}

// `own`: our own uid_map or gid_map. The kernel wants each range inside one range of it.
bool offers(const std::string& own, const IdRange& range) {
  for (const std::string_view line : split_at(own, '\n')) {
    std::istringstream words{std::string{line}};
    std::uint64_t first = 0, above = 0, size = 0;
    words >> first >> above >> size;
    if (range.outside >= first && std::uint64_t{range.outside} + range.size <= first + size)
      return true;
  }
  return false;
}

// In a user namespace there are no ids but those of its own map. Known before the kernel says
// EPERM, which has other causes too.
void require_available(const IdMap& map) {
  for (const char* const path : {"/proc/self/uid_map", "/proc/self/gid_map"}) {
    const std::string own = read_file(path);
    for (const IdRange& range : map) {
      if (offers(own, range)) continue;
      throw Error{
          EPERM, "map", "to host ids from " + std::to_string(range.outside) + " on",
          std::string{"in the user namespace that this runs in they do not all exist, see "} +
              path + ": choose a --map from what there is"};
    }
  }
}

void add_agreements(CommandLine& line) {
  for (const char* const option : {"--map", "--map-host-root", "--no-idmap"}) {
    line.not_both(option, "--share user", "there is nothing to map");
  }
  const std::string mountable = " that a user namespace may mount";
  line.only_with("--share pid", "--share user", "the host's has no /proc" + mountable);
  line.only_with("--share ipc", "--share user", "the host's has no /dev/mqueue" + mountable);
  line.only_with("--share net", "--share user", "the host's has no /sys" + mountable);
}

UserNamespace plan_without() {
  return {
      .own = false, .idmapped = false, .uids = {{0, 0, UINT32_MAX}}, .gids = {{0, 0, UINT32_MAX}}};
}

UserNamespace plan_for_ordinary_user(const UserNamespaceOptions& options) {
  if (!options.map.empty()) {
    throw UsageError{
        "--map",
        "takes CAP_SYS_ADMIN, CAP_SETUID and CAP_SETGID, over the mounts here too (which "
        "'unshare -Ur' alone does not give): run as root (sudo); an ordinary user is root inside, "
        "and no other id exists"};
  }
  UserNamespace users{.packer = Packer::child, .idmapped = false};
  users.uids = {{.inside = 0, .outside = geteuid(), .size = 1}};
  users.gids = {{.inside = 0, .outside = getegid(), .size = 1}};
  require_sound_map(users.uids, options.map_host_root);
  log::warn(
      "started without privileges: user {} is root inside and the only user there; files of others "
      "belong to nobody, groups cannot be changed, and -u can be no other than 0",
      geteuid());
  return users;
}

// With --share user, root inside is root of the host.
bool writes_as_account(const UserNamespace& users, bool idmapped) {
  return !users.own || idmapped || reaches_accounts(users.uids) || reaches_accounts(users.gids);
}

// A directory that only its owner may write, and the owner is nobody inside: an ACL that lets
// others write would show in the group's bits, acl(5).
void warn_if_closed(const UserNamespace& users, const Mount& bind) {
  struct stat status {};
  if ((bind.flags & MOUNT_ATTR_RDONLY) != 0 || stat(bind.from.c_str(), &status) == -1) return;
  if (!S_ISDIR(status.st_mode) || (status.st_mode & (S_IWGRP | S_IWOTH)) != 0) return;
  if (has_id_inside(users.uids, status.st_uid)) return;
  log::warn(
      "-a {}: only the host's user {} may write there, who has no id inside: say :ro, or see "
      "'Sharing a directory' in docs/06-user-namespace.md",
      bind.from, status.st_uid);
}

void write_map(const std::string& directory, const std::string& name, const std::string& text) {
  try {
    // guard: the launcher's /proc, which is the host's
    write_file(directory + "/" + name, text);
  } catch (const Error& error) {
    throw Error{error.number(), "write " + name, text.substr(0, text.size() - 1)};
  }
}

}  // namespace

void add_user_namespace_options(CommandLine& line, UserNamespaceOptions& options) {
  line.section("User namespace (chapter 06)");
  line.repeatable(
      "--map", "C:H:SIZE",
      "SIZE user and group ids from C on inside are those from H on outside; "
      "0:100000:65536 if none is given",
      [&](const std::string& text) { options.map.push_back(parse_id_range(text, "--map")); });
  line.flag("--map-host-root", "let a --map name the host's root",
            [&] { options.map_host_root = true; });
  line.flag("--no-idmap",
            "show the root's files as the host sees them, owned by nobody inside; what -a adds is "
            "always shown so",
            [&] { options.no_idmap = true; });
  line.flag("--reachable",
            "accept writable directories that other users of the host can reach: a set-uid file "
            "made inside is theirs to run",
            [&] { options.reachable = true; });
  add_agreements(line);
}

bool is_privileged() {
  const Capabilities sets = own_capabilities();
  for (const cap_value_t needed : {CAP_SYS_ADMIN, CAP_SETUID, CAP_SETGID}) {
    if (!has_capability(sets, CAP_EFFECTIVE, needed)) return false;
  }
  return owns_mounts();
}

UserNamespace plan_user_namespace(const UserNamespaceOptions& options,
                                  const NamespaceOptions& namespaces) {
  if ((namespaces.own & CLONE_NEWUSER) == 0) return plan_without();
  if (!is_privileged()) return plan_for_ordinary_user(options);
  const IdMap& map = options.map.empty() ? default_map : options.map;
  require_sound_map(map, options.map_host_root);
  require_available(map);
  return {.idmapped = !options.no_idmap, .uids = map, .gids = map};
}

void require_mapped(const User& user, const UserNamespace& users) {
  if (is_mapped(users.uids, user.uid) && is_mapped(users.gids, user.gid)) return;
  const bool only_root = users.uids.size() == 1 && users.uids.front().size == 1;
  const std::string asked = std::to_string(user.uid) + ":" + std::to_string(user.gid);
  throw UsageError{"--uid", asked + " does not exist inside: " +
                                (only_root ? "only 0:0 does" : "no --map has it")};
}

MountOptions mounts_for(const UserNamespace& users, MountOptions mounts) {
  constexpr gid_t tty = 5;
  mounts.tty_group = is_mapped(users.gids, tty);
  mounts.root_uid = on_host(users.uids, 0);
  mounts.root_gid = on_host(users.gids, 0);
  for (const Mount& bind : mounts.added) warn_if_closed(users, bind);
  return mounts;
}

// exercise: binds
void require_out_of_reach(const UserNamespace& users, const UserNamespaceOptions& options,
                          const Root& root, const Luggage& luggage, ReadOnly read_only) {
  if (options.reachable) return;
  const auto is_writable = [&](unsigned flags) {
    return (flags & MOUNT_ATTR_RDONLY) == 0 || read_only == ReadOnly::can_be_undone;
  };
  if (is_writable(root.flags) && writes_as_account(users, users.idmapped)) {
    require_closed(root.source);
  }
  if (!writes_as_account(users, false)) return;
  for (const Item& item : luggage.items) {
    if (item.entry.is_bind() && is_writable(item.entry.flags)) require_closed(item.source);
  }
}
// end of exercise

// The child may have another number there than here: /proc shows the pid namespace of who mounted
// it, which can be one above. The number that a pidfd has in a /proc stands in its fdinfo,
// pidfd_open(2); and it stays the child's until the child is waited for.
std::string directory_of(const ChildProcess& child) {
  constexpr std::string_view key = "Pid:\t";
  const std::string info = read_file("/proc/self/fdinfo/" + std::to_string(child.pidfd().get()));
  for (const std::string_view line : split_at(info, '\n')) {
    if (!line.starts_with(key)) continue;
    // 0 or -1: not there, or no longer.
    if (const auto pid = parse_number(line.substr(key.size()), 1, INT32_MAX)) {
      return "/proc/" + std::to_string(*pid);
    }
  }
  throw Error{ESRCH, "find the child in", "/proc"};
}

void write_id_maps(const UserNamespace& users, const ChildProcess& child) {
  if (!users.own) return;
  const std::string directory = directory_of(child);
  if (users.packer == Packer::child) write_map(directory, "setgroups", "deny\n");
  write_map(directory, "uid_map", map_text(users.uids));
  write_map(directory, "gid_map", map_text(users.gids));
}

void idmap_root(const UserNamespace& users, const ChildProcess& child, borrowed_fd root) {
  if (!users.idmapped) return;
  // guard: the launcher's /proc, which is the host's
  const unique_fd owner = open_file(directory_of(child) + "/ns/user", O_RDONLY);
  mount_attr attributes{};
  attributes.attr_set = MOUNT_ATTR_IDMAP;
  attributes.userns_fd = static_cast<std::uint64_t>(owner.get());
  try {
    sys::mount_setattr(root, 0, attributes);
  } catch (const Error& error) {
    throw Error{error.number(), "idmap", "the root directory"};
  }
}

void become_root(const UserNamespace& users) {
  if (users.own) become_user({.uid = 0, .gid = 0});
}

}  // namespace tincan
