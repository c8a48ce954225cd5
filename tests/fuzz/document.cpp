// Fuzzes config.json, and all that is made of one before there is a container: mounts, limits, rules
// for devices, the filter, the environment.
#include <linux/filter.h>
#include <sched.h>
#include <sys/mount.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "12-devices/device_program.hpp"
#include "13-runtime/device_access.hpp"
#include "13-runtime/document.hpp"
#include "13-runtime/filter.hpp"
#include "13-runtime/parameters.hpp"
#include "13-runtime/recipe.hpp"
#include "13-runtime/resource_files.hpp"
#include "common/files.hpp"
#include "tests/fuzz/fuzz.hpp"

namespace tincan::fuzz {
namespace {

bool goes_up(const std::string& path) {
  for (const std::string_view part : split_at(path, '/')) {
    if (part == "..") return true;
  }
  return false;
}

bool has_nul(const std::string& text) {
  return text.find('\0') != std::string::npos;
}

void require_process(const oci::Process& process) {
  require(!process.args.empty() && !process.args.front().empty(), "there is a command");
  require(process.cwd.starts_with('/'), "it begins somewhere");
  require(process.user.uid != UINT32_MAX && process.user.gid != UINT32_MAX, "no id is -1");
  for (const std::string& word : process.args) require(!has_nul(word), "no word ends early");
  for (const std::string& one : process.env) {
    require(one.find('=') != std::string::npos && !one.starts_with('='), "a variable is one");
  }
  for (const oci::Rlimit& limit : process.rlimits) {
    require(limit.value.rlim_cur <= limit.value.rlim_max, "soft is not above hard");
  }
}

void require_mounts(const oci::Document& document) {
  for (const oci::MountEntry& entry : document.mounts) {
    require(entry.to.starts_with('/') && entry.to.size() > 1, "a place inside, and not the root");
    require(!goes_up(entry.to), "no place goes up");
    require((entry.set & entry.clear & ~unsigned{MOUNT_ATTR__ATIME}) == 0, "on or off");
    require(!entry.is_bind() || (entry.data.empty() && entry.switches.empty()), "a bind is bare");
    require(!entry.is_bind() || entry.from.starts_with('/'), "its source is not relative");
  }
}

void require_linux(const oci::Document& document) {
  require(document.has_own(CLONE_NEWNS), "its mounts are its own");
  require(document.uids.empty() == document.gids.empty(), "maps go together");
  for (const auto& [name, value] : document.sysctl) {
    require(oci::namespace_of_parameter(name) != 0, "a parameter of a namespace");
    require(!goes_up(oci::path_of_parameter(name)), "below /proc/sys");
  }
  for (const Cover& cover : document.covers) {
    require(cover.path.starts_with('/') && !goes_up(cover.path), "a place inside");
  }
}

void make_the_rest(const oci::Document& document) {
  (void)oci::spec_of(document);
  (void)accepted([&] { return oci::files_of(document.resources, Version::v1); });
  (void)accepted([&] { return oci::files_of(document.resources, Version::v2); });
  (void)oci::compile(oci::rules_of(document.resources));
  if (!document.seccomp) return;
  const auto filter = accepted([&] { return oci::compile(*document.seccomp); });
  require(!filter || filter->program.size() <= BPF_MAXINSNS, "the kernel takes it");
}

}  // namespace

void try_input(std::string_view text) {
  const std::string whole{text};
  (void)accepted([&] { return oci::parse_process(whole, "process"); });
  (void)accepted([&] { return oci::parse_resources(whole, "resources"); });
  const auto document = accepted([&] { return oci::parse_document(whole, "/bundle"); });
  if (!document) return;
  require(document->version.starts_with("1."), "a version that is known");
  require_process(document->process);
  require_mounts(*document);
  require_linux(*document);
  make_the_rest(*document);
}

}  // namespace tincan::fuzz
