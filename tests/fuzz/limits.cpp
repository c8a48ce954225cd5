// Fuzzes the limits of chapter 09: sizes, processors, and what /proc/self/cgroup says of our
// groups.
#include "09-cgroups/limits.hpp"

#include <string>

#include "09-cgroups/placement.hpp"
#include "tests/fuzz/fuzz.hpp"

namespace tincan::fuzz {
namespace {

constexpr std::uint64_t most = 1ULL << 44;

void try_size(const std::string& text) {
  const auto size = accepted([&] { return parse_size(text, "--memory", 4096, most); });
  if (!size) return;
  require(*size >= 4096 && *size <= most, "a size is in its range");
  require(parse_size(std::to_string(*size), "--memory", 4096, most) == *size,
          "a size that is printed and parsed is the same");
  const bool unit = text.find_first_of("KMGkmg") != std::string::npos;
  require(unit || std::to_string(*size) == text, "without a unit it is what was typed");
  require(!unit || *size % 1024 == 0, "with one it is a multiple of it");
}

void try_processors(const std::string& text) {
  const auto cpus = accepted([&] { return parse_cpus(text, "--cpus", 8); });
  if (!cpus) return;
  require(*cpus >= 10 && *cpus <= 8000, "a share of processors is in its range");
  const std::string thousandths = std::to_string(1000 + *cpus % 1000).substr(1);
  const std::string printed = std::to_string(*cpus / 1000) + "." + thousandths;
  require(parse_cpus(printed, "--cpus", 8) == *cpus, "printed and parsed it is the same");
}

// Two hierarchies whose mounts show nothing: whatever the text says, no group can be made there.
void try_groups(const std::string& text) {
  CgroupHost host{text, {}};
  for (const char* type : {"cgroup", "cgroup2"}) {
    MountInfo mount;
    mount.root = "/";
    mount.mount_point = "/dev/null";
    mount.type = type;
    mount.super_options = "rw,memory,pids";
    host.mounts.push_back(mount);
  }
  const auto places = accepted([&] { return find_places({Controller::memory}, host); });
  require(!places, "what cannot be seen is no place for a group");
}

}  // namespace

void try_input(std::string_view text) {
  const std::string whole{text};
  try_size(whole);
  try_processors(whole);
  if (text.find('\0') == std::string_view::npos) try_groups(whole);
}

}  // namespace tincan::fuzz
