// The guard: fork, wait, undo.
#include "09-cgroups/guard.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdint>

#include "common/error.hpp"
#include "common/files.hpp"
#include "common/log.hpp"
#include "common/syscalls.hpp"

namespace tincan {
namespace {

// Ctrl-C, a hang-up and the signals of whoever stops a session are for the launcher. Of its
// descriptors three are kept, and 0, 1 and 2 become /dev/null.
void leave_the_callers_world(const std::array<int, 3>& kept) {
  sigset_t all;
  sigfillset(&all);
  check(sigprocmask(SIG_SETMASK, &all, nullptr), "sigprocmask");
  check(setsid(), "setsid");
  check(chdir("/"), "chdir", "/");
  check(prctl(PR_SET_NAME, "tincan-guard"), "prctl", "PR_SET_NAME");
  // guard: the host's own device, before there is a container
  const int null = check(open("/dev/null", O_RDWR | O_CLOEXEC), "open", "/dev/null");
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) check(dup2(null, fd), "dup2");
  sys::close_all_but({kept.begin(), kept.end()});
}

// Until one of them is readable. poll(2) passes over a negative number.
void wait_for(int one, int other = -1) {
  std::array<pollfd, 2> events{{{one, POLLIN, 0}, {other, POLLIN, 0}}};
  while (poll(events.data(), events.size(), -1) == -1 && (errno == EINTR || errno == ENOMEM)) {
  }
}

void stand_guard(const std::array<int, 3>& fds, const Guard::Undo& undo) {
  const auto [word, launcher, answers] = fds;
  leave_the_callers_world(fds);
  const pid_t own = getpid();
  check(write(answers, &own, sizeof own), "write", "pid");
  wait_for(word, launcher);  // what the launcher says, or its death
  const std::string left = undo();
  check(write(answers, left.data(), left.size()), "write", left);
}

pid_t plain_fork() {
  clone_args arguments{};
  arguments.exit_signal = SIGCHLD;
  return sys::clone3(arguments, "the guard");
}

// Two forks: what the middle process leaves behind is not the launcher's child, which the launcher
// would have to tell from its container, and those who look for the container below it too.
void start_guard(const std::array<int, 3>& fds, const Guard::Undo& undo) {
  const pid_t middle = plain_fork();
  if (middle > 0) {
    // ECHILD: the caller ignores SIGCHLD, and it is gone already.
    while (waitpid(middle, nullptr, 0) == -1 && errno == EINTR) {
    }
    return;
  }
  try {
    if (plain_fork() == 0) stand_guard(fds, undo);
  } catch (const Error& error) {
    // Instead of a pid: what went wrong, below zero.
    const pid_t word = -error.number();
    (void)!write(fds[2], &word, sizeof word);
  } catch (const std::exception&) {
    // The end of the pipe tells the launcher enough.
  }
  _exit(0);
}

unique_fd pidfd_of(pid_t pid) {
  unique_fd fd = sys::pidfd_open(pid);
  check(fd.get(), "pidfd_open");
  return fd;
}

}  // namespace

Guard::Guard(const Undo& undo) : word_{check(eventfd(0, EFD_CLOEXEC), "eventfd")} {
  std::array<int, 2> ends{};
  check(pipe2(ends.data(), O_CLOEXEC), "pipe2");
  answers_.reset(ends[0]);
  unique_fd theirs{ends[1]};
  const unique_fd launcher = pidfd_of(getpid());
  start_guard({word_.get(), launcher.get(), theirs.get()}, undo);
  theirs.reset();
  pid_t guard = 0;
  if (check(read(answers_.get(), &guard, sizeof guard), "read", "the guard") != sizeof guard) {
    throw Error{0, "start the guard", {}, "it ended at once"};
  }
  if (guard < 0) throw Error{-guard, "start the guard"};
  guard_ = pidfd_of(guard);
}

Guard::~Guard() {
  if (!guard_.ok()) return;
  try {
    const std::uint64_t one = 1;
    check(write(word_.get(), &one, sizeof one), "write", "eventfd");
    const std::string left = read_all(answers_, "the guard");
    if (!left.empty()) log::error("{}", left);
    wait_for(guard_.get());
  } catch (const Error& error) {
    log::error("something may be left behind: {}", error.what());
  }
}

void Guard::dismiss() {
  sys::pidfd_send_signal(guard_, SIGKILL);
  guard_.reset();
}

}  // namespace tincan
