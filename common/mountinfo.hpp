// /proc/PID/mountinfo, parsed: the mounts that a process sees, proc_pid_mountinfo(5).
//
//   for (const MountInfo& mount : parse_mountinfo(read_file("/proc/self/mountinfo"))) {
//     if (mount.propagation() == "shared") puts(mount.mount_point.c_str());
//   }
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tincan {

/// One line of mountinfo. Paths come with the kernel's escapes (\040 for a blank) undone.
struct MountInfo {
  int id = 0;
  int parent = 0;
  std::string device;  ///< major:minor
  std::string root;    ///< the directory of the file system that is the root of this mount
  std::string mount_point;
  std::string options;                ///< of the mount: "ro,nosuid"
  std::vector<std::string> optional;  ///< "shared:5", "master:2", "propagate_from:1", "unbindable"
  std::string type;
  std::string source;
  std::string super_options;  ///< of the file system

  /// "shared", "slave", "slave,shared", "unbindable" or "private", mount_namespaces(7).
  std::string propagation() const;
};

/// The mounts in the order of the file. Throws Error (EINVAL) naming a line that is none.
std::vector<MountInfo> parse_mountinfo(std::string_view text);

}  // namespace tincan
