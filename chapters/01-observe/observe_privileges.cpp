// What a process may do: capabilities(7), securebits, no_new_privs, seccomp(2), the LSM's label.
#include <sys/prctl.h>

#include <string>
#include <utility>

#include "01-observe/kernel_names.hpp"
#include "01-observe/observe.hpp"
#include "01-observe/proc_text.hpp"
#include "common/error.hpp"
#include "common/files.hpp"
#include "common/numbers.hpp"

namespace tincan::observation {
namespace {

// The highest capability that this kernel knows; where it does not say, the newest that we know.
unsigned last_capability() {
  constexpr unsigned checkpoint_restore = 40;
  try {
    const std::string text = without_end(read_file("/proc/sys/kernel/cap_last_cap"));
    return static_cast<unsigned>(parse_number(text, 0, 63).value_or(checkpoint_restore));
  } catch (const Error&) {
    return checkpoint_restore;
  }
}

std::vector<Entry> entries_of(const Names& names) {
  std::vector<Entry> entries;
  for (const std::string& name : names) entries.push_back({{"", name}});
  return entries;
}

Field capabilities(const std::string& key, const Reading& status, const std::string& name) {
  Field line = field_of_status(key, status, name);
  if (!line.unreadable.empty()) return line;
  const auto mask = parse_mask(line.entries[0][0].text);
  if (!mask) return unreadable_field(key, "not understood");
  return list_field(key, entries_of(capability_names(*mask)),
                    capability_summary(*mask, last_capability()));
}

Field own_number(const std::string& key, int option) {
  const int returned = prctl(option);
  if (returned == -1) return unreadable_field(key, errno_name(errno));
  return number_field(key, std::to_string(returned));
}

Field securebits(const ProcessDirectory& process) {
  if (process.pid() != own_pid()) {
    return unreadable_field("securebits", "only the process itself can ask for them, prctl(2)");
  }
  Field number = own_number("securebits", PR_GET_SECUREBITS);
  if (!number.unreadable.empty()) return number;
  const auto bits = parse_number(number.entries[0][0].text, 0, UINT32_MAX);
  return list_field("securebits", entries_of(securebit_names(bits.value_or(0))));
}

// The id that root of the process's user namespace has for us; nothing if root is not mapped.
std::optional<std::uint64_t> inner_root(const ProcessDirectory& process) {
  const Reading map = process.read("uid_map");
  for (const std::string_view line : split_at(map.text, '\n')) {
    const auto range = parse_id_range(line);
    if (range && range->inside == "0") return parse_number(range->outside, 0, UINT32_MAX);
  }
  return std::nullopt;
}

// The kernel gives the files of /proc/PID to the process's effective user, but to (its user
// namespace's) root if the process is not dumpable; so of root's own processes nothing shows.
Field dumpable_by_owner(const ProcessDirectory& process, const Reading& status) {
  const FileIdentity file = process.identify("status");
  const auto ids = words_of(status_value(status.text, "Uid").value_or(""));
  if (file.error != 0) return unreadable_field("dumpable", errno_name(file.error));
  if (ids.size() != 4) return unreadable_field("dumpable", errno_name(status.error));
  const auto effective = parse_number(ids[1], 0, UINT32_MAX);
  if (effective != file.owner) return text_field("dumpable", "no");
  if (effective == 0U || effective == inner_root(process)) {
    return unreadable_field("dumpable", "root owns its files either way");
  }
  return text_field("dumpable", "yes");
}

Field dumpable(const ProcessDirectory& process, const Reading& status) {
  if (process.pid() != own_pid()) return dumpable_by_owner(process, status);
  Field number = own_number("dumpable", PR_GET_DUMPABLE);
  if (!number.unreadable.empty()) return number;
  return text_field("dumpable", number.entries[0][0].text == "1" ? "yes" : "no");
}

Field seccomp_mode(const Reading& status) {
  Field field = field_of_status("seccomp", status, "Seccomp");
  if (field.unreadable.empty())
    field.entries[0][0].text = seccomp_mode_name(field.entries[0][0].text);
  return field;
}

Field status_number(const std::string& key, const Reading& status, const std::string& name) {
  Field field = field_of_status(key, status, name);
  if (field.unreadable.empty()) field.entries[0][0].kind = Part::Kind::number;
  return field;
}

}  // namespace

Section observe_privileges(const ProcessDirectory& process, const Reading& status) {
  return {"privileges",
          {capabilities("cap_effective", status, "CapEff"),
           capabilities("cap_permitted", status, "CapPrm"),
           capabilities("cap_inheritable", status, "CapInh"),
           capabilities("cap_bounding", status, "CapBnd"),
           capabilities("cap_ambient", status, "CapAmb"), securebits(process),
           status_number("no_new_privs", status, "NoNewPrivs"), seccomp_mode(status),
           status_number("seccomp_filters", status, "Seccomp_filters"),
           field_of_file("lsm_label", process.read("attr/current")), dumpable(process, status)}};
}

}  // namespace tincan::observation
