// Making control groups, setting their limits, asking what became of them, and removing them.
#include "09-cgroups/cgroup.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <poll.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <string_view>
#include <utility>

#include "common/error.hpp"
#include "common/files.hpp"
#include "common/log.hpp"
#include "common/numbers.hpp"
#include "common/syscalls.hpp"

namespace tincan {
namespace {

namespace fs = std::filesystem;

// The pid for people, the random number so that nobody else's group is ever meant.
std::string make_name() {
  std::uint64_t number = 0;
  check(getrandom(&number, sizeof number, 0), "getrandom");
  return fmt::format("tincan-{}-{:016x}", getpid(), number);
}

void make_directory(const std::string& directory) {
  // guard: the kernel's cgroup file system holds no symlinks and no container's files
  check(mkdir(directory.c_str(), 0755), "make control group", directory);
}

// What is not on yet for the groups in `directory`, as the kernel takes it: "+memory +pids".
void turn_on(const Place& place, const std::string& directory) {
  const std::string file = directory + "/" + cgroup_file::subtree_control;
  std::string words;
  for (const Controller controller : place.controllers) {
    const std::string wanted = name(place.version, controller);
    if (!lists(read_file(file), wanted)) words += (words.empty() ? "+" : " +") + wanted;
  }
  if (words.empty()) return;
  // guard: the kernel's cgroup file system holds no symlinks and no container's files
  const unique_fd fd{check(open(file.c_str(), O_WRONLY | O_CLOEXEC), "turn on controllers", file)};
  check(write(fd.get(), words.data(), words.size()), "turn on controllers", words + " in " + file);
}

bool host_has_swap() {
  // The first line is the heading.
  return split_at(read_file("/proc/swaps"), '\n').size() > 1;
}

// The number behind `key` and a blank, or alone on its line if `key` is empty.
std::optional<std::uint64_t> read_number(const std::string& path, std::string_view key) {
  if (access(path.c_str(), F_OK) == -1) return std::nullopt;
  const std::string text = read_file(path);
  for (std::string_view line : split_at(text, '\n')) {
    if (!key.empty()) {
      if (!line.starts_with(key) || !line.substr(key.size()).starts_with(' ')) continue;
      line.remove_prefix(key.size() + 1);
    }
    if (const auto number = parse_number(line, 0, UINT64_MAX)) return number;
  }
  return std::nullopt;
}

bool has(const Place& place, Controller controller) {
  return std::find(place.controllers.begin(), place.controllers.end(), controller) !=
         place.controllers.end();
}

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

void apply(const Setting& setting, const std::string& directory) {
  const std::string path = directory + "/" + setting.file;
  // guard: the kernel's cgroup file system holds no symlinks and no container's files
  const unique_fd file{open(path.c_str(), O_RDWR | O_CLOEXEC)};
  if (!file.ok() && errno == ENOENT) {
    if (setting.about_swap && !host_has_swap()) return;
    throw Error{ENOENT, "limit", path, "this kernel does not have it"};
  }
  check(file.get(), "limit", path);
  check(write(file.get(), setting.value.data(), setting.value.size()), "limit",
        path + " to " + setting.value);
  // exercise: read-back
  check(lseek(file.get(), 0, SEEK_SET), "limit", path);
  const std::string kept = read_all(file, path);
  if (kept.find(setting.value) != std::string::npos) return;
  throw Error{0, "limit", path, "the kernel took " + setting.value + " and has " + kept};
  // end of exercise
}

ControlGroups::ControlGroups(std::vector<Place> places, const LimitOptions& limits,
                             const std::string& disk)
    : ControlGroups{std::move(places), make_name()} {
  guard_ = std::make_unique<Guard>([this] { return remove(); });
  for (const Place& place : places_) make(place, limits, disk);
}

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

std::string ControlGroups::remove() const {
  std::string left;
  for (const Place& place : places_) {
    if (!remove_group(outer(place))) left += " " + outer(place);
  }
  return left.empty() ? left : "these control groups could not be removed:" + left;
}

void ControlGroups::be_birthplace_of(clone_args& request) {
  if (places_.empty() || places_.front().version != Version::v2) return;
  // guard: the kernel's cgroup file system holds no symlinks and no container's files
  birthplace_ = open_file(inner(places_.front()), O_RDONLY | O_DIRECTORY);
  request.flags |= CLONE_INTO_CGROUP;
  request.cgroup = static_cast<std::uint64_t>(birthplace_.get());
}

void ControlGroups::make(const Place& place, const LimitOptions& limits,
                         const std::string& disk) const {
  if (place.version == Version::v2) turn_on(place, place.parent);
  make_directory(outer(place));
  // What a group passes on, nobody can turn off above it.
  if (place.version == Version::v2) turn_on(place, outer(place));
  make_directory(inner(place));
  for (const Controller controller : place.controllers) {
    // v1 throttles no group below it, blkio-controller.rst, "Hierarchical Cgroups".
    const bool not_below = place.version == Version::v1 && controller == Controller::io;
    const std::string directory = not_below ? inner(place) : outer(place);
    for (const Setting& setting : settings(place.version, controller, limits, disk)) {
      log::debug("limit {}: {}", setting.file, setting.value);
      apply(setting, directory);
    }
  }
}

// Into `tasks` and about oneself: to move one thread that waits in this very call, the kernel need
// not stop every fork on the machine first, cgroup_procs_write_start() since Linux 5.5. To write
// the child's pid into cgroup.procs takes the launcher 10 to 15 ms here, this 0.03.
void ControlGroups::join() const {
  for (const Place& place : places_) {
    if (place.version == Version::v2) continue;
    // guard: the kernel's cgroup file system holds no symlinks and no container's files
    write_file(inner(place) + "/" + cgroup_file::tasks, "0");
  }
}

// v2 counts a killed process in every group above it too, v1 only where it was.
std::optional<MemoryUse> ControlGroups::memory_use() const {
  for (const Place& place : places_) {
    if (!has(place, Controller::memory)) continue;
    const bool v2 = place.version == Version::v2;
    const std::string events = v2 ? outer(place) + "/" + cgroup_file::memory_events
                                  : inner(place) + "/" + cgroup_file::memory_oom_control;
    const std::string peak = v2 ? cgroup_file::memory_peak : cgroup_file::memory_peak_v1;
    return MemoryUse{read_number(events, "oom_kill").value_or(0),
                     read_number(outer(place) + "/" + peak, "")};
  }
  return std::nullopt;
}

// v1 counts where the fork failed, and so did v2; since Linux 6.11 v2 counts where the limit
// stands, unless it is mounted with pids_localevents.
std::uint64_t ControlGroups::refused_processes() const {
  for (const Place& place : places_) {
    if (!has(place, Controller::pids)) continue;
    const auto count = [](const std::string& directory) {
      return read_number(directory + "/" + cgroup_file::pids_events, "max").value_or(0);
    };
    return std::max(count(outer(place)), count(inner(place)));
  }
  return 0;
}

ControlGroups make_groups(const LimitOptions& limits, const Source& root) {
  if (limits.none) return {};
  const bool io = limits.io_read || limits.io_write;
  return {find_places(controllers_for(limits), this_host()), limits, io ? disk_of(root) : ""};
}

}  // namespace tincan
