// Thin wrappers for the system calls that glibc 2.36 lacks, or that are plainer without its
// wrapper. Each does one call, keeps the call's name and throws Error when it fails.
//
//   unique_fd tree = sys::open_tree(AT_FDCWD, "/srv/root", OPEN_TREE_CLONE | AT_RECURSIVE);
//   sys::move_mount(tree, AT_FDCWD, "/");
//   sys::pivot_root(".", ".");
#pragma once

#include <linux/sched.h>
#include <sys/mount.h>
#include <sys/types.h>

#if !__GLIBC_PREREQ(2, 36)
#include <linux/mount.h>  // the new mount API came to <sys/mount.h> with glibc 2.36
#endif

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/unique_fd.hpp"

namespace tincan::sys {

/// clone3(2), Linux 5.3. Returns 0 in the child and its pid in the parent, like fork(2): without
/// CLONE_VM the child is a full copy of this process, stack included.
pid_t clone3(clone_args& arguments, const std::string& what);

/// pidfd_open(2), Linux 5.3. Not ok(), and errno set, where there is none: the process has ended,
/// or this one may open no more.
unique_fd pidfd_open(pid_t pid);

/// pidfd_send_signal(2), Linux 5.1. `signal`: 1 to 64. `value`: a number for the receiver, who
/// finds it by sigwaitinfo(2), as from sigqueue(3). False if the process has ended already.
bool pidfd_send_signal(borrowed_fd pidfd, int signal, std::optional<int> value = {});

/// pidfd_getfd(2), Linux 5.6: a copy of descriptor `number` of that process. Takes what ptrace(2)
/// takes.
unique_fd pidfd_getfd(borrowed_fd pidfd, int number);

/// close_range(2) with CLOSE_RANGE_CLOEXEC, Linux 5.11: every descriptor from `first` on is closed
/// by the next execve(2).
void close_range_on_exec(unsigned first);

/// close_range(2), now: every descriptor but 0, 1, 2 and those in `kept`, in whatever order.
void close_all_but(std::vector<int> kept);

/// keyctl(KEYCTL_JOIN_SESSION_KEYRING): leaves the session keyring that was inherited for a new
/// one without a name, keyctl_join_session_keyring(3). A kernel without keyrings is fine; one whose
/// keyrings a filter hides is not: Error (ENOSYS).
void join_new_session_keyring();

/// pivot_root(2): `new_root` becomes the root of every process in this mount namespace whose root
/// was the old one; the old one is then mounted at `put_old`.
void pivot_root(const std::string& new_root, const std::string& put_old);

/// openat2(2), Linux 5.6. `resolve`: RESOLVE_*, how far a path may lead.
unique_fd openat2(borrowed_fd directory, const std::string& path, int flags, std::uint64_t resolve);

/// open_tree(2), Linux 5.2. With OPEN_TREE_CLONE: a detached copy of the mount at `path`. `what`:
/// what to call it in a message, where the path is empty (AT_EMPTY_PATH: `directory` itself).
unique_fd open_tree(borrowed_fd directory, const std::string& path, unsigned flags,
                    const std::string& what = {});

/// mount_setattr(2), Linux 5.12, on the mount that `mount` refers to. `flags`: 0 or AT_RECURSIVE.
void mount_setattr(borrowed_fd mount, unsigned flags, mount_attr attributes);

/// move_mount(2), Linux 5.2: attaches the detached mount `from` on what `to` refers to.
void move_mount(borrowed_fd from, borrowed_fd to, const std::string& what);

/// One option of a file system that is about to be mounted: mode=755, say.
struct FileSystemOption {
  std::string key;
  std::string value;
};

/// fsopen(2), fsconfig(2), fsmount(2), Linux 5.2: a new mount of `type` that stands nowhere yet.
/// `options`: a list of FileSystemOption. `attributes`: MOUNT_ATTR_*.
template <typename Options>
unique_fd make_mount(const std::string& type, const Options& options, unsigned attributes);

/// The three calls of make_mount, one by one.
unique_fd fsopen(const std::string& type);
void fsconfig_string(borrowed_fd context, const std::string& type, const FileSystemOption& option);
unique_fd fsmount(borrowed_fd context, const std::string& type, unsigned attributes);

template <typename Options>
unique_fd make_mount(const std::string& type, const Options& options, unsigned attributes) {
  const unique_fd context = fsopen(type);
  fsconfig_string(context, type, {"source", type});  // what mountinfo shows as the device
  for (const FileSystemOption& option : options) fsconfig_string(context, type, option);
  return fsmount(context, type, attributes);
}

}  // namespace tincan::sys
