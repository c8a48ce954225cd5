// Attacks on what is covered or read-only in /proc and /sys, and on the rules for devices.
#include <dirent.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <functional>
#include <string>
#include <vector>

#include "probe/probe.hpp"

namespace probe {
namespace {

constexpr std::array covered{"/proc/acpi",
                             "/proc/asound",
                             "/proc/interrupts",
                             "/proc/kcore",
                             "/proc/keys",
                             "/proc/latency_stats",
                             "/proc/sched_debug",
                             "/proc/scsi",
                             "/proc/timer_list",
                             "/proc/timer_stats",
                             "/sys/devices/virtual/powercap",
                             "/sys/firmware",
                             "/sys/devices/system/cpu/cpu0/thermal_throttle",
                             "/sys/devices/system/cpu/cpu1/thermal_throttle"};

// What only root of the host may write, and what root of a network namespace may.
constexpr std::array settings{"/proc/sys/kernel/core_pattern",
                              "/proc/sys/kernel/hostname",
                              "/proc/sys/kernel/modprobe",
                              "/proc/sys/vm/panic_on_oom",
                              "/proc/sys/net/ipv4/ip_forward",
                              "/proc/sys/net/ipv4/ping_group_range",
                              "/proc/irq/default_smp_affinity",
                              "/proc/sysrq-trigger",
                              "/proc/bus/pci/00/00.0",
                              "/proc/fs/ext4",
                              "/proc/scsi/scsi"};

enum class Found { nothing, empty, something };

Found look_into_directory(const char* path) {
  DIR* directory = opendir(path);
  if (directory == nullptr) return Found::empty;
  int entries = -2;  // itself, and the one above
  while (readdir(directory) != nullptr) ++entries;
  closedir(directory);
  return entries > 0 ? Found::something : Found::empty;
}

Found look_into(const char* path) {
  struct stat status {};
  if (stat(path, &status) == -1) return Found::nothing;
  if (S_ISDIR(status.st_mode)) return look_into_directory(path);
  const int fd = open(path, O_RDONLY | O_CLOEXEC);
  char one = 0;
  const bool something = fd != -1 && read(fd, &one, 1) == 1;
  if (fd != -1) close(fd);
  return something ? Found::something : Found::empty;
}

// The first that tells something; nothing if all are empty.
std::string what_tells(int& there) {
  for (const char* path : covered) {
    const Found found = look_into(path);
    there += found == Found::nothing ? 0 : 1;
    if (found == Found::something) return path;
  }
  return {};
}

Outcome read_what_is_covered(const Facts&) {
  int there = 0;
  const std::string path = what_tells(there);
  if (!path.empty()) return reached(path + " is not empty");
  if (there == 0) return not_testable("nothing of the list is there");
  return blocked(std::to_string(there) + " of the list are there, and empty");
}

// Opened, never written.
std::string what_can_be_written() {
  for (const char* path : settings) {
    const int fd = open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
    if (fd == -1) continue;
    close(fd);
    return path;
  }
  return {};
}

Outcome open_settings(const Facts&) {
  const std::string path = what_can_be_written();
  return path.empty() ? blocked("none of the settings is open for writing")
                      : reached(path + " is open for writing");
}

// Everything that takes a cover off, or makes writable what is read-only, or shows both elsewhere.
void uncover_everything() {
  for (const char* path : covered) umount2(path, MNT_DETACH);
  for (const char* path :
       {"/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"}) {
    mount(nullptr, path, nullptr, MS_REMOUNT | MS_BIND, nullptr);
    umount2(path, MNT_DETACH);
  }
}

std::string what_is_bare() {
  int there = 0;
  std::string path = what_tells(there);
  if (path.empty()) path = what_can_be_written();
  return path;
}

// A new /proc, of a new pid namespace, on a place where nothing is covered.
bool has_another_proc() {
  return mount("proc", "/tmp", "proc", 0, nullptr) == 0 && access("/tmp/self", F_OK) == 0;
}

constexpr int bare = 1;
constexpr int another = 2;
constexpr int no_namespace = 3;

int uncover_as_root_of_a_namespace() {
  if (unshare(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID) == -1) return no_namespace;
  const pid_t child = fork();
  if (child == 0) {
    uncover_everything();
    if (!what_is_bare().empty()) _exit(bare);
    _exit(has_another_proc() ? another : 0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  return WEXITSTATUS(status);
}

// As who one is; and as root of a user namespace that one makes, which has all capabilities over the
// copies of these mounts, and must not be able to take them apart.
Outcome uncover(const Facts&) {
  uncover_everything();
  if (const std::string path = what_is_bare(); !path.empty()) return reached(path + " is bare");
  const pid_t child = fork();
  if (child == 0) _exit(uncover_as_root_of_a_namespace());
  int status = 0;
  waitpid(child, &status, 0);
  switch (WEXITSTATUS(status)) {
    case bare:
      return reached("root of a user namespace inside takes covers off");
    case another:
      return reached("root of a user namespace inside mounts a /proc without covers");
    case no_namespace:
      return blocked("nothing could be taken off, and there is no user namespace to try it in");
    default:
      return blocked("nothing could be taken off, nor as root of a user namespace inside");
  }
}

struct Number {
  mode_t type;
  unsigned major;
  unsigned minor;
};

// Each can be opened by root of a host that has it, and does nothing for it: the kernel's log, loop
// and loop-control, autofs, fuse, tun, a disk.
constexpr std::array numbers{Number{S_IFCHR, 1, 11},   Number{S_IFBLK, 7, 0},
                             Number{S_IFCHR, 10, 237}, Number{S_IFCHR, 10, 235},
                             Number{S_IFCHR, 10, 229}, Number{S_IFCHR, 10, 200},
                             Number{S_IFBLK, 253, 0},  Number{S_IFBLK, 254, 0}};

// By each way to open; and O_PATH, which opens nothing, but might take an ioctl.
bool opens(const std::string& path) {
  for (const int how : {O_RDONLY, O_WRONLY, O_RDWR, O_ACCMODE}) {
    const int fd = open(path.c_str(), how | O_NONBLOCK | O_CLOEXEC);
    if (fd == -1) continue;
    close(fd);
    return true;
  }
  const int fd = open(path.c_str(), O_PATH | O_CLOEXEC);
  int pages = 0;
  const bool answers = fd != -1 && ioctl(fd, BLKRAGET, &pages) == 0;
  if (fd != -1) close(fd);
  return answers;
}

// On a file system that this process mounts itself: in no user namespace but the first one may
// devices be opened there.
Outcome open_made_device() {
  if (mount("memory", "/tmp", "tmpfs", 0, nullptr) == -1) return blocked(failed("mount(/tmp)"));
  std::string evidence;
  for (const Number& number : numbers) {
    const std::string path = "/tmp/node";
    const std::string name = std::to_string(number.major) + ":" + std::to_string(number.minor);
    if (mknod(path.c_str(), number.type | 0600, makedev(number.major, number.minor)) == -1) {
      evidence = failed("mknod(" + name + ")");
      continue;
    }
    const bool opened = opens(path);
    evidence = failed("open(" + name + ")");
    unlink(path.c_str());
    if (opened) return reached("device " + name + " could be opened");
  }
  return blocked(evidence);
}

// As who one is, and as root of a user namespace that one makes.
Outcome open_any_device(const Facts&) {
  const pid_t child = fork();
  if (child == 0) {
    const bool made = unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0;
    _exit(made && open_made_device().verdict == Verdict::reached ? bare : 0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  if (WEXITSTATUS(status) == bare) {
    return reached("root of a user namespace inside could open a device");
  }
  return open_made_device();
}

// The device that `path` leads to was granted for reading alone.
Outcome do_more_than_granted(const Facts& facts) {
  const std::string path = facts["path"];
  int fd = open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  if (fd == -1) return not_testable(failed("open(" + path + ", O_RDONLY)"));
  close(fd);
  for (const int how : {O_WRONLY, O_RDWR, O_ACCMODE}) {
    fd = open(path.c_str(), how | O_NONBLOCK | O_CLOEXEC);
    if (fd == -1) continue;
    close(fd);
    return reached(path + " can be opened for more than reading");
  }
  return blocked(failed("open(" + path + ")"));
}

// In a group that one makes in one's own.
Outcome open_from_another_group(const Facts& facts) {
  const std::string groups = "/mnt";
  if (mount("groups", groups.c_str(), "cgroup2", 0, nullptr) == -1) {
    return not_testable(failed("mount(cgroup2)"));
  }
  const std::string other = groups + "/other";
  if (mkdir(other.c_str(), 0755) == -1) return not_testable(failed("mkdir(a control group)"));
  const int procs = open((other + "/cgroup.procs").c_str(), O_WRONLY | O_CLOEXEC);
  if (procs == -1 || write(procs, "0", 1) != 1) return not_testable(failed("write(cgroup.procs)"));
  close(procs);
  return open_any_device(facts);
}

constexpr std::array attacks{
    Attack{"DEV-03", read_what_is_covered},
    Attack{"DEV-05", open_settings},
    Attack{"MNT-18", uncover},
    Attack{"DEV-13", open_any_device},
    Attack{"DEV-14", do_more_than_granted},
    Attack{"DEV-15", open_from_another_group},
};

}  // namespace

std::span<const Attack> cover_attacks() {
  return attacks;
}

}  // namespace probe
