// A small init: fork, reap, pass on, and end with the command.
#include "10-init/init.hpp"

#include <sys/auxv.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <bit>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <string_view>

#include "03-process/child_process.hpp"
#include "common/error.hpp"
#include "common/exit_status.hpp"
#include "common/log.hpp"
#include "common/syscalls.hpp"

namespace tincan {
namespace {

// The strings of argv and, behind them, those of the environment stand in one piece below the name
// of the program's file, where the kernel has put them at execve(2); getauxval(3), AT_EXECFN. Both
// are what /proc/1/cmdline and environ show. Not by the length of /proc/self/cmdline: /proc may be
// a directory that -a brought along.
void wipe_arguments_and_environment() {
  // exercise: wipe
  const char* end = std::bit_cast<const char*>(getauxval(AT_EXECFN));
  const auto length = static_cast<std::size_t>(end - program_invocation_name);
  constexpr std::string_view name = "init";
  std::memset(program_invocation_name, 0, length);
  if (length > name.size()) std::memcpy(program_invocation_name, name.data(), name.size());
  check(prctl(PR_SET_NAME, name.data()), "prctl", "PR_SET_NAME");
  // end of exercise
}

// The kernel does not let init do its work, a filter for instance: then there is no init. With
// process 1 all others end.
[[noreturn]] void give_up(const char* call) {
  const int number = errno;
  log::limit_waiting();
  log::error("init cannot go on: {}: {}", call, errno_name(number));
  _exit(exit_status::container);
}

// Reaps all that has ended; ends with the command.
// exercise: reap
void reap(pid_t command) {
  int status = 0;
  while (true) {
    const pid_t ended = waitpid(-1, &status, WNOHANG);
    if (ended == -1 && errno == EINTR) continue;
    if (ended == -1) give_up("waitpid");
    if (ended == 0) return;
    if (ended != command) continue;
    _exit(WIFEXITED(status) ? WEXITSTATUS(status) : exit_status::signal_base + WTERMSIG(status));
  }
}
// end of exercise

// What a terminal sends is meant for the command and all that it has started in its group; so are
// the stops of job control, and SIGTSTP alone would stop nobody: the group has no shell above it.
void pass_on(pid_t command, const siginfo_t& signal) {
  const int number = signal.si_signo == SIGTSTP ? SIGSTOP : signal.si_signo;
  const bool meant_for_all =
      signal.si_code == SI_QUEUE && signal.si_value.sival_int == for_the_group;
  const bool to_group = meant_for_all || number == SIGSTOP || number == SIGCONT;
  if (to_group && kill(-command, number) == 0) return;
  (void)kill(command, number);  // it may have ended meanwhile
}

// Every signal is blocked, so none is lost between two rounds, and process 1 gets even those that
// the kernel would not deliver to it for want of a handler.
[[noreturn]] void be_init(pid_t command, const sigset_t& signals) {
  siginfo_t signal{};
  while (true) {
    // exercise: pass-on
    const int number = sigwaitinfo(&signals, &signal);
    if (number == -1 && errno != EINTR) give_up("sigwaitinfo");
    if (number == SIGCHLD) {
      reap(command);
    } else if (number > 0) {
      pass_on(command, signal);
    }
    // end of exercise
  }
}

}  // namespace

void leave_init_behind(const Channel& channel, Lifetime lifetime) {
  // Init outlives every execve that would close them. Before the fork, for after it a failure comes
  // too late to keep the command from running.
  sys::close_all_but({channel.fd().get()});
  wipe_arguments_and_environment();
  // This memory was the launcher's: nobody in the container may look into it, ptrace(2). The
  // command is dumpable again after its execve.
  check(prctl(PR_SET_DUMPABLE, 0), "prctl", "PR_SET_DUMPABLE");
  if (lifetime == Lifetime::launchers) die_with_launcher(channel);
  sigset_t all;
  sigfillset(&all);
  check(sigprocmask(SIG_BLOCK, &all, nullptr), "sigprocmask");
  // Out of the caller's session: whoever takes init over has no way to the caller's terminal.
  check(setsid(), "setsid", "init");
  const pid_t command = check(fork(), "fork", "the command");
  if (command == 0) return;
  // As long as init held it, the launcher would not hear of the execve; and who writes into a pipe
  // would not hear that the command has stopped to read it.
  for (const int fd : {channel.fd().get(), STDIN_FILENO, STDOUT_FILENO}) (void)::close(fd);
  be_init(command, all);
}

void make_session(const TerminalOptions& options) {
  check(setsid(), "setsid");
  if (options.allocate) check(ioctl(STDIN_FILENO, TIOCSCTTY, 0), "ioctl", "TIOCSCTTY");
}

}  // namespace tincan
