// The control groups of one container: made before the clone, so that it can be born in them, and
// gone with it. In each hierarchy there are two, one in the other:
//
//   tincan-4711-5e1f09a2/          the limits, and nobody in it
//   tincan-4711-5e1f09a2/inside/   the processes; the root of what their cgroup namespace shows
//
// So the files that hold the limits are outside of everything that can be seen inside, whoever may
// mount what there.
//
//   ControlGroups groups = make_groups(limits, sources.root);
//   launch.born_in(groups.birthplace());
//   launch.child_does("join the control groups of v1", [&] { groups.join(); });
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "05-mounts/mounts.hpp"
#include "09-cgroups/group_guard.hpp"
#include "09-cgroups/placement.hpp"
#include "common/unique_fd.hpp"

namespace tincan {

/// What the kernel counted.
struct MemoryUse {
  std::uint64_t killed = 0;           ///< processes that it killed for want of memory
  std::optional<std::uint64_t> peak;  ///< bytes; v2 does not tell before Linux 5.19
};

class ControlGroups {
 public:
  /// None: --no-limits.
  ControlGroups() = default;
  /// Makes them, for these places. Throws Error, and then none is left.
  ControlGroups(std::vector<Place> places, const LimitOptions& limits, const std::string& disk);

  /// The v2 group that clone3 shall put the child in; -1 if there is none.
  borrowed_fd birthplace() const { return birthplace_; }
  /// In the child, the groups that it cannot be born in, those of v1. Before it becomes somebody
  /// else, who may not: the groups are the launcher's.
  void join() const;

  /// Nothing if memory is not limited.
  std::optional<MemoryUse> memory_use() const;

 private:
  struct Group {
    Place place;
    std::string limits;  ///< the directory
    std::string inside;
  };
  static void make(const Group& group, const LimitOptions& limits, const std::string& disk);

  std::vector<Group> groups_;
  std::unique_ptr<GroupGuard> guard_;  // removes them
  unique_fd birthplace_;
};

/// The groups that `limits` need on this host. `root`: a directory on the disk that --io-read and
/// --io-write are about. Throws Error if one limit cannot be applied.
ControlGroups make_groups(const LimitOptions& limits, const Source& root);

/// Writes `setting` into the group `directory` and reads it back: v1 has files that accept a limit
/// and forget it. Throws Error.
void apply(const Setting& setting, const std::string& directory);

}  // namespace tincan
