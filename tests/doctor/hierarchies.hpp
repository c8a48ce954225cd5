// Where the control groups are: version 1 has a mount for each controller, version 2 one for all,
// hybrid hosts have both. See cgroups(7).
//
//   for (const Hierarchy& one : hierarchies()) puts(one.path.c_str());
#pragma once

#include <string>
#include <vector>

namespace tincan::doctor {

struct Hierarchy {
  int version = 0;                       ///< 1 or 2
  std::string path;                      ///< where it is mounted
  std::vector<std::string> controllers;  ///< of version 2: those that its topmost group offers
};

/// Those that this process sees.
std::vector<Hierarchy> hierarchies();

/// "v1", "v2", "hybrid" or "none".
std::string layout(const std::vector<Hierarchy>& all);

/// The group of this process in the version 2 hierarchy: a path below its mount. Empty for
/// the topmost, or if it is in none.
std::string own_group();

}  // namespace tincan::doctor
