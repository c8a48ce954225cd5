// A small init: fork, reap, pass on, and end with the command.
#include "10-init/init.hpp"

#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>

#include "common/error.hpp"
#include "common/exit_status.hpp"
#include "common/files.hpp"

namespace tincan {
namespace {

// The strings of argv stand in one piece, as long as /proc/self/cmdline is; those of the
// environment are where their pointers say. Both are what /proc/1/cmdline and environ show.
void wipe_arguments_and_environment() {
  // exercise: wipe
  const std::size_t length = read_file("/proc/self/cmdline").size();
  for (char** variable = environ; *variable != nullptr; ++variable) {
    std::memset(*variable, 0, std::strlen(*variable));
  }
  constexpr std::string_view name = "init";
  std::memset(program_invocation_name, 0, length);
  if (length > name.size()) std::memcpy(program_invocation_name, name.data(), name.size());
  check(prctl(PR_SET_NAME, name.data()), "prctl", "PR_SET_NAME");
  // end of exercise
}

// Reaps all that has ended; ends with the command.
// exercise: reap
void reap(pid_t command) {
  int status = 0;
  while (true) {
    const pid_t ended = waitpid(-1, &status, WNOHANG);
    if (ended == -1 && errno == EINTR) continue;
    if (ended <= 0) return;
    if (ended != command) continue;
    _exit(WIFEXITED(status) ? WEXITSTATUS(status) : exit_status::signal_base + WTERMSIG(status));
  }
}
// end of exercise

// Every signal is blocked, so none is lost between two rounds, and process 1 gets even those that
// the kernel would not deliver to it for want of a handler.
[[noreturn]] void be_init(pid_t command, const sigset_t& signals) {
  while (true) {
    // exercise: pass-on
    const int number = sigwaitinfo(&signals, nullptr);
    if (number == SIGCHLD) {
      reap(command);
    } else if (number > 0) {
      (void)kill(command, number);  // it may have ended meanwhile
    }
    // end of exercise
  }
}

// All but 0, 1, 2 and `kept`: init outlives every execve that would close them. Before the fork,
// for after it a failure comes too late to keep the command from running.
void close_all_but(int kept) {
  const auto number = static_cast<unsigned>(kept);
  constexpr unsigned first = STDERR_FILENO + 1;
  if (number > first) check(syscall(SYS_close_range, first, number - 1, 0), "close_range");
  check(syscall(SYS_close_range, number + 1, ~0U, 0), "close_range");
}

// Dies with the launcher: changes of ids have cleared what was asked for at the start, and between
// then and now the launcher may have died.
void die_with_launcher(const Channel& channel) {
  check(prctl(PR_SET_PDEATHSIG, SIGKILL), "prctl", "PR_SET_PDEATHSIG");
  if (channel.peer_gone()) _exit(exit_status::container);
}

}  // namespace

void leave_init_behind(const Channel& channel) {
  close_all_but(channel.fd().get());
  wipe_arguments_and_environment();
  // This memory was the launcher's: nobody in the container may look into it, ptrace(2). The
  // command is dumpable again after its execve.
  check(prctl(PR_SET_DUMPABLE, 0), "prctl", "PR_SET_DUMPABLE");
  die_with_launcher(channel);
  sigset_t all;
  sigfillset(&all);
  check(sigprocmask(SIG_BLOCK, &all, nullptr), "sigprocmask");
  // Out of the caller's session: whoever takes init over has no way to the caller's terminal.
  check(setsid(), "setsid", "init");
  const pid_t command = check(fork(), "fork", "the command");
  if (command == 0) return;
  // As long as init held it, the launcher would not hear of the execve.
  (void)::close(channel.fd().get());
  be_init(command, all);
}

void make_session(const TerminalOptions& options) {
  check(setsid(), "setsid");
  if (options.allocate) check(ioctl(STDIN_FILENO, TIOCSCTTY, 0), "ioctl", "TIOCSCTTY");
}

}  // namespace tincan
