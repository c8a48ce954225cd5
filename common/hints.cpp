// The table of likely causes. Rows stand from the particular to the general: the first that fits
// wins.
#include "common/hints.hpp"

#include <array>
#include <cerrno>

namespace tincan {
namespace {

enum class Fault { host, request };

struct Hint {
  std::string_view operation;  // what the failing operation begins with
  int number;                  // its errno
  std::string_view cause;
  std::string_view remedy = {};
  Fault fault = Fault::host;
};

constexpr std::string_view foreign_ids =
    "the host ids must all exist in the user namespace that this runs in (its "
    "/proc/self/uid_map), and mapping host id 0 also takes CAP_SETFCAP";

constexpr std::string_view granted_or_root =
    "run as root (sudo); if a user namespace should have given it, AppArmor took it away "
    "(Ubuntu: sysctl kernel.apparmor_restrict_unprivileged_userns is 1)";

constexpr std::string_view as_root = "run as root (sudo)";
constexpr std::string_view as_root_or_grant =
    "run as root (sudo), or on a host or in a container that grants it";
constexpr std::string_view other_kernel = "take Linux 5.15 or newer, or the guest (make vm)";
constexpr std::string_view out_of_the_container =
    "start the container with --privileged, or use the guest (make vm)";
constexpr std::string_view owners_as_they_are = "with --no-idmap they belong to nobody inside";

constexpr std::string_view gone_elsewhere =
    "its file system lies on another machine (NFS, AFS), which does not answer or has lost the "
    "file: mount it again";
constexpr std::string_view delegate_or_none =
    "start it below a group that is delegated to the user (systemd-run --user --scope -p "
    "Delegate=yes), as root (sudo), or with --no-limits, which leaves every limit on memory, "
    "processes and processor away";
constexpr std::string_view not_delegated = "this user may not make control groups there";
constexpr std::string_view read_only_groups =
    "the control groups are read-only here, as containers do it";
constexpr std::string_view elsewhere_or_none = "start it on the host, or with --no-limits";
constexpr std::string_view nobody_to_ask =
    "no control group here is delegated to this user, and no systemd of his runs that could give "
    "him one";
constexpr std::string_view log_in_or_none =
    "log in through a session (ssh, a console), or have root say 'loginctl enable-linger' and your "
    "name; or start it with --no-limits, which leaves every limit on memory, processes and "
    "processor away";

constexpr std::string_view without_rules =
    "start it on the host, or with --no-device-rules, which leaves only the first wall: that "
    "nobody "
    "inside can make or open a node";

constexpr std::array table{
    Hint{"write uid_map", EPERM, foreign_ids, granted_or_root},
    Hint{"write gid_map", EPERM, foreign_ids, granted_or_root},
    Hint{"idmap", EINVAL,
         "its file system cannot show files with other owners, or this kernel cannot yet for it",
         owners_as_they_are},
    Hint{"idmap", EPERM,
         "its file system belongs to another user namespace, so owners cannot be changed",
         owners_as_they_are},
    Hint{"clone3 NEWUSER", EPERM,
         "this host lets you make no user namespace: it may forbid that to ordinary users (Debian: "
         "sysctl kernel.unprivileged_userns_clone is 0), to confined ones (AppArmor), or in a "
         "chroot"},
    Hint{"clone3 NEWUSER", ENOSPC, "a limit on namespaces is reached, or is 0",
         "see /proc/sys/user/max_user_namespaces and the other limits beside it"},
    Hint{
        "clone3", EACCES,
        "putting a process into a control group takes the right to write cgroup.procs of the group "
        "above both, its own and the new one",
        delegate_or_none},
    Hint{"clone3", EOPNOTSUPP, "the control group above is of the threaded kind, cgroups(7)"},
    Hint{"make control group", EACCES, not_delegated, delegate_or_none},
    Hint{"make control group", EPERM, not_delegated, delegate_or_none},
    Hint{"make control group", EROFS, read_only_groups, elsewhere_or_none},
    Hint{"turn on controllers", EBUSY,
         "a control group that holds processes cannot turn on controllers for groups below it, "
         "cgroups(7), 'no internal processes'",
         "make a group in it and move them there first, or say --no-limits"},
    Hint{"turn on controllers", EACCES, not_delegated, delegate_or_none},
    Hint{"turn on controllers", EPERM, not_delegated, delegate_or_none},
    Hint{"turn on controllers", EROFS, read_only_groups, elsewhere_or_none},
    Hint{"ask for a control group", ENOENT, nobody_to_ask, log_in_or_none},
    Hint{"ask for a control group", ECONNREFUSED, nobody_to_ask, log_in_or_none},
    Hint{
        "ask for a control group", EREMOTE,
        "no control group here is delegated to this user, and who answers there is another user's, "
        "or lives in another pid namespace and would take our number for somebody else's",
        elsewhere_or_none},
    Hint{"ask for a control group", ETIME,
         "the user's systemd took the request, and this process is still where it was: moving it "
         "out of a login session is done by process 1, over the system's bus",
         "see whether that runs (systemctl status dbus), or start it with --no-limits"},
    Hint{
        "find busctl", ENOENT,
        "no control group here is delegated to this user, and this program, which asks his systemd "
        "for one, is missing",
        "install systemd's own package, or start it with --no-limits"},
    Hint{"bpf", EPERM,
         "rules for devices are a program for the kernel, which takes it from root of the machine "
         "alone; a filter of system calls may forbid that too, or a control group above that "
         "has a program which allows no other",
         without_rules},
    Hint{"bpf", EINVAL, "this kernel was built without CONFIG_CGROUP_BPF", without_rules},
    Hint{"bpf", ENOSYS, "this kernel was built without CONFIG_BPF_SYSCALL", without_rules},
    Hint{"limit io",
         ENOTBLK,
         "its file system is on no disk (in memory, or spread over several): only disks have such "
         "limits",
         {},
         Fault::request},
    Hint{"limit", EACCES, not_delegated, delegate_or_none},
    Hint{"clone3", EPERM, "making these namespaces takes CAP_SYS_ADMIN", as_root_or_grant},
    Hint{"clone3", ENOSPC, "a limit on namespaces is reached",
         "see /proc/sys/user/max_*_namespaces"},
    Hint{"clone3", EAGAIN, "too many processes", "see 'ulimit -u' and pids.max of this cgroup"},
    Hint{"fork the command", EAGAIN,
         "no more processes may be made: init is one of those that --pids counts; what a user may "
         "have (ulimit -u) ends like this too",
         "give it --pids 2 at least", Fault::request},
    Hint{"send descriptor", ETOOMANYREFS,
         "others of this user's have too many descriptors on their way, unix(7)",
         "leave -t out, or end who does not read them"},
    Hint{"clone3", EINVAL,
         "this kernel was built without one of these namespaces, or does not know one of these "
         "flags",
         other_kernel},
    Hint{"execve",
         ENOENT,
         "it is there, but a loader or interpreter that it names, or that its interpreter names, "
         "is not",
         {},
         Fault::request},
    Hint{"execve",
         ENOEXEC,
         "it, or the interpreter that it names, is in no format that this kernel runs; a script "
         "needs a first line '#!/path/of/interpreter'",
         {},
         Fault::request},
    Hint{"execve",
         EACCES,
         "it, an interpreter, a loader or a directory on the way may not be executed by this user, "
         "or lies on a mount with noexec",
         {},
         Fault::request},
    Hint{"execve",
         EPERM,
         "it demands capabilities that may not be had here (getcap), or a security module forbids "
         "it",
         {},
         Fault::request},
    Hint{"execve",
         ELOOP,
         "there are too many symlinks on the way, or scripts that name scripts as interpreters",
         {},
         Fault::request},
    Hint{"execve",
         E2BIG,
         "its arguments and environment are too long: one alone (128 KiB), or all together (a "
         "quarter of ulimit -s)",
         {},
         Fault::request},
    Hint{"execve",
         ETXTBSY,
         "it, or an interpreter that it names, is open for writing at this moment",
         {},
         Fault::request},
    Hint{"execve",
         ELIBBAD,
         "the loader that it names is no program for this machine",
         {},
         Fault::request},
    Hint{"execve",
         EIO,
         "it, or the loader that it names, is cut off or cannot be read",
         {},
         Fault::request},
    Hint{"execve",
         EAGAIN,
         "this user has more processes than RLIMIT_NPROC allows (ulimit -u)",
         {},
         Fault::request},
    Hint{"execve", ESTALE, gone_elsewhere, {}, Fault::request},
    Hint{"execve", ENODEV, gone_elsewhere, {}, Fault::request},
    Hint{"execve", ETIMEDOUT, gone_elsewhere, {}, Fault::request},
    Hint{"unshare cgroup", EPERM, "a cgroup namespace takes CAP_SYS_ADMIN", granted_or_root},
    Hint{"unshare cgroup", ENOSPC, "a limit on namespaces is reached",
         "see /proc/sys/user/max_cgroup_namespaces"},
    Hint{"sethostname", EPERM,
         "naming its own uts namespace takes CAP_SYS_ADMIN over it, and a container's filter may "
         "forbid it all the same",
         granted_or_root},
    Hint{"setgroups", EPERM, "leaving the caller's groups takes CAP_SETGID",
         "run as root (sudo), or say --keep-groups"},
    Hint{"keyctl", EPERM, "a filter of system calls forbids keyrings (Docker's does)",
         out_of_the_container},
    Hint{"keyctl", ENOSYS,
         "the kernel has keyrings (/proc/keys), so a filter of system calls around this process "
         "hides the call, and the caller's keys could not be left behind",
         out_of_the_container},
    Hint{"prctl", EPERM, "limiting what the command can get takes CAP_SETPCAP", as_root},
    Hint{"capset", EPERM,
         "a process can keep only capabilities that it has: those that --cap-add names must be the "
         "launcher's, or the container needs its own user namespace"},
    Hint{"seccomp", EINVAL,
         "this kernel was built without CONFIG_SECCOMP_FILTER, or does not take this filter",
         "with --seccomp none there is no filter"},
    Hint{"seccomp", EACCES, "without CAP_SYS_ADMIN, a filter takes no_new_privs first"},
    Hint{"seccomp", EPERM, "a filter around this process forbids filters inside it",
         out_of_the_container},
    Hint{"open_tree", EPERM,
         "copying a mount takes CAP_SYS_ADMIN where the mounts belong, which 'unshare -Ur' alone "
         "does "
         "not give",
         "run as root (sudo), or on a host that grants it"},
    Hint{"open_tree", ENOSPC, "a limit on namespaces is reached (a detached mount counts as one)",
         "see /proc/sys/user/max_mnt_namespaces"},
    Hint{"open_tree", ENOENT, "there is no such file or directory on the host", {}, Fault::request},
    Hint{"pivot_root", EINVAL,
         "the root of this process is not a mount (is this a chroot?); pivot_root(2) needs one to "
         "put aside"},
    Hint{"pivot_root", EPERM,
         "changing the root takes CAP_SYS_ADMIN, and a container's filter may forbid it all the "
         "same",
         as_root_or_grant},
    Hint{"mount proc", EPERM,
         "the host hides parts of its /proc (a container does that), and a fresh /proc would show "
         "them",
         out_of_the_container},
    Hint{"mount sysfs", EPERM,
         "the host hides parts of its /sys, or the network namespace belongs to another user "
         "namespace",
         out_of_the_container},
    Hint{"mount", ENODEV, "this kernel has no file system of that type",
         "load its module (modprobe) as root, or use the guest (make vm)"},
    Hint{"mount", EPERM, "mounting takes CAP_SYS_ADMIN", as_root},
    Hint{"openat2", ENOENT, "nothing is ever created in your tree",
         "make the mount point there first (mkdir, or touch for a file)", Fault::request},
    Hint{"openat2", ELOOP,
         "a symlink stands where a mount point is needed, and following it could lead anywhere",
         "replace it by a directory", Fault::request},
    Hint{"move_mount",
         EINVAL,
         "a directory can only be mounted on a directory, and a file only on a file",
         {},
         Fault::request},
    Hint{"setrlimit", EPERM, "that is more than the launcher itself may have (ulimit -Ha)",
         "lower it, or raise that first", Fault::request},
    Hint{"read",
         EFBIG,
         "it is larger than such a file can be: is it the right one?",
         {},
         Fault::request},
    Hint{"start the guard", EAGAIN, "too many processes",
         "see 'ulimit -u' and pids.max of this cgroup"},
    Hint{"open",
         EACCES,
         "this user may not open it: its owner and mode say so (ls -l), or, below /proc/PID, the "
         "right to look into that process is missing",
         {},
         Fault::request},
    Hint{"open", ENOSPC,
         "there is no room for another file; in /dev/pts, for another terminal (sysctl "
         "kernel.pty.max)"},
    Hint{"", EMFILE, "this process may open no more files", "see 'ulimit -n'"},
    Hint{"", ENFILE, "the whole machine may open no more files", "see /proc/sys/fs/file-max"},
    Hint{"",
         ENAMETOOLONG,
         "a name has 255 bytes at most, a path 4095, and some file systems have less",
         {},
         Fault::request},
    Hint{"", ENOSYS, "this kernel, or a filter around this process, does not have the call",
         other_kernel},
};

const Hint* find(std::string_view operation, int number) {
  for (const Hint& hint : table) {
    if (hint.number == number && operation.starts_with(hint.operation)) return &hint;
  }
  return nullptr;
}

}  // namespace

Likely likely(std::string_view operation, int number) {
  const Hint* hint = find(operation, number);
  return hint != nullptr ? Likely{hint->cause, hint->remedy} : Likely{};
}

std::string likely_cause(std::string_view operation, int number) {
  const Hint* hint = find(operation, number);
  if (hint == nullptr) return {};
  std::string sentence{hint->cause};
  if (!hint->remedy.empty()) sentence.append(": ").append(hint->remedy);
  if (hint->fault == Fault::host) sentence += "; 'make doctor' tries what else this host allows";
  return sentence;
}

}  // namespace tincan
