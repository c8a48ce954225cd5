// How much of the machine a container gets, as a document says it: `linux.resources` of the OCI's
// config-linux.md, and what `update` reads. Plain data: absent is what nobody asked for, and stays
// as the kernel has it.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace tincan::oci {

/// One rule for devices, in the order of the document: a later one counts for what both fit.
struct DeviceAccess {
  bool allow = false;
  char type = 'a';                          ///< a: all, b: block, c: character
  std::optional<std::uint32_t> major = {};  ///< nothing: each
  std::optional<std::uint32_t> minor = {};  ///< nothing: each
  std::uint32_t access = 7;                 ///< device_access of chapter 12, or-ed
};

/// Bytes; -1: as many as there are.
struct MemoryLimits {
  std::optional<std::int64_t> limit = {};
  std::optional<std::int64_t> reservation = {};
  std::optional<std::int64_t> swap = {};  ///< of memory and swap together, as on v1
  std::optional<std::uint64_t> swappiness = {};
  bool disable_oom_killer = false;
  bool check_before_update = false;  ///< a limit below what is in use is refused
};

struct CpuLimits {
  std::optional<std::uint64_t> shares = {};  ///< as on v1: 1024 is a peer's
  std::optional<std::int64_t> quota = {};    ///< microseconds a period; -1 or 0: no limit
  std::optional<std::uint64_t> period = {};  ///< microseconds
  std::optional<std::uint64_t> burst = {};   ///< microseconds
  std::optional<std::int64_t> realtime_runtime = {};
  std::optional<std::uint64_t> realtime_period = {};
  std::optional<std::int64_t> idle = {};
  std::string cpus = {};  ///< cpuset(7), "0-3,7"
  std::string mems = {};
};

/// What a disk gets.
struct DiskLimit {
  std::uint32_t major = 0;
  std::uint32_t minor = 0;
  std::uint64_t value = 0;  ///< a weight, or bytes or operations a second
};

struct IoLimits {
  std::optional<std::uint16_t> weight = {};  ///< 10 to 1000, as on v1
  std::vector<DiskLimit> weights = {};
  std::vector<DiskLimit> read_bytes = {};
  std::vector<DiskLimit> write_bytes = {};
  std::vector<DiskLimit> read_operations = {};
  std::vector<DiskLimit> write_operations = {};
};

struct RdmaLimit {
  std::optional<std::uint32_t> handles = {};
  std::optional<std::uint32_t> objects = {};
};

struct Resources {
  std::vector<DeviceAccess> devices = {};
  MemoryLimits memory = {};
  CpuLimits cpu = {};
  IoLimits io = {};
  std::optional<std::int64_t> pids = {};                ///< -1 or 0: no limit
  std::map<std::string, std::uint64_t> huge_pages;      ///< "2MB" to bytes
  std::map<std::string, RdmaLimit> rdma;                ///< by the device's name
  std::optional<std::uint32_t> net_class = {};          ///< v1 has it, and no other
  std::map<std::string, std::uint32_t> net_priorities;  ///< by interface; v1 as well
  std::map<std::string, std::string> unified;           ///< files of v2, to the letter
};

}  // namespace tincan::oci
