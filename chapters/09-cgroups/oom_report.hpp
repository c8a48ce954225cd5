// Saying that the kernel killed for memory: the command's status is then 137, like that of anything
// killed by SIGKILL, and does not tell why.
//
//   OomReport report{groups, limits};
//   launch.attend(report);
#pragma once

#include "03-process/launch.hpp"
#include "09-cgroups/cgroup.hpp"

namespace tincan {

class OomReport : public Attendant {
 public:
  /// Both have to outlive this.
  OomReport(const ControlGroups& groups, const LimitOptions& limits)
      : groups_{groups}, limits_{limits} {}

  void end() override;

 private:
  const ControlGroups& groups_;
  const LimitOptions& limits_;
};

}  // namespace tincan
