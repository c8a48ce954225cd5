// Attacks through what fork and execve carry over from the caller.
#include <fcntl.h>
#include <linux/keyctl.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "probe/probe.hpp"

namespace probe {
namespace {

constexpr int highest_descriptor = 1024;

Outcome find_open_descriptor(const Facts&) {
  for (int fd = 3; fd < highest_descriptor; ++fd) {
    if (fcntl(fd, F_GETFD) != -1) return reached("descriptor " + std::to_string(fd) + " is open");
  }
  return blocked("descriptors 3 to 1023 are closed");
}

// CVE-2024-21626: a directory of the host's, kept open, is a door that no mount can close.
Outcome read_canary_through_descriptor(const Facts& facts) {
  for (int fd = 0; fd < highest_descriptor; ++fd) {
    const int file = openat(fd, facts["canary"].substr(1).c_str(), O_RDONLY | O_CLOEXEC);
    if (file != -1) return reached("openat(" + std::to_string(fd) + ") opens the canary");
  }
  return blocked("openat() through 0 to 1023 finds no canary");
}

Outcome find_namespace_descriptor(const Facts&) {
  for (int fd = 0; fd < highest_descriptor; ++fd) {
    if (ioctl(fd, NS_GET_NSTYPE) != -1) {
      return reached("descriptor " + std::to_string(fd) + " is a namespace: setns() leads back");
    }
  }
  return blocked("no descriptor is a namespace");
}

// What is closed, the next open() fills: a file that is written becomes standard error. What is
// open must be harmless.
Outcome check_standard_descriptors(const Facts&) {
  for (const int fd : {0, 1, 2}) {
    struct stat status {};
    if (fstat(fd, &status) == -1) return reached("descriptor " + std::to_string(fd) + " is closed");
    const bool harmless =
        S_ISCHR(status.st_mode) || S_ISFIFO(status.st_mode) || S_ISREG(status.st_mode);
    if (!harmless) return reached("descriptor " + std::to_string(fd) + " is no file or terminal");
    if (fd != 0 && (fcntl(fd, F_GETFL) & O_ACCMODE) == O_RDONLY) {
      return reached("descriptor " + std::to_string(fd) + " cannot be written");
    }
  }
  return blocked("0, 1 and 2 are open, and harmless");
}

// What must work: a shell's </dev/stdin and </dev/tty.
Outcome open_own_input(const Facts&) {
  for (const char* path : {"/proc/self/fd/0", "/dev/tty"}) {
    if (path[1] == 'd' && isatty(0) == 0) break;
    const int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (fd == -1) return blocked(std::string{path} + ": " + strerrorname_np(errno));
    close(fd);
  }
  return reached("standard input was opened once more");
}

Outcome find_secret_in_environment(const Facts& facts) {
  for (char** variable = environ; *variable != nullptr; ++variable) {
    const std::string text = *variable;
    if (text.find(facts["token"]) != std::string::npos)
      return reached(text.substr(0, text.find('=')));
  }
  return blocked("no variable holds the secret");
}

// By the bare call: glibc hides 32 and 33. The first word of the kernel's structure is the handler.
Outcome find_ignored_signal(const Facts&) {
  for (int number = 64; number > 0; --number) {
    std::array<unsigned long, 4> action{};
    syscall(SYS_rt_sigaction, number, nullptr, action.data(), 8);
    if (action[0] == 1) {
      return reached("signal " + std::to_string(number) + " is ignored");
    }
  }
  return blocked("no signal is ignored");
}

Outcome find_blocked_signal(const Facts&) {
  sigset_t set;
  sigprocmask(SIG_SETMASK, nullptr, &set);
  for (int number = 1; number < NSIG; ++number) {
    if (sigismember(&set, number) == 1)
      return reached("signal " + std::to_string(number) + " is blocked");
  }
  return blocked("no signal is blocked");
}

Outcome check_umask(const Facts&) {
  const mode_t mask = umask(022);
  return mask == 022 ? blocked("umask 022")
                     : reached("umask " + std::to_string(mask) + " was inherited");
}

Outcome check_working_directory(const Facts&) {
  std::array<char, 4096> path{};
  syscall(SYS_getcwd, path.data(), path.size());
  const std::string where = path.data();
  return where == "/" ? blocked("the working directory is /") : reached("it is " + where);
}

Outcome find_armed_timer(const Facts&) {
  for (const auto kind : {ITIMER_REAL, ITIMER_VIRTUAL, ITIMER_PROF}) {
    itimerval timer{};
    getitimer(kind, &timer);
    if (timer.it_value.tv_sec != 0)
      return reached(std::to_string(timer.it_value.tv_sec) + " s left");
  }
  return blocked("no timer is armed");
}

Outcome check_personality(const Facts&) {
  const int persona = personality(0xffffffff);
  return persona == PER_LINUX ? blocked("plain Linux")
                              : reached("flags " + std::to_string(persona));
}

Outcome check_nice(const Facts&) {
  const int nice = getpriority(PRIO_PROCESS, 0);
  return nice < 0 ? reached("nice " + std::to_string(nice))
                  : blocked("nice " + std::to_string(nice));
}

Outcome check_policy(const Facts&) {
  const int policy = sched_getscheduler(0);
  const bool urgent = policy == SCHED_FIFO || policy == SCHED_RR;
  return urgent ? reached("a real-time policy was inherited") : blocked("no real-time policy");
}

Outcome check_io_priority(const Facts&) {
  // This process (1), and the class in the bits from 13 on: 1 is real time. ioprio_set(2).
  const long io = syscall(SYS_ioprio_get, 1, 0);
  return io >> 13 == 1 ? reached("the real-time io class was inherited")
                       : blocked("no real-time io class");
}

Outcome check_oom_score(const Facts&) {
  const std::string score = slurp("/proc/self/oom_score_adj");
  if (score.empty()) return not_testable("/proc/self/oom_score_adj cannot be read");
  return score.starts_with("-") ? reached("oom_score_adj " + score.substr(0, score.find('\n')))
                                : blocked("oom_score_adj is not below 0");
}

// Keys are found by possession, not by namespace.
Outcome find_key(const Facts& facts) {
  const std::string name = "tincan:" + facts["token"];
  const long key =
      syscall(SYS_keyctl, KEYCTL_SEARCH, KEY_SPEC_SESSION_KEYRING, "user", name.c_str(), 0);
  return key == -1 ? blocked(failed("keyctl(SEARCH)")) : reached("the caller's key was found");
}

// The exit status of what `child` does in a child; that SIGCHLD may be ignored is part of the dirt.
template <typename Child>
int status_of(Child child) {
  (void)std::signal(SIGCHLD, SIG_DFL);
  const pid_t pid = fork();
  if (pid == 0) _exit(child());
  int status = 0;
  waitpid(pid, &status, 0);
  return status;
}

// Where the core would go must be writable: the canary's file system, if it is still to be seen. A
// program that core_pattern names counts as well: WCOREDUMP is true when it was given the core.
Outcome dump_core(const Facts&) {
  const int status = status_of([]() -> int {
    (void)!chdir("/mnt/cores");
    // A soft limit is raised again by whoever likes.
    rlimit limit{};
    getrlimit(RLIMIT_CORE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_CORE, &limit);
    std::abort();
  });
  return WCOREDUMP(status) ? reached("abort() left a core dump")
                           : blocked("abort() left no core dump");
}

// As an ordinary user: root needs no group to read the file.
Outcome use_group(const Facts& facts) {
  std::array<gid_t, 64> groups{};
  const int count = getgroups(groups.size(), groups.data());
  if (count > 0) return reached("group " + std::to_string(groups[0]) + " was inherited");
  const int status = status_of([&] {
    if (setresuid(65534, 65534, 65534) != 0) return 2;
    return slurp("/mnt/group-canary").find(facts["token"]) != std::string::npos ? 0 : 1;
  });
  return status == 0 ? reached("a file of the group was read") : blocked("no groups");
}

// PTY-05, asked of the kernel: the wish that an execve keeps.
Outcome check_death_wish(const Facts&) {
  int number = 0;
  if (prctl(PR_GET_PDEATHSIG, &number) == -1) return not_testable(failed("PR_GET_PDEATHSIG"));
  return number == SIGKILL ? blocked("this process dies with its parent")
                           : reached("it gets signal " + std::to_string(number) + " then");
}

constexpr std::array attacks{
    Attack{"EX-01", find_open_descriptor},
    Attack{"MNT-04", read_canary_through_descriptor},
    Attack{"NS-10", find_namespace_descriptor},
    Attack{"EX-STDIO", check_standard_descriptors},
    Attack{"own-input", open_own_input},
    Attack{"EX-02", find_secret_in_environment},
    Attack{"EX-IGNORED", find_ignored_signal},
    Attack{"EX-BLOCKED", find_blocked_signal},
    Attack{"EX-UMASK", check_umask},
    Attack{"EX-CWD", check_working_directory},
    Attack{"EX-TIMERS", find_armed_timer},
    Attack{"EX-PERSONALITY", check_personality},
    Attack{"EX-NICE", check_nice},
    Attack{"EX-POLICY", check_policy},
    Attack{"EX-IOPRIO", check_io_priority},
    Attack{"EX-OOM", check_oom_score},
    Attack{"EX-KEYRING", find_key},
    Attack{"EX-CORE", dump_core},
    Attack{"USER-04", use_group},
    Attack{"dies-with-parent", check_death_wish},
};

}  // namespace

std::span<const Attack> inheritance_attacks() {
  return attacks;
}

}  // namespace probe
