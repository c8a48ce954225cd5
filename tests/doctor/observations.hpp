// What can be read about this host, without trying anything: it explains what the trials find.
//
//   for (const Observation& seen : observe_host()) ...
#pragma once

#include <string>
#include <vector>

namespace tincan::doctor {

struct Observation {
  std::string name;   ///< "container", or a file below /proc/sys in the form of sysctl(8)
  std::string value;  ///< as it was read
  /// The ids of trials that it can explain when they fail. Empty: it restricts nothing.
  std::vector<std::string> explains;
};

std::vector<Observation> observe_host();

/// Those that can explain why the trial `id` failed, as a text: "sysctl a is 1; container docker".
std::string suspects(const std::vector<Observation>& seen, const std::string& id);

}  // namespace tincan::doctor
