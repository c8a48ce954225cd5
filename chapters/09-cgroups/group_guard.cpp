// The guard: fork, wait, kill, rmdir.
#include "09-cgroups/group_guard.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <utility>

#include "09-cgroups/cgroup_files.hpp"
#include "common/error.hpp"
#include "common/files.hpp"
#include "common/log.hpp"
#include "common/syscalls.hpp"

namespace tincan {
namespace {

namespace fs = std::filesystem;

std::vector<pid_t> processes_in(const std::string& directory) {
  std::vector<pid_t> pids;
  const std::string text = read_file(directory + "/" + cgroup_file::procs);
  for (const std::string_view line : split_at(text, '\n')) {
    pid_t pid = 0;
    std::from_chars(line.data(), line.data() + line.size(), pid);
    if (pid > 0) pids.push_back(pid);
  }
  return pids;
}

// Where the kernel cannot kill a group, one by one. A pid may have come to mean another process
// between reading and killing: so each is held first, and looked for in the group again.
void kill_one_by_one(const std::string& directory) {
  std::vector<std::pair<pid_t, unique_fd>> held;
  for (const pid_t pid : processes_in(directory)) {
    if (unique_fd fd = sys::pidfd_open(pid); fd.ok()) held.emplace_back(pid, std::move(fd));
  }
  const std::vector<pid_t> still = processes_in(directory);
  for (const auto& [pid, fd] : held) {
    if (std::find(still.begin(), still.end(), pid) != still.end()) {
      sys::pidfd_send_signal(fd, SIGKILL);
    }
  }
}

// A program that makes processes faster than they are killed is stopped by the limit on them first.
void kill_all(const std::string& directory) {
  const std::string kill = directory + "/" + cgroup_file::kill;
  // guard: the kernel's cgroup file system holds no symlinks and no container's files
  if (exists(kill)) return write_file(kill, "1");
  const std::string pids = directory + "/" + cgroup_file::pids_max;
  // guard: the kernel's cgroup file system holds no symlinks and no container's files
  if (exists(pids)) write_file(pids, "0");
  kill_one_by_one(directory);
}

// The kernel removes no group that holds a process or another group. Where the hierarchy is
// read-only it says so even of a group that is not there.
bool is_removed(const std::string& directory) {
  // guard: the kernel's cgroup file system holds no symlinks and no container's files
  return rmdir(directory.c_str()) == 0 || !exists(directory);
}

// From the deepest up: whoever may mount cgroup file systems inside may have made groups there.
// What can be removed at once holds nobody to be killed, and that is how most containers end.
void remove_tree(const std::string& directory) {
  if (is_removed(directory)) return;
  std::vector<std::string> below;
  for (const auto& entry : fs::directory_iterator{directory}) {
    if (entry.is_directory() && !entry.is_symlink()) below.push_back(entry.path());
  }
  for (const std::string& group : below) remove_tree(group);
  if (is_removed(directory)) return;
  kill_all(directory);
  // guard: the kernel's cgroup file system holds no symlinks and no container's files
  check(rmdir(directory.c_str()), "remove control group", directory);
}

// EBUSY: killed processes take a moment to go. ENOENT, ENODEV: somebody else was faster, and the
// next try finds nothing.
bool try_to_remove(const std::string& directory) {
  try {
    remove_tree(directory + "/" + inner_group);
    remove_tree(directory);
    return true;
  } catch (const std::exception&) {
    return false;
  }
}

// All descriptors but 0, 1, 2, which become /dev/null, and those three.
void keep_only(const std::array<int, 3>& kept) {
  // guard: the host's own device, before there is a container
  const int null = check(open("/dev/null", O_RDWR | O_CLOEXEC), "open", "/dev/null");
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) check(dup2(null, fd), "dup2");
  sys::close_all_but({kept.begin(), kept.end()});
}

// Ctrl-C, a hang-up and the signals of whoever stops a session are for the launcher.
void leave_the_callers_world(const std::array<int, 3>& kept) {
  sigset_t all;
  sigfillset(&all);
  check(sigprocmask(SIG_SETMASK, &all, nullptr), "sigprocmask");
  check(setsid(), "setsid");
  check(chdir("/"), "chdir", "/");
  check(prctl(PR_SET_NAME, "tincan-guard"), "prctl", "PR_SET_NAME");
  keep_only(kept);
}

void wait_for_either(int word, int launcher) {
  std::array<pollfd, 2> events{{{word, POLLIN, 0}, {launcher, POLLIN, 0}}};
  while (poll(events.data(), events.size(), -1) == -1 && (errno == EINTR || errno == ENOMEM)) {
  }
}

void stand_guard(const std::array<int, 3>& fds, const std::vector<std::string>& groups) {
  const auto [word, launcher, answers] = fds;
  leave_the_callers_world(fds);
  const pid_t own = getpid();
  check(write(answers, &own, sizeof own), "write", "pid");
  wait_for_either(word, launcher);
  for (const std::string& group : groups) {
    if (remove_group(group)) continue;
    check(write(answers, group.data(), group.size()), "write", group);
  }
}

pid_t plain_fork() {
  clone_args arguments{};
  arguments.exit_signal = SIGCHLD;
  return sys::clone3(arguments, "the guard of the control groups");
}

// Two forks: what the middle process leaves behind is not the launcher's child, which the launcher
// would have to tell from its container, and those who look for the container below it too.
void start_guard(const std::array<int, 3>& fds, const std::vector<std::string>& groups) {
  const pid_t middle = plain_fork();
  if (middle > 0) {
    // ECHILD: the caller ignores SIGCHLD, and it is gone already.
    while (waitpid(middle, nullptr, 0) == -1 && errno == EINTR) {
    }
    return;
  }
  try {
    if (plain_fork() == 0) stand_guard(fds, groups);
  } catch (const Error& error) {
    // Instead of a pid: what went wrong, below zero.
    const pid_t word = -error.number();
    (void)!write(fds[2], &word, sizeof word);
    _exit(1);
  } catch (const std::exception&) {
    _exit(1);
  }
  _exit(0);
}

unique_fd pidfd_of(pid_t pid) {
  unique_fd fd = sys::pidfd_open(pid);
  check(fd.get(), "pidfd_open");
  return fd;
}

}  // namespace

