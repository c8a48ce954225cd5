// Every control file that is read or written here, and what a limit is in terms of them: once for
// cgroup v2, once for v1. Kernel documents: admin-guide/cgroup-v2.rst, admin-guide/cgroup-v1/.
//
//   for (const Setting& s : settings(Version::v2, Controller::pids, limits, ""))  // pids.max, 64
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "09-cgroups/limits.hpp"

namespace tincan {

enum class Version { v1, v2 };
enum class Controller { memory, pids, cpu, io };

namespace cgroup_file {
// Of every group.
inline constexpr auto procs = "cgroup.procs";
// v2
inline constexpr auto controllers = "cgroup.controllers";
inline constexpr auto subtree_control = "cgroup.subtree_control";
inline constexpr auto kill = "cgroup.kill";  // Linux 5.14
inline constexpr auto memory_max = "memory.max";
inline constexpr auto memory_swap_max = "memory.swap.max";
inline constexpr auto memory_oom_group = "memory.oom.group";
inline constexpr auto memory_events = "memory.events";
inline constexpr auto memory_peak = "memory.peak";  // Linux 5.19
inline constexpr auto cpu_max = "cpu.max";
inline constexpr auto cpu_weight = "cpu.weight";
inline constexpr auto io_max = "io.max";
// v1
inline constexpr auto tasks = "tasks";
inline constexpr auto memory_limit = "memory.limit_in_bytes";
inline constexpr auto memory_and_swap_limit = "memory.memsw.limit_in_bytes";
inline constexpr auto memory_oom_control = "memory.oom_control";
inline constexpr auto memory_peak_v1 = "memory.max_usage_in_bytes";
inline constexpr auto cpu_period = "cpu.cfs_period_us";
inline constexpr auto cpu_quota = "cpu.cfs_quota_us";
inline constexpr auto cpu_shares = "cpu.shares";
inline constexpr auto io_read = "blkio.throttle.read_bps_device";
inline constexpr auto io_write = "blkio.throttle.write_bps_device";
// Both.
inline constexpr auto pids_max = "pids.max";
inline constexpr auto pids_events = "pids.events";
}  // namespace cgroup_file

/// The group in each group: the processes' own, which their cgroup namespace shows as `/`.
inline constexpr auto inner_group = "inside";

/// The kernel's name: io is blkio on v1.
std::string name(Version version, Controller controller);

/// One file of a group, and what is to stand in it.
struct Setting {
  std::string file;
  std::string value;
  /// The file is not there if the kernel does not count swap. Then none may be in use.
  bool about_swap = false;
};

/// The controllers that `limits` need.
std::vector<Controller> controllers_for(const LimitOptions& limits);

/// What is to be written for one of them, in this order. `disk`: "8:0", for io.
std::vector<Setting> settings(Version version, Controller controller, const LimitOptions& limits,
                              const std::string& disk);

// Each version has a file of its own.
std::vector<Setting> settings_v1(Controller controller, const LimitOptions& limits,
                                 const std::string& disk);
std::vector<Setting> settings_v2(Controller controller, const LimitOptions& limits,
                                 const std::string& disk);

/// Bandwidth control counts in periods of so many microseconds, sched-bwc.rst.
inline constexpr unsigned cpu_period_us = 100000;

/// Memory is counted in pages: what the kernel makes of a limit that is no multiple of one.
std::uint64_t whole_pages(std::uint64_t bytes);

}  // namespace tincan
