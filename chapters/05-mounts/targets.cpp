// Looking at what a bind would cover, by mounts and not by names: any path can lead to /proc.
#include "05-mounts/targets.hpp"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>

#include "common/error.hpp"
#include "common/files.hpp"
#include "common/lookup.hpp"
#include "common/syscalls.hpp"

namespace tincan {
namespace {

struct Place {
  std::uint64_t mount;
  bool top;     // the root directory of the mount
  mode_t mode;  // its kind
};

// statx(2): the mount's id came with Linux 5.8, and so did the attribute. Where the call is missing
// or filtered, glibc makes up its answer from fstatat(2), without the two, and reports no error.
Place look_at(int directory, const std::string& path, const std::string& name) {
  struct statx status {};
  check(statx(directory, path.c_str(), AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW,
              STATX_TYPE | STATX_MNT_ID, &status),
        "statx", name);
  if ((status.stx_mask & STATX_MNT_ID) == 0) {
    throw Error{ENOSYS, "statx", name, "without it nobody can say what -a would cover"};
  }
  return {status.stx_mnt_id, (status.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0, status.stx_mode};
}

// Does the path still lead there?
bool leads_to(const std::string& path, std::uint64_t mount) {
  try {
    const unique_fd place = sys::openat2(AT_FDCWD, path, O_PATH, RESOLVE_NO_MAGICLINKS);
    return look_at(place.get(), "", path).mount == mount;
  } catch (const Error& error) {
    if (error.number() != ENOENT && error.number() != ENOTDIR) throw;
    return false;
  }
}

[[noreturn]] void refuse(const std::string& path, const std::string& reason) {
  throw Error{EBUSY, "put on", path, reason};
}

[[noreturn]] void refuse_believed(const std::string& path) {
  refuse(path,
         "nothing can be put on or below /proc, /sys, /dev/pts and /dev/mqueue: programs, "
         "and this one, believe what they find there");
}

// What is no bind and no memory is taken at its word, by programs and by the launcher's own next
// steps. A runtime that believed a false /proc: CVE-2019-16884, CVE-2025-52881.
Ground ground_of(const Mount& entry) {
  if (entry.is_bind()) return {.taken = "another -a has put something there"};
  if (entry.kind != "tmpfs") return {.believed = true};
  Ground ground{.own = true};
  if (entry.to == "/dev")
    ground.taken = "it would cover the container's own /dev; take a place below it";
  if (entry.to == "/tmp")
    ground.taken = "it would cover what --tmp has made; leave one of the two out";
  return ground;
}

}  // namespace

Targets::Targets() {
  grounds_[look_at(AT_FDCWD, "/", "/").mount].taken = "it would cover the root, which -m names";
}

void Targets::put(const Item& item) {
  const std::string& path = item.entry.to;
  const Place own = look_at(item.mount.get(), "", path);
  sys::move_mount(item.mount, find(item.entry, S_ISDIR(own.mode)), "on " + path);
  for (const auto& [earlier, there] : places_) {
    if (leads_to(earlier, there)) continue;
    refuse(path, "it would cover what another -a has put on " + earlier + ": name that one later");
  }
  if (item.entry.is_bind()) places_[path] = own.mount;
  grounds_[own.mount] = ground_of(item.entry);
}

// The errno, and what is known about it here.
unique_fd Targets::open_target(const std::string& path, bool directory) {
  try {
    return open_or_make(path, directory, 0);
  } catch (const Error& error) {
    if (error.operation() != "openat2") throw;
    const std::string known = error.number() == ELOOP
                                  ? "a link of /proc/PID is on the way, which is no path"
                                  : error.hint();
    throw Error{error.number(), "openat2", path, lookup_hint(path, error.number(), known)};
  }
}

unique_fd Targets::find(const Mount& entry, bool directory) {
  const std::string& path = entry.to;
  unique_fd target = entry.is_bind() ? open_target(path, directory)
                                     : open_or_make(path, directory, RESOLVE_NO_SYMLINKS);
  const Place place = look_at(target.get(), "", path);
  const Ground ground = grounds_[place.mount];
  if (ground.believed) refuse_believed(path);
  if (S_ISCHR(place.mode) || S_ISBLK(place.mode)) refuse(path, "it is a device inside");
  if (place.top && ground.taken != nullptr) refuse(path, ground.taken);
  if (S_ISDIR(place.mode) == directory) return target;
  throw Error{EINVAL, "move_mount", "on " + path,
              "that is " + kind_of(place.mode) + ", and what is to stand there is " +
                  (directory ? "a directory" : "none") +
                  ": directories go on directories, and the rest on files"};
}

// Component by component, from the first that is missing: each in a directory of one of our own
// file systems, which no program has been in yet.
unique_fd Targets::open_or_make(const std::string& path, bool directory, std::uint64_t resolve) {
  try {
    return sys::openat2(AT_FDCWD, path, O_PATH, resolve | RESOLVE_NO_MAGICLINKS);
  } catch (const Error& error) {
    if (error.number() != ENOENT) throw;
  }
  const std::size_t end = path.find_last_not_of('/');
  const std::size_t slash = path.find_last_of('/', end);
  const std::string name = path.substr(slash + 1, end - slash);
  const unique_fd parent = open_or_make(path.substr(0, slash + 1), true, resolve);
  const Ground ground = grounds_[look_at(parent.get(), "", path).mount];
  if (ground.believed) refuse_believed(path);
  if (!ground.own) throw Error{ENOENT, "openat2", path};
  if (name == "..") {
    throw Error{ENOENT, "openat2", path,
                "what its '..' leaves is not there: name the place itself"};
  }
  // An empty file, if no directory, mknod(2); neither follows a link, or takes what is there.
  check(directory ? mkdirat(parent.get(), name.c_str(), 0755)
                  : mknodat(parent.get(), name.c_str(), S_IFREG | 0644, 0),
        "make", path);
  // Whatever the caller's umask is: others must be able to pass.
  check(fchmodat(parent.get(), name.c_str(), directory ? 0755 : 0644, 0), "fchmodat", path);
  return sys::openat2(parent, name, O_PATH, RESOLVE_NO_SYMLINKS);
}

}  // namespace tincan
