// Groups by path, in all hierarchies.
#include "13-runtime/groups.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <filesystem>
#include <optional>
#include <string_view>
#include <utility>

#include "01-observe/proc_text.hpp"
#include "09-cgroups/cgroup.hpp"
#include "09-cgroups/placement.hpp"
#include "12-devices/device_wall.hpp"
#include "13-runtime/device_access.hpp"
#include "13-runtime/resource_files.hpp"
#include "common/error.hpp"
#include "common/files.hpp"
#include "common/mountinfo.hpp"
#include "common/numbers.hpp"
#include "common/syscalls.hpp"

// guard: every path here is one of the kernel's cgroup file systems, on the host, before there is a
// container or by who is not in one: they hold no symlinks and no container's files.
namespace tincan::oci {
namespace {

namespace fs = std::filesystem;

constexpr auto cpus_file = "cpuset.cpus";
constexpr auto mems_file = "cpuset.mems";
constexpr auto freeze_v2 = "cgroup.freeze";
constexpr auto events_v2 = "cgroup.events";
constexpr auto freezer_v1 = "freezer.state";

// What a path leads to below the mount point, whatever "..", "." and "//" stand in it.
std::string below(const std::string& mount_point, const std::string& path) {
  std::string plain = fs::path{"/" + path}.lexically_normal();
  while (plain.ends_with('/')) plain.pop_back();
  if (plain.empty()) throw Error{EINVAL, "linux.cgroupsPath", path, "it names the root group", 1};
  return mount_point + plain;
}

bool is_group(const std::string& directory) {
  return exists(directory + "/" + cgroup_file::procs);
}

Version version_of(const std::string& directory) {
  return exists(directory + "/" + cgroup_file::controllers) || exists(directory + "/cgroup.type")
             ? Version::v2
             : Version::v1;
}

// The directories from below the mount point down to that of the group.
std::vector<std::string> levels(const Group& group) {
  std::vector<std::string> all;
  for (std::size_t at = group.mount_point.size(); at != std::string::npos;) {
    at = group.directory.find('/', at + 1);
    all.push_back(group.directory.substr(0, at));
  }
  return all;
}

// One by one: a group above may not have all of them, and which are needed is known when a limit is
// written.
void turn_on_all(const std::string& directory) {
  const std::string text = read_file(directory + "/" + cgroup_file::controllers);
  for (const std::string_view word : split_at(observation::without_end(text), ' ')) {
    const unique_fd file{
        open((directory + "/" + cgroup_file::subtree_control).c_str(), O_WRONLY | O_CLOEXEC)};
    const std::string line = "+" + std::string{word};
    if (file.ok()) (void)!write(file.get(), line.data(), line.size());
  }
}

// A new cpuset of v1 has no processors and no memory, and takes no process in.
void inherit_cpuset(const std::string& directory) {
  const std::string above = directory.substr(0, directory.rfind('/'));
  for (const char* const name : {cpus_file, mems_file}) {
    const std::string path = directory + "/" + name;
    if (!exists(path) || observation::without_end(read_file(path)) != "") continue;
    write_file(path, read_file(above + "/" + name));
  }
}

void make_one(const Group& group) {
  std::string above = group.mount_point;
  for (const std::string& level : levels(group)) {
    if (group.version == Version::v2) turn_on_all(above);
    if (mkdir(level.c_str(), 0755) == -1 && errno != EEXIST) {
      throw Error{errno, "make control group", level};
    }
    if (group.version == Version::v1) inherit_cpuset(level);
    above = level;
  }
  if (!observation::without_end(read_file(group.directory + "/" + cgroup_file::procs)).empty()) {
    throw Error{EBUSY, "make control group", group.directory, "there are processes in it already",
                1};
  }
}

const Group* v2_of(const Groups& groups) {
  const auto found = std::find_if(groups.begin(), groups.end(),
                                  [](const Group& one) { return one.version == Version::v2; });
  return found == groups.end() ? nullptr : &*found;
}

// What is written has to be there, and which hierarchy has it is seen by its file.
const Group* holder_of(const Groups& groups, Version version, const GroupFile& file) {
  for (const Group& group : groups) {
    if (group.version == version && exists(group.directory + "/" + file.file)) return &group;
  }
  return nullptr;
}

void write_limit(const Group& group, const GroupFile& file) {
  const std::string path = group.directory + "/" + file.file;
  try {
    write_file(path, file.value);
  } catch (const Error& error) {
    throw Error{error.number(), file.field, file.value, path + " does not take it", 1};
  }
}

// A host can have some controllers on v2 and the others on v1.
VersionOf versions_in(const Groups& groups) {
  const Group* const v2 = v2_of(groups);
  const bool has_v1 = groups.size() > (v2 == nullptr ? 0U : 1U);
  const std::string on_v2 =
      v2 == nullptr
          ? ""
          : observation::without_end(read_file(v2->directory + "/" + cgroup_file::controllers));
  const bool exists_v2 = v2 != nullptr;
  return [=](std::string_view controller) {
    if (!has_v1) return Version::v2;
    return exists_v2 && (controller.empty() || lists(on_v2, controller)) ? Version::v2
                                                                         : Version::v1;
  };
}

void write_all(const Groups& groups, const Resources& resources) {
  for (GroupFile& file : files_of(resources, versions_in(groups))) {
    const Group* group = holder_of(groups, file.version, file);
    if (group == nullptr && !file.other_file.empty()) {
      std::swap(file.file, file.other_file);
      std::swap(file.value, file.other_value);
      group = holder_of(groups, file.version, file);
    }
    if (group == nullptr) {
      throw Error{
          ENOENT, file.field, file.value,
          "no control group here has the controller " + file.controller + " with " + file.file, 1};
    }
    write_limit(*group, file);
  }
}

std::optional<Group> group_on(const MountInfo& mount, const std::string& path) {
  const bool v2 = mount.type == "cgroup2";
  if (!v2 && mount.type != "cgroup") return std::nullopt;
  if (!is_group(mount.mount_point)) return std::nullopt;
  return Group{v2 ? Version::v2 : Version::v1, mount.mount_point, below(mount.mount_point, path)};
}

void add_processes(const std::string& directory, std::vector<pid_t>& pids) {
  const std::string text = read_file(directory + "/" + cgroup_file::procs);
  for (const std::string_view line : split_at(text, '\n')) {
    if (const auto pid = parse_number(line, 1, INT32_MAX)) pids.push_back(static_cast<pid_t>(*pid));
  }
  for (const auto& entry : fs::directory_iterator{directory}) {
    if (entry.is_directory() && !entry.is_symlink()) add_processes(entry.path(), pids);
  }
}

// The hierarchy that processes are told by: v2, or any of v1.
std::string chief_of(const std::vector<std::string>& directories) {
  for (const std::string& directory : directories) {
    if (is_group(directory)) return directory;
  }
  return {};
}

// Where its processes can be stopped, and the file.
std::string freezer_of(const std::vector<std::string>& directories) {
  for (const char* const name : {freeze_v2, freezer_v1}) {
    for (const std::string& directory : directories) {
      if (exists(directory + "/" + name)) return directory + "/" + name;
    }
  }
  return {};
}

bool file_says_frozen(const std::string& file) {
  if (file.ends_with(freezer_v1)) return read_file(file).starts_with("FROZEN");
  const std::string events = file.substr(0, file.rfind('/') + 1) + events_v2;
  return read_file(events).find("frozen 1") != std::string::npos;
}

// v1 refuses a limit below what is in use, and v2 begins to kill: asked for, this refuses it as v1 does.
void require_room(const Groups& groups, const MemoryLimits& memory) {
  const Group* const v2 = v2_of(groups);
  if (!memory.check_before_update || !memory.limit || *memory.limit <= 0 || v2 == nullptr) return;
  const std::string path = v2->directory + "/memory.current";
  if (!exists(path)) return;
  const std::string used = read_file(path);
  const auto bytes = parse_number(observation::without_end(used), 0, UINT64_MAX);
  if (!bytes || *bytes <= static_cast<std::uint64_t>(*memory.limit)) return;
  throw Error{EBUSY, "linux.resources.memory.limit", std::to_string(*memory.limit),
              std::to_string(*bytes) + " are in use, and memory.checkBeforeUpdate is true", 1};
}

}  // namespace

Groups groups_for(const std::string& path, const std::string& id) {
  Groups groups;
  std::vector<std::string> seen;
  for (const MountInfo& mount : this_host().mounts) {
    const std::string key = mount.type + " " + mount.super_options;
    if (std::find(seen.begin(), seen.end(), key) != seen.end()) continue;
    const auto group = group_on(mount, path.empty() ? "/tincan-" + id : path);
    if (!group) continue;
    seen.push_back(key);
    groups.push_back(*group);
  }
  std::stable_sort(groups.begin(), groups.end(), [](const Group& one, const Group& other) {
    return one.version == Version::v2 && other.version == Version::v1;
  });
  return groups;
}

// What the kernel says, of each group that is ours whether the process is in it or deeper.
Groups groups_of(pid_t pid, const Groups& groups) {
  Groups all = groups;
  for (Group& group : all) {
    std::vector<pid_t> here;
    const std::string text = read_file(group.directory + "/" + cgroup_file::procs);
    const std::string line = std::to_string(pid);
    const auto lines = split_at(text, '\n');
    if (std::find(lines.begin(), lines.end(), line) != lines.end()) continue;
    for (const auto& entry : fs::recursive_directory_iterator{group.directory}) {
      if (!entry.is_directory()) continue;
      const std::string below_text = read_file(entry.path().string() + "/" + cgroup_file::procs);
      const auto there = split_at(below_text, '\n');
      if (std::find(there.begin(), there.end(), line) == there.end()) continue;
      group.directory = entry.path();
      break;
    }
  }
  return all;
}

// The controllers last: a group that holds processes can turn on none for groups below it.
Groups group_below(pid_t pid) {
  const CgroupHost here = this_host();
  const CgroupHost its{read_file("/proc/" + std::to_string(pid) + "/cgroup"), here.mounts};
  const auto scope = own_group(its, "");
  if (!scope) throw Error{ENOENT, "find the control group of v2", std::to_string(pid), {}, 1};
  Group group{Version::v2, scope->directory, scope->directory + "/container"};
  if (mkdir(group.directory.c_str(), 0755) == -1) {
    throw Error{errno, "make control group", group.directory};
  }
  write_file(group.directory + "/" + cgroup_file::procs, std::to_string(pid));
  turn_on_all(scope->directory);
  return {group};
}

std::vector<std::string> directories_of(const Groups& groups) {
  std::vector<std::string> directories;
  for (const Group& group : groups) directories.push_back(group.directory);
  return directories;
}

Groups groups_in(const std::vector<std::string>& directories) {
  Groups groups;
  for (const std::string& directory : directories) {
    if (is_group(directory)) groups.push_back({version_of(directory), {}, directory});
  }
  return groups;
}

void make(const Groups& groups) {
  for (const Group& group : groups) make_one(group);
}

void limit(const Groups& groups, const Resources& resources) {
  require_room(groups, resources.memory);
  write_all(groups, resources);
}

void rule_devices(const Groups& groups, const Resources& resources) {
  const std::vector<DeviceAccess> rules = rules_of(resources);
  if (const Group* const v2 = v2_of(groups))
    return put_program_on_v2(compile(rules), v2->directory);
  for (const Group& group : groups) {
    if (exists(group.directory + "/devices.deny")) return put_rules_on_v1(rules, group.directory);
  }
}

unique_fd birthplace(const Groups& groups) {
  const Group* const v2 = v2_of(groups);
  return v2 == nullptr ? unique_fd{} : open_file(v2->directory, O_RDONLY | O_DIRECTORY);
}

void join(const Groups& groups) {
  for (const Group& group : groups) {
    if (group.version == Version::v1) write_file(group.directory + "/" + cgroup_file::tasks, "0");
  }
}

std::vector<pid_t> processes_in(const std::vector<std::string>& directories) {
  std::vector<pid_t> pids;
  const std::string chief = chief_of(directories);
  if (!chief.empty()) add_processes(chief, pids);
  std::sort(pids.begin(), pids.end());
  return pids;
}

// Each is held first and looked for again: a number may have come to mean another process.
void signal_all(const std::vector<std::string>& directories, int number) {
  std::vector<std::pair<pid_t, unique_fd>> held;
  for (const pid_t pid : processes_in(directories)) {
    if (unique_fd fd = sys::pidfd_open(pid); fd.ok()) held.emplace_back(pid, std::move(fd));
  }
  const std::vector<pid_t> still = processes_in(directories);
  for (const auto& [pid, fd] : held) {
    if (std::binary_search(still.begin(), still.end(), pid)) sys::pidfd_send_signal(fd, number);
  }
}

void freeze(const std::vector<std::string>& directories, bool frozen) {
  const std::string file = freezer_of(directories);
  if (file.empty()) {
    throw Error{ENOENT, frozen ? "pause" : "resume", {}, "it has no group with a freezer", 1};
  }
  const bool v1 = file.ends_with(freezer_v1);
  write_file(file, v1 ? (frozen ? "FROZEN" : "THAWED") : (frozen ? "1" : "0"));
  constexpr int rounds = 2000;
  constexpr int pause_ms = 5;
  for (int round = 0; round < rounds; ++round) {
    if (file_says_frozen(file) == frozen) return;
    (void)poll(nullptr, 0, pause_ms);
  }
  throw Error{ETIMEDOUT, frozen ? "pause" : "resume", file};
}

bool is_frozen(const std::vector<std::string>& directories) {
  const std::string file = freezer_of(directories);
  return !file.empty() && file_says_frozen(file);
}

// A frozen process of v1 does not die before it is thawed.
void remove_groups(const std::vector<std::string>& directories) {
  const std::string freezer = freezer_of(directories);
  if (freezer.ends_with(freezer_v1) && file_says_frozen(freezer)) {
    signal_all(directories, SIGKILL);
    write_file(freezer, "THAWED");
  }
  std::string left;
  for (const std::string& directory : directories) {
    if (!remove_group(directory)) left += " " + directory;
  }
  if (!left.empty()) throw Error{EBUSY, "remove the control groups", left, {}, 1};
}

}  // namespace tincan::oci
