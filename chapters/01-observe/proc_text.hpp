// The dialects of /proc: what its files say, taken apart. proc(5) describes each.
//
//   status_value("Uid:\t0\t0\t0\t0\n", "Uid");   // "0 0 0 0"
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tincan::observation {

/// The value of "Name:" in /proc/PID/status, the tabs in it made blanks; nothing if there is none.
std::optional<std::string> status_value(std::string_view status, std::string_view name);

/// The fields of /proc/PID/stat from the third on (state): the second is the name in parentheses,
/// which may hold blanks and parentheses itself.
std::vector<std::string> stat_fields(std::string_view stat);

/// A line of /proc/PID/limits. The limits are numbers or "unlimited"; some have no unit.
struct Limit {
  std::string key;  ///< "open_files" for the kernel's "Max open files"
  std::string soft;
  std::string hard;
  std::string unit;
};
std::optional<Limit> parse_limit(std::string_view line);

/// A line of /proc/PID/cgroup: on which hierarchy, in which group.
struct CgroupPath {
  std::string hierarchy;  ///< "v2", or the controllers of a v1 hierarchy ("cpu,cpuacct")
  std::string path;
};
std::optional<CgroupPath> parse_cgroup(std::string_view line);

/// A line of /proc/PID/uid_map or gid_map, user_namespaces(7). `outside`: as the reader's own user
/// namespace sees it.
struct IdRange {
  std::string inside;
  std::string outside;
  std::string count;
};
std::optional<IdRange> parse_id_range(std::string_view line);

/// A terminal's number in /proc/PID/stat by its usual name: "pts/3", "tty1", "none" for 0; else
/// "major:minor".
std::string terminal_name(std::string_view number);

/// The words of `text`: what stands between blanks and tabs.
std::vector<std::string> words_of(std::string_view text);

/// `text` without the newline or the NUL byte that /proc puts at its end; all else is kept.
std::string without_end(std::string_view text);

}  // namespace tincan::observation
