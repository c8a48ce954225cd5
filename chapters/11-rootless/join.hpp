// Going into namespaces that are there already, setns(2). Whoever does it has left the host's, and
// has given nothing up yet: what is in there must not get hold of it.
//
//   hide_from_the_joined();                        // before the clone
//   const auto left = join_for_children({{CLONE_NEWPID, file}, {CLONE_NEWNS, other}});
//   join(left);                                    // in the child
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <vector>

#include "common/unique_fd.hpp"

namespace tincan {

/// A namespace, and how it is meant.
struct Joined {
  std::uint64_t kind = 0;  ///< CLONE_NEW*
  borrowed_fd file = -1;   ///< one of /proc/PID/ns, which has to stay open
};

/// Nobody who is root in a joined user namespace, or already lives in the joined pid namespace, may
/// look into this process and its children before they have given up what they hold
/// (CVE-2016-9962): PR_SET_DUMPABLE(2const). It ends with execve(2). A change of user, or a user
/// namespace that is joined, sets it anew, to fs.suid_dumpable, proc_sys_fs(5): 0 and 2 hide as
/// well, ptrace(2). 1, for those who debug set-uid programs, lets everybody look: Error (EPERM).
void hide_from_the_joined();

/// Where 0, 1 or 2 is the host's /dev/null, it becomes a node of this process's own: what is called
/// so in there, somebody inside may have chosen. An ordinary user, who can make none, keeps the
/// host's, which is the one in his containers too.
void bring_own_null();

/// The pid namespace, if there is one: the next child is in it, and this process itself never,
/// pid_namespaces(7). An ordinary user has that right only inside the user namespace that owns it:
/// his launcher goes there first, for good. Returns those that are left to the child. Throws Error.
std::vector<Joined> join_for_children(const std::vector<Joined>& namespaces);

/// In the child. Then, if one is of users, this process is root in it. Throws Error.
void join(const std::vector<Joined>& namespaces);

}  // namespace tincan
