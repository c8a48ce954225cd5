// The file systems of a small root, and its /dev.
#include "05-mounts/furniture.hpp"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <array>

#include "common/error.hpp"
#include "common/files.hpp"
#include "common/syscalls.hpp"

namespace tincan {
namespace {

constexpr unsigned inert = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC;

struct FileSystem {
  const char* type;
  const char* place;
  unsigned attributes;
  std::vector<sys::FileSystemOption> options;
};

// gid 5 is the group tty of every distribution; write(1) depends on it.
std::vector<sys::FileSystemOption> terminal_options(const MountOptions& options) {
  if (!options.tty_group) return {{"ptmxmode", "0666"}, {"mode", "0600"}};
  return {{"ptmxmode", "0666"}, {"mode", "0620"}, {"gid", "5"}};
}

// For everybody inside, bounded in bytes and in names.
std::vector<sys::FileSystemOption> in_memory(std::uint64_t size) {
  return {{"mode", "1777"}, {"size", std::to_string(size)}, {"nr_inodes", "16384"}};
}

// In the order in which they are attached: /dev before what stands in it. The sizes bound what a
// program can make the host keep in memory.
std::vector<FileSystem> file_systems(const MountOptions& options) {
  // exercise: furniture
  std::vector<FileSystem> all{
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
  return all;
}

struct Link {
  const char* path;
  const char* target;
};

constexpr std::array links{Link{"/dev/fd", "/proc/self/fd"}, Link{"/dev/stdin", "/proc/self/fd/0"},
                           Link{"/dev/stdout", "/proc/self/fd/1"},
                           Link{"/dev/stderr", "/proc/self/fd/2"}, Link{"/dev/ptmx", "pts/ptmx"}};

// What the caller has on 0, 1 or 2, or what filled a closed one, may be the host's /dev/null: a
// file of the host's like the other nodes. The one in here does the same.
void use_own_null() {
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    struct stat status {};
    check(fstat(fd, &status), "fstat", std::to_string(fd));
    if (!S_ISCHR(status.st_mode) || status.st_rdev != makedev(1, 3)) continue;
    const int flags = check(fcntl(fd, F_GETFL), "fcntl", std::to_string(fd));
    // guard: /dev is our own file system by then
    const unique_fd own = open_file("/dev/null", flags & O_ACCMODE);
    check(dup2(own.get(), fd), "dup2", "/dev/null");
  }
}

}  // namespace

Furniture make_furniture(const MountOptions& options, const Luggage& luggage) {
  Furniture furniture;
  for (const FileSystem& wanted : file_systems(options)) {
    furniture.fresh.push_back(
        {wanted.place, sys::make_mount(wanted.type, wanted.options, wanted.attributes)});
  }
  furniture.nodes = take_nodes(luggage.nodes);
  return furniture;
}

void furnish(const Furniture& furniture) {
  for (const Piece& piece : furniture.fresh) {
    // Places below /dev have to be made. guard: /dev is our own file system by then
    if (piece.place.starts_with("/dev/"))
      check(mkdir(piece.place.c_str(), 0755), "mkdir", piece.place);
    attach(piece.mount, piece.place, RESOLVE_NO_SYMLINKS);
  }
  for (const Piece& node : furniture.nodes) {
    const unique_fd place = open_file(node.place, O_CREAT | O_EXCL | O_NOFOLLOW, 0644);
    attach(node.mount, node.place, RESOLVE_NO_SYMLINKS);
  }
  // guard: /dev is our own file system by then
  for (const Link& link : links) check(symlink(link.target, link.path), "symlink", link.path);
  use_own_null();
}

}  // namespace tincan
