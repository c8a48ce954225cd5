// What stands between the harness of a class (the tests, the evidence) and what it tries: a user
// namespace below. Trusted; classroom/judge.sh starts it, and it stands in the place of each program under
// test. Of each user namespace here root is somebody else for the kernel than root of the machine.
//
//   below bout FIRST COVERED PROGRAMS COMMAND...    on the floor of the tests, see below_bout.cpp
//   below mutant FILES own|all COMMAND...           what a mutant is tried by: as root of the machine, and with its processes or not
//   below memory PATH SIZE          a file system in memory on PATH, that belongs to the namespace below that
//   NAME ARGUMENT...                enters that namespace, and becomes real/NAME beside this file
//
// Below, the ids are the same, so that files have the owners that tests expect; but one has no number there,
// and no capability reaches above: whoever is below cannot trace, nor see the descriptors of whoever is
// above, nor change a mount that was made above (mount_namespaces(7), "Restrictions on mount namespaces").
#include <fcntl.h>
#include <sched.h>
#include <sys/auxv.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#if !__GLIBC_PREREQ(2, 36)
#include <linux/mount.h>  // the new mount API came to <sys/mount.h> with glibc 2.36
#endif

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include "classroom/below.hpp"

namespace below {
namespace {

constexpr const char* user_namespace = "/below/ns/user";
// The evidence; what the tests keep, but for their own files; the hidden tests; the way in here.
constexpr std::array covered{"/evidence", "/bats", "/project/tests/classroom", "/below/ns"};
constexpr const char* test_files = "/bats/run/test";

int open_below() {
  return static_cast<int>(need(open(user_namespace, O_RDONLY | O_CLOEXEC), user_namespace));
}

// With mounts of its own: all that are there already are locked then.
void join(int fd, int more = 0) {
  need(setns(fd, CLONE_NEWUSER), "setns");
  need(unshare(CLONE_NEWNS | more), "unshare");
  close(fd);
}

int set_option(int fd, unsigned command, const char* key, const char* value) {
  return static_cast<int>(syscall(SYS_fsconfig, fd, command, key, value, 0));
}

// --- in the place of a program --------------------------------------------------------------------

// Made while we are above, and copied into a mount namespace below: then they are locked.
void cover() {
  need(unshare(CLONE_NEWNS), "unshare");
  need(mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr), "mount private /");
  const long tests =
      syscall(SYS_open_tree, AT_FDCWD, test_files, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
  for (const char* path : covered) {
    if (access(path, F_OK) == 0) {
      need(mount("tmpfs", path, "tmpfs", MS_NODEV | MS_NOSUID, "size=64k,mode=755"), path);
    }
  }
  if (tests == -1) return;
  need(mkdir("/bats/run", 0755), "mkdir /bats/run");
  need(mkdir(test_files, 0755), "mkdir");
  need(syscall(SYS_move_mount, tests, "", AT_FDCWD, test_files, MOVE_MOUNT_F_EMPTY_PATH),
       test_files);
  close(static_cast<int>(tests));
}

// The hostile host says on it what it asks; nobody else gets it.
int open_evidence(const std::string& name) {
  const char* path = std::getenv("TINCAN_EVIDENCE");
  if (name != "hostile" || path == nullptr) return -1;
  // For the program that this becomes.
  return static_cast<int>(
      need(open(path, O_WRONLY | O_APPEND), path));  // NOLINT(android-cloexec-open)
}

// Whatever the harness has open stays above.
void close_others(int kept) {
  constexpr int first = 3;
  constexpr unsigned all = ~0U;
  if (kept == -1) {
    need(syscall(SYS_close_range, first, all, 0), "close_range");
    return;
  }
  need(dup2(kept, first), "dup2");
  need(syscall(SYS_close_range, first + 1, all, 0), "close_range");
  setenv("TINCAN_ASKED", "3", 1);
}

void enter(const std::string& name) {
  const std::array<char, 4096> where = [] {
    std::array<char, 4096> path{};
    if (getcwd(path.data(), path.size()) == nullptr) path = {"/"};
    return path;
  }();
  close_others(open_evidence(name));
  unsetenv("TINCAN_EVIDENCE");
  const int fd = open_below();
  cover();
  // Whoever shares the caller's network shows it in /sys, which takes one that belongs to whoever is below.
  // The tests of chapters 03 and 04 compare it with their own.
  const bool compared = name == "chapter-03" || name == "chapter-04";
  join(fd, compared ? 0 : CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS);
  if (chdir(where.data()) != 0) need(chdir("/"), "chdir");
}

// From chapter 11 on an ordinary user's launcher starts set-uid programs, which have no power behind no_new_privs; and
// without that it takes root to load a filter. So it is loaded before setpriv(1) makes root such a user.
bool is_about_helpers(char** words) {
  for (; *words != nullptr; ++words) {
    const std::string word = *words;
    const std::string name = word.substr(word.rfind('/') + 1);
    if (name.starts_with("chapter-") && name >= "chapter-11") return true;
  }
  return false;
}

[[noreturn]] void stand_in(char** words) {
  // NOLINTNEXTLINE(performance-no-int-to-ptr): that is what the kernel gives
  const std::string file = reinterpret_cast<const char*>(getauxval(AT_EXECFN));
  const auto slash = file.rfind('/');
  const std::string name = file.substr(slash + 1);
  const bool above = access(user_namespace, F_OK) == 0;
  if (above) enter(name);
  try {
    if (name.starts_with("chapter-")) {
      forbid_tracing(name < "chapter-08" ? Filters::none : Filters::without_listener);
    } else if (name == "setpriv" && is_about_helpers(words)) {
      forbid_tracing(Filters::without_listener);
    }
    const std::string real = file.substr(0, slash + 1) + "real/" + name;
    execv(real.c_str(), words);
    throw Broken{"exec " + real};
  } catch (const Broken& error) {
    if (above) throw;
    // What is tried has started it once more: no fault of ours.
    (void)std::fprintf(stderr, "below: %s\n", error.what());
    _exit(125);
  }
}

void run(int argc, char** argv) {
  const std::string mode = argc > 2 && std::string{argv[0]}.ends_with("/below") ? argv[1] : "";
  if (mode == "bout" && argc > 5) try_bout({argv[2], argv[3], argv[4], argv + 5});
  if (mode == "mutant" && argc > 4) try_mutant(argv[2], argv[3] == std::string{"own"}, argv + 4);
  if (mode == "memory" && argc == 4) return mount_memory(argv[2], argv[3]);
  stand_in(argv);
}

}  // namespace

Broken::Broken(const std::string& step) : std::runtime_error{step + ": " + std::strerror(errno)} {}

long need(long returned, const std::string& step) {
  if (returned == -1) throw Broken{step};
  return returned;
}

void write_text(const std::string& path, const std::string& text) {
  const int fd = static_cast<int>(need(open(path.c_str(), O_WRONLY | O_CLOEXEC), path));
  need(write(fd, text.data(), text.size()), path);
  close(fd);
}

// By a child that is still above: a map of several ids takes a capability there, user_namespaces(7).
void unshare_with_map(const std::string& map) {
  std::array<int, 2> ready{};
  need(pipe2(ready.data(), O_CLOEXEC), "pipe");
  const std::string self = "/proc/" + std::to_string(getpid());
  const auto child = static_cast<pid_t>(need(fork(), "fork"));
  if (child == 0) {
    char byte = 0;
    close(ready[1]);
    if (read(ready[0], &byte, 1) != 1) _exit(1);
    write_text(self + "/uid_map", map);
    write_text(self + "/gid_map", map);
    _exit(0);
  }
  need(unshare(CLONE_NEWUSER), "unshare");
  need(write(ready[1], "", 1), "write");
  int status = 0;
  need(waitpid(child, &status, 0), "waitpid");
  if (status != 0) throw Broken{"write the id maps"};
  close(ready[0]), close(ready[1]);
}

// The one id that has no number below owns what nobody there may own.
void make_user_namespace() {
  const auto child = static_cast<pid_t>(need(fork(), "fork"));
  if (child == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    unshare_with_map("0 0 65533\n65534 65534 983042\n");
    (void)raise(SIGSTOP);
    _exit(0);
  }
  int status = 0;
  need(waitpid(child, &status, WUNTRACED), "waitpid");
  const std::string from = "/proc/" + std::to_string(child) + "/ns/user";
  need(mount(from.c_str(), user_namespace, nullptr, MS_BIND, nullptr), "bind " + from);
  kill(child, SIGKILL);
  waitpid(child, &status, 0);
}

// A child makes it there, and shares its descriptors with us: chapter 06 shows files of such a file system
// with other owners, which takes a capability over the namespace that it was made in.
void mount_memory(const char* path, const char* size) {
  const auto child = static_cast<pid_t>(
      need(syscall(SYS_clone, CLONE_FILES | SIGCHLD, nullptr, nullptr, nullptr, nullptr), "clone"));
  if (child == 0) {
    join(open_below());
    const int fs = static_cast<int>(need(syscall(SYS_fsopen, "tmpfs", FSOPEN_CLOEXEC), "fsopen"));
    need(set_option(fs, FSCONFIG_SET_STRING, "size", size), "size");
    need(set_option(fs, FSCONFIG_SET_STRING, "mode", "755"), "mode");
    need(set_option(fs, FSCONFIG_CMD_CREATE, nullptr, nullptr), "create");
    _exit(static_cast<int>(need(syscall(SYS_fsmount, fs, FSMOUNT_CLOEXEC, 0), "fsmount")));
  }
  int status = 0;
  need(waitpid(child, &status, 0), "waitpid");
  const int made = WEXITSTATUS(status);
  need(syscall(SYS_move_mount, made, "", AT_FDCWD, path, MOVE_MOUNT_F_EMPTY_PATH), path);
  close(made);
}

}  // namespace below

int main(int argc, char** argv) {
  try {
    below::run(argc, argv);
    return 0;
  } catch (const std::exception& error) {
    (void)std::fprintf(stderr, "below: %s\n", error.what());
    return 75;  // the fixture failed: tests/support/attacks.bash
  }
}
