// Id maps: which user and group ids of the host stand behind those of a user namespace.
//
//   IdMap map{parse_id_range("0:100000:65536", "--map")};
//   require_sound_map(map, false);                  // or UsageError
//   write_file("/proc/1234/uid_map", map_text(map));
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace tincan {

/// `size` ids from `inside` on are, on the host, those from `outside` on.
struct IdRange {
  std::uint32_t inside = 0;
  std::uint32_t outside = 0;
  std::uint32_t size = 0;
};

using IdMap = std::vector<IdRange>;

/// CONTAINER:HOST:SIZE, three decimal numbers; no range may reach 4294967295, which is no id but
/// "no id". Throws UsageError naming `option`.
IdRange parse_id_range(const std::string& text, const std::string& option);

/// Throws UsageError unless ranges overlap neither inside nor outside, there are at most 340 of
/// them (the kernel's limit since Linux 4.15), id 0 exists inside, and the host's 0 is mapped only
/// if `host_root_allowed`. Container root behind which the host's root stands may write to
/// /proc/sys/kernel/core_pattern: to be root there, an identity is enough, and no capability helps
/// or hinders.
void require_sound_map(const IdMap& map, bool host_root_allowed);

/// One line a range, as /proc/PID/uid_map takes it, user_namespaces(7).
std::string map_text(const IdMap& map);

/// Is there such an id inside?
bool is_mapped(const IdMap& map, std::uint32_t inside);

/// Who that is on the host: `inside` must be mapped.
std::uint32_t on_host(const IdMap& map, std::uint32_t inside);

/// Does the host's `outside` have an id inside? Those who have none are shown as 65534, and no
/// capability inside reaches what they own.
bool has_id_inside(const IdMap& map, std::uint32_t outside);

/// Could one of the host's own accounts stand behind an id? Those are the ids below 65536; from
/// there on, ids are handed out for user namespaces (subuid(5)) and belong to nobody else.
bool reaches_accounts(const IdMap& map);

}  // namespace tincan
