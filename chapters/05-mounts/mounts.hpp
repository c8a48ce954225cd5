// Hiding the host's files: the root directory becomes the root, and the old root goes.
//
// First move in, then furnish: what is to be mounted is opened or made as a detached mount, which
// is a descriptor and stands nowhere; then the root is exchanged; then the mounts are attached.
// From the exchange on, no path can lead to the host, whatever symlinks the root directory holds.
//
//   Sources sources = open_sources("build/root", mounts);   // before the clone
//   Luggage luggage = pack(sources, mounts);
//   make_mounts_private();                 // in the child, and before any other mount call
//   move_into(luggage.root);
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

#include "common/command_line.hpp"
#include "common/unique_fd.hpp"

namespace tincan {

/// One -a FROM:TO[:ro].
struct Bind {
  std::string from;  ///< of the host: anything but a device
  std::string to;    ///< where it appears inside: absolute; see targets.hpp
  bool read_only = false;
};

struct MountOptions {
  std::vector<Bind> binds;
  bool read_only = false;      ///< the root
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

/// FROM:TO[:ro]; `\:` is a colon in a path, `\\` a backslash. Throws UsageError naming `option`.
Bind parse_bind(const std::string& text, const std::string& option);

/// A file or directory of the host. Its name is looked up once: between two looks it could come to
/// mean another one.
struct Source {
  std::string path;  ///< for messages
  unique_fd file;    ///< O_PATH
};

struct Sources {
  Source root;
  std::vector<Source> binds;  ///< one for each of MountOptions::binds
};

/// Opens `root` and what the binds show.
Sources open_sources(const std::string& root, const MountOptions& options);

/// The same in a mount namespace made since, whose mounts are others: by name once more, and Error
/// (ESTALE) unless that led to the very same files.
Sources open_again(const Sources& sources);

/// Detached mounts, open_tree(2): copies of a tree of the host with all that is mounted below it.
struct Luggage {
  unique_fd root;
  std::vector<unique_fd> binds;  ///< one for each of MountOptions::binds
  unique_fd nodes;               ///< see make_nodes()
};

/// Copies them. Read-only counts for whole trees, mount_setattr(2); device nodes work in none of
/// them (nodev). Takes CAP_SYS_ADMIN over the mount namespace that `sources` were opened in.
Luggage pack(const Sources& sources, const MountOptions& options);

/// Cuts every mount of this mount namespace off from its peers, in both directions. Without it what
/// is mounted here appears on the host: systemd makes `/` shared, mount_namespaces(7).
void make_mounts_private();

/// Attaches `root` and makes it the root of this process; the old root is detached and gone.
/// pivot_root(2), NOTES: no directory is needed to put the old root in.
void move_into(borrowed_fd root);

/// Attaches each bind where it was asked for, inside the root that this process has now, as Targets
/// allows.
void attach_binds(const MountOptions& options, const Luggage& luggage);

/// Attaches `mount` on `path` of the present root, openat2(2). `resolve`: RESOLVE_* on top of
/// RESOLVE_NO_MAGICLINKS: /proc/self/fd/9 as a target could be a descriptor of the host's.
void attach(borrowed_fd mount, const std::string& path, std::uint64_t resolve);

}  // namespace tincan
