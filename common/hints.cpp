// The table of likely causes. Rows stand from the particular to the general: the first that fits
// wins.
#include "common/hints.hpp"

#include <array>
#include <cerrno>

namespace tincan {
namespace {

struct Hint {
  std::string_view operation;  // what the failing operation begins with
  int number;                  // its errno
  std::string_view sentence;
};

constexpr std::string_view old_kernel =
    "this kernel, or a filter around this process, does not have the call; Linux 5.15 or newer is "
    "needed";

constexpr std::string_view foreign_ids =
    "the host ids must all exist in the user namespace that this runs in (its "
    "/proc/self/uid_map), and mapping host id 0 also takes CAP_SETFCAP";

constexpr std::string_view not_delegated =
    "this user may not make control groups there: start it below a group that is delegated to the "
    "user (systemd-run --user --scope), as root (sudo), or with --no-limits, which leaves every "
    "limit "
    "on memory, processes and processor away";

constexpr std::array table{
    Hint{"write uid_map", EPERM, foreign_ids},
    Hint{"write gid_map", EPERM, foreign_ids},
    Hint{"idmap", EINVAL,
         "its file system cannot show files with other owners, or this kernel cannot yet for it; "
         "with --no-idmap they belong to nobody inside"},
    Hint{"idmap", EPERM,
         "its file system belongs to another user namespace, so owners cannot be changed; with "
         "--no-idmap they belong to nobody inside"},
    Hint{"clone3 NEWUSER", EPERM,
         "this host lets you make no user namespace: it may forbid that to ordinary users (Debian: "
         "sysctl kernel.unprivileged_userns_clone is 0), to confined ones (AppArmor), in a chroot, "
         "or in a container, by its filter of system calls"},
    Hint{"clone3 NEWUSER", ENOSPC,
         "a limit on namespaces is reached, or is 0: see /proc/sys/user/max_user_namespaces and "
         "the other limits beside it"},
    Hint{
        "clone3", EACCES,
        "putting a process into a control group takes the right to write cgroup.procs of the group "
        "above both, its own and the new one: start it below a group that is delegated to this "
        "user (systemd-run --user --scope), as root (sudo), or with --no-limits"},
    Hint{"clone3", EOPNOTSUPP, "the control group above is of the threaded kind, cgroups(7)"},
    Hint{"make control group", EACCES, not_delegated},
    Hint{"make control group", EPERM, not_delegated},
    Hint{"make control group", EROFS,
         "the control groups are read-only here (a container does that): start it on the host, or "
         "with --no-limits"},
    Hint{"turn on controllers", EBUSY,
         "a control group that holds processes cannot turn on controllers for groups below it, "
         "cgroups(7), 'no internal processes': make a group in it and move them there first, or "
         "say --no-limits"},
    Hint{"turn on controllers", EACCES, not_delegated},
    Hint{"turn on controllers", EPERM, not_delegated},
    Hint{"turn on controllers", EROFS,
         "the control groups are read-only here (a container does that): start it on the host, or "
         "with --no-limits"},
    Hint{"limit io", ENOTBLK,
         "its file system is on no disk (in memory, or spread over several): only disks have such "
         "limits"},
    Hint{"limit", EACCES, not_delegated},
    Hint{"setrlimit", EPERM,
         "more than the launcher itself may have (ulimit -Hn): lower it, or raise that first"},
    Hint{"clone3", EPERM,
         "making these namespaces takes CAP_SYS_ADMIN: run as root (sudo), or on a host or in a "
         "container that grants it"},
    Hint{"clone3", ENOSPC, "a limit on namespaces is reached: see /proc/sys/user/max_*_namespaces"},
    Hint{"clone3", EAGAIN, "too many processes: see 'ulimit -u' and pids.max of this cgroup"},
    Hint{"clone3", EINVAL, "this kernel was built without one of these namespaces"},
    Hint{
        "unshare cgroup", EPERM,
        "an own cgroup namespace takes CAP_SYS_ADMIN: run as root (sudo); if an own user namespace "
        "should have given it, AppArmor took it away (Ubuntu: sysctl "
        "kernel.apparmor_restrict_unprivileged_userns is 1)"},
    Hint{"unshare cgroup", ENOSPC,
         "a limit on namespaces is reached: see /proc/sys/user/max_cgroup_namespaces"},
    Hint{"setgroups", EPERM,
         "leaving the caller's groups takes CAP_SETGID: run as root (sudo), or say --keep-groups"},
    Hint{"prctl", EPERM, "limiting what the command can get takes CAP_SETPCAP: run as root (sudo)"},
    Hint{"capset", EPERM,
         "a process can keep only capabilities that it has: those that --cap-add names must be the "
         "launcher's, or the container needs its own user namespace"},
    Hint{"open_tree", EPERM,
         "copying a mount takes CAP_SYS_ADMIN: run as root (sudo), or on a host that grants it"},
    Hint{"open_tree", ENOSPC,
         "a limit on namespaces is reached (a detached mount counts as one): see "
         "/proc/sys/user/max_mnt_namespaces"},
    Hint{"open_tree", ENOENT, "there is no such file or directory on the host"},
    Hint{"pivot_root", EINVAL,
         "the root of this process is not a mount (is this a chroot?); pivot_root(2) needs one to "
         "put aside"},
    Hint{"mount proc", EPERM,
         "the host hides parts of its /proc (a container does that), and a fresh /proc would show "
         "them"},
    Hint{"mount sysfs", EPERM,
         "the host hides parts of its /sys, or the network namespace belongs to another user "
         "namespace"},
    Hint{"mount", EPERM, "mounting takes CAP_SYS_ADMIN: run as root (sudo)"},
    Hint{"openat2", ENOENT,
         "nothing is ever created in your tree: make the mount point there first (mkdir, or touch "
         "for a file)"},
    Hint{"openat2", ELOOP,
         "a symlink stands where a mount point is needed, and following it could lead anywhere: "
         "replace it by a directory"},
    Hint{"move_mount", EINVAL,
         "a directory can only be mounted on a directory, and a file only on a file"},
    Hint{"", ENOSYS, old_kernel},
};

}  // namespace

std::string_view likely_cause(std::string_view operation, int number) {
  for (const Hint& hint : table) {
    if (hint.number == number && operation.starts_with(hint.operation)) return hint.sentence;
  }
  return {};
}

}  // namespace tincan
