// What both versions of control groups have in common.
#include "09-cgroups/cgroup_files.hpp"

#include <unistd.h>

namespace tincan {

std::string name(Version version, Controller controller) {
  switch (controller) {
    case Controller::memory:
      return "memory";
    case Controller::pids:
      return "pids";
    case Controller::cpu:
      return "cpu";
    case Controller::io:
      return version == Version::v1 ? "blkio" : "io";
  }
  return {};
}

std::vector<Controller> controllers_for(const LimitOptions& limits) {
  std::vector<Controller> needed;
  if (limits.memory) needed.push_back(Controller::memory);
  if (limits.pids) needed.push_back(Controller::pids);
  if (limits.cpus || limits.cpu_weight) needed.push_back(Controller::cpu);
  if (limits.io_read || limits.io_write) needed.push_back(Controller::io);
  return needed;
}

std::vector<Setting> settings(Version version, Controller controller, const LimitOptions& limits,
                              const std::string& disk) {
  return version == Version::v1 ? settings_v1(controller, limits, disk)
                                : settings_v2(controller, limits, disk);
}

std::uint64_t whole_pages(std::uint64_t bytes) {
  const auto page = static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
  return bytes / page * page;
}

}  // namespace tincan
