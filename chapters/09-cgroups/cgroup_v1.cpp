// The limits in the files of cgroup v1, for hosts whose controllers are still there (WSL2, hybrid
// hosts). What the series wrote besides has no effect any more: memory.kmem.limit_in_bytes is
// refused since Linux 5.16, and since 6.6 accepted and ignored; blkio.weight went with its
// scheduler in 5.0.
#include "09-cgroups/cgroup_files.hpp"

namespace tincan {
namespace {

// Memory first: the limit on memory and swap together may not be below it.
std::vector<Setting> memory(const LimitOptions& limits) {
  const std::string bytes = std::to_string(whole_pages(*limits.memory));
  return {{cgroup_file::memory_limit, bytes}, {cgroup_file::memory_and_swap_limit, bytes, true}};
}

std::vector<Setting> cpu(const LimitOptions& limits) {
  std::vector<Setting> all;
  if (limits.cpus) {
    all.push_back({cgroup_file::cpu_period, std::to_string(cpu_period_us)});
    all.push_back({cgroup_file::cpu_quota, std::to_string(*limits.cpus * (cpu_period_us / 1000))});
  }
  if (limits.cpu_weight) {
    all.push_back({cgroup_file::cpu_shares, std::to_string(shares_of_weight(*limits.cpu_weight))});
  }
  return all;
}

std::vector<Setting> io(const LimitOptions& limits, const std::string& disk) {
  std::vector<Setting> all;
  if (limits.io_read) {
    all.push_back({cgroup_file::io_read, disk + " " + std::to_string(*limits.io_read)});
  }
  if (limits.io_write) {
    all.push_back({cgroup_file::io_write, disk + " " + std::to_string(*limits.io_write)});
  }
  return all;
}

}  // namespace

std::vector<Setting> settings_v1(Controller controller, const LimitOptions& limits,
                                 const std::string& disk) {
  switch (controller) {
    case Controller::memory:
      return memory(limits);
    case Controller::pids:
      return {{cgroup_file::pids_max, std::to_string(*limits.pids)}};
    case Controller::cpu:
      return cpu(limits);
    case Controller::io:
      return io(limits, disk);
  }
  return {};
}

}  // namespace tincan
