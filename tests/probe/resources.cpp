// Attacks on what control groups and resource limits keep: too many processes, too much memory, too
// much time, too many descriptors; and the ways out of a group. Every hog is bounded: where nothing
// stops it, it stops by itself.
#include <fcntl.h>
#include <mqueue.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <sstream>
#include <system_error>
#include <vector>

#include "probe/probe.hpp"

namespace probe {
namespace {

constexpr std::size_t mebibyte = 1 << 20;

double seconds(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

// The part of two seconds that this process gets when it wants them all.
Outcome burn(const Facts& facts) {
  constexpr double wanted = 2;
  const double begin = seconds(CLOCK_MONOTONIC);
  double wall = 0;
  while (wall < wanted) wall = seconds(CLOCK_MONOTONIC) - begin;
  const double share = seconds(CLOCK_PROCESS_CPUTIME_ID) / wall;
  std::array<char, 64> text{};
  (void)std::snprintf(text.data(), text.size(), "%.3f of a processor for two seconds", share);
  return share > std::strtod(facts["most"].c_str(), nullptr) ? reached(text.data())
                                                             : blocked(text.data());
}

Outcome exhaust_descriptors(const Facts& facts) {
  constexpr int most_tries = 4096;
  const long limit = facts.number("nofile");
  int highest = 0;
  for (int i = 0; i < most_tries && highest != -1; ++i) {
    const int fd = fcntl(0, F_DUPFD_CLOEXEC, 0);
    if (fd == -1) break;
    highest = fd;
  }
  if (highest >= limit) return reached("descriptor " + std::to_string(highest) + " was given");
  const std::string evidence = failed("descriptor " + std::to_string(highest + 1));
  rlimit limits{};
  getrlimit(RLIMIT_NOFILE, &limits);
  limits.rlim_cur = limits.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limits);
  if (fcntl(0, F_DUPFD_CLOEXEC, limit) != -1) return reached("the soft limit could be raised");
  limits.rlim_cur = limits.rlim_max = limits.rlim_max + 1;
  if (setrlimit(RLIMIT_NOFILE, &limits) == 0) return reached("the limit could be raised");
  return blocked(evidence + ", and " + failed("raising the limit"));
}

// Must still work: so many descriptors as a program may count on.
Outcome use_descriptors(const Facts& facts) {
  const long count = facts.number("nofile");
  for (long fd = 3; fd < count; ++fd) {
    if (fcntl(0, F_DUPFD_CLOEXEC, 3) == -1) return blocked(failed("F_DUPFD_CLOEXEC"));
  }
  return reached("descriptor " + std::to_string(count - 1) + " was given");
}

// Until ENOSPC, and 32 MiB more than there may be at most.
Outcome fill_memory_files(const Facts&) {
  constexpr std::size_t most = 96;
  constexpr std::size_t allowed = 64;
  constexpr const char* path = "/dev/shm/hog";
  const int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd == -1) return not_testable(failed("open(/dev/shm/hog)"));
  unlink(path);
  const std::vector<char> piece(mebibyte, 'x');
  std::size_t written = 0;
  while (written < most && write(fd, piece.data(), piece.size()) == ssize_t{mebibyte}) ++written;
  const std::string evidence = failed("after " + std::to_string(written) + " MiB");
  close(fd);
  return written <= allowed ? blocked(evidence)
                            : reached(std::to_string(written) + " MiB in /dev/shm");
}

Outcome fill_names(const Facts&) {
  constexpr int most = 20000;
  constexpr int allowed = 16384;
  if (mkdir("/dev/shm/names", 0700) == -1) return not_testable(failed("mkdir(/dev/shm/names)"));
  int made = 0;
  const auto path = [](int i) { return "/dev/shm/names/" + std::to_string(i); };
  for (; made < most; ++made) {
    const int fd = open(path(made).c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (fd == -1) break;
    close(fd);
  }
  const std::string evidence = failed("after " + std::to_string(made) + " empty files");
  for (int i = 0; i < made; ++i) unlink(path(i).c_str());
  rmdir("/dev/shm/names");
  return made <= allowed ? blocked(evidence) : reached(std::to_string(made) + " files in memory");
}

// What the kernel keeps for a user, outside of every group: signals that wait to be delivered.
Outcome queue_signals(const Facts&) {
  constexpr int most = 4096;
  constexpr int allowed = 1024;
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGRTMIN);
  sigprocmask(SIG_BLOCK, &set, nullptr);
  int queued = 0;
  while (queued < most && sigqueue(getpid(), SIGRTMIN, {}) == 0) ++queued;
  const std::string evidence = failed("after " + std::to_string(queued) + " signals");
  return queued <= allowed ? blocked(evidence) : reached(std::to_string(queued) + " signals wait");
}

Outcome lock_memory(const Facts&) {
  constexpr std::size_t size = 16 * mebibyte;
  void* memory = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  return mlock(memory, size) == 0 ? reached("16 MiB are locked in memory")
                                  : blocked(failed("mlock(16 MiB)"));
}

// The v1 hierarchies that this kernel has controllers on.
std::vector<std::string> v1_controllers() {
  std::vector<std::string> names;
  std::istringstream lines{slurp("/proc/cgroups")};
  std::string line;
  while (std::getline(lines, line)) {
    std::istringstream words{line};
    std::string name;
    int hierarchy = 0;
    if (words >> name >> hierarchy && name[0] != '#' && hierarchy != 0) names.push_back(name);
  }
  return names;
}

// A directory to mount on that is there in every root.
constexpr const char* mount_point = "/mnt";

// Tries `act` on every cgroup file system that can be mounted; a new user namespace first, where
// that gives the right to mount (CVE-2022-0492).
template <typename Act>
bool on_any_cgroup_mount(const Act& act) {
  (void)!unshare(CLONE_NEWNS | CLONE_NEWCGROUP);
  if (unshare(CLONE_NEWNS) == -1) (void)!unshare(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWCGROUP);
  mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr);
  bool worked = false;
  const auto attempt = [&](const char* type, const char* data) {
    if (mount("none", mount_point, type, 0, data) == -1) return;
    worked = act() || worked;
    umount2(mount_point, MNT_DETACH);
  };
  attempt("cgroup2", nullptr);
  for (const std::string& name : v1_controllers()) attempt("cgroup", name.c_str());
  return worked;
}

