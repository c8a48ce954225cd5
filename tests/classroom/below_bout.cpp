// The floor of the tests: namespaces, control groups and mounts of a bout, and then the tests in them; and what a mutant
// is tried in, which is root of the machine, and so needs less. All in one program: each that a script would start costs an
// emulated processor 20 ms, and a bout needs them thirty times.
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#if !__GLIBC_PREREQ(2, 36)
#include <linux/mount.h>  // the new mount API came to <sys/mount.h> with glibc 2.36
#endif

#include <csignal>
#include <cstdlib>
#include <functional>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "classroom/below.hpp"

namespace below {
namespace {

constexpr unsigned long rbind = MS_BIND | MS_REC;

/// Where a hierarchy of control groups is mounted, and the bout's own group in it.
using Groups = std::vector<std::pair<std::string, std::string>>;

Groups groups_made() {
  const char* text = std::getenv("GROUPS_MADE");
  std::istringstream words{text == nullptr ? "" : text};
  Groups groups;
  for (std::string at, group; words >> at >> group;) groups.emplace_back(at, group);
  return groups;
}

// A group of version 2 that holds processes gives no controllers to those below it: so one below the bout's.
void enter_groups(const Groups& groups, const std::string& name) {
  for (const auto& group : groups) {
    const std::string directory = group.second + "/" + name;
    struct stat status {};
    need(stat(directory.c_str(), &status), directory);
    try {
      write_text(directory + "/cgroup.procs", "0");
    } catch (const Broken& error) {
      throw std::runtime_error{std::string{error.what()} + "; it belongs to " +
                               std::to_string(status.st_uid)};
    }
  }
}

void place(const char* from, const char* to, const char* type, unsigned long flags,
           const char* options = nullptr) {
  need(mount(from, to, type, flags, options), std::string{"mount "} + to);
}

void run(const char* program, const std::vector<const char*>& words) {
  const auto child = static_cast<pid_t>(need(fork(), "fork"));
  if (child == 0) {
    std::vector<char*> pointers;
    pointers.reserve(words.size() + 1);
    for (const char* word : words) pointers.push_back(const_cast<char*>(word));
    pointers.push_back(nullptr);
    execvp(program, pointers.data());
    _exit(127);
  }
  int status = 0;
  need(waitpid(child, &status, 0), "waitpid");
  if (status != 0) throw std::runtime_error{std::string{program} + " failed"};
}

// Of the control groups its own alone: each is the root of what is seen.
void show_groups(const Groups& groups) {
  enter_groups(groups, "tests");
  for (const auto& [at, group] : groups) place(group.c_str(), at.c_str(), nullptr, MS_BIND);
  unsetenv("GROUPS_MADE");
}

// No other /proc and /sys than its own.
void show_the_kernel(const Groups& groups) {
  place("proc", "/proc", "proc", 0);
  place("/sys/fs/cgroup", "/mnt", nullptr, rbind);
  place("sysfs", "/sys", "sysfs", 0);
  place("/mnt", "/sys/fs/cgroup", nullptr, rbind);
  need(umount2("/mnt", MNT_DETACH), "umount /mnt");
  show_groups(groups);
}

// File systems in memory that cannot be filled beyond their size, and belong to whoever is tried.
void make_room() {
  make_user_namespace();
  mount_memory("/tmp", "256m");
  mount_memory("build/closed", "64m");
  need(chmod("/tmp", 01777), "chmod /tmp");
  run("tar", {"tar", "-xpf", "root.tar", "-C", "build/closed"});
  need(chmod("build/closed", 0700), "chmod build/closed");
}

void make_devices() {
  place("none", "/dev/shm", "tmpfs", 0, "size=64m,mode=1777");
  place("none", "/dev/mqueue", "mqueue", 0);
  place("devpts", "/dev/pts", "devpts", 0, "newinstance,ptmxmode=0666,mode=0620,gid=5");
  place("/dev/pts/ptmx", "/dev/ptmx", nullptr, MS_BIND);
}

// The programs of this bout, and no others.
void show_programs(const char* programs) {
  place(programs, "/mnt", nullptr, MS_BIND);
  place("none", "/programs", "tmpfs", 0, "mode=755");
  need(mkdir(programs, 0755), programs);
  place("/mnt", programs, nullptr, MS_MOVE);
  mount_attr read_only{};
  read_only.attr_set = MOUNT_ATTR_RDONLY;
  need(syscall(SYS_mount_setattr, AT_FDCWD, programs, 0, &read_only, sizeof read_only),
       "mount_setattr");
}

[[noreturn]] void become(char** command) {
  execvp(command[0], command);
  throw Broken{std::string{"exec "} + command[0]};
}

[[noreturn]] void run_tests(const Bout& bout, const Groups& groups) {
  // With 1, and not with 0, a crash does not start what core_pattern names: a program of the machine's root, core(5).
  const rlimit core{1, 1};
  need(setrlimit(RLIMIT_CORE, &core), "setrlimit");
  show_the_kernel(groups);
  make_room();
  make_devices();
  show_programs(bout.programs);
  // Hidden tests where they are due; whoever asks for none of them names nothing.
  if (*bout.covered != '\0') place("none", bout.covered, "tmpfs", 0);
  place("none", "/bats", "tmpfs", 0, "size=16m,mode=755");
  setenv("PATH", "/below/bin:/usr/bin:/usr/sbin", 1);
  setenv("BATS_LIB_PATH", "/below/lib", 1);
  become(bout.command);
}

void become_nobody(const std::string& first) {
  unshare_with_map("0 " + first + " 1048576\n");
  need(setgroups(0, nullptr), "setgroups");
  need(setresgid(0, 0, 0), "setresgid");
  need(setresuid(0, 0, 0), "setresuid");
  // Whoever became another owns its files in /proc no more, proc(5); the next exec(2) would give them back.
  need(prctl(PR_SET_DUMPABLE, 1), "prctl");
}

// In groups and namespaces of its own a child does what is not to return, and does not outlive us. Whoever waits for it is
// in a group beside it. `first`: of the ids that it gets; none: the machine's.
[[noreturn]] void apart(const char* first, int more,
                        const std::function<void(const Groups&)>& inside) {
  const Groups groups = groups_made();
  enter_groups(groups, "");
  // First, so that there is a root already: what a network has in /sys belongs to whoever was root when it was made.
  if (first != nullptr) become_nobody(first);
  need(prctl(PR_SET_PDEATHSIG, SIGKILL), "prctl");
  need(unshare(CLONE_NEWNS | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWNET | CLONE_NEWCGROUP | more),
       "unshare");
  need(mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr), "mount private /");
  enter_groups(groups, "keeper");
  const auto child = static_cast<pid_t>(need(fork(), "fork"));
  if (child == 0) {
    need(prctl(PR_SET_PDEATHSIG, SIGKILL), "prctl");
    inside(groups);
  }
  int status = 0;
  need(waitpid(child, &status, 0), "waitpid");
  _exit(WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
}

}  // namespace

void try_bout(const Bout& bout) {
  apart(bout.first, CLONE_NEWPID, [&](const Groups& groups) { run_tests(bout, groups); });
}

void try_mutant(const char* files, bool own_pids, char** command) {
  apart(nullptr, own_pids ? CLONE_NEWPID : 0, [&](const Groups& groups) {
    if (own_pids) place("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC);
    show_groups(groups);
    place(files, "/tmp", nullptr, MS_BIND);
    place("none", "/dev/shm", "tmpfs", 0, "mode=1777");
    become(command);
  });
}

}  // namespace below
