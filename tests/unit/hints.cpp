// Unit tests of the table of likely causes: each row is found by its operation and its errno, says what it
// means and no other's words, and blames the right one of host and request.
#include <gtest/gtest.h>

#include <cerrno>
#include <cstddef>
#include <string_view>
#include <vector>

#include "common/hints.hpp"

namespace tincan {
namespace {

struct Row {
  std::string_view operation;
  int number;
  std::string_view begin;  // of the cause
  std::string_view end;    // of the remedy
  bool host;               // it is at fault, and not what was asked for
};

const std::vector<Row> table{
    {"write uid_map", EPERM, "the host ids must", "is 1)", true},
    {"write gid_map", EPERM, "the host ids must", "is 1)", true},
    {"idmap", EINVAL, "its file system cannot", "nobody inside", true},
    {"idmap", EPERM, "its file system belongs", "nobody inside", true},
    {"clone3 NEWUSER", EPERM, "this host lets you", "", true},
    {"clone3 NEWUSER", ENOSPC, "a limit on namespaces", "beside it", true},
    {"clone3", EACCES, "putting a process into", "processor away", true},
    {"clone3", EOPNOTSUPP, "the control group above", "", true},
    {"make control group", EACCES, "this user may not", "processor away", true},
    {"make control group", EPERM, "this user may not", "processor away", true},
    {"make control group", EROFS, "the control groups are", "with --no-limits", true},
    {"turn on controllers", EBUSY, "a control group that", "say --no-limits", true},
    {"turn on controllers", EACCES, "this user may not", "processor away", true},
    {"turn on controllers", EPERM, "this user may not", "processor away", true},
    {"turn on controllers", EROFS, "the control groups are", "with --no-limits", true},
    {"ask for a control group", ENOENT, "no control group here is delegated to this user, and no",
     "processor away", true},
    {"ask for a control group", ECONNREFUSED,
     "no control group here is delegated to this user, and no", "processor away", true},
    {"ask for a control group", EREMOTE, "no control group here is delegated to this user, and who",
     "with --no-limits", true},
    {"ask for a control group", ETIME, "the user's systemd took", "with --no-limits", true},
    {"find busctl", ENOENT, "no control group here is delegated to this user, and this",
     "with --no-limits", true},
    {"limit io", ENOTBLK, "its file system is", "", false},
    {"limit", EACCES, "this user may not", "processor away", true},
    {"clone3", EPERM, "making these namespaces takes", "grants it", true},
    {"clone3", ENOSPC, "a limit on namespaces", "see /proc/sys/user/max_*_namespaces", true},
    {"clone3", EAGAIN, "too many processes", "this cgroup", true},
    {"fork the command", EAGAIN, "no more processes may", "at least", false},
    {"send descriptor", ETOOMANYREFS, "others of this user's", "does not read them", true},
    {"clone3", EINVAL, "this kernel was built", "(make vm)", true},
    {"execve", ENOENT, "it is there, but", "", false},
    {"execve", ENOEXEC, "it, or the interpreter", "", false},
    {"execve", EACCES, "it, an interpreter, a", "", false},
    {"execve", EPERM, "it demands capabilities that", "", false},
    {"execve", ELOOP, "there are too many", "", false},
    {"execve", E2BIG, "its arguments and environment", "", false},
    {"execve", ETXTBSY, "it, or an interpreter", "", false},
    {"execve", ELIBBAD, "the loader that it", "", false},
    {"execve", EIO, "it, or the loader", "", false},
    {"execve", EAGAIN, "this user has more", "", false},
    {"execve", ESTALE, "its file system lies", "", false},
    {"execve", ENODEV, "its file system lies", "", false},
    {"execve", ETIMEDOUT, "its file system lies", "", false},
    {"unshare cgroup", EPERM, "a cgroup namespace takes", "is 1)", true},
    {"unshare cgroup", ENOSPC, "a limit on namespaces", "see /proc/sys/user/max_cgroup_namespaces",
     true},
    {"sethostname", EPERM, "naming its own uts", "is 1)", true},
    {"setgroups", EPERM, "leaving the caller's groups", "say --keep-groups", true},
    {"keyctl", EPERM, "a filter of system", "(make vm)", true},
    {"keyctl", ENOSYS, "the kernel has keyrings", "(make vm)", true},
    {"prctl", EPERM, "limiting what the command", "root (sudo)", true},
    {"capset", EPERM, "a process can keep", "", true},
    {"seccomp", EINVAL, "this kernel was built", "no filter", true},
    {"seccomp", EACCES, "without CAP_SYS_ADMIN, a filter", "", true},
    {"seccomp", EPERM, "a filter around this", "(make vm)", true},
    {"open_tree", EPERM, "copying a mount takes", "grants it", true},
    {"open_tree", ENOSPC, "a limit on namespaces", "see /proc/sys/user/max_mnt_namespaces", true},
    {"open_tree", ENOENT, "there is no such", "", false},
    {"pivot_root", EINVAL, "the root of this", "", true},
    {"pivot_root", EPERM, "changing the root takes", "grants it", true},
    {"mount proc", EPERM, "the host hides parts", "(make vm)", true},
    {"mount sysfs", EPERM, "the host hides parts", "(make vm)", true},
    {"mount", ENODEV, "this kernel has no", "(make vm)", true},
    {"mount", EPERM, "mounting takes CAP_SYS_ADMIN", "root (sudo)", true},
    {"openat2", ENOENT, "nothing is ever created", "a file)", false},
    {"openat2", ELOOP, "a symlink stands where", "a directory", false},
    {"move_mount", EINVAL, "a directory can only", "", false},
    {"setrlimit", EPERM, "that is more than", "that first", false},
    {"read", EFBIG, "it is larger than", "", false},
    {"start the guard", EAGAIN, "too many processes", "this cgroup", true},
    {"open", EACCES, "this user may not", "", false},
    {"open", ENOSPC, "there is no room", "", true},
    {"", EMFILE, "this process may open", "'ulimit -n'", true},
    {"", ENFILE, "the whole machine may", "see /proc/sys/fs/file-max", true},
    {"", ENAMETOOLONG, "a name has 255", "", false},
    {"", ENOSYS, "this kernel, or a", "(make vm)", true},
};

TEST(Hints, EachRowIsFoundAndSaysWhatItMeans) {
  for (const auto& [operation, number, begin, end, host] : table) {
    const auto [cause, remedy] = likely(operation, number);
    EXPECT_TRUE(cause.starts_with(begin)) << operation << ' ' << number << ": " << cause;
    EXPECT_TRUE(remedy.ends_with(end)) << operation << ' ' << number << ": " << remedy;
    EXPECT_EQ(remedy.empty(), end.empty()) << operation << ' ' << number << ": " << remedy;
    const bool doctor = likely_cause(operation, number).ends_with("what else this host allows");
    EXPECT_EQ(doctor, host) << operation << ' ' << number;
  }
}

// "write gid_map" says nothing of another write.
TEST(Hints, TheWholeOperationCounts) {
  for (const auto& [operation, number, begin, end, host] : table) {
    const std::size_t blank = operation.rfind(' ');
    if (blank == std::string_view::npos) continue;
    const auto [cause, remedy] = likely(operation.substr(0, blank), number);
    EXPECT_FALSE(cause.starts_with(begin) && remedy.ends_with(end)) << operation << ' ' << number;
  }
}

}  // namespace
}  // namespace tincan
