// Kernel parameters, /proc/sys, sysctl(8): those that belong to a namespace, and so can be a
// container's own. All others are the machine's.
//
//   namespace_of_parameter("net.ipv4.ip_forward")   // CLONE_NEWNET
//   namespace_of_parameter("vm.swappiness")         // 0
#pragma once

#include <cstdint>
#include <string>

namespace tincan::oci {

/// CLONE_NEW*, or 0 for one of the machine's.
std::uint64_t namespace_of_parameter(const std::string& name);

/// "net/ipv4/ip_forward": below /proc/sys. Dots are slashes and slashes are dots, unless a slash comes
/// first: "net.ipv4.conf.eth0/100.forwarding" is of the interface eth0.100, sysctl(8).
std::string path_of_parameter(const std::string& name);

}  // namespace tincan::oci
