// The six device nodes of a small /dev. They are the container's own wherever the kernel lets us
// make them. A node of the host's would be one file with it: who watches or locks it inside meets
// the programs of the host, and who owns it can change it for them.
//
//   unique_fd own = make_nodes(0, 0);                   // in the launcher, before the clone
//   std::vector<Piece> nodes = take_nodes(own);         // in the child
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "common/unique_fd.hpp"

namespace tincan {

/// A detached mount and the place where it will stand.
struct Piece {
  std::string place;
  unique_fd mount;
};

/// Makes a device node of that type, mode, number and owner. False where it cannot be made (EPERM).
bool make_node(borrowed_fd directory, const char* name, mode_t mode, dev_t device, uid_t uid,
               gid_t gid);

/// A new tmpfs, detached, with the nodes in it; they belong to `uid` and `gid`, ids of the host. To
/// be made before the clone: mknod(2) takes CAP_MKNOD over the machine itself, and on a file system
/// that a user namespace has mounted no device opens. Where it is refused (EPERM: to an ordinary
/// user, in a container, without CAP_CHOWN) the result is no descriptor, and there have to be the
/// host's nodes.
unique_fd make_nodes(uid_t uid, gid_t gid);

/// The nodes, one detached mount each: copies of those in `own`, or, if that is no descriptor, of
/// the host's, read-only. In the child, once its mounts are private: before Linux 6.15,
/// open_tree(2) copies nothing that stands nowhere, so `own` is put on /dev of the old root, and
/// goes with it. Throws Error (ENODEV) for a node of the host's that is not what its name says.
std::vector<Piece> take_nodes(const unique_fd& own);

}  // namespace tincan
