// bpf(2) for v2, three files for v1.
#include "12-devices/device_wall.hpp"

#include <fcntl.h>
#include <linux/bpf.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

#include "06-user-namespace/user_namespace.hpp"
#include "09-cgroups/cgroup_files.hpp"
#include "09-cgroups/placement.hpp"
#include "11-rootless/ranges.hpp"
#include "12-devices/device_program.hpp"
#include "common/error.hpp"
#include "common/files.hpp"
#include "common/log.hpp"
#include "common/unique_fd.hpp"

namespace tincan {
namespace {

// In the kernel's structs an address is a number of 64 bits.
std::uint64_t address_of(const void* memory) {
  return reinterpret_cast<std::uintptr_t>(memory);
}

long bpf(int command, bpf_attr& attributes) {
  return syscall(SYS_bpf, command, &attributes, sizeof attributes);
}

// The kernel walks every way through the program before it takes it.
unique_fd load(const DeviceProgram& program) {
  bpf_attr attributes{};
  attributes.prog_type = BPF_PROG_TYPE_CGROUP_DEVICE;
  attributes.insns = address_of(program.data());
  attributes.insn_cnt = static_cast<std::uint32_t>(program.size());
  attributes.license = address_of("MIT");
  const long fd = check(bpf(BPF_PROG_LOAD, attributes), "bpf load", "the device rules");
  return unique_fd{static_cast<int>(fd)};
}

// Beside others: each program of this group, of those above, and of any that is made below, has to
// allow it. The group keeps the program when its descriptor goes.
void attach(borrowed_fd program, const std::string& group) {
  // guard: the kernel's cgroup file system holds no symlinks and no container's files
  const unique_fd directory = open_file(group, O_RDONLY | O_DIRECTORY);
  bpf_attr attributes{};
  attributes.target_fd = static_cast<std::uint32_t>(directory.get());
  attributes.attach_bpf_fd = static_cast<std::uint32_t>(program.get());
  attributes.attach_type = BPF_CGROUP_DEVICE;
  attributes.attach_flags = BPF_F_ALLOW_MULTI;
  check(bpf(BPF_PROG_ATTACH, attributes), "bpf attach", "the device rules to " + group);
}

void write_rules(const std::vector<DeviceRule>& rules, const std::string& group) {
  // guard: the kernel's cgroup file system holds no symlinks and no container's files
  write_file(group + "/devices.deny", "a");
  for (const DeviceRule& rule : rules) {
    // guard: the kernel's cgroup file system holds no symlinks and no container's files
    write_file(group + "/devices.allow", rule_text(rule));
  }
  const std::string kept = read_file(group + "/devices.list");
  if (kept.starts_with("a ")) {
    throw Error{0, "rule devices in", group, "the kernel allows all of them"};
  }
}

// A group that has others in it takes no "all" (EINVAL), so the rules are on the inner of the two,
// and the processes in one that is made in it then: what they see as the root is below the rules.
DeviceGroup make_group_of_v1(const std::vector<DeviceRule>& rules) {
  const auto own = own_group(this_host(), "devices");
  if (!own) {
    throw Error{0, "find the controller", "devices",
                "neither cgroup v2 nor a hierarchy of v1 with it is mounted here: mount one, or go "
                "on without rules for devices: --no-device-rules"};
  }
  const Place place{Version::v1, own->directory, {}};
  DeviceGroup group{{{place}, {}, ""}};
  const std::string ruled = place.parent + "/" + group.groups.name() + "/" + inner_group;
  write_rules(rules, ruled);
  group.inner = ruled + "/" + inner_group;
  // guard: the kernel's cgroup file system holds no symlinks and no container's files
  check(mkdir(group.inner.c_str(), 0755), "make control group", group.inner);
  return group;
}

// Empty: they can be had.
std::string why_no_rules(const LimitOptions& limits) {
  if (!is_privileged()) return "an ordinary user can give the kernel no rules for devices";
  const IdSpans everybody{{0, UINT32_MAX}};
  if (existing(read_file("/proc/self/uid_map")) != everybody) {
    return "in a user namespace nobody can give the kernel rules for devices";
  }
  return limits.none ? "with --no-limits there is no control group to put rules for devices on"
                     : "";
}

bool is_whole(const Grant& grant) {
  return grant.access.find('r') != std::string::npos && grant.access.find('w') != std::string::npos;
}

void go_without(const DeviceOptions& options, const std::string& why) {
  for (const Grant& grant : options.granted) {
    if (is_whole(grant)) continue;
    throw UsageError{"--device", grant.from + ": only rules could hold anybody to '" +
                                     grant.access + "', and there are none: " + why};
  }
  if (options.rules)
    log::warn(
        "no rules for devices: {}; what keeps them away is that none but those in /dev can be "
        "opened (nodev)",
        why);
}

}  // namespace

void DeviceGroup::join() const {
  if (inner.empty()) return;
  // guard: the kernel's cgroup file system holds no symlinks and no container's files
  write_file(inner + "/" + cgroup_file::tasks, "0");
}

DeviceGroup raise_device_wall(const DeviceOptions& options, const Devices& devices,
                              const ControlGroups& groups, const LimitOptions& limits) {
  const std::string why = options.rules ? why_no_rules(limits) : "--no-device-rules says so";
  if (!why.empty()) return go_without(options, why), DeviceGroup{};
  const std::vector<DeviceRule> rules = rules_for(devices.all);
  for (const DeviceRule& rule : rules) log::debug("device rule: {}", rule_text(rule));
  if (groups.places().empty() || groups.places().front().version != Version::v2) {
    return make_group_of_v1(rules);
  }
  attach(load(compile(rules)), groups.places().front().parent + "/" + groups.name());
  return {};
}

void print_device_rules(const DeviceOptions& options) {
  const std::vector<DeviceRule> rules = rules_for(look_at_devices(options.granted));
  for (const DeviceRule& rule : rules) std::printf("%s\n", rule_text(rule).c_str());
  std::printf("\n%s", print_program(compile(rules)).c_str());
}

}  // namespace tincan
