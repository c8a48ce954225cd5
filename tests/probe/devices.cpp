// Attacks through /dev, /proc and /sys: the host's devices, terminals, control files.
#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <ctime>
#include <set>
#include <sstream>

#include "probe/probe.hpp"

namespace probe {
namespace {

std::set<std::string> names_in(const char* path) {
  std::set<std::string> names;
  DIR* directory = opendir(path);
  if (directory == nullptr) return names;
  while (const dirent* entry = readdir(directory)) names.insert(entry->d_name);
  closedir(directory);
  names.erase(".");
  names.erase("..");
  return names;
}

Outcome find_device(const Facts&) {
  const std::set<std::string> expected{"core",  "fd",     "full",   "mqueue",  "null",
                                       "ptmx",  "pts",    "random", "shm",     "stderr",
                                       "stdin", "stdout", "tty",    "urandom", "zero"};
  for (const std::string& name : names_in("/dev")) {
    if (!expected.contains(name) && name != "console") return reached("/dev/" + name + " is there");
  }
  return blocked("/dev holds nothing of the host's");
}

// A node for /dev/null, which is harmless, in each place where one could be made.
Outcome open_made_node(const Facts&) {
  std::string evidence = "mknod() was tried nowhere";
  for (const std::string place : {"/mnt", "/dev", "/tmp", "/var"}) {
    const std::string path = place + "/node";
    if (mknod(path.c_str(), S_IFCHR | 0600, makedev(1, 3)) == -1) {
      evidence = failed("mknod(" + path + ")");
      continue;
    }
    const int fd = open(path.c_str(), O_RDWR | O_CLOEXEC);
    evidence = failed("open(" + path + ")");
    unlink(path.c_str());
    if (fd != -1) return reached("a device node made in " + place + " could be opened");
  }
  return blocked(evidence);
}

// CVE-2025-31133 was a /dev/null that was none.
Outcome check_null(const Facts&) {
  struct stat status {};
  if (stat("/dev/null", &status) == -1) return reached(failed("stat(/dev/null)"));
  const bool real = S_ISCHR(status.st_mode) && status.st_rdev == makedev(1, 3);
  return real ? blocked("/dev/null is device 1:3") : reached("/dev/null is not device 1:3");
}

Outcome find_host_terminal(const Facts&) {
  for (const std::string& name : names_in("/dev/pts")) {
    if (name != "ptmx") return reached("/dev/pts/" + name + " is there");
  }
  return blocked("/dev/pts holds no terminal");
}

// Whole ones: a part of /proc, mounted read-only over itself, is a lock and not a door.
Outcome count_kernel_file_systems(const Facts&) {
  std::istringstream lines{slurp("/proc/self/mountinfo")};
  int procs = 0;
  int sysfs = 0;
  for (std::string line; std::getline(lines, line);) {
    const bool whole = line.find(" / /") != std::string::npos;
    procs += whole && line.find(" - proc ") != std::string::npos ? 1 : 0;
    sysfs += whole && line.find(" - sysfs ") != std::string::npos ? 1 : 0;
  }
  if (procs == 0) return not_testable("/proc/self/mountinfo cannot be read");
  const std::string counts = std::to_string(procs) + " proc, " + std::to_string(sysfs) + " sysfs";
  return procs == 1 && sysfs <= 1 ? blocked(counts) : reached(counts);
}

Outcome look_through_proc_root(const Facts& facts) {
  for (const std::string& pid : names_in("/proc")) {
    if (pid.find_first_not_of("0123456789") != std::string::npos) continue;
    if (canary_visible(facts, "/proc/" + pid + "/root")) {
      return reached("the canary is at /proc/" + pid + "/root" + facts["canary"]);
    }
  }
  return blocked("no /proc/PID/root leads to the canary");
}

// Opened, never written.
Outcome open_sysfs_for_writing(const Facts&) {
  const int fd = open("/sys/class/net/lo/ifalias", O_WRONLY | O_CLOEXEC);
  return fd == -1 ? blocked(failed("open(/sys/class/net/lo/ifalias, O_WRONLY)"))
                  : reached("/sys is writable");
}

// Standard input, too, is one: /dev/null, as many a caller has it.
constexpr std::array nodes{"/dev/null",    "/dev/zero", "/dev/full",      "/dev/random",
                           "/dev/urandom", "/dev/tty",  "/proc/self/fd/0"};

// As a set-up script in an image does, or somebody who wants the host's programs to stumble. Only
// where the test says that the host's nodes are copies.
Outcome change_nodes(const Facts& facts) {
  if (facts["nodes"] != "copies") return not_testable("they might be the host's");
  const std::array<timespec, 2> long_ago{};
  int changes = 0;
  for (const char* path : nodes) {
    changes += chmod(path, 0600) == 0 ? 1 : 0;
    changes += chown(path, 1, 1) == 0 ? 1 : 0;
    changes += utimensat(AT_FDCWD, path, long_ago.data(), 0) == 0 ? 1 : 0;
    changes += utimensat(AT_FDCWD, path, nullptr, 0) == 0 ? 1 : 0;
  }
  return attempted(std::to_string(changes) + " changes were made to nodes");
}

bool is_locked(const char* path) {
  const int fd = open(path, O_RDONLY | O_NOCTTY | O_CLOEXEC);
  const bool locked = fd != -1 && flock(fd, LOCK_EX | LOCK_NB) == -1 && errno == EWOULDBLOCK;
  if (fd != -1) close(fd);
  return locked;
}

// Half a second long: does anybody use them, or hold a lock on them?
Outcome meet_somebody_at_nodes(const Facts&) {
  for (const char* path : nodes) {
    if (is_locked(path)) return reached(std::string{"somebody else has locked "} + path);
  }
  const int watch = inotify_init1(IN_CLOEXEC);
  int watched = 0;
  for (const char* path : nodes) {
    watched += inotify_add_watch(watch, path, IN_ALL_EVENTS) != -1 ? 1 : 0;
  }
  if (watched == 0) return not_testable(failed("inotify_add_watch()"));
  pollfd events{watch, POLLIN, 0};
  return poll(&events, 1, 500) == 1
             ? reached("somebody else's use of a node is seen")
             : blocked(std::to_string(watched) + " nodes watched, and nobody is there");
}

// A program copied to /dev/shm: our own.
Outcome run_from_shared_memory(const Facts&) {
  const std::string path = "/dev/shm/program" + std::to_string(getpid());
  const int from = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
  const int to = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0755);
  if (from == -1 || to == -1) return not_testable(failed("copying a program to /dev/shm"));
  while (sendfile(to, from, nullptr, 1 << 20) > 0) {
  }
  close(from);
  close(to);
  const bool runs = access(path.c_str(), X_OK) == 0;
  const std::string how = failed("access(a program in /dev/shm, X_OK)");
  unlink(path.c_str());
  return runs ? reached("a program in /dev/shm can be run") : blocked(how);
}

// Addresses are shown as zeros, or not at all.
bool shows_addresses() {
  std::istringstream lines{slurp("/proc/kallsyms")};
  for (std::string line; std::getline(lines, line);) {
    if (line.find_first_not_of('0') != line.find(' ')) return true;
  }
  return false;
}

struct KernelDevice {
  const char* name;
  dev_t number;
};

// Opened by the name that is there, or by one that is made; never read.
bool opens_device(const KernelDevice& device) {
  const std::string made = "/tmp/device" + std::to_string(getpid());
  int fd = open((std::string{"/dev/"} + device.name).c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  if (fd == -1 && mknod(made.c_str(), S_IFCHR | 0600, device.number) == 0) {
    fd = open(made.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    unlink(made.c_str());
  }
  if (fd != -1) close(fd);
  return fd != -1;
}

Outcome look_into_kernel(const Facts&) {
  if (shows_addresses()) return reached("/proc/kallsyms shows addresses of the kernel");
  for (const KernelDevice& device :
       {KernelDevice{"mem", makedev(1, 1)}, KernelDevice{"kmem", makedev(1, 2)},
        KernelDevice{"port", makedev(1, 4)}, KernelDevice{"kmsg", makedev(1, 11)}}) {
    if (opens_device(device)) return reached(std::string{"/dev/"} + device.name + " can be opened");
  }
  const bool kcore = open("/proc/kcore", O_RDONLY | O_CLOEXEC) != -1;
  if (kcore) return reached("/proc/kcore can be opened");
  return blocked("no address in kallsyms; mem, kmem, port, kmsg and kcore cannot be opened");
}

constexpr std::array attacks{
    Attack{"DEV-SHM", run_from_shared_memory},
    Attack{"DEV-KERNEL", look_into_kernel},
    Attack{"DEV-01", find_device},
    Attack{"DEV-02", open_made_node},
    Attack{"DEV-04", check_null},
    Attack{"PTY-02", find_host_terminal},
    Attack{"DEV-08", count_kernel_file_systems},
    Attack{"DEV-09", look_through_proc_root},
    Attack{"DEV-SYS", open_sysfs_for_writing},
    Attack{"DEV-11", change_nodes},
    Attack{"DEV-12", meet_somebody_at_nodes},
};

}  // namespace

std::span<const Attack> device_attacks() {
  return attacks;
}

}  // namespace probe
