// Hiding the host's files: the root directory becomes the root, and the old root goes.
//
// First move in, then furnish: what is to be mounted is opened or made as a detached mount, which
// is a descriptor and stands nowhere; then the root is exchanged; then the mounts are attached.
// From the exchange on, no path can lead to the host, whatever symlinks the root directory holds.
//
//   Root root{open_source("build/root"), mounts.root_flags};   // before the clone
//   Luggage luggage{open_all(mounts_of(mounts))};
//   pack(root, luggage);
//   make_mounts_private();                 // in the child, and before any other mount call
//   move_into(root.mount);
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

#include "05-mounts/nodes.hpp"
#include "common/command_line.hpp"
#include "common/syscalls.hpp"
#include "common/unique_fd.hpp"

namespace tincan {

/// What is to stand somewhere inside: one entry of a list, whose order counts.
struct Mount {
  std::string kind;    ///< bind, or the name of a file system, filesystems(5)
  std::string to;      ///< where it appears inside: absolute; see targets.hpp
  unsigned flags = 0;  ///< MOUNT_ATTR_* of mount_setattr(2); a bind is nodev besides
  std::vector<sys::FileSystemOption> data = {};
  std::string from = {};  ///< of a bind: what it shows of the host, anything but a device

  bool is_bind() const { return kind == "bind"; }
};

struct MountOptions {
  std::vector<Mount> added;    ///< -a
  unsigned root_flags = 0;     ///< MOUNT_ATTR_RDONLY: --read-only
  bool temporary_tmp = false;  ///< a tmpfs on /tmp
  bool tmp_noexec = false;     ///< and nothing on it can be executed
  bool tty_group = true;       ///< terminals belong to group 5, if that exists inside
  uid_t root_uid = 0;          ///< who root inside is on the host: whose the nodes are
  gid_t root_gid = 0;
  std::uint64_t shm_size = 64ULL << 20;  ///< bytes that /dev/shm holds at most; chapter 09 asks
  std::uint64_t tmp_size = 64ULL << 20;  ///< the same for the tmpfs on /tmp
};

/// Throws Error (ENOSYS) unless the kernel has the mount calls of Linux 5.2 to 5.12.
void check_host_for_mounts();

void add_mount_options(CommandLine& line, MountOptions& options);

/// What stands between the colons of `text`, in which `\:` is a colon and `\\` a backslash.
std::vector<std::string> parts_of(const std::string& text);

/// FROM:TO[:ro]; `\:` is a colon in a path, `\\` a backslash. Throws UsageError naming `option`.
Mount parse_bind(const std::string& text, const std::string& option);

/// A file or directory of the host. Its name is looked up once: between two looks it could come to
/// mean another one.
struct Source {
  std::string path;  ///< for messages
  unique_fd file;    ///< O_PATH
};
Source open_source(const std::string& path);

/// What becomes the root.
struct Root {
  Source source;
  unsigned flags = 0;    ///< MOUNT_ATTR_*
  unique_fd mount = {};  ///< detached: a copy of the tree with all that is mounted below it
};

/// An entry of the list on its way inside.
struct Item {
  Mount entry;
  Source source = {};    ///< of a bind
  unique_fd mount = {};  ///< detached, open_tree(2) or fsmount(2)
};

struct Luggage {
  std::vector<Item> items;  ///< in the order in which they are attached
  uid_t root_uid = 0;       ///< whose the nodes are
  gid_t root_gid = 0;
  unique_fd own_nodes = {};       ///< see make_nodes()
  std::vector<Piece> nodes = {};  ///< see take_nodes()
};

/// Opens what the binds among `entries` show.
std::vector<Item> open_all(const std::vector<Mount>& entries);

/// Copies the root, and what those binds show that have no mount yet. Flags count for whole trees,
/// mount_setattr(2); device nodes work in none of them (nodev). Takes CAP_SYS_ADMIN over the mount
/// namespace in which they were opened.
void pack(Root& root, Luggage& luggage);

/// The same in a mount namespace made since, whose mounts are others: they are opened by name once
/// more, and Error (ESTALE) unless that led to the very same files.
void pack_again(Root& root, Luggage& luggage);

/// Cuts every mount of this mount namespace off from its peers, in both directions. Without it what
/// is mounted here appears on the host: systemd makes `/` shared, mount_namespaces(7).
void make_mounts_private();

/// Attaches `root` and makes it the root of this process; the old root is detached and gone.
/// pivot_root(2), NOTES: no directory is needed to put the old root in.
void move_into(borrowed_fd root);

}  // namespace tincan
