// Ending inheritances, one function each.
#include "03-process/clean_start.hpp"

#include <fcntl.h>
#include <grp.h>
#include <linux/magic.h>
#include <sched.h>
#include <sys/personality.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <string>
#include <vector>

#include "common/error.hpp"
#include "common/files.hpp"
#include "common/syscalls.hpp"

namespace tincan {
namespace {

// ioprio_set(2). <linux/ioprio.h> of newer kernels is no C++: it has a parameter called `class`.
constexpr int ioprio_who_process = 1;
constexpr int ioprio_class_shift = 13;
constexpr long ioprio_class_rt = 1;

// Nobody gets at a pipe of pipe(2) but through a process that holds it, so its mode protects
// nothing; but it would refuse /dev/stdout, which opens the pipe again, to a command that is
// somebody else (chapter 06). Not the owner: the other end may be opened again as well, by who has
// it. An ordinary user whom somebody else handed a pipe may not change it, and could not open it
// again anyway.
void let_anybody_open_again(int fd) {
  struct statfs system {};
  if (fstatfs(fd, &system) == -1 || system.f_type != PIPEFS_MAGIC) return;
  if (fchmod(fd, 0666) == -1 && errno != EPERM) {
    throw Error{errno, "fchmod", "descriptor " + std::to_string(fd)};
  }
}

void secure_descriptor(int fd) {
  struct stat status {};
  if (fstat(fd, &status) == -1) {
    // open(2) gives the lowest free number, and those below are open already: it is `fd`.
    check(open("/dev/null", O_RDWR), "open", "/dev/null");  // NOLINT(android-cloexec-open)
    return;
  }
  if (S_ISDIR(status.st_mode)) {
    throw Error{EISDIR, "inherit descriptor", std::to_string(fd),
                "a directory of the host on it would be a way out of the container"};
  }
  let_anybody_open_again(fd);
}

bool is_in_other_groups() {
  std::vector<gid_t> groups(static_cast<std::size_t>(check(getgroups(0, nullptr), "getgroups")));
  check(getgroups(static_cast<int>(groups.size()), groups.data()), "getgroups");
  return std::any_of(groups.begin(), groups.end(), [](gid_t group) { return group != getegid(); });
}

}  // namespace

void secure_standard_descriptors() {
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) secure_descriptor(fd);
}

void add_clean_start_options(CommandLine& line, CleanStartOptions& options) {
  line.section("Clean start (chapter 03)");
  line.flag("--keep-groups", "stay in the caller's groups (leaving them takes privilege)",
            [&] { options.keep_groups = true; });
  line.always_so("-i,--interactive");  // the command's input is the caller's
  line.always_so("--rm");              // nothing is left behind
}

void leave_groups(const CleanStartOptions& options) {
  // exercise: groups
  if (options.keep_groups || setgroups(0, nullptr) == 0) return;
  const int number = errno;
  if (number != EPERM || is_in_other_groups()) throw Error{number, "setgroups", "to none"};
  // end of exercise
}

void join_own_keyring() {
  sys::join_new_session_keyring();
}

void give_up_privileged_scheduling() {
  const int policy = check(sched_getscheduler(0), "sched_getscheduler");
  if (policy != SCHED_OTHER && policy != SCHED_BATCH && policy != SCHED_IDLE) {
    const sched_param ordinary{};
    check(sched_setscheduler(0, SCHED_OTHER, &ordinary), "sched_setscheduler");
  }
  if (getpriority(PRIO_PROCESS, 0) < 0) check(setpriority(PRIO_PROCESS, 0, 0), "setpriority");
  const long io = check(syscall(SYS_ioprio_get, ioprio_who_process, 0), "ioprio_get");
  if (io >> ioprio_class_shift == ioprio_class_rt) {
    check(syscall(SYS_ioprio_set, ioprio_who_process, 0, 0), "ioprio_set");
  }
  if (read_file("/proc/self/oom_score_adj").starts_with('-')) {
    write_file("/proc/self/oom_score_adj", "0");
  }
}

void reset_personality() {
  check(personality(PER_LINUX), "personality");
}

void reset_file_defaults() {
  umask(022);
  check(chdir("/"), "chdir", "/");
}

void forbid_core_dumps() {
  // With 0 there is no file, but a program that core_pattern names is started all the same; 1 is
  // the one value that the kernel gives neither (fs/coredump.c).
  rlimit limit{1, 1};
  if (setrlimit(RLIMIT_CORE, &limit) == 0) return;
  const int number = errno;
  check(getrlimit(RLIMIT_CORE, &limit), "getrlimit", "RLIMIT_CORE");
  // sudo makes the hard limit 0, and raising it takes CAP_SYS_RESOURCE: then 0 is all there is.
  if (number != EPERM || limit.rlim_max != 0) throw Error{number, "setrlimit", "RLIMIT_CORE"};
}

void reset_signals() {
  // exercise: signals
  // By the bare call: glibc's sigaction() keeps 32 and 33 for itself, and would leave them ignored
  // if the caller had ignored them. SIGKILL and SIGSTOP cannot be ignored.
  const std::array<unsigned long, 4> default_action{};
  for (int number = 1; number < NSIG; ++number) {
    if (number == SIGKILL || number == SIGSTOP) continue;
    check(syscall(SYS_rt_sigaction, number, default_action.data(), nullptr, NSIG / 8),
          "rt_sigaction", std::to_string(number));
  }
  sigset_t none;
  sigemptyset(&none);
  check(sigprocmask(SIG_SETMASK, &none, nullptr), "sigprocmask");
  // end of exercise
}

// exercise: descriptors
void close_descriptors_on_exec() {
  sys::close_range_on_exec(STDERR_FILENO + 1);
}
// end of exercise

}  // namespace tincan
