// The second wall before a device. The first is that there are no nodes but those that were given,
// and that none made later opens (nodev). The second asks nobody where a node came from: whatever
// opens, and whatever is made, is looked up in a list of rules by its number, and what the list
// does not name is refused. It is a list of what is allowed, since new drivers come with every
// kernel.
//
//   for (const DeviceRule& rule : rules_for(devices.all)) puts(rule_text(rule).c_str());
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "12-devices/devices.hpp"

namespace tincan {

enum class DeviceType { block, character };

/// What is done to a device, as bits; numbered as BPF_DEVCG_ACC_* of <linux/bpf.h>.
namespace device_access {
inline constexpr std::uint32_t make = 1;  ///< a node for it, mknod(2)
inline constexpr std::uint32_t read = 2;
inline constexpr std::uint32_t write = 4;
}  // namespace device_access

/// Allows `access` to one device, or to all of a driver.
struct DeviceRule {
  DeviceType type = DeviceType::character;
  std::uint32_t major = 0;
  std::optional<std::uint32_t> minor = {};  ///< nothing: all of that major
  std::uint32_t access = 0;                 ///< device_access, or-ed
};

/// What every container may, the nodes of chapter 05 and terminals of its own; and what was
/// granted.
std::vector<DeviceRule> rules_for(const std::vector<Device>& granted);

/// "c 1:3 rwm", "c 136:* rw": as cgroup v1 takes it, admin-guide/cgroup-v1/devices.rst.
std::string rule_text(const DeviceRule& rule);

}  // namespace tincan
