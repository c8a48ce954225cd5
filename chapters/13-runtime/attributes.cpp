// One system call each, mostly.
#include "13-runtime/attributes.hpp"

#include <fcntl.h>
#include <grp.h>
#include <linux/openat2.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdint>
#include <map>

#include "06-user-namespace/user_namespace.hpp"
#include "10-init/workdir.hpp"
#include "13-runtime/parameters.hpp"
#include "common/error.hpp"
#include "common/files.hpp"
#include "common/numbers.hpp"
#include "common/syscalls.hpp"

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x00000080
#endif

namespace tincan::oci {
namespace {

constexpr int ioprio_who_process = 1;

// struct sched_attr of sched_setattr(2), which a C library may have or not, and the kernel's header
// cannot be included beside any.
struct SchedulingAttributes {
  std::uint32_t size = sizeof(SchedulingAttributes);
  std::uint32_t policy;
  std::uint64_t flags;
  std::int32_t nice;
  std::uint32_t priority;
  std::uint64_t runtime;
  std::uint64_t deadline;
  std::uint64_t period;
};

// Written by whoever made the image: of bounded size, a file, and none of /proc's links.
std::string passwd_of_container() {
  constexpr std::size_t most = 1 << 20;
  try {
    const unique_fd file = sys::openat2(AT_FDCWD, "/etc/passwd", O_RDONLY | O_NONBLOCK | O_NOCTTY,
                                        RESOLVE_NO_MAGICLINKS);
    struct stat status {};
    check(fstat(file.get(), &status), "fstat", "/etc/passwd");
    return S_ISREG(status.st_mode) ? read_at_most(file, "/etc/passwd", most) : std::string{};
  } catch (const Error&) {
    return {};
  }
}

// passwd(5): name, password, number, group, comment, home, shell.
std::string home_of(uid_t uid) {
  const std::string text = passwd_of_container();
  for (const std::string_view line : split_at(text, '\n')) {
    const auto parts = split_at(line, ':');
    if (parts.size() < 6 || parse_number(parts[2], 0, UINT32_MAX) != uid) continue;
    if (parts[5].starts_with('/') && parts[5].find('\0') == std::string_view::npos)
      return std::string{parts[5]};
  }
  return "/";
}

std::string_view name_of(std::string_view variable) {
  return variable.substr(0, variable.find('='));
}

cpu_set_t processors(const std::string& list) {
  cpu_set_t set;
  CPU_ZERO(&set);
  for (const std::string_view part : split_at(list, ',')) {
    const std::size_t dash = part.find('-');
    const auto first = parse_number(part.substr(0, dash), 0, CPU_SETSIZE - 1);
    const auto last = dash == std::string_view::npos
                          ? first
                          : parse_number(part.substr(dash + 1), 0, CPU_SETSIZE - 1);
    if (!first || !last || *first > *last) {
      throw Error{EINVAL, "sched_setaffinity", list, "it is no list of processors: 0-3,7", 1};
    }
    for (std::size_t cpu = *first; cpu <= *last; ++cpu) CPU_SET(cpu, &set);
  }
  return set;
}

}  // namespace

unique_fd prepare_clocks(const Document& document) {
  if (!document.has_own(CLONE_NEWTIME)) return {};
  // guard: the launcher's /proc, which is the host's
  unique_fd callers = open_file("/proc/self/ns/time_for_children", O_RDONLY);
  check(unshare(CLONE_NEWTIME), "unshare", "CLONE_NEWTIME");
  for (const TimeOffset& offset : document.time_offsets) {
    // guard: the launcher's /proc, which is the host's
    write_file("/proc/self/timens_offsets", offset.clock + " " + std::to_string(offset.seconds) +
                                                " " + std::to_string(offset.nanoseconds));
  }
  return callers;
}

void leave_clocks(borrowed_fd callers) {
  if (callers.get() == -1) return;
  check(setns(callers.get(), CLONE_NEWTIME), "setns", "the caller's clocks");
}

void raise_limits(const Process& process, const ChildProcess& child) {
  for (const Rlimit& limit : process.rlimits) {
    const auto resource = static_cast<__rlimit_resource>(limit.resource);
    rlimit now{};
    check(prlimit(child.pid(), resource, nullptr, &now), "prlimit", limit.name);
    if (now.rlim_max >= limit.value.rlim_max) continue;
    now.rlim_max = limit.value.rlim_max;
    check(prlimit(child.pid(), resource, &now, nullptr), "prlimit", limit.name);
  }
}

void set_oom_score(const Process& process, const ChildProcess& child) {
  if (!process.oom_score_adj) return;
  // guard: the launcher's /proc, which is the host's
  write_file(directory_of(child) + "/oom_score_adj", std::to_string(*process.oom_score_adj));
}

void set_kernel_parameters(const Document& document) {
  for (const auto& [name, value] : document.sysctl) {
    try {
      // guard: the host's root is still there, and no container has written to it
      write_file("/proc/sys/" + path_of_parameter(name), value);
    } catch (const Error& error) {
      throw Error{error.number(), "set linux.sysctl", name, error.hint(), 1};
    }
  }
}

void set_names(const Document& document) {
  const std::string& host = document.hostname;
  const std::string& domain = document.domainname;
  if (!host.empty()) check(sethostname(host.data(), host.size()), "sethostname", host);
  if (!domain.empty()) check(setdomainname(domain.data(), domain.size()), "setdomainname", domain);
}

// "unconfined" is what everybody is who has no profile.
unique_fd open_profile_file(const Process& process) {
  const std::string& profile = process.apparmor_profile;
  if (profile.empty() || profile == "unconfined") return {};
  // guard: the host's root is still there, and no container has written to it
  if (!exists("/sys/kernel/security/apparmor") &&
      !exists("/sys/module/apparmor/parameters/enabled")) {
    throw Error{0, "process.apparmorProfile", profile, "this kernel has no AppArmor, or it is off",
                1};
  }
  const std::string own = "/proc/thread-self/attr/apparmor/exec";  // Linux 5.1
  // guard: the host's root is still there, and no container has written to it
  return open_file(exists(own) ? own : "/proc/thread-self/attr/exec", O_WRONLY);
}

void set_apparmor_profile(const Process& process, borrowed_fd file) {
  if (file.get() == -1) return;
  const std::string command = "exec " + process.apparmor_profile;
  const ssize_t count = write(file.get(), command.data(), command.size());
  if (count != static_cast<ssize_t>(command.size())) {
    throw Error{count == -1 ? errno : EIO, "process.apparmorProfile", process.apparmor_profile,
                "is it loaded? see /sys/kernel/security/apparmor/profiles", 1};
  }
}

// Where a user namespace denies it, and none is wanted, having none is as good.
void set_groups(const Process& process) {
  const std::vector<gid_t>& groups = process.additional_gids;
  if (setgroups(groups.size(), groups.data()) == 0) return;
  const int number = errno;
  if (number == EPERM && groups.empty() && getgroups(0, nullptr) == 0) return;
  throw Error{number, "setgroups", "process.user.additionalGids"};
}

void set_umask(const Process& process) {
  umask(process.umask.value_or(022));
}

void set_limits(const Process& process) {
  for (const Rlimit& limit : process.rlimits) {
    const auto resource = static_cast<__rlimit_resource>(limit.resource);
    check(setrlimit(resource, &limit.value), "setrlimit", limit.name);
  }
}

void set_scheduling(const Process& process) {
  if (const auto& wanted = process.scheduler) {
    const SchedulingAttributes attributes{.policy = wanted->policy,
                                          .flags = wanted->flags,
                                          .nice = wanted->nice,
                                          .priority = wanted->priority,
                                          .runtime = wanted->runtime,
                                          .deadline = wanted->deadline,
                                          .period = wanted->period};
    check(syscall(SYS_sched_setattr, 0, &attributes, 0), "sched_setattr", "process.scheduler");
  }
  if (process.io_priority) {
    check(syscall(SYS_ioprio_set, ioprio_who_process, 0, *process.io_priority), "ioprio_set",
          "process.ioPriority");
  }
}

void run_on(const std::string& cpus) {
  if (cpus.empty()) return;
  const cpu_set_t set = processors(cpus);
  check(sched_setaffinity(0, sizeof set, &set), "sched_setaffinity", cpus);
}

std::vector<std::string> environment_of(const Process& process) {
  std::vector<std::string> all;
  std::map<std::string_view, std::size_t> places;
  for (const std::string& variable : process.env) {
    const auto [place, fresh] = places.try_emplace(name_of(variable), all.size());
    if (fresh) {
      all.push_back(variable);
    } else {
      all[place->second] = variable;
    }
  }
  if (!places.contains("HOME")) all.push_back("HOME=" + home_of(process.user.uid));
  return all;
}

void enter_cwd(const Process& process) {
  try {
    enter_workdir({process.cwd});
  } catch (const Error& error) {
    throw Error{error.number(),
                "chdir to cwd (\"" + process.cwd + "\") set in config.json failed",
                {},
                error.hint()};
  }
}

}  // namespace tincan::oci
