// Removing control groups, with whoever is in them.
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <string_view>
#include <utility>

#include "09-cgroups/cgroup.hpp"
#include "common/error.hpp"
#include "common/files.hpp"
#include "common/numbers.hpp"
#include "common/syscalls.hpp"

namespace tincan {
namespace {

namespace fs = std::filesystem;

std::vector<pid_t> processes_in(const std::string& directory) {
  std::vector<pid_t> pids;
  const std::string text = read_file(directory + "/" + cgroup_file::procs);
  for (const std::string_view line : split_at(text, '\n')) {
    // 0: somebody in a pid namespace that is not seen from here.
    if (const auto pid = parse_number(line, 1, INT32_MAX)) pids.push_back(static_cast<pid_t>(*pid));
  }
  return pids;
}

// Where the kernel cannot kill a group, one by one. A pid may have come to mean another process
// between reading and killing: so each is held first, and looked for in the group again.
void kill_one_by_one(const std::string& directory) {
  std::vector<std::pair<pid_t, unique_fd>> held;
  for (const pid_t pid : processes_in(directory)) {
    if (unique_fd fd = sys::pidfd_open(pid); fd.ok()) held.emplace_back(pid, std::move(fd));
  }
  const std::vector<pid_t> still = processes_in(directory);
  for (const auto& [pid, fd] : held) {
    if (std::find(still.begin(), still.end(), pid) != still.end()) {
      sys::pidfd_send_signal(fd, SIGKILL);
    }
  }
}

// A program that makes processes faster than they are killed is stopped by the limit on them first.
void kill_all(const std::string& directory) {
  const std::string kill = directory + "/" + cgroup_file::kill;
  // guard: the kernel's cgroup file system holds no symlinks and no container's files
  if (exists(kill)) return write_file(kill, "1");
  const std::string pids = directory + "/" + cgroup_file::pids_max;
  // guard: the kernel's cgroup file system holds no symlinks and no container's files
  if (exists(pids)) write_file(pids, "0");
  kill_one_by_one(directory);
}

// The kernel removes no group that holds a process or another group. Where the hierarchy is
// read-only it says so even of a group that is not there.
bool is_removed(const std::string& directory) {
  // guard: the kernel's cgroup file system holds no symlinks and no container's files
  return rmdir(directory.c_str()) == 0 || !exists(directory);
}

// From the deepest up: whoever may mount cgroup file systems inside may have made groups there.
// What can be removed at once holds nobody to be killed, and that is how most containers end.
void remove_tree(const std::string& directory) {
  if (is_removed(directory)) return;
  std::vector<std::string> below;
  for (const auto& entry : fs::directory_iterator{directory}) {
    if (entry.is_directory() && !entry.is_symlink()) below.push_back(entry.path());
  }
  for (const std::string& group : below) remove_tree(group);
  if (is_removed(directory)) return;
  kill_all(directory);
  // guard: the kernel's cgroup file system holds no symlinks and no container's files
  check(rmdir(directory.c_str()), "remove control group", directory);
}

// EBUSY: killed processes take a moment to go. ENOENT, ENODEV: somebody else was faster, and the
// next try finds nothing.
bool try_to_remove(const std::string& directory) {
  try {
    remove_tree(directory + "/" + inner_group);
    remove_tree(directory);
    return true;
  } catch (const std::exception&) {
    return false;
  }
}

}  // namespace

bool remove_group(const std::string& directory) {
  using clock = std::chrono::steady_clock;
  constexpr int pause_ms = 2;
  const auto deadline = clock::now() + std::chrono::seconds{10};
  while (!try_to_remove(directory)) {
    if (clock::now() > deadline) return false;
    (void)poll(nullptr, 0, pause_ms);
  }
  return true;
}

}  // namespace tincan
