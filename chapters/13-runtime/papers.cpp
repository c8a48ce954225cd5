// JSON, put together from the tables that the runtime goes by.
#include "13-runtime/papers.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <nlohmann/json.hpp>
#include <string>

#include "07-capabilities/capability_table.hpp"
#include "13-runtime/abilities.hpp"
#include "13-runtime/fields.hpp"
#include "common/error.hpp"
#include "common/files.hpp"
#include "common/version.hpp"

namespace tincan::oci {
namespace {

using Json = nlohmann::ordered_json;

Json namespaces() {
  return {"cgroup", "ipc", "mount", "network", "pid", "time", "user", "uts"};
}

Json capability_list(std::uint64_t mask) {
  Json names = Json::array();
  for (int number = 0; number < 64; ++number) {
    if ((mask >> static_cast<unsigned>(number) & 1U) == 0) continue;
    names.push_back(capability_names(std::uint64_t{1} << static_cast<unsigned>(number)));
  }
  return names;
}

Json mount(const char* to, const char* type, const char* from, Json options) {
  return {{"destination", to}, {"type", type}, {"source", from}, {"options", std::move(options)}};
}

Json mounts() {
  return {
      mount("/proc", "proc", "proc", {"nosuid", "noexec", "nodev"}),
      mount("/dev", "tmpfs", "tmpfs", {"nosuid", "strictatime", "mode=755", "size=65536k"}),
      mount("/dev/pts", "devpts", "devpts",
            {"nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"}),
      mount("/dev/shm", "tmpfs", "shm", {"nosuid", "noexec", "nodev", "mode=1777", "size=65536k"}),
      mount("/dev/mqueue", "mqueue", "mqueue", {"nosuid", "noexec", "nodev"}),
      mount("/sys", "sysfs", "sysfs", {"nosuid", "noexec", "nodev", "ro"}),
      mount("/sys/fs/cgroup", "cgroup", "cgroup", {"nosuid", "noexec", "nodev", "relatime", "ro"})};
}

Json process() {
  const Json few{"CAP_AUDIT_WRITE", "CAP_KILL", "CAP_NET_BIND_SERVICE"};
  return {
      {"terminal", true},
      {"user", {{"uid", 0}, {"gid", 0}}},
      {"args", {"sh"}},
      {"env", {"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "TERM=xterm"}},
      {"cwd", "/"},
      {"capabilities", {{"bounding", few}, {"effective", few}, {"permitted", few}}},
      {"rlimits", Json::array({{{"type", "RLIMIT_NOFILE"}, {"hard", 1024}, {"soft", 1024}}})},
      {"noNewPrivileges", true}};
}

Json kinds() {
  Json all = Json::array();
  for (const char* const kind : {"pid", "network", "ipc", "uts", "mount", "cgroup"}) {
    all.push_back({{"type", kind}});
  }
  return all;
}

Json linux_part() {
  const Json masked{"/proc/acpi",        "/proc/asound",      "/proc/interrupts",
                    "/proc/kcore",       "/proc/keys",        "/proc/latency_stats",
                    "/proc/scsi",        "/proc/sched_debug", "/proc/timer_list",
                    "/proc/timer_stats", "/sys/firmware",     "/sys/devices/virtual/powercap"};
  const Json read_only{"/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"};
  return {{"resources", {{"devices", Json::array({{{"allow", false}, {"access", "rwm"}}})}}},
          {"namespaces", kinds()},
          {"maskedPaths", masked},
          {"readonlyPaths", read_only}};
}

Json seccomp() {
  const SeccompNames names = seccomp_names();
  return {{"enabled", true},
          {"actions", names.actions},
          {"operators", names.operators},
          {"archs", names.architectures},
          {"knownFlags", names.flags},
          {"supportedFlags", names.flags}};
}

}  // namespace

int print_features(const Options&) {
  const Json features{
      {"ociVersionMin", "1.0.0"},
      {"ociVersionMax", "1.2.0"},
      {"hooks",
       {"prestart", "createRuntime", "createContainer", "startContainer", "poststart", "poststop"}},
      {"mountOptions", mount_option_names()},
      {"linux",
       {{"namespaces", namespaces()},
        {"capabilities", capability_list(mask_of("ALL", "features"))},
        {"cgroup",
         {{"v1", true}, {"v2", true}, {"systemd", false}, {"systemdUser", false}, {"rdma", true}}},
        {"seccomp", seccomp()},
        {"apparmor", {{"enabled", true}}},
        {"selinux", {{"enabled", false}}},
        {"intelRdt", {{"enabled", false}}},
        {"mountExtensions", {{"idmap", {{"enabled", true}}}}}}},
      {"annotations", {{"com.tincan.version", version()}}}};
  std::puts(features.dump(2).c_str());
  return 0;
}

std::string listener_json(pid_t pid, const std::string& metadata, const std::string& state) {
  Json told{{"ociVersion", "1.2.0"}, {"fds", Json::array({"seccompFd"})}, {"pid", pid}};
  if (!metadata.empty()) told["metadata"] = metadata;
  told["state"] = Json::parse(state);
  return told.dump();
}

int print_fields(const Options&) {
  std::fputs(fields_as_table().c_str(), stdout);
  return 0;
}

int write_spec(const Options& options) {
  const Json spec{{"ociVersion", "1.2.0"},
                  {"process", process()},
                  {"root", {{"path", "rootfs"}, {"readonly", true}}},
                  {"hostname", "tincan"},
                  {"mounts", mounts()},
                  {"linux", linux_part()}};
  const std::string path = options.bundle + "/config.json";
  const unique_fd file = open_file(path, O_WRONLY | O_CREAT | O_EXCL, 0644);
  const std::string text = spec.dump(2) + "\n";
  check(write(file.get(), text.data(), text.size()), "write", path);
  return 0;
}

}  // namespace tincan::oci
