// Fuzzes /proc/PID/mountinfo: the paths and sources in it are whatever a container made.
#include "common/mountinfo.hpp"

#include <array>

#include "tests/fuzz/fuzz.hpp"

namespace tincan::fuzz {
namespace {

// As the kernel writes it, mangle() in fs/seq_file.c.
std::string escape(const std::string& text) {
  constexpr std::array digits{'0', '1', '2', '3', '4', '5', '6', '7'};
  std::string shown;
  for (const char c : text) {
    if (std::string_view{" \t\n\\#"}.find(c) == std::string_view::npos) {
      shown += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    shown += {'\\', digits[byte >> 6], digits[byte >> 3 & 7U], digits[byte & 7U]};
  }
  return shown;
}

std::string print(const MountInfo& mount) {
  std::string line = std::to_string(mount.id) + " " + std::to_string(mount.parent) + " " +
                     mount.device + " " + escape(mount.root) + " " + escape(mount.mount_point) +
                     " " + mount.options;
  for (const std::string& field : mount.optional) line += " " + field;
  return line + " - " + mount.type + " " + escape(mount.source) + " " + mount.super_options + "\n";
}

bool same(const MountInfo& one, const MountInfo& other) {
  return one.id == other.id && one.parent == other.parent && one.device == other.device &&
         one.root == other.root && one.mount_point == other.mount_point &&
         one.options == other.options && one.optional == other.optional && one.type == other.type &&
         one.source == other.source && one.super_options == other.super_options;
}

bool is_propagation(std::string_view word) {
  for (const char* known : {"private", "shared", "slave", "slave,shared", "unbindable"}) {
    if (word == known) return true;
  }
  return false;
}

}  // namespace

void try_input(std::string_view text) {
  const auto mounts = accepted([&] { return parse_mountinfo(text); });
  if (!mounts) return;
  std::string printed;
  for (const MountInfo& mount : *mounts) {
    require(mount.id >= 0 && mount.parent >= 0, "ids of mounts are no negative numbers");
    require(is_propagation(mount.propagation()), "propagation has a name");
    printed += print(mount);
  }
  const auto again = accepted([&] { return parse_mountinfo(printed); });
  require(again && again->size() == mounts->size(), "printed mounts can be parsed");
  for (std::size_t i = 0; i < mounts->size(); ++i) {
    require(same((*mounts)[i], (*again)[i]), "a mount that is printed and parsed is the same");
  }
}

}  // namespace tincan::fuzz
