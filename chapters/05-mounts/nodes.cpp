// Making the nodes, and borrowing those of the host.
#include "05-mounts/nodes.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "common/error.hpp"
#include "common/files.hpp"
#include "common/syscalls.hpp"

namespace tincan {
namespace {

struct Node {
  const char* name;
  unsigned major;
  unsigned minor;
};

// The nodes that every program expects, by the numbers of devices.txt in the kernel's documents.
constexpr std::array nodes{Node{"null", 1, 3},   Node{"zero", 1, 5},    Node{"full", 1, 7},
                           Node{"random", 1, 8}, Node{"urandom", 1, 9}, Node{"tty", 5, 0}};

constexpr unsigned no_program = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC;

std::string path_of(const Node& node) {
  return std::string{"/dev/"} + node.name;
}

// False if this process lacks the right to do it; any other failure is an Error.
bool may(int returned, const char* call, const std::string& path) {
  if (returned == -1 && errno == EPERM) return false;
  check(returned, call, path);
  return true;
}

// It must be the device that its name says (CVE-2025-31133 was a /dev/null that was none). And
// read-only, which keeps nobody from using the device, but its times and owner from being set.
unique_fd borrow_node(const Node& node) {
  const std::string path = path_of(node);
  unique_fd tree = sys::open_tree(AT_FDCWD, path, OPEN_TREE_CLONE);
  // exercise: node
  struct stat status {};
  check(fstat(tree.get(), &status), "fstat", path);
  if (!S_ISCHR(status.st_mode) || status.st_rdev != makedev(node.major, node.minor)) {
    throw Error{ENODEV, "use the host's", path, "it is not the device that its name says"};
  }
  // end of exercise
  mount_attr attributes{};
  attributes.propagation = MS_PRIVATE;
  attributes.attr_set = no_program | MOUNT_ATTR_RDONLY;
  sys::mount_setattr(tree, 0, attributes);
  return tree;
}

}  // namespace

// mknod(2) takes a mode too, less what the caller's umask has.
bool make_node(borrowed_fd directory, const char* name, mode_t mode, dev_t device, uid_t uid,
               gid_t gid) {
  return may(mknodat(directory.get(), name, mode & S_IFMT, device), "mknod", name) &&
         may(fchmodat(directory.get(), name, mode & 0777, 0), "chmod", name) &&
         may(fchownat(directory.get(), name, uid, gid, AT_SYMLINK_NOFOLLOW), "chown", name);
}

unique_fd make_nodes(uid_t uid, gid_t gid) {
  const std::vector<sys::FileSystemOption> options{
      {"mode", "755"}, {"size", "4k"}, {"nr_inodes", "16"}};
  unique_fd own = sys::make_mount("tmpfs", options, no_program);
  for (const Node& node : nodes) {
    const dev_t device = makedev(node.major, node.minor);
    if (!make_node(own, node.name, S_IFCHR | 0666, device, uid, gid)) return {};
  }
  return own;
}

std::vector<Piece> take_nodes(const unique_fd& own) {
  std::vector<Piece> pieces;
  if (own.ok()) {
    // guard: the host's root is still there, and no container has written to it
    sys::move_mount(own, open_file("/dev", O_PATH | O_DIRECTORY), "nodes on the old /dev");
  }
  pieces.reserve(nodes.size());
  for (const Node& node : nodes) {
    pieces.push_back({path_of(node), own.ok() ? sys::open_tree(own, node.name, OPEN_TREE_CLONE)
                                              : borrow_node(node)});
  }
  return pieces;
}

}  // namespace tincan
