// Looking at the place before something is put there.
#include "13-runtime/places.hpp"

#include <fcntl.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <climits>
#include <string_view>

#include "common/error.hpp"
#include "common/lookup.hpp"
#include "common/syscalls.hpp"

namespace tincan::oci {
namespace {

constexpr int most_links = 40;  // the kernel's limit, path_resolution(7)

// What tools for containers show in another way: memory and processors of the container's own.
constexpr std::array<std::string_view, 10> own_files_in_proc{
    "/proc/cpuinfo", "/proc/diskstats", "/proc/loadavg",
    "/proc/meminfo", "/proc/net/dev",   "/proc/slabinfo",
    "/proc/stat",    "/proc/swaps",     "/proc/sys/kernel/ns_last_pid",
    "/proc/uptime"};

std::uint64_t mount_of(borrowed_fd file, const std::string& path) {
  struct statx status {};
  check(statx(file.get(), "", AT_EMPTY_PATH, STATX_TYPE | STATX_MNT_ID, &status), "statx", path);
  if ((status.stx_mask & STATX_MNT_ID) == 0) throw Error{ENOSYS, "statx", path};
  return status.stx_mnt_id;
}

mode_t kind_of_file(borrowed_fd file, const std::string& path) {
  struct stat status {};
  check(fstat(file.get(), &status), "fstat", path);
  return status.st_mode & S_IFMT;
}

bool is_of_proc(borrowed_fd mount, const std::string& path) {
  struct statfs status {};
  check(fstatfs(mount.get(), &status), "fstatfs", path);
  return status.f_type == PROC_SUPER_MAGIC;
}

// What a symlink says; nothing if it is none.
std::string link_target(borrowed_fd directory, const std::string& name) {
  std::string target(PATH_MAX, '\0');
  const ssize_t length = readlinkat(directory.get(), name.c_str(), target.data(), target.size());
  target.resize(length == -1 ? 0 : static_cast<std::size_t>(length));
  return target;
}

unique_fd find_or_make(const std::string& path, bool directory, int links);

// `name` in `parent`, which is `above` by name. What is there already and cannot be opened, is a
// symlink to what is not there.
unique_fd make(borrowed_fd parent, const std::string& above, const std::string& name,
               bool directory, int links) {
  const std::string path = above + name;
  const int made = directory ? mkdirat(parent.get(), name.c_str(), 0755)
                             : mknodat(parent.get(), name.c_str(), S_IFREG | 0644, 0);
  if (made == -1 && errno == EEXIST) {
    const std::string target = link_target(parent, name);
    if (target.empty() || links == most_links)
      throw Error{links == most_links ? ELOOP : EEXIST, "make", path};
    return find_or_make(target.starts_with('/') ? target : above + target, directory, links + 1);
  }
  check(made, "make", path);
  // Whatever the caller's umask is: others must be able to pass.
  check(fchmodat(parent.get(), name.c_str(), directory ? 0755 : 0644, 0), "fchmodat", path);
  return sys::openat2(parent, name, O_PATH, RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS);
}

unique_fd find_or_make(const std::string& path, bool directory, int links) {
  try {
    return sys::openat2(AT_FDCWD, path, O_PATH, RESOLVE_NO_MAGICLINKS);
  } catch (const Error& error) {
    if (error.number() != ENOENT) throw;
  }
  const std::size_t end = path.find_last_not_of('/');
  const std::size_t slash = path.find_last_of('/', end);
  const std::string name = path.substr(slash + 1, end - slash);
  if (name == ".." || name == ".") throw Error{ENOENT, "openat2", path};
  const std::string above = path.substr(0, slash + 1);
  return make(find_or_make(above, true, links), above, name, directory, links);
}

// Where the document says, and nowhere else.
unique_fd open_believed(const std::string& path) {
  unique_fd place = open_or_make(path, true);
  try {
    return sys::openat2(AT_FDCWD, path, O_PATH | O_DIRECTORY, RESOLVE_NO_SYMLINKS);
  } catch (const Error& error) {
    if (error.number() != ELOOP) throw;
    throw Error{ELOOP, "put on", path, "a symlink is there: it must be a directory", 1};
  }
}

}  // namespace

unique_fd open_or_make(const std::string& path, bool directory) {
  try {
    return find_or_make(path, directory, 0);
  } catch (const Error& error) {
    throw Error{error.number(), error.operation(), path,
                lookup_hint(path, error.number(), error.hint()), 1};
  }
}

unique_fd Places::find(const MountEntry& entry, borrowed_fd mount) const {
  const bool believed = entry.type == "proc" || entry.type == "sysfs";
  const bool directory = kind_of_file(mount, entry.to) == S_IFDIR;
  unique_fd place = believed ? open_believed(entry.to) : open_or_make(entry.to, directory);
  if ((kind_of_file(place, entry.to) == S_IFDIR) != directory) {
    throw Error{directory ? ENOTDIR : EISDIR, "mount on", entry.to,
                "directories go on directories, and files on files", 1};
  }
  const bool may = is_of_proc(mount, entry.to) ||
                   std::find(own_files_in_proc.begin(), own_files_in_proc.end(), entry.to) !=
                       own_files_in_proc.end();
  if (!may && proc_.contains(mount_of(place, entry.to))) {
    throw Error{EBUSY, "mount on", entry.to,
                "it leads into /proc, which programs, and this one, believe", 1};
  }
  return place;
}

void Places::put(const MountEntry& entry, borrowed_fd mount, borrowed_fd place) {
  sys::move_mount(mount, place, "on " + entry.to);
  if (is_of_proc(mount, entry.to)) proc_.insert(mount_of(mount, entry.to));
}

}  // namespace tincan::oci
