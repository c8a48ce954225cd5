// The wrappers: each one system call, raw where glibc 2.35 has no function for it.
#include "common/syscalls.hpp"

#include <fcntl.h>
#include <linux/keyctl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>

#include "common/error.hpp"

namespace tincan::sys {

pid_t clone3(clone_args& arguments, const std::string& what) {
  const bool user = (arguments.flags & CLONE_NEWUSER) != 0;
  return static_cast<pid_t>(check(syscall(SYS_clone3, &arguments, sizeof arguments),
                                  user ? "clone3 NEWUSER" : "clone3", what));
}

unique_fd pidfd_open(pid_t pid) {
  return unique_fd{static_cast<int>(syscall(SYS_pidfd_open, pid, 0))};
}

bool pidfd_send_signal(borrowed_fd pidfd, int signal, std::optional<int> value) {
  siginfo_t info{};
  info.si_signo = signal;
  info.si_code = SI_QUEUE;
  info.si_value.sival_int = value.value_or(0);
  const auto returned =
      syscall(SYS_pidfd_send_signal, pidfd.get(), signal, value ? &info : nullptr, 0);
  if (returned == -1 && errno == ESRCH) return false;
  check(returned, "pidfd_send_signal", std::to_string(signal));
  return true;
}

unique_fd pidfd_getfd(borrowed_fd pidfd, int number) {
  const auto fd = syscall(SYS_pidfd_getfd, pidfd.get(), number, 0);
  return unique_fd{static_cast<int>(check(fd, "pidfd_getfd", std::to_string(number)))};
}

void close_range_on_exec(unsigned first) {
  // CLOSE_RANGE_CLOEXEC; <linux/close_range.h> and <unistd.h> disagree on who defines it.
  constexpr unsigned cloexec = 1U << 2;
  check(syscall(SYS_close_range, first, ~0U, cloexec), "close_range");
}

void close_all_but(std::vector<int> kept) {
  std::sort(kept.begin(), kept.end());
  unsigned first = STDERR_FILENO + 1;
  for (const int fd : kept) {
    const auto number = static_cast<unsigned>(fd);
    if (number > first) check(syscall(SYS_close_range, first, number - 1, 0), "close_range");
    first = std::max(first, number + 1);
  }
  check(syscall(SYS_close_range, first, ~0U, 0), "close_range");
}

void join_new_session_keyring() {
  if (syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, nullptr) != -1) return;
  const int number = errno;
  // A kernel that was built without keyrings has no such file either. Where the call alone is
  // missing, a filter hides it, and the keys are there.
  if (number == ENOSYS && access("/proc/keys", F_OK) == -1 && errno == ENOENT) return;
  throw Error{number, "keyctl", "JOIN_SESSION_KEYRING"};
}

void pivot_root(const std::string& new_root, const std::string& put_old) {
  check(syscall(SYS_pivot_root, new_root.c_str(), put_old.c_str()), "pivot_root", new_root);
}

unique_fd openat2(borrowed_fd directory, const std::string& path, int flags,
                  std::uint64_t resolve) {
  open_how how{};
  how.flags = static_cast<std::uint64_t>(flags | O_CLOEXEC);
  how.resolve = resolve;
  const auto fd = syscall(SYS_openat2, directory.get(), path.c_str(), &how, sizeof how);
  return unique_fd{static_cast<int>(check(fd, "openat2", path))};
}

unique_fd open_tree(borrowed_fd directory, const std::string& path, unsigned flags,
                    const std::string& what) {
  const auto fd = syscall(SYS_open_tree, directory.get(), path.c_str(), flags | O_CLOEXEC);
  return unique_fd{static_cast<int>(check(fd, "open_tree", path.empty() ? what : path))};
}

void mount_setattr(borrowed_fd mount, unsigned flags, mount_attr attributes) {
  check(syscall(SYS_mount_setattr, mount.get(), "", flags | AT_EMPTY_PATH, &attributes,
                sizeof attributes),
        "mount_setattr");
}

void move_mount(borrowed_fd from, borrowed_fd to, const std::string& what) {
  check(syscall(SYS_move_mount, from.get(), "", to.get(), "",
                MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH),
        "move_mount", what);
}

unique_fd fsopen(const std::string& type) {
  const auto fd = syscall(SYS_fsopen, type.c_str(), FSOPEN_CLOEXEC);
  return unique_fd{static_cast<int>(check(fd, "mount " + type))};
}

void fsconfig_string(borrowed_fd context, const std::string& type, const FileSystemOption& option) {
  check(syscall(SYS_fsconfig, context.get(), FSCONFIG_SET_STRING, option.key.c_str(),
                option.value.c_str(), 0),
        "mount " + type, option.key + "=" + option.value);
}

unique_fd fsmount(borrowed_fd context, const std::string& type, unsigned attributes) {
  check(syscall(SYS_fsconfig, context.get(), FSCONFIG_CMD_CREATE, nullptr, nullptr, 0),
        "mount " + type);
  const auto fd = syscall(SYS_fsmount, context.get(), FSMOUNT_CLOEXEC, attributes);
  return unique_fd{static_cast<int>(check(fd, "mount " + type))};
}

}  // namespace tincan::sys
