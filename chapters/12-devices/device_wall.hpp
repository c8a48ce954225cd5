// The rules, put where they bind: on the container's control group, so that they hold for whatever
// is ever started in it, whoever that becomes. The kernel looks at the group of who opens a device
// and at every group above; nobody below can take a rule off.
//
//   const DeviceGroup besides = raise_device_wall(options, devices, can.groups, can.spec.limits);
//   launch.child_does("join the device group of v1", [&] { besides.join(); });   // the first step
#pragma once

#include <string>

#include "09-cgroups/cgroup.hpp"
#include "09-cgroups/limits.hpp"
#include "12-devices/device_rules.hpp"
#include "12-devices/devices.hpp"

namespace tincan {

/// Where the rules are, if they are on v1: gone with this object, like the others.
struct DeviceGroup {
  ControlGroups groups = {};
  std::string inner = {};  ///< the directory of the group that the processes are in

  /// In the child; see ControlGroups::join().
  void join() const;
};

/// Where v2 is mounted, as a program on the outer of the container's two groups there, even if the
/// controller `devices` is on v1. Where it is not, in a group of v1 that is made here: the result.
///
/// Takes CAP_SYS_ADMIN over the machine, so there are no rules where an ordinary user starts the
/// container or this is a user namespace already; nor with --no-limits, which leaves it without a
/// group. A line in the log says so, unless --no-device-rules did. Throws UsageError for a grant
/// of less than rw that nobody would then hold anybody to, and Error for rules that could not be
/// had where they should.
DeviceGroup raise_device_wall(const DeviceOptions& options, const Devices& devices,
                              const ControlGroups& groups, const LimitOptions& limits);

/// The rules and their program on standard output.
void print_device_rules(const DeviceOptions& options);

}  // namespace tincan