bool remove_group(const std::string& directory) {
  using clock = std::chrono::steady_clock;
  constexpr int pause_ms = 2;
  const auto deadline = clock::now() + std::chrono::seconds{10};
  while (!try_to_remove(directory)) {
    if (clock::now() > deadline) return false;
    (void)poll(nullptr, 0, pause_ms);
  }
  return true;
}

GroupGuard::GroupGuard(const std::vector<std::string>& groups)
    : word_{check(eventfd(0, EFD_CLOEXEC), "eventfd")} {
  std::array<int, 2> ends{};
  check(pipe2(ends.data(), O_CLOEXEC), "pipe2");
  answers_.reset(ends[0]);
  unique_fd theirs{ends[1]};
  const unique_fd launcher = pidfd_of(getpid());
  start_guard({word_.get(), launcher.get(), theirs.get()}, groups);
  theirs.reset();
  pid_t guard = 0;
  if (check(read(answers_.get(), &guard, sizeof guard), "read", "the guard") != sizeof guard) {
    throw Error{0, "start the guard of the control groups", {}, "it ended at once"};
  }
  if (guard < 0) throw Error{-guard, "start the guard of the control groups"};
  guard_ = pidfd_of(guard);
}

GroupGuard::~GroupGuard() {
  try {
    const std::uint64_t one = 1;
    check(write(word_.get(), &one, sizeof one), "write", "eventfd");
    const std::string left = read_all(answers_, "the guard");
    if (!left.empty()) log::error("the control group {} could not be removed", left);
    pollfd end{guard_.get(), POLLIN, 0};
    while (poll(&end, 1, -1) == -1 && (errno == EINTR || errno == ENOMEM)) {
    }
  } catch (const Error& error) {
    log::error("a control group may be left behind: {}", error.what());
  }
}

}  // namespace tincan
