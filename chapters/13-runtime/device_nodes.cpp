// Nodes by mknod(2), and by mounts.
#include "13-runtime/device_nodes.hpp"

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "13-runtime/places.hpp"
#include "common/error.hpp"
#include "common/files.hpp"
#include "common/syscalls.hpp"

namespace tincan::oci {
namespace {

struct Link {
  const char* path;
  const char* target;
};
constexpr std::array links{
    Link{"/dev/fd", "/proc/self/fd"},       Link{"/dev/stdin", "/proc/self/fd/0"},
    Link{"/dev/stdout", "/proc/self/fd/1"}, Link{"/dev/stderr", "/proc/self/fd/2"},
    Link{"/dev/core", "/proc/kcore"},       Link{"/dev/ptmx", "pts/ptmx"}};

DeviceNode character(const char* path, unsigned major, unsigned minor) {
  return {.path = path, .kind = S_IFCHR, .major = major, .minor = minor};
}

bool is_device(const DeviceNode& node) {
  return node.kind != S_IFIFO;
}

bool is_it(const struct stat& status, const DeviceNode& node) {
  return (status.st_mode & S_IFMT) == node.kind &&
         (!is_device(node) || status.st_rdev == makedev(node.major, node.minor));
}

std::string directory_of(const std::string& path) {
  return path.substr(0, std::max<std::size_t>(path.rfind('/'), 1));
}

Piece take(const DeviceNode& node, unique_fd tree) {
  struct stat status {};
  check(fstat(tree.get(), &status), "fstat", node.path);
  if (!is_it(status, node))
    throw Error{ENODEV, "use the host's", node.path, "it is not the device that the document says",
                1};
  mount_attr attributes{};
  attributes.propagation = MS_PRIVATE;
  attributes.attr_set = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC;
  sys::mount_setattr(tree, 0, attributes);
  return {node.path, std::move(tree)};
}

}  // namespace

std::vector<DeviceNode> nodes_for(const Document& document) {
  std::vector<DeviceNode> all{character("/dev/null", 1, 3),    character("/dev/zero", 1, 5),
                              character("/dev/full", 1, 7),    character("/dev/random", 1, 8),
                              character("/dev/urandom", 1, 9), character("/dev/tty", 5, 0)};
  for (const DeviceNode& node : document.devices) {
    const auto same = std::find_if(all.begin(), all.end(),
                                   [&](const DeviceNode& one) { return one.path == node.path; });
    if (same == all.end()) {
      all.push_back(node);
    } else {
      *same = node;
    }
  }
  return all;
}

unique_fd make_nodes(const std::vector<DeviceNode>& nodes, const UserNamespace& users) {
  const std::vector<sys::FileSystemOption> options{
      {"mode", "755"}, {"size", "64k"}, {"nr_inodes", std::to_string(nodes.size() + 2)}};
  unique_fd made = sys::make_mount("tmpfs", options, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC);
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    const DeviceNode& node = nodes[i];
    if (!is_device(node)) continue;
    if (!is_mapped(users.uids, node.uid) || !is_mapped(users.gids, node.gid)) {
      throw Error{EINVAL, "make", node.path, "its owner does not exist inside", 1};
    }
    if (!make_node(made, std::to_string(i).c_str(), node.kind | node.mode,
                   makedev(node.major, node.minor), on_host(users.uids, node.uid),
                   on_host(users.gids, node.gid))) {
      return {};
    }
  }
  return made;
}

std::vector<Piece> take_nodes(const std::vector<DeviceNode>& nodes, const unique_fd& made) {
  // Before Linux 6.15 nothing is copied that stands nowhere.
  // guard: the host's root is still there, and no container has written to it
  if (made.ok())
    sys::move_mount(made, open_file("/dev", O_PATH | O_DIRECTORY), "nodes on the old /dev");
  std::vector<Piece> pieces;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    if (!is_device(nodes[i])) continue;
    pieces.push_back(
        take(nodes[i], made.ok() ? sys::open_tree(made, std::to_string(i), OPEN_TREE_CLONE)
                                 : sys::open_tree(AT_FDCWD, nodes[i].path, OPEN_TREE_CLONE)));
  }
  return pieces;
}

void place_node(const DeviceNode& node) {
  const unique_fd directory = open_or_make(directory_of(node.path), true);
  const std::string name = node.path.substr(node.path.rfind('/') + 1);
  if (mknodat(directory.get(), name.c_str(), node.kind, makedev(node.major, node.minor)) == -1) {
    const int number = errno;
    struct stat status {};
    if (number == EEXIST &&
        fstatat(directory.get(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0 &&
        is_it(status, node))
      return;
    throw Error{number, "mknod", node.path, number == EEXIST ? "something else is called so" : "",
                1};
  }
  // One that was made a moment ago, by a descriptor: a mode of mknod(2) has less what the umask has.
  const unique_fd made = unique_fd{check(
      openat(directory.get(), name.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC), "open", node.path)};
  check(fchownat(made.get(), "", node.uid, node.gid, AT_EMPTY_PATH), "chown", node.path);
  check(fchmodat(directory.get(), name.c_str(), node.mode, 0), "chmod", node.path);
}

void place_piece(const Piece& piece) {
  sys::move_mount(piece.mount, open_or_make(piece.place, false), "on " + piece.place);
}

void link_dev() {
  (void)open_or_make("/dev", true);
  for (const Link& link : links) {
    // guard: what is there, stays, and nothing is followed
    if (symlink(link.target, link.path) == -1 && errno != EEXIST)
      throw Error{errno, "symlink", link.path};
  }
}

Piece null_for_covers() {
  const DeviceNode null = character("/dev/null", 1, 3);
  return take(null, sys::open_tree(AT_FDCWD, null.path, OPEN_TREE_CLONE | AT_SYMLINK_NOFOLLOW));
}

}  // namespace tincan::oci