bool can_write(const std::string& path) {
  const int fd = open(path.c_str(), O_WRONLY | O_CLOEXEC);
  if (fd != -1) close(fd);
  return fd != -1;
}

// Opened only: who writes its pid there has left its group.
Outcome leave_group(const Facts&) {
  std::string found;
  for (const std::string place :
       {"/sys/fs/cgroup", "/sys/fs/cgroup/unified", "/sys/fs/cgroup/pids"}) {
    if (can_write(place + "/cgroup.procs")) found = place;
  }
  if (!found.empty()) return reached(found + "/cgroup.procs can be written");
  const bool mounted =
      on_any_cgroup_mount([] { return can_write(std::string{mount_point} + "/cgroup.procs"); });
  return mounted ? reached("cgroup.procs of a mount of its own can be written")
                 : blocked("no cgroup.procs can be opened for writing");
}

// Written, for what the owner of the file may open can still be refused; it is the probe's own
// limit.
bool can_be_lifted(const std::string& limit) {
  const int fd = open(limit.c_str(), O_WRONLY | O_CLOEXEC);
  if (fd == -1) return false;
  const bool lifted = write(fd, "max", 3) == 3;
  close(fd);
  return lifted;
}

// Below `top`: a limit that is set and that `opens`, or a group to go to.
template <typename Opens>
std::string find_door(const char* top, const Opens& opens) {
  namespace fs = std::filesystem;
  std::error_code error;
  for (const auto& entry : fs::recursive_directory_iterator{
           top, fs::directory_options::skip_permission_denied, error}) {
    std::string path = entry.path();
    const bool is_group = path.ends_with("/cgroup.procs") && entry.path().parent_path() != top;
    const bool is_limit = path.ends_with(".max") && !slurp(path).starts_with("max");
    if ((is_group && can_write(path)) || (is_limit && opens(path))) return path;
  }
  return {};
}

