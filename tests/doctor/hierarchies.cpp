// Reading mountinfo for control groups.
#include "doctor/hierarchies.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "01-observe/proc_text.hpp"
#include "common/error.hpp"
#include "common/files.hpp"
#include "common/mountinfo.hpp"

namespace tincan::doctor {
namespace {

std::vector<std::string> words(std::string text, char separator) {
  if (text.ends_with('\n')) text.pop_back();
  std::vector<std::string> found;
  for (const auto word : split_at(text, separator)) {
    if (!word.empty()) found.emplace_back(word);
  }
  return found;
}

std::vector<std::string> offered(const std::string& path) {
  try {
    return words(read_file(path + "/cgroup.controllers"), ' ');
  } catch (const Error&) {
    return {};
  }
}

}  // namespace

std::vector<Hierarchy> hierarchies() {
  std::vector<Hierarchy> found;
  for (const MountInfo& mount : parse_mountinfo(read_file("/proc/self/mountinfo"))) {
    if (mount.type == "cgroup") {
      found.push_back({1, mount.mount_point, words(mount.super_options, ',')});
    } else if (mount.type == "cgroup2") {
      found.push_back({2, mount.mount_point, offered(mount.mount_point)});
    }
  }
  return found;
}

std::string layout(const std::vector<Hierarchy>& all) {
  const auto has = [&](int version) {
    return std::any_of(all.begin(), all.end(),
                       [version](const Hierarchy& one) { return one.version == version; });
  };
  if (has(1)) return has(2) ? "hybrid" : "v1";
  return has(2) ? "v2" : "none";
}

std::string own_group() {
  const std::string text = read_file("/proc/self/cgroup");
  for (const auto line : split_at(text, '\n')) {
    const auto group = observation::parse_cgroup(line);
    if (group && group->hierarchy == "v2" && group->path != "/") return group->path;
  }
  return {};
}

}  // namespace tincan::doctor
