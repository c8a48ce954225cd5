// Which files a process sees: its root, its mounts, mount_namespaces(7), and what it has open.
#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "01-observe/observe.hpp"
#include "common/error.hpp"
#include "common/files.hpp"
#include "common/mountinfo.hpp"

namespace tincan::observation {
namespace {

// Path, and which file that is: "/" of a container and "/" of the host are two directories.
Field path(const std::string& key, const ProcessDirectory& process) {
  const Reading link = process.link(key);
  if (link.error != 0) return unreadable_field(key, errno_name(link.error));
  Field field{key, {{{"path", link.text}}}};
  const FileIdentity file = process.identify(key);
  if (file.error != 0) {
    field.entries[0].push_back({"unreadable", errno_name(file.error)});
    field.brief = link.text + " (not readable: " + errno_name(file.error) + ")";
    return field;
  }
  field.entries[0].push_back({"device", file.device});
  field.entries[0].push_back({"inode", std::to_string(file.inode), Part::Kind::number});
  field.brief = link.text + " (inode " + std::to_string(file.inode) + " of " + file.device + ")";
  return field;
}

Entry mount_entry(const MountInfo& mount) {
  std::string tags;
  for (const std::string& tag : mount.optional) tags += (tags.empty() ? "" : " ") + tag;
  return {{"mount_point", mount.mount_point},
          {"propagation", mount.propagation()},
          {"type", mount.type},
          {"options", mount.options},
          {"source", mount.source, Part::Kind::detail},
          {"root", mount.root, Part::Kind::detail},
          {"device", mount.device, Part::Kind::detail},
          {"super_options", mount.super_options, Part::Kind::detail},
          {"tags", tags, Part::Kind::detail}};
}

// "20: 18 shared, 2 private"
std::string mount_counts(const std::vector<MountInfo>& mounts) {
  std::map<std::string, int> counts;
  for (const MountInfo& mount : mounts) ++counts[mount.propagation()];
  std::string text;
  for (const auto& [propagation, count] : counts) {
    text += (text.empty() ? ": " : ", ") + std::to_string(count) + " " + propagation;
  }
  return std::to_string(mounts.size()) + text;
}

Field mounts(const Reading& reading) {
  if (reading.error != 0) return unreadable_field("mounts", errno_name(reading.error));
  try {
    const std::vector<MountInfo> all = parse_mountinfo(reading.text);
    std::vector<Entry> entries(all.size());
    std::transform(all.begin(), all.end(), entries.begin(), mount_entry);
    return list_field("mounts", std::move(entries), mount_counts(all));
  } catch (const Error&) {
    return unreadable_field("mounts", "not understood");
  }
}

Field descriptors(const ProcessDirectory& process) {
  const Reading numbers = process.list("fd");
  if (numbers.error != 0) return unreadable_field("descriptors", errno_name(numbers.error));
  std::vector<Entry> entries;
  for (const std::string_view number : split_at(numbers.text, '\n')) {
    const Reading target = process.link("fd/" + std::string{number});
    if (target.error == ENOENT) continue;  // closed since it was listed
    entries.push_back({{"fd", std::string{number}, Part::Kind::number},
                       target.error == 0 ? Part{"target", target.text}
                                         : Part{"unreadable", errno_name(target.error)}});
  }
  const std::string count = std::to_string(entries.size());
  return list_field("descriptors", std::move(entries), count);
}

}  // namespace

Section observe_files(const ProcessDirectory& process, const Reading& status) {
  return {"files",
          {path("root", process), path("cwd", process), path("exe", process),
           field_of_status("umask", status, "Umask"), mounts(process.read("mountinfo")),
           descriptors(process)}};
}

}  // namespace tincan::observation
