// Limits of a document in terms of the files of a control group: a list of what is to be written
// where, in order. Where v2 says it in other units, it is converted as crun and runc do.
//
//   for (const GroupFile& file : files_of(resources, Version::v2)) puts(file.value.c_str());
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "09-cgroups/cgroup_files.hpp"
#include "13-runtime/resources.hpp"

namespace tincan::oci {

struct GroupFile {
  Version version = Version::v2;
  std::string
      controller;  ///< the kernel's name on that version: memory, cpu, cpuset, io or blkio, ...
  std::string file;
  std::string value;
  std::string field;            ///< "linux.resources.memory.limit", for messages
  std::string other_file = {};  ///< where the first is not there
  std::string other_value = {};
};

/// Which version has a controller, by its name on v2: a host can have some on each.
using VersionOf = std::function<Version(std::string_view controller)>;

/// Throws Error, exit status 1, for what that version cannot do: linux.resources.network on v2, say.
std::vector<GroupFile> files_of(const Resources& resources, const VersionOf& version_of);
std::vector<GroupFile> files_of(const Resources& resources, Version all);

}  // namespace tincan::oci
