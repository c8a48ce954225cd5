// `mounts`: options taken apart.
#include <sys/mount.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <utility>

#include "13-runtime/abilities.hpp"
#include "13-runtime/parts.hpp"

#ifndef MOUNT_ATTR_NOSYMFOLLOW
#define MOUNT_ATTR_NOSYMFOLLOW 0x00200000  // Linux 5.14
#endif

namespace tincan::oci {
namespace {

/// Attributes of a mount: mount_setattr(2).
struct Attribute {
  std::string_view name;
  unsigned set;
  unsigned clear;
};

// Access times are one attribute of several values; and 0 is relatime.
constexpr unsigned times = MOUNT_ATTR__ATIME;

// Each also with an r before it: for all that is mounted below, too.
constexpr std::array attributes{
    Attribute{"ro", MOUNT_ATTR_RDONLY, 0},
    Attribute{"rw", 0, MOUNT_ATTR_RDONLY},
    Attribute{"nosuid", MOUNT_ATTR_NOSUID, 0},
    Attribute{"suid", 0, MOUNT_ATTR_NOSUID},
    Attribute{"nodev", MOUNT_ATTR_NODEV, 0},
    Attribute{"dev", 0, MOUNT_ATTR_NODEV},
    Attribute{"noexec", MOUNT_ATTR_NOEXEC, 0},
    Attribute{"exec", 0, MOUNT_ATTR_NOEXEC},
    Attribute{"nosymfollow", MOUNT_ATTR_NOSYMFOLLOW, 0},
    Attribute{"symfollow", 0, MOUNT_ATTR_NOSYMFOLLOW},
    Attribute{"nodiratime", MOUNT_ATTR_NODIRATIME, 0},
    Attribute{"diratime", 0, MOUNT_ATTR_NODIRATIME},
    Attribute{"noatime", MOUNT_ATTR_NOATIME, times},
    Attribute{"atime", MOUNT_ATTR_RELATIME, times},
    Attribute{"relatime", MOUNT_ATTR_RELATIME, times},
    Attribute{"norelatime", MOUNT_ATTR_RELATIME, times},
    Attribute{"strictatime", MOUNT_ATTR_STRICTATIME, times},
    Attribute{"nostrictatime", MOUNT_ATTR_RELATIME, times},
};

constexpr std::array<std::pair<std::string_view, unsigned long>, 8> propagations{{
    {"private", MS_PRIVATE},
    {"rprivate", MS_PRIVATE | MS_REC},
    {"slave", MS_SLAVE},
    {"rslave", MS_SLAVE | MS_REC},
    {"shared", MS_SHARED},
    {"rshared", MS_SHARED | MS_REC},
    {"unbindable", MS_UNBINDABLE},
    {"runbindable", MS_UNBINDABLE | MS_REC},
}};

// What is so without a word, or means nothing to a mount.
constexpr std::array<std::string_view, 9> without_effect{
    "defaults", "async", "nomand", "nolazytime", "noiversion", "silent", "loud", "bind", "rbind"};

// Switches of a file system, and not of a mount of it.
constexpr std::array<std::string_view, 5> of_file_systems{"sync", "dirsync", "mand", "lazytime",
                                                          "iversion"};

template <typename Names>
bool contains(const Names& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// The last word counts.
void apply(unsigned& set, unsigned& clear, const Attribute& attribute) {
  set = (set & ~attribute.clear) | attribute.set;
  clear = (clear & ~(attribute.set & ~times)) | attribute.clear;
}

bool is_attribute(MountEntry& entry, std::string_view option) {
  for (const Attribute& attribute : attributes) {
    if (option == attribute.name) return apply(entry.set, entry.clear, attribute), true;
    if (option.starts_with('r') && option.substr(1) == attribute.name) {
      return apply(entry.tree_set, entry.tree_clear, attribute), true;
    }
  }
  return false;
}

bool is_propagation(MountEntry& entry, std::string_view option) {
  const auto* found = std::find_if(propagations.begin(), propagations.end(),
                                   [&](const auto& one) { return one.first == option; });
  if (found == propagations.end()) return false;
  entry.propagation = found->second;
  return true;
}

// What is none of the above goes to the file system, which knows it or says so.
void read_other(MountEntry& entry, const std::string& option, const Field& place) {
  const std::size_t equals = option.find('=');
  if (option == "remount") place.refuse("remount: not supported: say at once what it is to be");
  if (entry.is_bind()) {
    place.refuse(
        place.shown_value() +
        " is no option of a bind: a file system has such, and this one is mounted already");
  }
  if (option.empty()) place.refuse("an empty option");
  if (equals == std::string::npos) {
    entry.switches.push_back(option);
  } else {
    entry.data.push_back({option.substr(0, equals), option.substr(equals + 1)});
  }
}

void read_option(MountEntry& entry, const Field& place) {
  const std::string& option = place.text();
  if (contains(without_effect, option) || is_propagation(entry, option) ||
      is_attribute(entry, option))
    return;
  if (option == "idmap" || option == "ridmap") {
    if (!entry.is_bind()) place.refuse("only a bind can be idmapped here");
    entry.idmapped = option == "idmap" ? Idmapped::mount : Idmapped::tree;
  } else if (option == "tmpcopyup") {
    if (entry.type != "tmpfs") place.refuse("only into a tmpfs can be copied what lay below it");
    entry.copy_up = true;
  } else {
    read_other(entry, option, place);
  }
}

// What it means, written one way: no "//", no ".", no slash at the end; and nothing is above the root.
std::string place_inside(const Field& destination) {
  const std::filesystem::path path{"/" + destination.required().text()};
  std::string whole = path.lexically_normal();
  while (whole.size() > 1 && whole.ends_with('/')) whole.pop_back();
  if (whole.starts_with("//")) whole.erase(0, 1);
  if (whole == "/") destination.refuse("this is the root itself, which root.path names");
  return whole;
}

std::string type_of(const Field& mount) {
  const std::vector<std::string> options = mount["options"].texts();
  if (contains(options, "bind") || contains(options, "rbind")) return "bind";
  return mount["type"].required().text();
}

void read_maps(MountEntry& entry, const Field& mount) {
  entry.uids = map_of(mount["uidMappings"]);
  entry.gids = map_of(mount["gidMappings"]);
  if (entry.uids.empty() != entry.gids.empty()) {
    mount.refuse("uidMappings and gidMappings go together");
  }
  if (!entry.uids.empty() && !entry.is_bind()) mount.refuse("only a bind can be idmapped here");
  if (!entry.uids.empty() && entry.idmapped == Idmapped::no) entry.idmapped = Idmapped::mount;
}

std::string source_of(const Field& source, const MountEntry& entry, const std::string& bundle) {
  const std::string& text = source.text();
  if (!entry.is_bind()) return text.empty() ? entry.type : text;
  if (text.empty()) source.refuse("is missing: what is the bind to show?");
  return text.starts_with('/') ? text : bundle + "/" + text;
}

}  // namespace

MountEntry mount_of(const Field& mount, const std::string& bundle) {
  MountEntry entry{.type = type_of(mount), .to = place_inside(mount["destination"])};
  if (entry.type.empty() || entry.type == "none")
    mount["type"].refuse("says no file system, and there is no bind in the options");
  entry.from = source_of(mount["source"], entry, bundle);
  entry.recursive = contains(mount["options"].texts(), "rbind");
  for (const Field& option : mount["options"].elements()) {
    if (entry.is_bind() && contains(of_file_systems, option.text())) {
      option.refuse(option.shown_value() +
                    " is no option of a bind: the file system is mounted already");
    }
    read_option(entry, option);
  }
  read_maps(entry, mount);
  return entry;
}

std::vector<std::string> mount_option_names() {
  std::vector<std::string> all{"idmap", "ridmap", "tmpcopyup"};
  for (const std::string_view name : without_effect) all.emplace_back(name);
  for (const std::string_view name : of_file_systems) all.emplace_back(name);
  for (const auto& [name, flags] : propagations) all.emplace_back(name);
  for (const Attribute& attribute : attributes) {
    all.emplace_back(attribute.name);
    all.push_back("r" + std::string{attribute.name});
  }
  std::sort(all.begin(), all.end());
  return all;
}

}  // namespace tincan::oci
