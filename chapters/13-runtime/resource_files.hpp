// Limits of a document in terms of the files of a control group: a list of what is to be written
// where, in order. Where v2 says it in other units, it is converted as crun and runc do.
//
//   for (const GroupFile& file : files_of(resources, Version::v2)) puts(file.value.c_str());
#pragma once

#include <string>
#include <vector>

#include "09-cgroups/cgroup_files.hpp"
#include "13-runtime/resources.hpp"

namespace tincan::oci {

struct GroupFile {
  std::string
      controller;  ///< the kernel's name on that version: memory, cpu, cpuset, io or blkio, ...
  std::string file;
  std::string value;
  std::string field;            ///< "linux.resources.memory.limit", for messages
  std::string other_file = {};  ///< where the first is not there
  std::string other_value = {};
};

/// Throws Error, exit status 1, for what that version cannot do: linux.resources.network on v2, say.
std::vector<GroupFile> files_of(const Resources& resources, Version version);

}  // namespace tincan::oci
