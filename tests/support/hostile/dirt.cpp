// What a command inherits from a careless caller. Each item has an entry in "Attributes preserved"
// of execve(2), and most have a CVE.
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/keyctl.h>
#include <sched.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>

#include "support/hostile/hostile.hpp"

namespace hostile {
namespace {

// NOLINTBEGIN(android-cloexec-*): leaking is what this file is for.

// One of each kind, none close-on-exec. The first is the way out that CVE-2024-21626 was.
void leak_descriptors(const World& world) {
  const auto directory =
      static_cast<int>(need(open("/", O_RDONLY | O_DIRECTORY), "leak a directory"));
  need(open("/mnt/tree/file", O_RDWR), "leak a file");
  const auto ns = static_cast<int>(need(open("/proc/self/ns/mnt", O_RDONLY), "leak a namespace"));
  need(socket(AF_UNIX, SOCK_STREAM, 0), "leak a socket");
  need(memfd_create("leak", 0), "leak a memfd");
  need(epoll_create1(0), "leak an epoll");
  need(eventfd(0, 0), "leak an eventfd");
  const auto pidfd =
      static_cast<int>(need(syscall(SYS_pidfd_open, world.sleeper, 0), "leak a pidfd"));
  need(fcntl(pidfd, F_SETFD, 0), "leak a pidfd");
  // At both ends of what a process may have open: whoever closes a range can begin late or end
  // early.
  need(dup2(ns, 3), "leak a namespace on 3");
  need(dup2(directory, 1023), "leak a directory on 1023");
}

// The joined keyring is a new one: the caller's real one is not touched.
void plant_key(const World& world) {
  need(syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, nullptr), "join a session keyring");
  const std::string& token = world.facts.at("token");
  need(syscall(SYS_add_key, "user", ("tincan:" + token).c_str(), token.data(), token.size(),
               KEY_SPEC_SESSION_KEYRING),
       "add_key");
}

void disturb_signals(const Dirt& dirt) {
  if (!dirt.tame) (void)std::signal(SIGCHLD, SIG_IGN);
  (void)std::signal(SIGPIPE, SIG_IGN);
  // The two that glibc's functions do not touch. Its posix_spawn(3) leaves them so (seen with
  // glibc 2.36): whatever make(1) starts has both.
  const std::array<unsigned long, 4> ignore{1, 0, 0, 0};
  for (const int number : {32, 33})
    need(syscall(SYS_rt_sigaction, number, ignore.data(), nullptr, 8), "rt_sigaction");
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGALRM);
  need(sigprocmask(SIG_BLOCK, &set, nullptr), "sigprocmask");
  alarm(3600);
}

// Inheritable and ambient: what CVE-2022-24769 and its siblings forgot to clear.
void raise_capabilities() {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  std::array<__user_cap_data_struct, 2> sets{};
  need(syscall(SYS_capget, &header, sets.data()), "capget");
  for (auto& set : sets) set.inheritable = set.permitted;
  need(syscall(SYS_capset, &header, sets.data()), "capset");
  for (unsigned long number = 0; number < 64; ++number) {
    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, number, 0, 0);
  }
}

// What this host permits of it: where it does not, the probe's control says so.
void raise_priorities(const Dirt& dirt) {
  setpriority(PRIO_PROCESS, 0, -5);
  const sched_param urgent{.sched_priority = 1};
  if (!dirt.tame) sched_setscheduler(0, SCHED_RR, &urgent);
  // This process (1), class 1 (real time), level 4: ioprio_set(2).
  syscall(SYS_ioprio_set, 1, 0, 1 << 13 | 4);
  const int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
  if (fd >= 0) {
    (void)!write(fd, "-500", 4);
    close(fd);
  }
  rlimit core{};
  getrlimit(RLIMIT_CORE, &core);
  core.rlim_cur = core.rlim_max;
  setrlimit(RLIMIT_CORE, &core);
}

void get_all_dirty(const World& world, const Dirt& dirt) {
  const std::array<gid_t, 1> groups{4242};
  need(setgroups(groups.size(), groups.data()), "setgroups");
  plant_key(world);
  raise_capabilities();
  raise_priorities(dirt);
  leak_descriptors(world);
  disturb_signals(dirt);
  umask(0);
  need(personality(ADDR_NO_RANDOMIZE), "personality");
  need(setenv("SECRET_TOKEN", world.facts.at("token").c_str(), 1), "setenv");
}

}  // namespace

void get_dirty(const World& world, const Dirt& dirt) {
  // Whoever ends this fixture ends the command too.
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (!dirt.clean) get_all_dirty(world, dirt);
  if (dirt.closed_stdio) {
    for (const int fd : {0, 1, 2}) close(fd);
  }
  if (dirt.directory_stdin) {
    close(0);
    need(open("/", O_RDONLY | O_DIRECTORY), "directory as standard input");
  }
}

// NOLINTEND(android-cloexec-*)

}  // namespace hostile
