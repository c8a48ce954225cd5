// The file systems of a small root, and its /dev.
#include "05-mounts/furniture.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <string>

#include "05-mounts/targets.hpp"
#include "common/error.hpp"
#include "common/files.hpp"
#include "common/syscalls.hpp"

namespace tincan {
namespace {

constexpr unsigned inert = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC;

// gid 5 is the group tty of every distribution; write(1) depends on it.
std::vector<sys::FileSystemOption> terminal_options(const MountOptions& options) {
  if (!options.tty_group) return {{"ptmxmode", "0666"}, {"mode", "0600"}};
  return {{"ptmxmode", "0666"}, {"mode", "0620"}, {"gid", "5"}};
}

// For everybody inside, bounded in bytes and in names.
std::vector<sys::FileSystemOption> in_memory(std::uint64_t size) {
  return {{"mode", "1777"}, {"size", std::to_string(size)}, {"nr_inodes", "16384"}};
}

struct Link {
  const char* path;
  const char* target;
};

constexpr std::array links{Link{"/dev/fd", "/proc/self/fd"}, Link{"/dev/stdin", "/proc/self/fd/0"},
                           Link{"/dev/stdout", "/proc/self/fd/1"},
                           Link{"/dev/stderr", "/proc/self/fd/2"}, Link{"/dev/ptmx", "pts/ptmx"}};
constexpr std::array directories{"/dev/pts", "/dev/shm", "/dev/mqueue"};

// What comes later may go below /dev, and may cover none of this.
void fill_dev(const Item& dev, const std::vector<Piece>& nodes) {
  for (const Piece& node : nodes) {
    const unique_fd place = open_file(node.place, O_CREAT | O_EXCL | O_NOFOLLOW, 0644);
    sys::move_mount(node.mount, place, "on " + node.place);
  }
  // guard: /dev is our own file system by then
  for (const char* path : directories) check(mkdir(path, 0755), "mkdir", path);
  // guard: /dev is our own file system by then
  for (const Link& link : links) check(symlink(link.target, link.path), "symlink", link.path);
  use_null_in(dev.mount);
}

}  // namespace

// What the caller has on 0, 1 or 2, or what filled a closed one, may be the host's /dev/null: a
// file of the host's like the other nodes. The one in here does the same.
void use_null_in(borrowed_fd dev) {
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    struct stat status {};
    check(fstat(fd, &status), "fstat", std::to_string(fd));
    if (!S_ISCHR(status.st_mode) || status.st_rdev != makedev(1, 3)) continue;
    const int flags = check(fcntl(fd, F_GETFL), "fcntl", std::to_string(fd));
    const unique_fd own{openat(dev.get(), "null", (flags & O_ACCMODE) | O_CLOEXEC)};
    check(dup2(check(own.get(), "open", "/dev/null"), fd), "dup2", "/dev/null");
  }
}

// In the order in which they are attached: /dev before what stands in it. The sizes bound what a
// program can make the host keep in memory.
std::vector<Mount> mounts_of(const MountOptions& options) {
  // exercise: furniture
  std::vector<Mount> all{
      {"proc", "/proc", inert, {}},
      {"sysfs", "/sys", inert | MOUNT_ATTR_RDONLY, {}},
      {"tmpfs", "/dev", inert, {{"mode", "755"}, {"size", "64k"}, {"nr_inodes", "64"}}},
      {"devpts", "/dev/pts", inert & ~unsigned{MOUNT_ATTR_NODEV}, terminal_options(options)},
      {"tmpfs", "/dev/shm", inert, in_memory(options.shm_size)},
      {"mqueue", "/dev/mqueue", inert, {}},
  };
  // end of exercise
  if (options.temporary_tmp) {
    const unsigned programs = options.tmp_noexec ? MOUNT_ATTR_NOEXEC : 0U;
    all.push_back({"tmpfs", "/tmp", MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | programs,
                   in_memory(options.tmp_size)});
  }
  all.insert(all.end(), options.added.begin(), options.added.end());
  return all;
}

void make_furniture(Luggage& luggage) {
  for (Item& item : luggage.items) {
    const Mount& entry = item.entry;
    if (!entry.is_bind()) item.mount = sys::make_mount(entry.kind, entry.data, entry.flags);
  }
  luggage.nodes = take_nodes(luggage.own_nodes);
}

void furnish(const Luggage& luggage) {
  Targets targets;
  for (const Item& item : luggage.items) {
    targets.put(item);
    if (item.entry.to == "/dev" && item.entry.kind == "tmpfs") fill_dev(item, luggage.nodes);
  }
}

}  // namespace tincan
