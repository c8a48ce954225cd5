// The report's sections but for privileges and files. The man page of each file is
// proc_pid_NAME(5), or proc(5) where that is one page.
#include "01-observe/observe.hpp"

#include <cstdint>
#include <string>
#include <utility>

#include "01-observe/kernel_names.hpp"
#include "01-observe/proc_text.hpp"
#include "common/error.hpp"
#include "common/files.hpp"
#include "common/numbers.hpp"

namespace tincan::observation {
namespace {

// Uid and Gid of status: four numbers, see credentials(7).
Field ids(const std::string& key, const Reading& status, const std::string& name) {
  Field line = field_of_status(key, status, name);
  if (!line.unreadable.empty()) return line;
  const auto numbers = words_of(line.entries[0][0].text);
  if (numbers.size() != 4) return unreadable_field(key, "not understood");
  const auto number = Part::Kind::number;
  Field field{key,
              {{{"real", numbers[0], number},
                {"effective", numbers[1], number},
                {"saved", numbers[2], number},
                {"filesystem", numbers[3], number}}}};
  const bool one = numbers == std::vector(4, numbers[0]);
  field.brief = one ? numbers[0] + " (real effective saved fs)"
                    : "real " + numbers[0] + " effective " + numbers[1] + " saved " + numbers[2] +
                          " fs " + numbers[3];
  return field;
}

// A line of status that is a list of numbers; it may be empty.
Field numbers(const std::string& key, const Reading& status, const std::string& name) {
  Field line = field_of_status(key, status, name);
  if (!line.unreadable.empty()) return line;
  std::vector<Entry> entries;
  for (const std::string& number : words_of(line.entries[0][0].text)) {
    entries.push_back({{"", number, Part::Kind::number}});
  }
  return list_field(key, std::move(entries));
}

Field id_map(const std::string& key, const Reading& reading) {
  if (reading.error != 0) return unreadable_field(key, errno_name(reading.error));
  std::vector<Entry> entries;
  for (const std::string_view line : split_at(reading.text, '\n')) {
    const auto range = parse_id_range(line);
    if (!range) return unreadable_field(key, "not understood");
    entries.push_back({{"inside", range->inside, Part::Kind::number},
                       {"outside", range->outside, Part::Kind::number},
                       {"count", range->count, Part::Kind::number}});
  }
  return list_field(key, std::move(entries));
}

Part limit_part(const std::string& name, const std::string& value) {
  return {name, value, value == "unlimited" ? Part::Kind::text : Part::Kind::number};
}

Field limit_field(const Limit& limit) {
  Field field{limit.key, {{limit_part("soft", limit.soft), limit_part("hard", limit.hard)}}};
  if (!limit.unit.empty()) field.entries[0].push_back({"unit", limit.unit});
  const bool one = limit.soft == limit.hard;
  const std::string unit = limit.unit.empty() || limit.hard == "unlimited" ? "" : " " + limit.unit;
  field.brief = one ? limit.soft + unit : "soft " + limit.soft + ", hard " + limit.hard + unit;
  return field;
}

using InWords = std::string (*)(std::string_view);

// A field of stat, by its number in the man page.
Field field_of_stat(const std::string& key, const Reading& stat, std::size_t number,
                    InWords in_words = nullptr) {
  constexpr std::size_t first = 3;
  if (stat.error != 0) return unreadable_field(key, errno_name(stat.error));
  const auto fields = stat_fields(stat.text);
  if (number - first >= fields.size()) return unreadable_field(key, "not in its stat");
  const std::string& value = fields[number - first];
  return in_words != nullptr ? text_field(key, in_words(value)) : number_field(key, value);
}

Field signals(const std::string& key, const Reading& status, const std::string& name) {
  Field line = field_of_status(key, status, name);
  if (!line.unreadable.empty()) return line;
  const auto mask = parse_mask(line.entries[0][0].text);
  if (!mask) return unreadable_field(key, "not understood");
  std::vector<Entry> entries;
  for (const std::string& signal : signal_names(*mask)) entries.push_back({{"", signal}});
  return list_field(key, std::move(entries));
}

bool is_dead(const Reading& status) {
  const auto state = status_value(status.text, "State");
  return state && (state->starts_with('Z') || state->starts_with('X'));
}

// PF_EXITING of <linux/sched.h> in the ninth field of stat, proc_pid_stat(5): on its way out, a
// process has given up memory, descriptors, root and namespaces while its state is still R.
bool is_ending(const Reading& stat) {
  constexpr std::uint64_t exiting = 0x4;
  constexpr std::size_t flags = 9 - 3;
  const auto fields = stat_fields(stat.text);
  const auto value =
      flags < fields.size() ? parse_number(fields[flags], 0, UINT32_MAX) : std::nullopt;
  return !value || (*value & exiting) != 0;
}

// Nothing of a process that ends can be read any more, or, of a zombie, some of it: "nothing open"
// and "nothing mounted" would be said of a process that had both. A zombie from the start is shown.
void require_alive(const ProcessDirectory& process, const Reading& before) {
  const Reading now = process.read("stat");
  if (now.error == 0 && (is_dead(before) || !is_ending(now))) return;
  throw Error{ESRCH, "observe process", std::to_string(process.pid()),
              "it ended while it was being looked at"};
}

}  // namespace

Field field_of_file(const std::string& key, const Reading& reading) {
  if (reading.error != 0) return unreadable_field(key, errno_name(reading.error));
  return text_field(key, without_end(reading.text));
}

Field field_of_status(const std::string& key, const Reading& status, const std::string& name) {
  if (status.error != 0) return unreadable_field(key, errno_name(status.error));
  const auto value = status_value(status.text, name);
  return value ? text_field(key, *value) : unreadable_field(key, "not in its status");
}

Section observe_identity(const ProcessDirectory& process, const Reading& status) {
  return {"identity",
          {number_field("pid", std::to_string(process.pid())), numbers("ns_pids", status, "NSpid"),
           field_of_file("name", process.read("comm")), ids("uids", status, "Uid"),
           ids("gids", status, "Gid"), numbers("groups", status, "Groups"),
           id_map("uid_map", process.read("uid_map")), id_map("gid_map", process.read("gid_map")),
           field_of_file("setgroups", process.read("setgroups"))}};
}

Section observe_namespaces(const ProcessDirectory& process) {
  Section section{"namespaces", {}};
  for (const std::string name : {"user", "mnt", "pid", "pid_for_children", "uts", "ipc", "net",
                                 "cgroup", "time", "time_for_children"}) {
    section.fields.push_back(field_of_file(name, process.link("ns/" + name)));
  }
  return section;
}

Section observe_cgroups(const ProcessDirectory& process) {
  const Reading reading = process.read("cgroup");
  if (reading.error != 0) {
    return {"cgroups", {unreadable_field("paths", errno_name(reading.error))}};
  }
  Section section{"cgroups", {}};
  for (const std::string_view line : split_at(reading.text, '\n')) {
    const auto group = parse_cgroup(line);
    section.fields.push_back(group ? text_field(group->hierarchy, group->path)
                                   : text_field("other", std::string{line}));
  }
  return section;
}

Section observe_limits(const ProcessDirectory& process) {
  const Reading reading = process.read("limits");
  if (reading.error != 0) return {"limits", {unreadable_field("all", errno_name(reading.error))}};
  Section section{"limits", {}};
  for (const std::string_view line : split_at(reading.text, '\n')) {
    if (const auto limit = parse_limit(line)) section.fields.push_back(limit_field(*limit));
  }
  return section;
}

Section observe_life(const ProcessDirectory& process, const Reading& status) {
  const Reading stat = process.read("stat");
  return {
      "life",
      {field_of_status("state", status, "State"), field_of_stat("parent", stat, 4),
       field_of_stat("process_group", stat, 5), field_of_stat("session", stat, 6),
       field_of_stat("terminal", stat, 7, terminal_name), field_of_stat("nice", stat, 19),
       field_of_stat("policy", stat, 41, policy_name),
       field_of_file("oom_score", process.read("oom_score")),
       field_of_file("oom_score_adj", process.read("oom_score_adj")),
       signals("signals_blocked", status, "SigBlk"), signals("signals_ignored", status, "SigIgn"),
       signals("signals_caught", status, "SigCgt")}};
}

Report observe(const ProcessDirectory& process) {
  const Reading status = process.read("status");
  Report report{observe_identity(process, status),   observe_namespaces(process),
                observe_privileges(process, status), observe_cgroups(process),
                observe_files(process, status),      observe_limits(process),
                observe_life(process, status)};
  require_alive(process, status);
  return report;
}

}  // namespace tincan::observation
