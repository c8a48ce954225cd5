// What chapter 09 needs: groups, made where the controller is, and removed again.
#include <fcntl.h>
#include <linux/sched.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <string>

#include "common/files.hpp"
#include "common/syscalls.hpp"
#include "doctor/hierarchies.hpp"
#include "doctor/trial.hpp"

namespace tincan::doctor {
namespace {

// A group below `parent`, until the end of the scope.
class Group {
 public:
  explicit Group(const std::string& parent)
      : path_{parent + "/tincan-doctor-" + std::to_string(getpid())} {
    check(mkdir(path_.c_str(), 0755), "make control group", path_);
  }
  Group(Group&&) = delete;
  ~Group() { rmdir(path_.c_str()); }

  const std::string& path() const { return path_; }
  bool has(const std::string& file) const {
    return access((path_ + "/" + file).c_str(), F_OK) == 0;
  }

 private:
  std::string path_;
};

Hierarchy with_controller(const std::string& name) {
  for (const Hierarchy& one : hierarchies()) {
    if (std::find(one.controllers.begin(), one.controllers.end(), name) != one.controllers.end()) {
      return one;
    }
  }
  throw Error{ENOENT, "find controller", name};
}

Hierarchy version_2() {
  for (Hierarchy& one : hierarchies()) {
    if (one.version == 2) return one;
  }
  throw Error{ENOENT, "find cgroup2"};
}

void limit_memory() {
  const Group group{with_controller("memory").path};
}
void limit_processes() {
  const Group group{with_controller("pids").path};
}
void limit_cpu() {
  const Group group{with_controller("cpu").path};
}

// The block controller has another name in each version.
void limit_io() {
  try {
    with_controller("io");
  } catch (const Error&) {
    with_controller("blkio");
  }
}

// Version 2 counts swap beside memory, version 1 both together. The topmost group of version 2 has
// no limits, and so says nothing.
void count_swap() {
  const Hierarchy memory = with_controller("memory");
  const auto has = [](const std::string& file) { return access(file.c_str(), F_OK) == 0; };
  const std::string own = memory.path + own_group();
  const bool counted = memory.version == 1
                           ? has(memory.path + "/memory.memsw.limit_in_bytes")
                           : has(own + "/memory.swap.max") || !has(own + "/memory.max");
  if (!counted || !has("/proc/swaps")) throw Error{ENOENT, "find swap limit"};
}

void find_version_1() {
  for (const Hierarchy& one : hierarchies()) {
    if (one.version == 1) return;
  }
  throw Error{ENOENT, "find cgroup v1"};
}

void born_in_group() {
  const Group group{version_2().path};
  const unique_fd directory = open_file(group.path(), O_RDONLY | O_DIRECTORY);
  clone_args arguments{};
  arguments.flags = CLONE_INTO_CGROUP;
  arguments.exit_signal = SIGCHLD;
  arguments.cgroup = static_cast<std::uint64_t>(directory.get());
  pid_t pid = -1;
  try {
    pid = sys::clone3(arguments, {});
  } catch (const Error& error) {
    throw Error{error.number(), "clone3 INTO_CGROUP"};
  }
  if (pid == 0) _exit(0);
  check(waitpid(pid, nullptr, 0), "waitpid");
}

void kill_group() {
  const Group group{version_2().path};
  if (!group.has("cgroup.kill")) throw Error{ENOENT, "find cgroup.kill"};
  write_file(group.path() + "/cgroup.kill", "1");
}

// A group below the own one, as a user to whom it is delegated may make it.
void use_delegation() {
  const Group group{version_2().path + own_group()};
}

constexpr std::array table{
    Trial{"cgroup-memory", "a group with the memory controller", "09, 10", Weight::needed,
          limit_memory, nullptr},
    Trial{"cgroup-pids", "the same, pids", "09, 10", Weight::needed, limit_processes, nullptr},
    Trial{"cgroup-cpu", "the same, cpu", "09, 10", Weight::needed, limit_cpu, nullptr},
    Trial{"cgroup-io", "the io controller", "09, 10", Weight::useful, limit_io, nullptr},
    Trial{"cgroup-swap", "limits of swap", "09, 10", Weight::useful, count_swap, nullptr},
    Trial{"cgroup-v1", "hierarchies of version 1", "a test of 09", Weight::useful, find_version_1,
          nullptr},
    Trial{"into-cgroup", "CLONE_INTO_CGROUP (v2)", "09, 10", Weight::useful, born_in_group,
          nullptr},
    Trial{"cgroup-kill", "cgroup.kill (v2)", "09, 10", Weight::useful, kill_group, nullptr},
    Trial{"delegation", "a group of the user's own (v2)", "09, 10", Weight::useful, nullptr,
          use_delegation},
};

}  // namespace

std::span<const Trial> cgroup_trials() {
  return table;
}

}  // namespace tincan::doctor
