// `linux.resources`.
#include <algorithm>
#include <array>
#include <utility>

#include "12-devices/device_rules.hpp"
#include "13-runtime/parts.hpp"

namespace tincan::oci {
namespace {

constexpr std::array<std::pair<std::string_view, char>, 4> device_types{
    {{"", 'a'}, {"a", 'a'}, {"b", 'b'}, {"c", 'c'}}};

constexpr std::array<std::pair<char, std::uint32_t>, 3> accesses{
    {{'r', device_access::read}, {'w', device_access::write}, {'m', device_access::make}}};

// -1 is what some engines write for all.
std::optional<std::uint32_t> device_number(const Field& field) {
  const auto number = field.number<std::int64_t>();
  return number.value_or(-1) == -1 ? std::nullopt
                                   : std::optional{static_cast<std::uint32_t>(*number)};
}

std::uint32_t access_of(const Field& field) {
  std::uint32_t all = 0;
  for (const char letter : field.text()) {
    const auto* found = std::find_if(accesses.begin(), accesses.end(),
                                     [&](const auto& one) { return one.first == letter; });
    if (found == accesses.end()) field.refuse(field.shown_value() + " has letters beside r, w, m");
    all |= found->second;
  }
  return field.text().empty() ? device_access::read | device_access::write | device_access::make
                              : all;
}

DeviceAccess rule_of(const Field& rule) {
  return {.allow = rule["allow"].required().yes(),
          .type = rule["type"].one_of(device_types),
          .major = device_number(rule["major"]),
          .minor = device_number(rule["minor"]),
          .access = access_of(rule["access"])};
}

MemoryLimits memory_of(const Field& memory) {
  if (memory["useHierarchy"].given() && !memory["useHierarchy"].yes()) {
    memory["useHierarchy"].refuse("no kernel since 5.11 counts in another way");
  }
  return {.limit = memory["limit"].number<std::int64_t>(),
          .reservation = memory["reservation"].number<std::int64_t>(),
          .swap = memory["swap"].number<std::int64_t>(),
          .swappiness = memory["swappiness"].number<std::uint64_t>(),
          .disable_oom_killer = memory["disableOOMKiller"].yes(),
          .check_before_update = memory["checkBeforeUpdate"].yes()};
}

CpuLimits cpu_of(const Field& cpu) {
  return {.shares = cpu["shares"].number<std::uint64_t>(),
          .quota = cpu["quota"].number<std::int64_t>(),
          .period = cpu["period"].number<std::uint64_t>(),
          .burst = cpu["burst"].number<std::uint64_t>(),
          .realtime_runtime = cpu["realtimeRuntime"].number<std::int64_t>(),
          .realtime_period = cpu["realtimePeriod"].number<std::uint64_t>(),
          .idle = cpu["idle"].number<std::int64_t>(),
          .cpus = cpu["cpus"].text(),
          .mems = cpu["mems"].text()};
}

std::vector<DiskLimit> disks_of(const Field& disks, std::string_view what) {
  std::vector<DiskLimit> all;
  for (const Field& disk : disks.elements()) {
    all.push_back({*disk["major"].required().number<std::uint32_t>(),
                   *disk["minor"].required().number<std::uint32_t>(),
                   *disk[what].required().number<std::uint64_t>()});
  }
  return all;
}

IoLimits io_of(const Field& io) {
  return {.weight = io["weight"].number<std::uint16_t>(),
          .weights = disks_of(io["weightDevice"], "weight"),
          .read_bytes = disks_of(io["throttleReadBpsDevice"], "rate"),
          .write_bytes = disks_of(io["throttleWriteBpsDevice"], "rate"),
          .read_operations = disks_of(io["throttleReadIOPSDevice"], "rate"),
          .write_operations = disks_of(io["throttleWriteIOPSDevice"], "rate")};
}

// Such a name becomes part of the name of a file.
void require_name(const Field& field, const std::string& name) {
  if (name.empty() || name == "." || name == ".." || name.find('/') != std::string::npos) {
    field.refuse("this is no name of a file");
  }
}

void read_named(const Field& field, Resources& resources) {
  for (const Field& limit : field["hugepageLimits"].elements()) {
    const std::string& size = limit["pageSize"].required().text();
    require_name(limit["pageSize"], size);
    resources.huge_pages[size] = *limit["limit"].required().number<std::uint64_t>();
  }
  for (const auto& [name, limit] : field["rdma"].members()) {
    resources.rdma[name] = {limit["hcaHandles"].number<std::uint32_t>(),
                            limit["hcaObjects"].number<std::uint32_t>()};
    if (!resources.rdma[name].handles && !resources.rdma[name].objects)
      limit.refuse("there is no limit in it");
  }
  for (const Field& one : field["network"]["priorities"].elements()) {
    resources.net_priorities[one["name"].required().text()] =
        *one["priority"].required().number<std::uint32_t>();
  }
  for (const auto& [name, value] : field["unified"].members()) {
    require_name(value, name);
    resources.unified[name] = value.text();
  }
}

}  // namespace

Resources resources_of(const Field& field) {
  Resources resources;
  for (const Field& rule : field["devices"].elements()) resources.devices.push_back(rule_of(rule));
  resources.memory = memory_of(field["memory"]);
  resources.cpu = cpu_of(field["cpu"]);
  resources.io = io_of(field["blockIO"]);
  resources.pids = field["pids"]["limit"].number<std::int64_t>();
  resources.net_class = field["network"]["classID"].number<std::uint32_t>();
  read_named(field, resources);
  return resources;
}

}  // namespace tincan::oci
