// The limits that a container gets, as they are given on the command line: strict numbers, units
// that are stated, a range for each.
//
//   LimitOptions limits;                    // 1 GiB, 64 processes, a quarter of a peer's time
//   add_limit_options(line, limits);        // --memory, --pids, --cpus, ...
//   parse_size("512M", "--memory", 1, ~0);  // 536870912
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "05-mounts/mounts.hpp"
#include "common/command_line.hpp"

namespace tincan {

/// A limit without a value is one that is not set. The defaults are the series', but for nofile.
struct LimitOptions {
  bool none = false;                                 ///< --no-limits: no control group at all
  std::optional<std::uint64_t> memory = 1ULL << 30;  ///< bytes, with no swap on top
  std::optional<std::uint64_t> pids = 64;            ///< processes and threads
  std::optional<unsigned> cpus;                      ///< thousandths of a processor
  std::optional<unsigned> cpu_weight = 25;           ///< 1 to 10000; a peer has 100
  std::optional<std::uint64_t> io_read;              ///< bytes a second, from the root's disk
  std::optional<std::uint64_t> io_write;             ///< the same, to it
  std::optional<std::uint64_t> nofile;    ///< descriptors; see rlimits.hpp for the default
  std::optional<std::uint64_t> fsize;     ///< bytes in a file that a process writes
  std::optional<std::uint64_t> cpu_time;  ///< seconds of a processor, for each process
};

void add_limit_options(CommandLine& line, LimitOptions& options);
/// --shm-size and --tmp-size: how much the file systems in memory of chapter 05 hold. What stands
/// in them counts as memory of the container's too.
void add_size_options(CommandLine& line, MountOptions& options);

/// A decimal number of bytes, and K, M or G for 1024, 1024², 1024³ of them. Throws UsageError
/// naming `option` for anything else, and outside of `least` to `most`.
std::uint64_t parse_size(const std::string& text, const std::string& option, std::uint64_t least,
                         std::uint64_t most);

/// Processors, "0.5" or "2", with three decimals at most: in thousandths, from 10 to 1000 *
/// `processors`. Throws UsageError naming `option`.
unsigned parse_cpus(const std::string& text, const std::string& option, unsigned processors);

/// The cpu.weight that means the same as the cpu.shares of cgroup v1: the kernel has 1024 shares
/// and a weight of 100 for one thing, sched_weight_to_cgroup() in kernel/sched/. 256, the series'
/// shares, are 25; written to cpu.weight unconverted they would be ten times as much.
unsigned weight_of_shares(std::uint64_t shares);
/// And back: 2 to 262144, what cpu.shares takes.
std::uint64_t shares_of_weight(unsigned weight);

}  // namespace tincan
