// Saying which limit was hit. A command that was killed for memory has status 137, like anything
// that SIGKILL ended; one that may not fork says "Resource temporarily unavailable", if it says
// anything. Neither tells that it was a limit of ours.
//
//   LimitReport report{groups, limits};
//   launch.attend(report);
#pragma once

#include "03-process/launch.hpp"
#include "09-cgroups/cgroup.hpp"

namespace tincan {

class LimitReport : public Attendant {
 public:
  /// Both have to outlive this.
  LimitReport(const ControlGroups& groups, const LimitOptions& limits)
      : groups_{groups}, limits_{limits} {}

  void end() override;

 private:
  void say_killed_for_memory() const;
  void say_refused_processes() const;

  const ControlGroups& groups_;
  const LimitOptions& limits_;
};

}  // namespace tincan
