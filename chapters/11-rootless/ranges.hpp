// Ids that the system grants to ordinary users: the rows of /etc/subuid and /etc/subgid, subuid(5).
// What is read here allows nothing: newuidmap(1) reads the same rows, and writes the map or does
// not. They are read to ask for what there is, and to say what is missing before anything is made.
// Where nsswitch.conf(5) names another source of grants (subid: sss), newuidmap asks that, and what
// it has is not found here; nor are accounts that /etc/passwd does not have, but by their number.
//
//   const std::vector<std::string> names = names_of(read_file("/etc/passwd"), getuid());
//   const IdSpans granted = granted_to(names, read_file("/etc/subuid"));
//   const IdMap map = map_with(getuid(), granted);
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "06-user-namespace/id_map.hpp"

namespace tincan {

/// Ids from `first` on, and before `end`. In 64 bits: one beyond the last id is no number of 32.
struct IdSpan {
  std::uint64_t first = 0;
  std::uint64_t end = 0;

  bool operator==(const IdSpan&) const = default;
};

using IdSpans = std::vector<IdSpan>;

/// By which names rows can grant something to `uid`: those of accounts with that id in `passwd`,
/// which is a text as in passwd(5), and the number itself, which comes last.
std::vector<std::string> names_of(std::string_view passwd, uid_t uid);

/// What `rows` grants to one of `names`, sorted; what touches or overlaps is one span. Passed over
/// is what newuidmap passes over (comments, other numbers of fields, empty ones, lines from 1024
/// bytes on), and more: a number with a zero before it, which is octal there, or hexadecimal.
IdSpans granted_to(const std::vector<std::string>& names, std::string_view rows);

/// The ids that exist in the user namespace of a process: `map` as in /proc/PID/uid_map.
IdSpans existing(std::string_view map);

/// What is in both. Spans of `existing` stay apart even where they touch: the kernel wants each
/// range of a map inside one range of the map above.
IdSpans common_to(const IdSpans& granted, const IdSpans& existing);

/// Are all ids of the host in `range` in one span?
bool covers(const IdSpans& spans, const IdRange& range);

/// 0 inside is `own`; from 1 on come the granted ones, in their order, 65536 at most. Neither `own`
/// a second time, nor the host's 0, whatever was granted. At most 340 ranges, as the kernel has it.
IdMap map_with(std::uint32_t own, const IdSpans& granted);

/// The first id from 100000 on behind which no row of `rows`, whosever it is, grants anything.
std::uint64_t first_free(std::string_view rows);

}  // namespace tincan