// To the owner of a group everything in it and below is open. What keeps his container from it is
// that it shows nowhere: not where it is, and not on a mount of the probe's own, where its own
// group is the topmost.
Outcome cross_border(const Facts&) {
  for (const char* place : {"/sys/fs/cgroup", mount_point}) {
    const std::string found = find_door(place, can_write);
    if (!found.empty()) return reached(found + " can be written");
  }
  std::string found;
  on_any_cgroup_mount([&] {
    found = find_door(mount_point, can_be_lifted);
    return !found.empty();
  });
  return found.empty() ? blocked("there is no limit to lift, and no group to go to")
                       : reached(found + " of a mount of its own can be written");
}

// Opened only: what is written there, the kernel runs as root of the host.
Outcome open_release_agent(const Facts&) {
  if (v1_controllers().empty()) return not_testable("the kernel has no v1 hierarchy here");
  const bool opened =
      on_any_cgroup_mount([] { return can_write(std::string{mount_point} + "/release_agent"); });
  return opened ? reached("release_agent can be written") : blocked("no release_agent to write");
}

Outcome lower_oom_score(const Facts&) {
  const int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
  if (fd == -1) return blocked(failed("open(oom_score_adj)"));
  if (write(fd, "-1000", 5) == 5) return reached("the kernel will never kill this process");
  return blocked(failed("oom_score_adj = -1000"));
}

Outcome take_priority(const Facts&) {
  const sched_param urgent{.sched_priority = 1};
  if (sched_setscheduler(0, SCHED_FIFO, &urgent) == 0) return reached("SCHED_FIFO");
  if (setpriority(PRIO_PROCESS, 0, -5) == 0) return reached("nice -5");
  return blocked(failed("SCHED_FIFO and nice -5"));
}

Outcome write_long_file(const Facts& facts) {
  constexpr const char* path = "/dev/shm/long";
  (void)std::signal(SIGXFSZ, SIG_IGN);
  const long most = facts.number("most");
  const int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd == -1) return not_testable(failed("open(/dev/shm/long)"));
  unlink(path);
  if (pwrite(fd, "x", 1, most - 1) != 1) return not_testable(failed("as long as it may be"));
  if (pwrite(fd, "x", 1, most) == 1) return reached("a byte behind the limit");
  const std::string evidence = failed("a byte behind the limit");
  return ftruncate(fd, most + 1) == 0 ? reached("ftruncate() behind the limit") : blocked(evidence);
}

// In a child, which listens to no signal that it can ignore, and resets the soft limit.
Outcome burn_on(const Facts& facts) {
  const double most = std::strtod(facts["most"].c_str(), nullptr);
  const pid_t child = fork();
  if (child == 0) {
    for (int number = 1; number < NSIG; ++number) (void)std::signal(number, SIG_IGN);
    rlimit own{};
    getrlimit(RLIMIT_CPU, &own);
    own.rlim_cur = own.rlim_max;
    setrlimit(RLIMIT_CPU, &own);
    while (seconds(CLOCK_PROCESS_CPUTIME_ID) < most) {
    }
    _exit(0);
  }
  int status = 0;
  if (child == -1 || waitpid(child, &status, 0) == -1) return not_testable(failed("a child"));
  if (WIFEXITED(status)) return reached(facts["most"] + " s of a processor");
  return blocked("ended by signal " + std::to_string(WTERMSIG(status)));
}

// RES-01 in small: `processes` of them, which end with the child that made them.
Outcome make_processes(const Facts& facts) {
  const long most = facts.number("processes");
  std::vector<pid_t> made;
  while (static_cast<long>(made.size()) < most) {
    const pid_t pid = fork();
    if (pid == 0) {
      while (true) pause();
    }
    if (pid == -1) break;
    made.push_back(pid);
  }
  const std::string evidence = failed("after " + std::to_string(made.size()) + " processes");
  for (const pid_t pid : made) kill(pid, SIGKILL);
  for (const pid_t pid : made) waitpid(pid, nullptr, 0);
  return static_cast<long>(made.size()) < most ? blocked(evidence)
                                               : reached(facts["processes"] + " processes");
}

// RES-02 in small: a child that takes `mebibytes`.
Outcome take_memory(const Facts& facts) {
  const pid_t child = fork();
  if (child == 0) _exit(hog(facts.number("mebibytes")));
  int status = 0;
  if (child == -1 || waitpid(child, &status, 0) == -1) return not_testable(failed("a child"));
  return WIFSIGNALED(status) ? blocked("killed for memory") : reached(facts["mebibytes"] + " MiB");
}

