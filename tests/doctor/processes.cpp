// What chapter 03 and the terminal of chapter 10 need.
#include <fcntl.h>
#include <grp.h>
#include <sys/ioctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdint>

#include "common/channel.hpp"
#include "common/syscalls.hpp"
#include "doctor/trial.hpp"

namespace tincan::doctor {
namespace {

// A child by clone3, held, signalled and waited for by its pidfd.
void try_pidfd() {
  int pidfd = -1;
  clone_args arguments{};
  arguments.flags = CLONE_PIDFD;
  arguments.pidfd = reinterpret_cast<std::uintptr_t>(&pidfd);
  arguments.exit_signal = SIGCHLD;
  ChannelPair ends = make_channel();
  const pid_t pid = sys::clone3(arguments, "PIDFD");
  if (pid == 0) {
    // Until it is killed; or, if that fails, until the other end goes.
    ends.parent.close();
    (void)ends.child.receive();
    _exit(0);
  }
  const unique_fd held{pidfd};
  siginfo_t info{};
  sys::pidfd_send_signal(held, SIGKILL);
  check(waitid(P_PIDFD, static_cast<id_t>(held.get()), &info, WEXITED), "waitid", "P_PIDFD");
}

void try_close_range() {
  sys::close_range_on_exec(1000);
}

void try_keyring() {
  sys::join_new_session_keyring();
}

void try_setgroups() {
  check(setgroups(0, nullptr), "setgroups");
}

void try_terminal() {
  const unique_fd master{check(open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC), "open /dev/ptmx")};
  int unlock = 0;
  check(ioctl(master.get(), TIOCSPTLCK, &unlock), "ioctl", "TIOCSPTLCK");
  const unique_fd slave{check(ioctl(master.get(), TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC),
                              "ioctl", "TIOCGPTPEER")};
}

// As strace(1) does it, which some tests use.
void try_tracing() {
  const pid_t pid = check(fork(), "fork");
  if (pid == 0) {
    const long returned = ptrace(PTRACE_TRACEME, 0, nullptr, nullptr);
    _exit(returned == -1 ? errno : 0);
  }
  int status = 0;
  check(waitpid(pid, &status, 0), "waitpid");
  if (WEXITSTATUS(status) != 0) throw Error{WEXITSTATUS(status), "ptrace", "TRACEME"};
}

constexpr std::array table{
    Trial{"pidfd", "clone3 and pidfds", "03 to 10", Weight::needed, try_pidfd, try_pidfd},
    Trial{"close-range", "close_range", "03 to 10", Weight::needed, try_close_range,
          try_close_range},
    Trial{"keyring", "a session keyring of one's own", "03 to 10", Weight::needed, try_keyring,
          try_keyring},
    Trial{"setgroups", "leaving groups", "03 to 10", Weight::needed, try_setgroups, nullptr},
    Trial{"terminal", "a new pseudo-terminal", "10", Weight::needed, try_terminal, try_terminal},
    Trial{"tracing", "tracing a child (strace)", "some tests", Weight::useful, try_tracing,
          try_tracing},
};

}  // namespace

std::span<const Trial> process_trials() {
  return table;
}

}  // namespace tincan::doctor
