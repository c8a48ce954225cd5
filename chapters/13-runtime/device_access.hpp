// `linux.resources.devices`: rules for devices in an order, of which the later counts. Chapter 12 has a
// list of what is allowed; here are denials in between, and stars. v1 takes such rules line by line;
// for v2 they are turned round: the program asks the last first, and each rule settles the accesses
// that it names.
//
//   const auto rules = rules_of(resources);
//   put_program_on_v2(compile(rules), group);
#pragma once

#include <string>
#include <vector>

#include "12-devices/device_program.hpp"
#include "13-runtime/resources.hpp"

namespace tincan::oci {

/// First nothing is allowed; then come the document's rules; then what every container may, as in crun
/// and runc: nodes may be made for anything, which opens nothing, and the six devices and terminals of
/// its own can be used.
std::vector<DeviceAccess> rules_of(const Resources& resources);

/// "c 1:3 rwm", "a *:* rwm": devices.allow and devices.deny, admin-guide/cgroup-v1/devices.rst.
std::string rule_line(const DeviceAccess& rule);

/// eBPF, as in chapter 12. What no rule settles is refused.
DeviceProgram compile(const std::vector<DeviceAccess>& rules);

/// In a group of v1, one after the other. Throws Error.
void put_rules_on_v1(const std::vector<DeviceAccess>& rules, const std::string& group);

}  // namespace tincan::oci
