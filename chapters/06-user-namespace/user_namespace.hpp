// The user namespace: root inside, nobody outside. The launcher writes who is who, and shows the
// root directory's files inside with the owners that they have on disk.
//
//   UserNamespace users = plan_user_namespace(options, namespaces);        // before the clone
//   launch.parent_does("...", [&] { write_id_maps(users, launch.child()); });
//   launch.child_does("...", [&] { become_root(users); });                // before any mount
#pragma once

#include <string>

#include "03-process/child_process.hpp"
#include "04-namespaces/namespaces.hpp"
#include "05-mounts/mounts.hpp"
#include "06-user-namespace/id_map.hpp"
#include "06-user-namespace/user.hpp"
#include "common/command_line.hpp"
#include "common/unique_fd.hpp"

namespace tincan {

struct UserNamespaceOptions {
  IdMap map;                   ///< --map; empty: the default
  bool map_host_root = false;  ///< the host's root may stand behind an id inside
  bool no_idmap = false;       ///< show the root's files with the owners that the host sees
  bool reachable = false;      ///< writable trees may be within reach of other users of the host
};

void add_user_namespace_options(CommandLine& line, UserNamespaceOptions& options);

/// Who copies mounts of the host, which takes CAP_SYS_ADMIN over them: the launcher, or, if an
/// ordinary user started it, the child, which has it over those of its own mount namespace.
enum class Packer { launcher, child };

/// What was decided before the clone.
struct UserNamespace {
  bool own = true;  ///< false: --share user
  Packer packer = Packer::launcher;
  bool idmapped = true;  ///< the root directory's files keep their owners inside
  IdMap uids = {};
  IdMap gids = {};
};

/// If is_privileged(), the map that was asked for, 0:100000:65536 if none was. If not, the caller
/// as root inside, and nobody else, which is all that the kernel grants an ordinary user; what is
/// lost is logged. Throws UsageError for a map that is none, or that this process may not make.
UserNamespace plan_user_namespace(const UserNamespaceOptions& options,
                                  const NamespaceOptions& namespaces);

/// May this process map ids that are not its own, which takes SETUID and SETGID over the parent
/// namespace, and copy and idmap mounts of the host, which takes SYS_ADMIN over them too?
bool is_privileged();

/// Throws UsageError if the user does not exist in the namespace.
void require_mapped(const User& user, const UserNamespace& users);

/// `mounts` with who root inside is, and without terminals of a group that does not exist there. A
/// directory that was added to be written, and that nobody inside can write, is logged.
MountOptions mounts_for(const UserNamespace& users, MountOptions mounts);

/// Does read-only last? Who has CAP_SYS_ADMIN inside can take it off a mount, mount(2), MS_REMOUNT:
/// the flag is locked only for who gets the mount from a more privileged user namespace,
/// mount_namespaces(7), and this one attaches it itself.
enum class ReadOnly { holds, can_be_undone };

/// Throws Error unless nobody on this host but root and the caller can reach the trees that are
/// writable inside, or can be made so, and in which container root writes as one of the host's own
/// accounts: a set-uid file made there would be real (CVE-2021-41091). A tree is out of reach if
/// it, or a directory above it, is closed to group and others.
void require_out_of_reach(const UserNamespace& users, const UserNamespaceOptions& options,
                          const Root& root, const Luggage& luggage, ReadOnly read_only);

/// The child's directory in the /proc that is mounted here. Throws Error if it has none.
std::string directory_of(const ChildProcess& child);

/// In the parent: setgroups, uid_map and gid_map of `child`, user_namespaces(7). For an ordinary
/// user, "deny" comes first: a group one is in can also be a refusal (CVE-2014-8989).
void write_id_maps(const UserNamespace& users, const ChildProcess& child);

/// In the parent, after the maps: the files on the detached mount `root` appear in the child's user
/// namespace with the owners that they have on disk, MOUNT_ATTR_IDMAP of mount_setattr(2), Linux
/// 5.12. The child holds the same mount by its copy of the descriptor. Mounts below it stay as the
/// host sees them. Throws Error if the file system cannot do that.
void idmap_root(const UserNamespace& users, const ChildProcess& child, borrowed_fd root);

/// In the child, before anything that takes capabilities: ids 0 of the new namespace, all three.
void become_root(const UserNamespace& users);

}  // namespace tincan
