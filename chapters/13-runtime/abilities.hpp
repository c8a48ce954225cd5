// What the reader of documents understands, by name: from the tables that it goes by, for `features`
// and `fields`.
#pragma once

#include <string>
#include <vector>

namespace tincan::oci {

/// All words of mounts[].options that are ours; others a file system may know.
std::vector<std::string> mount_option_names();

struct SeccompNames {
  std::vector<std::string> actions;
  std::vector<std::string> operators;
  std::vector<std::string>
      architectures;  ///< those that a filter looks at; others are taken, and mean nothing
  std::vector<std::string> flags;
};
SeccompNames seccomp_names();

}  // namespace tincan::oci
