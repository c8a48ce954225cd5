// Files of control groups: admin-guide/cgroup-v2.rst, admin-guide/cgroup-v1/.
#include "13-runtime/resource_files.hpp"

#include <algorithm>
#include <optional>

#include "common/error.hpp"

namespace tincan::oci {
namespace {

[[noreturn]] void refuse(const std::string& field, const std::string& problem) {
  throw Error{0, "linux.resources." + field, {}, problem, 1};
}

/// What is collected.
class Files {
 public:
  explicit Files(const VersionOf& version_of) : version_of_{version_of} {}

  /// What follows is of the controller with that name on v2.
  Files& of(std::string_view controller) {
    version_ = version_of_(controller);
    return *this;
  }
  bool is_v2() const { return version_ == Version::v2; }

  void add(const std::string& controller, const std::string& file, const std::string& value,
           const std::string& field) {
    all_.push_back({version_, controller, file, value, "linux.resources." + field});
  }

  // Of the last one, where its file is not there.
  void or_else(const std::string& file, const std::string& value) {
    all_.back().other_file = file;
    all_.back().other_value = value;
  }

  std::vector<GroupFile> take() { return std::move(all_); }

 private:
  const VersionOf& version_of_;
  Version version_ = Version::v2;
  std::vector<GroupFile> all_ = {};
};

std::string or_max(std::int64_t value) {
  return value < 0 ? "max" : std::to_string(value);
}

// v2 counts swap by itself, v1 together with memory.
std::string swap_alone(const MemoryLimits& memory) {
  if (*memory.swap < 0) return "max";
  if (!memory.limit || *memory.limit < 0)
    refuse("memory.swap", "it takes a limit of memory: it is the sum of the two");
  if (*memory.swap < *memory.limit)
    refuse("memory.swap", "it is less than memory.limit, and is the sum of memory and swap");
  return std::to_string(*memory.swap - *memory.limit);
}

void add_memory_v2(Files& files, const MemoryLimits& memory) {
  if (memory.swap && *memory.swap != 0)
    files.add("memory", "memory.swap.max", swap_alone(memory), "memory.swap");
  if (memory.limit && *memory.limit != 0)
    files.add("memory", "memory.max", or_max(*memory.limit), "memory.limit");
  if (memory.reservation && *memory.reservation != 0)
    files.add("memory", "memory.low", or_max(*memory.reservation), "memory.reservation");
  if (memory.swappiness) refuse("memory.swappiness", "a group of v2 has no such file");
  if (memory.disable_oom_killer)
    refuse("memory.disableOOMKiller", "a group of v2 has no such file");
}

// The kernel keeps the limit of memory at or below that of the sum, whichever way they go: so the sum
// is opened before it is set.
void add_memory_v1(Files& files, const MemoryLimits& memory) {
  const auto text = [](std::int64_t value) { return std::to_string(value); };
  const bool has_swap = memory.swap && *memory.swap != 0;
  if (has_swap) files.add("memory", "memory.memsw.limit_in_bytes", "-1", "memory.swap");
  if (memory.limit && *memory.limit != 0)
    files.add("memory", "memory.limit_in_bytes", text(*memory.limit), "memory.limit");
  if (has_swap)
    files.add("memory", "memory.memsw.limit_in_bytes", text(*memory.swap), "memory.swap");
  if (memory.reservation && *memory.reservation != 0)
    files.add("memory", "memory.soft_limit_in_bytes", text(*memory.reservation),
              "memory.reservation");
  if (memory.swappiness)
    files.add("memory", "memory.swappiness", std::to_string(*memory.swappiness),
              "memory.swappiness");
  if (memory.disable_oom_killer)
    files.add("memory", "memory.oom_control", "1", "memory.disableOOMKiller");
}

// As crun and runc have it: the ends of the two scales, 2 to 262144 and 1 to 10000, are the same, and
// what lies between, in proportion.
std::uint64_t weight_of(std::uint64_t shares) {
  const std::uint64_t within = std::clamp<std::uint64_t>(shares, 2, 262144);
  return 1 + (within - 2) * 9999 / 262142;
}

void add_cpu_v2(Files& files, const CpuLimits& cpu) {
  if (cpu.idle) files.add("cpu", "cpu.idle", std::to_string(*cpu.idle), "cpu.idle");
  // A group that is idle has no weight, and refuses one.
  if (cpu.shares && *cpu.shares != 0 && cpu.idle.value_or(0) == 0)
    files.add("cpu", "cpu.weight", std::to_string(weight_of(*cpu.shares)), "cpu.shares");
  if (cpu.quota || cpu.period) {
    const bool limited = cpu.quota && *cpu.quota > 0;
    std::string both = limited ? std::to_string(*cpu.quota) : "max";
    both += " " + std::to_string(cpu.period && *cpu.period != 0 ? *cpu.period : cpu_period_us);
    files.add("cpu", "cpu.max", both, cpu.quota ? "cpu.quota" : "cpu.period");
  }
  if (cpu.burst) files.add("cpu", "cpu.max.burst", std::to_string(*cpu.burst), "cpu.burst");
  if (cpu.realtime_runtime || cpu.realtime_period)
    refuse("cpu.realtimeRuntime", "a group of v2 has no such file");
}

void add_cpu_v1(Files& files, const CpuLimits& cpu) {
  if (cpu.idle) files.add("cpu", "cpu.idle", std::to_string(*cpu.idle), "cpu.idle");
  if (cpu.shares && *cpu.shares != 0)
    files.add("cpu", "cpu.shares", std::to_string(*cpu.shares), "cpu.shares");
  if (cpu.realtime_period && *cpu.realtime_period != 0)
    files.add("cpu", "cpu.rt_period_us", std::to_string(*cpu.realtime_period),
              "cpu.realtimePeriod");
  if (cpu.realtime_runtime && *cpu.realtime_runtime != 0)
    files.add("cpu", "cpu.rt_runtime_us", std::to_string(*cpu.realtime_runtime),
              "cpu.realtimeRuntime");
  if (cpu.period && *cpu.period != 0)
    files.add("cpu", "cpu.cfs_period_us", std::to_string(*cpu.period), "cpu.period");
  if (cpu.quota && *cpu.quota != 0)
    files.add("cpu", "cpu.cfs_quota_us", std::to_string(*cpu.quota), "cpu.quota");
  if (cpu.burst) files.add("cpu", "cpu.cfs_burst_us", std::to_string(*cpu.burst), "cpu.burst");
}

void add_memory(Files& files, const MemoryLimits& memory) {
  files.is_v2() ? add_memory_v2(files, memory) : add_memory_v1(files, memory);
}

void add_cpu(Files& files, const CpuLimits& cpu) {
  files.is_v2() ? add_cpu_v2(files, cpu) : add_cpu_v1(files, cpu);
}

void add_pids(Files& files, const Resources& resources) {
  if (!resources.pids) return;
  files.add("pids", "pids.max", *resources.pids <= 0 ? "max" : std::to_string(*resources.pids),
            "pids.limit");
}

void add_cpuset(Files& files, const CpuLimits& cpu) {
  if (!cpu.cpus.empty()) files.add("cpuset", "cpuset.cpus", cpu.cpus, "cpu.cpus");
  if (!cpu.mems.empty()) files.add("cpuset", "cpuset.mems", cpu.mems, "cpu.mems");
}

std::string disk(const DiskLimit& limit) {
  return std::to_string(limit.major) + ":" + std::to_string(limit.minor);
}

void add_disks(Files& files, const std::vector<DiskLimit>& limits, const char* word,
               const char* file_v1, const char* field) {
  for (const DiskLimit& limit : limits) {
    const std::string value = std::to_string(limit.value);
    if (files.is_v2()) {
      files.add("io", "io.max", disk(limit) + " " + word + "=" + (limit.value == 0 ? "max" : value),
                field);
    } else {
      files.add("blkio", file_v1, disk(limit) + " " + value, field);
    }
  }
}

// As crun has it: 10 to 1000, in proportion, are 1 to 10000.
std::string weight_of_v2(std::uint64_t weight) {
  const std::uint64_t within = std::clamp<std::uint64_t>(weight, 10, 1000);
  return std::to_string(1 + (within - 10) * 9999 / 990);
}

// The scheduler bfq has weights for groups in its own units, and the file says whose they are.
void add_weights(Files& files, const IoLimits& io) {
  const bool v2 = files.is_v2();
  const std::string controller = v2 ? "io" : "blkio";
  if (io.weight && *io.weight != 0) {
    const std::string value = std::to_string(*io.weight);
    files.add(controller, controller + ".bfq.weight", value, "blockIO.weight");
    files.or_else(controller + ".weight", v2 ? weight_of_v2(*io.weight) : value);
  }
  for (const DiskLimit& limit : io.weights) {
    const std::string value = disk(limit) + " ";
    files.add(controller, v2 ? "io.bfq.weight" : "blkio.bfq.weight_device",
              value + std::to_string(limit.value), "blockIO.weightDevice");
    files.or_else(v2 ? "io.weight" : "blkio.weight_device",
                  value + (v2 ? weight_of_v2(limit.value) : std::to_string(limit.value)));
  }
}

void add_io(Files& files, const IoLimits& io) {
  add_weights(files, io);
  add_disks(files, io.read_bytes, "rbps", "blkio.throttle.read_bps_device",
            "blockIO.throttleReadBpsDevice");
  add_disks(files, io.write_bytes, "wbps", "blkio.throttle.write_bps_device",
            "blockIO.throttleWriteBpsDevice");
  add_disks(files, io.read_operations, "riops", "blkio.throttle.read_iops_device",
            "blockIO.throttleReadIOPSDevice");
  add_disks(files, io.write_operations, "wiops", "blkio.throttle.write_iops_device",
            "blockIO.throttleWriteIOPSDevice");
}

// Reservations are limited where the kernel counts them, Linux 5.7: who asks for too much is told when
// asking, and not by SIGBUS.
void add_huge_pages(Files& files, const Resources& resources) {
  for (const auto& [size, limit] : resources.huge_pages) {
    const std::string name = "hugetlb." + size;
    const std::string end = files.is_v2() ? "max" : "limit_in_bytes";
    files.add("hugetlb", name + ".rsvd." + end, std::to_string(limit), "hugepageLimits");
    files.or_else(name + "." + end, std::to_string(limit));
  }
}

void add_rdma(Files& files, const Resources& resources) {
  for (const auto& [device, limit] : resources.rdma) {
    std::string value = device;
    if (limit.handles) value += " hca_handle=" + std::to_string(*limit.handles);
    if (limit.objects) value += " hca_object=" + std::to_string(*limit.objects);
    files.add("rdma", "rdma.max", value, "rdma");
  }
}

void add_network(Files& files, const Resources& resources) {
  if (files.is_v2()) {
    if (resources.net_class) refuse("network.classID", "a group of v2 has no such file");
    if (!resources.net_priorities.empty())
      refuse("network.priorities", "a group of v2 has no such file");
    return;
  }
  if (resources.net_class)
    files.add("net_cls", "net_cls.classid", std::to_string(*resources.net_class),
              "network.classID");
  for (const auto& [name, priority] : resources.net_priorities) {
    files.add("net_prio", "net_prio.ifpriomap", name + " " + std::to_string(priority),
              "network.priorities");
  }
}

// "memory.high" is of the controller memory; "cgroup.max.depth" of every group.
void add_unified(Files& files, const Resources& resources) {
  for (const auto& [file, value] : resources.unified) {
    if (!files.is_v2()) refuse("unified", "there is no v2 here: " + file);
    const std::string controller = file.substr(0, file.find('.'));
    files.add(controller == "cgroup" ? "" : controller, file, value, "unified");
  }
}

}  // namespace

std::vector<GroupFile> files_of(const Resources& resources, const VersionOf& version_of) {
  Files files{version_of};
  add_memory(files.of("memory"), resources.memory);
  add_cpu(files.of("cpu"), resources.cpu);
  add_cpuset(files.of("cpuset"), resources.cpu);
  add_io(files.of("io"), resources.io);
  add_pids(files.of("pids"), resources);
  add_huge_pages(files.of("hugetlb"), resources);
  add_rdma(files.of("rdma"), resources);
  add_network(files.of("net_cls"), resources);
  add_unified(files.of({}), resources);
  return files.take();
}

std::vector<GroupFile> files_of(const Resources& resources, Version all) {
  return files_of(resources, [all](std::string_view) { return all; });
}

}  // namespace tincan::oci
