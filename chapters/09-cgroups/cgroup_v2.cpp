// The limits in the files of cgroup v2, admin-guide/cgroup-v2.rst.
#include "09-cgroups/cgroup_files.hpp"

namespace tincan {
namespace {

std::vector<Setting> memory(const LimitOptions& limits) {
  return {{cgroup_file::memory_max, std::to_string(whole_pages(*limits.memory))},
          {cgroup_file::memory_swap_max, "0", true},
          // All or nothing: half a container that lost its biggest process is no use to anybody.
          {cgroup_file::memory_oom_group, "1"}};
}

std::vector<Setting> cpu(const LimitOptions& limits) {
  std::vector<Setting> all;
  if (limits.cpus) {
    const std::string quota = std::to_string(*limits.cpus * (cpu_period_us / 1000));
    all.push_back({cgroup_file::cpu_max, quota + " " + std::to_string(cpu_period_us)});
  }
  if (limits.cpu_weight) {
    all.push_back({cgroup_file::cpu_weight, std::to_string(*limits.cpu_weight)});
  }
  return all;
}

std::string rate(const std::optional<std::uint64_t>& limit) {
  return limit ? std::to_string(*limit) : "max";
}

}  // namespace

std::vector<Setting> settings_v2(Controller controller, const LimitOptions& limits,
                                 const std::string& disk) {
  switch (controller) {
    case Controller::memory:
      return memory(limits);
    case Controller::pids:
      return {{cgroup_file::pids_max, std::to_string(*limits.pids)}};
    case Controller::cpu:
      return cpu(limits);
    case Controller::io:
      return {{cgroup_file::io_max,
               disk + " rbps=" + rate(limits.io_read) + " wbps=" + rate(limits.io_write)}};
  }
  return {};
}

}  // namespace tincan