constexpr std::array attacks{
    Attack{"RES-03", burn},
    Attack{"RES-04", exhaust_descriptors},
    Attack{"own-descriptors", use_descriptors},
    Attack{"RES-05", fill_memory_files},
    Attack{"RES-05-NAMES", fill_names},
    Attack{"RES-06", queue_signals},
    Attack{"RES-06-LOCKED", lock_memory},
    Attack{"RES-08", leave_group},
    Attack{"RES-09", open_release_agent},
    Attack{"RES-19", cross_border},
    Attack{"RES-12", lower_oom_score},
    Attack{"RES-14", take_priority},
    Attack{"RES-16", write_long_file},
    Attack{"RES-17", burn_on},
    Attack{"bounded-processes", make_processes},
    Attack{"bounded-memory", take_memory},
};

}  // namespace

std::span<const Attack> resource_attacks() {
  return attacks;
}

int bomb(long most) {
  long made = 0;
  while (made < most) {
    const pid_t pid = fork();
    if (pid == 0) {
      prctl(PR_SET_PDEATHSIG, SIGKILL);
      while (true) pause();
    }
    if (pid == -1) break;
    ++made;
  }
  const char* why = made == most ? "unhindered" : strerrorname_np(errno);
  std::printf("%ld %s\n", made, why);
  (void)std::fflush(stdout);
  while (true) pause();
}

// What nobody has received yet counts for the user who sent it, unix(7), SCM_RIGHTS.
int send_descriptors(long most) {
  std::array<int, 2> ends{};
  if (socketpair(AF_UNIX, SOCK_DGRAM, 0, ends.data()) == -1) return 1;
  constexpr int at_once = 250;
  std::array<int, at_once> copies{};
  copies.fill(ends[0]);
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof copies)> control{};
  char byte = 0;
  iovec part{&byte, 1};
  msghdr header{};
  header.msg_iov = &part;
  header.msg_iovlen = 1;
  header.msg_control = control.data();
  header.msg_controllen = control.size();
  cmsghdr* rights = CMSG_FIRSTHDR(&header);
  rights->cmsg_level = SOL_SOCKET;
  rights->cmsg_type = SCM_RIGHTS;
  rights->cmsg_len = CMSG_LEN(sizeof copies);
  std::memcpy(CMSG_DATA(rights), copies.data(), sizeof copies);
  long sent = 0;
  while (sent < most && sendmsg(ends[0], &header, MSG_DONTWAIT) == 1) sent += at_once;
  const std::string stopped = sent < most ? " " + failed("sendmsg()") : "";
  std::printf("%ld on their way%s\n", sent, stopped.c_str());
  (void)std::fflush(stdout);
  if (sent == 0) return 1;
  while (true) pause();
}

// What a user's pipes hold counts for the user, pipe(7); beyond pipe-user-pages-soft a new one is
// small.
int fill_pipes(long most) {
  constexpr long of_one_process = 400;
  for (long made = 0; made < most; made += of_one_process) {
    if (fork() != 0) continue;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    std::array<int, 2> ends{};
    for (long i = 0; i < of_one_process && pipe2(ends.data(), O_CLOEXEC) == 0; ++i) continue;
    std::printf("%d\n", fcntl(ends[0], F_GETPIPE_SZ));
    (void)std::fflush(stdout);
    while (true) pause();
  }
  while (true) pause();
}

int print_pipe_sizes() {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) == -1) return 1;
  std::printf("output: %d, new: %d\n", fcntl(STDOUT_FILENO, F_GETPIPE_SZ),
              fcntl(ends[0], F_GETPIPE_SZ));
  return 0;
}

int hog(long most) {
  constexpr long step = 16;
  for (long touched = 0; touched < most; touched += step) {
    void* memory = mmap(nullptr, step * mebibyte, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
    if (memory == MAP_FAILED) return 1;
    std::memset(memory, 'x', step * mebibyte);
  }
  std::printf("%ld MiB touched\n", most);
  return 0;
}

int count_rounds() {
  const double end = seconds(CLOCK_MONOTONIC) + 2;
  while (seconds(CLOCK_MONOTONIC) < end) {
  }
  std::printf("%.0f\n", seconds(CLOCK_PROCESS_CPUTIME_ID) * 1000);
  return 0;
}

}  // namespace probe
