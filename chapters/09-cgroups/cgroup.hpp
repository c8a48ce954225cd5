// The control groups of one container: made before the clone, so that it can be born in them, and
// gone with it. In each hierarchy there are two, one in the other:
//
//   tincan-4711-5e1f09a2/          the limits, and nobody in it
//   tincan-4711-5e1f09a2/inside/   the processes; the root of what their cgroup namespace shows
//
// So the files that hold the limits are outside of everything that can be seen inside, whoever may
// mount what there.
//
//   ControlGroups groups = make_groups(limits, root.source);
//   groups.be_birthplace_of(launch.request());
//   launch.child_does("join the control groups of v1", [&] { groups.join(); });
#pragma once

#include <linux/sched.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "05-mounts/mounts.hpp"
#include "09-cgroups/guard.hpp"
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
  /// Those that somebody has made, found again: they stay when this object goes.
  ControlGroups(std::vector<Place> places, std::string name)
      : places_{std::move(places)}, name_{std::move(name)} {}

  const std::vector<Place>& places() const { return places_; }
  const std::string& name() const { return name_; }
  /// They outlive the launcher.
  void keep() {
    if (guard_) guard_->dismiss();
  }
  /// With every process in them. Returns which are left, in words, or nothing.
  std::string remove() const;

  /// The child that is asked for begins in the v2 group, if there is one: CLONE_INTO_CGROUP, Linux
  /// 5.7. This object has to be there until then.
  void be_birthplace_of(clone_args& request);
  /// In the child, the groups that it cannot be born in, those of v1. Before it becomes somebody
  /// else, who may not: the groups are the launcher's.
  void join() const;

  /// Nothing if memory is not limited.
  std::optional<MemoryUse> memory_use() const;
  /// How often the limit of processes kept one from being made; 0 if they are not limited.
  std::uint64_t refused_processes() const;

 private:
  std::string outer(const Place& place) const { return place.parent + "/" + name_; }
  std::string inner(const Place& place) const { return outer(place) + "/" + inner_group; }
  void make(const Place& place, const LimitOptions& limits, const std::string& disk) const;

  std::vector<Place> places_;
  std::string name_;
  std::unique_ptr<Guard> guard_;
  unique_fd birthplace_;
};

/// The groups that `limits` need on this host. `root`: a directory on the disk that --io-read and
/// --io-write are about. Throws Error if one limit cannot be applied.
ControlGroups make_groups(const LimitOptions& limits, const Source& root);

/// Kills every process in the groups at and below `directory`, and removes them; false if some of
/// them is still there after ten seconds. A group that does not exist is removed.
bool remove_group(const std::string& directory);

/// Writes `setting` into the group `directory` and reads it back: v1 has files that accept a limit
/// and forget it. Throws Error.
void apply(const Setting& setting, const std::string& directory);

}  // namespace tincan
