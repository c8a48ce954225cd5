// Attacks on the user namespace: acting with the authority of an account of the host's.
#include <fcntl.h>
#include <grp.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <sys/fsuid.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "probe/probe.hpp"

namespace probe {
namespace {

// Root of the host may write these whatever capabilities it lacks: opened only, never written.
Outcome open_kernel_settings(const Facts&) {
  std::string evidence;
  for (const char* name : {"kernel/core_pattern", "vm/panic_on_oom", "kernel/hostname"}) {
    const std::string path = std::string{"/proc/sys/"} + name;
    const int fd = open(path.c_str(), O_WRONLY | O_CLOEXEC);
    if (fd == -1) {
      evidence += (evidence.empty() ? "" : ", ") + failed(path);
      continue;
    }
    close(fd);
    return reached(path + " is open for writing");
  }
  return blocked(evidence);
}

// Files on a directory of the host's, as several users; the host looks whose they are there.
Outcome make_files_as_several_users(const Facts& facts) {
  const std::string directory = facts["path"];
  for (const unsigned id : {0U, 1U, 1000U, 65534U}) {
    setfsgid(id + 1);
    setfsuid(id);
    const std::string path = directory + "/" + std::to_string(id);
    const int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    if (fd == -1) return not_testable(failed("open(" + path + ")"));
    close(fd);
    setfsuid(0);
  }
  return attempted("a file each of four users was made");
}

// `path` is readable for everybody but the group that the caller is in.
Outcome leave_refusing_group(const Facts& facts) {
  const std::string path = facts["path"];
  if (access(path.c_str(), R_OK) == 0) return not_testable("the file was readable at once");
  if (setgroups(0, nullptr) == -1) return blocked(failed("setgroups()"));
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  return fd == -1 ? blocked(failed("open()")) : reached("without its group, the file opens");
}

Outcome become_root_again(const Facts& facts) {
  const auto wanted = static_cast<uid_t>(facts.number("uid"));
  std::array<uid_t, 3> ids{};
  std::array<gid_t, 3> groups{};
  if (getresuid(&ids[0], &ids[1], &ids[2]) == -1) return not_testable(failed("getresuid()"));
  if (getresgid(&groups[0], &groups[1], &groups[2]) == -1) {
    return not_testable(failed("getresgid()"));
  }
  for (std::size_t i = 0; i < ids.size(); ++i) {
    if (ids[i] != wanted || groups[i] != wanted) {
      return reached("uid " + std::to_string(ids[i]) + ", gid " + std::to_string(groups[i]));
    }
  }
  if (getgroups(0, nullptr) != 0) return reached("there are supplementary groups");
  if (setgroups(0, nullptr) == 0) return reached("setgroups() works");
  if (setgid(0) == 0 || setuid(0) == 0) return reached("setgid(0) or setuid(0) works");
  return blocked(failed("setuid(0)"));
}

// Before the maps are written a process is the overflow user, and its uid_map is empty.
Outcome look_for_missing_maps(const Facts&) {
  if (getuid() != 0) return reached("it ran as user " + std::to_string(getuid()));
  const std::string map = slurp("/proc/self/uid_map");
  if (map.empty()) return reached("it ran before there was a map");
  return blocked("it ran as root, with its map in place");
}

std::string inode(const std::string& path) {
  std::array<char, 128> target{};
  return readlink(path.c_str(), target.data(), target.size() - 1) == -1 ? "" : target.data();
}

// The user namespace that owns a namespace decides who is root over it. `user` is the host's.
Outcome find_foreign_owner(const Facts& facts) {
  const std::string own = inode("/proc/self/ns/user");
  if (own.empty()) return not_testable("/proc/self/ns cannot be read");
  if (own == facts["user"]) return reached("the user namespace is the host's");
  for (const char* name : {"cgroup", "ipc", "mnt", "net", "pid", "uts"}) {
    const int fd = open((std::string{"/proc/self/ns/"} + name).c_str(), O_RDONLY | O_CLOEXEC);
    const int owner = ioctl(fd, NS_GET_USERNS);
    if (owner == -1) return reached(std::string{name} + ": " + failed("NS_GET_USERNS"));
    const std::string found = inode("/proc/self/fd/" + std::to_string(owner));
    if (found != own) return reached(std::string{name} + " belongs to " + found);
    close(owner);
    close(fd);
  }
  return blocked("all six namespaces belong to the own user namespace");
}

// Standard input is a file that the host opened for reading. Nothing is written.
Outcome reopen_for_writing(const Facts&) {
  const int fd = open("/proc/self/fd/0", O_WRONLY | O_CLOEXEC);
  return fd == -1 ? blocked(failed("open(/proc/self/fd/0, O_WRONLY)"))
                  : reached("the file on standard input is open for writing");
}

// Process 1 is the launcher itself, made to run again by the path /proc/self/exe. While it runs it
// cannot be written (ETXTBSY); that comes after the check of permissions, so it means "soon".
Outcome open_launcher(const Facts&) {
  const int fd = open("/proc/1/exe", O_WRONLY | O_CLOEXEC);
  if (fd != -1 || errno == ETXTBSY) return reached("the launcher's file may be written");
  return errno == EACCES ? blocked(failed("open(/proc/1/exe, O_WRONLY)"))
                         : not_testable(failed("open(/proc/1/exe, O_WRONLY)"));
}

// A handle names a file without a path; the host made one of the canary. What counts is whether the
// canary is read, not the errno: newer kernels let a user namespace decode handles of its own
// mounts.
Outcome open_canary_by_handle(const Facts& facts) {
  const std::string text = facts["handle"];
  // The struct ends in an array of no length: the handle itself comes behind it.
  alignas(file_handle) std::array<char, sizeof(file_handle) + MAX_HANDLE_SZ> room{};
  auto* handle = reinterpret_cast<file_handle*>(room.data());
  handle->handle_type = static_cast<int>(facts.number("handletype"));
  handle->handle_bytes = static_cast<unsigned>(text.size() / 2);
  for (std::size_t i = 0; i < std::min<std::size_t>(text.size() / 2, MAX_HANDLE_SZ); ++i) {
    room[sizeof(file_handle) + i] =
        static_cast<char>(std::strtoul(text.substr(2 * i, 2).c_str(), nullptr, 16));
  }
  int fd = -1;
  // In a container the canary's file system is that of the root, on the host it is below.
  for (const char* mounted : {"/", "/mnt"}) {
    const int at = open(mounted, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd == -1) fd = open_by_handle_at(at, handle, O_RDONLY | O_CLOEXEC);
  }
  if (fd == -1) return blocked(failed("open_by_handle_at()"));
  std::array<char, 256> contents{};
  (void)!read(fd, contents.data(), contents.size() - 1);
  return std::strstr(contents.data(), facts["token"].c_str()) != nullptr
             ? reached("the canary was read by its handle")
             : blocked("the handle led to another file");
}

// Some that exist inside, some on the host, the borders of what is granted, and strangers.
constexpr std::array ids_to_try{0U,      1U,      999U,    1000U,   4199U,   4200U,
                                4201U,   65534U,  65535U,  65536U,  65537U,  100000U,
                                299999U, 300000U, 365535U, 365536U, 500000U, 4294967294U};

// Two files: made as `id`, if one can become that, and given to it, if one can.
int make_files_of(unsigned id, const std::string& prefix) {
  int made = 0;
  for (const bool given : {false, true}) {
    setfsgid(given ? 0 : id);
    setfsuid(given ? 0 : id);
    const std::string path = prefix + std::to_string(id) + (given ? "-given" : "-made");
    const int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    setfsuid(0);
    setfsgid(0);
    if (fd == -1) continue;
    if (given && fchown(fd, id, id) == -1) (void)!fchown(fd, id, 0);
    close(fd);
    ++made;
  }
  return made;
}

// A user namespace in this one, whose map this process writes: it has CAP_SETUID over it.
bool can_map(unsigned id) {
  std::array<int, 2> ready{};
  if (pipe2(ready.data(), O_CLOEXEC) == -1) return false;
  const pid_t child = fork();
  if (child == 0) {
    const char outcome = unshare(CLONE_NEWUSER) == 0 ? 'y' : 'n';
    (void)!write(ready[1], &outcome, 1);
    while (true) pause();
  }
  char outcome = 'n';
  (void)!read(ready[0], &outcome, 1);
  const std::string path = "/proc/" + std::to_string(child) + "/uid_map";
  const int fd = outcome == 'y' ? open(path.c_str(), O_WRONLY | O_CLOEXEC) : -1;
  const std::string line = "0 " + std::to_string(id) + " 1";
  const bool written = fd != -1 && write(fd, line.data(), line.size()) != -1;
  for (const int end : {fd, ready[0], ready[1]}) close(end);
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  return written;
}

// As whoever one can become, in one's own right or by the host's set-uid programs in `lent`, files
// in a directory of the host's, `path`: there, whose are they?
Outcome act_as_others(const Facts& facts) {
  int made = 0;
  for (const unsigned id : ids_to_try) made += make_files_of(id, facts["path"] + "/" + facts["as"]);
  for (const char* owner : {"root", "other", "stranger"}) {
    const std::string program = facts["lent"] + "/" + owner;
    if (access(program.c_str(), X_OK) == -1) continue;
    const pid_t child = fork();
    if (child == 0) {
      const std::string path = "path=" + facts["path"];
      const std::string as = "as=" + facts["as"] + owner;
      execl(program.c_str(), program.c_str(), "USER-11", path.c_str(), as.c_str(),
            "lent=", nullptr);
      _exit(1);
    }
    waitpid(child, nullptr, 0);
  }
  for (const unsigned id : {65537U, 100000U, 500000U}) {
    if (can_map(id)) return reached("a map to id " + std::to_string(id) + " was written");
  }
  return attempted(std::to_string(made) + " files were made");
}

// The kernel takes a map once.
Outcome write_map_again(const Facts&) {
  for (const char* path : {"/proc/self/uid_map", "/proc/self/gid_map"}) {
    const int fd = open(path, O_WRONLY | O_CLOEXEC);
    const bool written = fd != -1 && write(fd, "0 0 1\n", 6) == 6;
    if (fd != -1) close(fd);
    if (written) return reached(std::string{path} + " was written");
  }
  return blocked(failed("writing uid_map and gid_map"));
}

// Must still work: the root directory is root's, whoever that is outside.
Outcome find_owner_of_root(const Facts&) {
  struct stat status {};
  if (stat("/", &status) == -1) return not_testable(failed("stat(/)"));
  return status.st_uid == 0 ? reached("the root directory is root's")
                            : blocked("it belongs to " + std::to_string(status.st_uid));
}

constexpr std::array attacks{
    Attack{"USER-01", open_kernel_settings}, Attack{"USER-02", make_files_as_several_users},
    Attack{"USER-03", leave_refusing_group}, Attack{"USER-05", become_root_again},
    Attack{"NS-09", find_foreign_owner},     Attack{"NS-13", look_for_missing_maps},
    Attack{"EX-05", reopen_for_writing},     Attack{"MNT-15", open_launcher},
    Attack{"MNT-17", open_canary_by_handle}, Attack{"CAP-10", open_kernel_settings},
    Attack{"write-map", write_map_again},    Attack{"own-files", find_owner_of_root},
    Attack{"USER-11", act_as_others},        Attack{"USER-14", leave_refusing_group},
};

}  // namespace

std::span<const Attack> user_attacks() {
  return attacks;
}

}  // namespace probe
