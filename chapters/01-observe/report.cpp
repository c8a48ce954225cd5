// Collecting the report, a function a section. The fields are described in proc(5) and the pages
// that it names.
#include "01-observe/report.hpp"

#include <sched.h>
#include <sys/prctl.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <array>

#include "01-observe/kernel_names.hpp"
#include "common/error.hpp"
#include "common/files.hpp"
#include "common/mountinfo.hpp"
#include "common/numbers.hpp"

namespace tincan {
namespace {

std::string trim(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\n");
  if (first == std::string_view::npos) return {};
  return std::string{text.substr(first, text.find_last_not_of(" \t\n") - first + 1)};
}

// Runs of blanks become one: /proc pads its columns.
std::string squeeze(std::string_view text) {
  std::string squeezed;
  for (const char c : trim(text)) {
    const bool blank = c == ' ' || c == '\t';
    if (!blank) squeezed += c;
    if (blank && squeezed.back() != ' ') squeezed += ' ';
  }
  return squeezed;
}

Field single(const std::string& key, const Reading& reading) {
  if (reading.error != 0) return {key, {}, false, errno_name(reading.error)};
  return {key, {squeeze(reading.text)}};
}

Field list(const std::string& key, const Reading& reading) {
  Field field{key, {}, true};
  if (reading.error != 0) field.unreadable = errno_name(reading.error);
  for (const std::string_view line : split_at(reading.text, '\n'))
    field.values.push_back(squeeze(line));
  return field;
}

/// A field that is a line of /proc/PID/status.
Field from_status(const std::string& key, const Reading& status, std::string_view name) {
  if (status.error != 0) return single(key, status);
  const std::string value = status_value(status.text, name);
  if (value.empty() && name != "Groups") return {key, {}, false, "not shown by this kernel"};
  return {key, {value}};
}

Section identity(const ProcessDirectory& process, const Reading& status) {
  return {"identity",
          {{"pid", {std::to_string(process.pid())}},
           single("name", process.read("comm")),
           from_status("uids", status, "Uid"),
           from_status("gids", status, "Gid"),
           from_status("groups", status, "Groups"),
           list("uid_map", process.read("uid_map")),
           list("gid_map", process.read("gid_map")),
           single("setgroups", process.read("setgroups"))}};
}

Section namespaces(const ProcessDirectory& process) {
  Section section{"namespaces", {}};
  for (const std::string name : {"user", "mnt", "pid", "pid_for_children", "uts", "ipc", "net",
                                 "cgroup", "time", "time_for_children"}) {
    section.fields.push_back(single(name, process.link("ns/" + name)));
  }
  return section;
}

unsigned last_capability() {
  try {
    const auto last = parse_number(trim(read_file("/proc/sys/kernel/cap_last_cap")), 0, 63);
    return static_cast<unsigned>(last.value_or(63));
  } catch (const Error&) {
    return 63;
  }
}

Field securebits(const ProcessDirectory& process) {
  if (process.pid() != getpid()) {
    return {"securebits", {}, false, "only the process itself can ask for them"};
  }
  return {"securebits", {securebit_names(static_cast<unsigned>(prctl(PR_GET_SECUREBITS)))}};
}

std::string seccomp_mode(const std::string& number) {
  constexpr std::array modes{"0 (none)", "1 (strict)", "2 (filter)"};
  const auto mode = parse_number(number, 0, modes.size() - 1);
  return mode ? modes[*mode] : number;
}

Section privileges(const ProcessDirectory& process, const Reading& status) {
  Section section{"privileges", {}};
  const unsigned last = last_capability();
  for (const auto& [key, name] : {std::pair{"cap_effective", "CapEff"},
                                  {"cap_permitted", "CapPrm"},
                                  {"cap_inheritable", "CapInh"},
                                  {"cap_bounding", "CapBnd"},
                                  {"cap_ambient", "CapAmb"}}) {
    Field field = from_status(key, status, name);
    for (std::string& value : field.values) value = capability_names(parse_mask(value), last);
    section.fields.push_back(field);
  }
  section.fields.push_back(securebits(process));
  section.fields.push_back(from_status("no_new_privs", status, "NoNewPrivs"));
  Field mode = from_status("seccomp", status, "Seccomp");
  for (std::string& value : mode.values) value = seccomp_mode(value);
  section.fields.push_back(mode);
  section.fields.push_back(from_status("seccomp_filters", status, "Seccomp_filters"));
  section.fields.push_back(single("lsm_label", process.read("attr/current")));
  return section;
}

Field mounts(const ProcessDirectory& process) {
  const Reading reading = process.read("mountinfo");
  Field field{"mounts", {}, true};
  if (reading.error != 0) field.unreadable = errno_name(reading.error);
  for (const Mount& mount : parse_mountinfo(reading.text)) {
    field.values.push_back(mount.mount_point + "  " + mount.type + "  " + mount.options + "  " +
                           mount.propagation());
  }
  return field;
}

Field descriptors(const ProcessDirectory& process) {
  const Reading numbers = process.list("fd");
  Field field{"descriptors", {}, true};
  if (numbers.error != 0) field.unreadable = errno_name(numbers.error);
  for (const std::string_view number : split_at(numbers.text, '\n')) {
    const Reading target = process.link("fd/" + std::string{number});
    field.values.push_back(std::string{number} + " -> " +
                           (target.error != 0 ? errno_name(target.error) : target.text));
  }
  return field;
}

// Links are shown as they are: a blank or a newline in a path is part of it.
Field path(const std::string& key, const Reading& reading) {
  if (reading.error != 0) return {key, {}, false, errno_name(reading.error)};
  return {key, {reading.text}};
}

Section files(const ProcessDirectory& process, const Reading& status) {
  return {"files",
          {path("root", process.link("root")), path("cwd", process.link("cwd")),
           path("exe", process.link("exe")), from_status("umask", status, "Umask"), mounts(process),
           descriptors(process)}};
}

// A line is: a name of up to 26 columns, soft limit, hard limit, unit.
Section limits(const ProcessDirectory& process) {
  const Reading reading = process.read("limits");
  if (reading.error != 0) return {"limits", {single("all", reading)}};
  Section section{"limits", {}};
  for (const std::string_view line : split_at(reading.text, '\n')) {
    if (line.starts_with("Limit ") || line.size() < 26) continue;
    section.fields.push_back({trim(line.substr(0, 26)), {squeeze(line.substr(26))}});
  }
  return section;
}

std::string terminal_name(const std::string& number) {
  const auto device = parse_number(number, 0, UINT32_MAX);
  if (!device || *device == 0) return "none";
  return std::to_string(major(*device)) + ":" + std::to_string(minor(*device));
}

std::string policy_name(const std::string& number) {
  constexpr std::array names{"other", "fifo", "rr", "batch", "(4)", "idle", "deadline", "ext"};
  const auto policy = parse_number(number, 0, names.size() - 1);
  return policy ? names[*policy] : number;
}

// The numbers of the fields are those of proc_pid_stat(5), counted from the third.
Section life(const ProcessDirectory& process, const Reading& status) {
  Section section{"life", {}};
  const Reading stat = process.read("stat");
  const auto fields = stat_fields(stat.text);
  const auto from_stat = [&](const std::string& key, std::size_t number, auto in_words) {
    if (number - 3 >= fields.size()) return Field{key, {}, false, errno_name(stat.error)};
    return Field{key, {in_words(fields[number - 3])}};
  };
  const auto as_it_is = [](const std::string& value) { return value; };
  section.fields = {from_stat("parent", 4, as_it_is),
                    from_stat("process_group", 5, as_it_is),
                    from_stat("session", 6, as_it_is),
                    from_stat("terminal", 7, terminal_name),
                    from_stat("nice", 19, as_it_is),
                    from_stat("policy", 41, policy_name),
                    single("oom_score", process.read("oom_score")),
                    single("oom_score_adj", process.read("oom_score_adj"))};
  for (const auto& [key, name] : {std::pair{"signals_blocked", "SigBlk"},
                                  {"signals_ignored", "SigIgn"},
                                  {"signals_caught", "SigCgt"}}) {
    Field field = from_status(key, status, name);
    for (std::string& value : field.values) value = signal_names(value);
    section.fields.push_back(field);
  }
  return section;
}

}  // namespace

std::string status_value(std::string_view status, std::string_view name) {
  for (const std::string_view line : split_at(status, '\n')) {
    const auto colon = line.find(':');
    if (colon != std::string_view::npos && line.substr(0, colon) == name) {
      return squeeze(line.substr(colon + 1));
    }
  }
  return {};
}

std::vector<std::string> stat_fields(std::string_view stat) {
  const auto end_of_name = stat.rfind(") ");
  if (end_of_name == std::string_view::npos) return {};
  const std::string rest = trim(stat.substr(end_of_name + 2));
  const auto fields = split_at(rest, ' ');
  return {fields.begin(), fields.end()};
}

Report observe(const ProcessDirectory& process) {
  const Reading status = process.read("status");
  return {identity(process, status),   namespaces(process),
          privileges(process, status), {"cgroups", {list("paths", process.read("cgroup"))}},
          files(process, status),      limits(process),
          life(process, status)};
}

}  // namespace tincan
