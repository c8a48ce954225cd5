// Reading /proc for whatever restricts containers.
#include "doctor/observations.hpp"

#include <sys/utsname.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <optional>

#include "common/error.hpp"
#include "common/files.hpp"
#include "common/mountinfo.hpp"
#include "common/printable.hpp"
#include "doctor/hierarchies.hpp"

namespace tincan::doctor {
namespace {

using Ids = std::vector<std::string>;

const Ids& of_user_namespaces() {
  static const Ids ids{"userns",  "userns-power", "mntns",       "pidns",        "ipcns",
                       "netns",   "utsns",        "proc-userns", "sysfs-userns", "devpts",
                       "overlay", "pivot-root",   "copy-tree",   "cgroupns",     "idmap"};
  return ids;
}

const Ids& of_containers() {
  static const Ids ids = [] {
    Ids all = of_user_namespaces();
    all.insert(all.end(),
               {"keyring",   "pidfd",       "openat2",       "proc",        "sysfs",
                "tracing",   "seccomp",     "bounding-set",  "setgroups",   "cap-sys-resource",
                "modules",   "io-uring",    "cgroup-memory", "cgroup-pids", "cgroup-cpu",
                "cgroup-io", "into-cgroup", "cgroup-kill",   "delegation",  "user-limits",
                "kvm"});
    return all;
  }();
  return ids;
}

std::optional<std::string> read_line(const std::string& path) {
  try {
    std::string text = read_file(path);
    text.resize(std::min(text.find('\n'), text.size()));
    return printable(text);
  } catch (const Error&) {
    return std::nullopt;
  }
}

struct Setting {
  const char* name;          // below /proc/sys, with dots
  const char* restricting;   // the value that restricts
  const Ids& (*explains)();  // what
};

const Ids& of_tracing() {
  static const Ids ids{"tracing"};
  return ids;
}
const Ids& of_nothing() {
  static const Ids ids;
  return ids;
}

constexpr std::array settings{
    Setting{"kernel.unprivileged_userns_clone", "0", of_user_namespaces},
    Setting{"kernel.apparmor_restrict_unprivileged_userns", "1", of_user_namespaces},
    Setting{"user.max_user_namespaces", "0", of_user_namespaces},
    Setting{"user.max_mnt_namespaces", "0", of_user_namespaces},
    Setting{"user.max_pid_namespaces", "0", of_user_namespaces},
    Setting{"user.max_net_namespaces", "0", of_user_namespaces},
    Setting{"user.max_ipc_namespaces", "0", of_user_namespaces},
    Setting{"user.max_uts_namespaces", "0", of_user_namespaces},
    Setting{"user.max_cgroup_namespaces", "0", of_user_namespaces},
    Setting{"kernel.yama.ptrace_scope", "3", of_tracing},
    Setting{"dev.tty.legacy_tiocsti", "0", of_nothing},
    Setting{"kernel.io_uring_disabled", "2", of_nothing},
};

std::string path_of(std::string name) {
  std::replace(name.begin(), name.end(), '.', '/');
  return "/proc/sys/" + name;
}

void add_settings(std::vector<Observation>& seen) {
  for (const Setting& setting : settings) {
    const auto value = read_line(path_of(setting.name));
    if (!value) continue;
    const bool restricts = *value == setting.restricting;
    seen.push_back(
        {std::string{"sysctl "} + setting.name, *value, restricts ? setting.explains() : Ids{}});
  }
}

// The first pid namespace has a fixed number, PROC_PID_INIT_INO. A container's is another.
bool in_first_pid_namespace() {
  return read_link("/proc/self/ns/pid") == "pid:[4026531836]";
}

// Each engine leaves a mark; systemd's agreement is the variable "container". Machines that were
// made of an image carry the mark too, and are none.
std::string container() {
  if (in_first_pid_namespace()) return {};
  if (access("/run/.containerenv", F_OK) == 0) return "podman";
  if (access("/.dockerenv", F_OK) == 0) return "docker";
  if (const auto name = read_line("/run/systemd/container")) return *name;
  if (const char* name = std::getenv("container")) return printable(name);
  return {};
}

bool is_wsl(const std::string& release) {
  return release.find("icrosoft") != std::string::npos;
}

void add_platform(std::vector<Observation>& seen) {
  utsname name{};
  check(uname(&name), "uname");
  seen.push_back({"kernel", std::string{name.release} + " " + name.machine, {}});
  if (is_wsl(name.release)) {
    seen.push_back({"WSL", "yes", {"cgroup-memory", "cgroup-pids", "cgroup-cpu", "cgroup-io"}});
  }
  const std::string engine = container();
  seen.push_back({"container", engine.empty() ? "no sign of one" : engine,
                  engine.empty() ? Ids{} : of_containers()});
}

std::string field(const std::string& status, const std::string& name) {
  const auto at = status.find("\n" + name + ":\t");
  if (at == std::string::npos) return {};
  const auto from = at + name.size() + 3;
  return status.substr(from, status.find('\n', from) - from);
}

void add_own_state(std::vector<Observation>& seen) {
  const std::string status = read_file("/proc/self/status");
  const std::string filters = field(status, "Seccomp");
  seen.push_back({"filter of system calls", filters == "2" ? "yes" : "none",
                  filters == "2" ? of_containers() : Ids{}});
  const std::string capabilities = field(status, "CapEff");
  seen.push_back({"capabilities", capabilities, {}});
  const auto map = read_line("/proc/self/uid_map");
  const bool first = map && map->find("4294967295") != std::string::npos;
  seen.push_back(
      {"user namespace", first ? "the first" : "not the first", first ? Ids{} : of_containers()});
}

// Mounts on parts of /proc hide them; a user namespace may then mount no fresh one.
void add_masks(std::vector<Observation>& seen) {
  int masks = 0;
  for (const MountInfo& mount : parse_mountinfo(read_file("/proc/self/mountinfo"))) {
    const std::string& point = mount.mount_point;
    if (point.starts_with("/proc/") && point != "/proc/sys/fs/binfmt_misc") ++masks;
  }
  seen.push_back(
      {"mounts on parts of /proc", std::to_string(masks), masks == 0 ? Ids{} : Ids{"proc-userns"}});
}

std::string list(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
  return text;
}

void add_control_groups(std::vector<Observation>& seen) {
  const auto all = hierarchies();
  std::vector<std::string> on_1;
  std::vector<std::string> on_2;
  for (const Hierarchy& one : all) {
    for (const std::string& name : one.controllers) {
      if (name == "rw" || name == "ro" || name.starts_with("name=") || name == "xattr") continue;
      (one.version == 1 ? on_1 : on_2).push_back(name);
    }
  }
  seen.push_back({"control groups", layout(all), {}});
  seen.push_back({"controllers on v1", on_1.empty() ? "none" : list(on_1), {}});
  seen.push_back({"controllers on v2", on_2.empty() ? "none" : list(on_2), {}});
}

void add_file_system(std::vector<Observation>& seen) {
  constexpr std::array known{
      std::pair{0xEF53L, "ext4"},        std::pair{0x01021994L, "tmpfs"},
      std::pair{0x794C7630L, "overlay"}, std::pair{0x9123683EL, "btrfs"},
      std::pair{0x58465342L, "xfs"},     std::pair{0x01021997L, "9p"},
      std::pair{0x6969L, "nfs"},         std::pair{0x65735546L, "fuse"},
  };
  struct statfs status {};
  check(statfs(".", &status), "statfs", ".");
  std::string name = "type " + std::to_string(status.f_type);
  for (const auto& [magic, text] : known) {
    if (static_cast<long>(status.f_type) == magic) name = text;
  }
  const bool foreign = name == "overlay" || name == "9p" || name == "nfs" || name == "fuse";
  seen.push_back({"this directory is on", name, foreign ? Ids{"idmap"} : Ids{}});
}

// With a blank behind each comma, where a line can be broken.
std::string spaced(std::string list) {
  for (auto at = list.find(','); at != std::string::npos; at = list.find(',', at + 1)) {
    list.insert(at + 1, " ");
  }
  return list;
}

}  // namespace

std::vector<Observation> observe_host() {
  std::vector<Observation> seen;
  add_platform(seen);
  add_own_state(seen);
  if (const auto modules = read_line("/sys/kernel/security/lsm")) {
    seen.push_back({"security modules", spaced(*modules), {}});
  }
  add_settings(seen);
  add_masks(seen);
  add_control_groups(seen);
  add_file_system(seen);
  return seen;
}

std::string suspects(const std::vector<Observation>& seen, const std::string& id) {
  std::string text;
  for (const Observation& one : seen) {
    if (std::find(one.explains.begin(), one.explains.end(), id) == one.explains.end()) continue;
    text += (text.empty() ? "" : "; ") + one.name + ": " + one.value;
  }
  return text;
}

}  // namespace tincan::doctor
