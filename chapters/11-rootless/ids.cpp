// Deciding, from rows of the system's and what was asked for.
#include "11-rootless/ids.hpp"

#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "06-user-namespace/id_map.hpp"
#include "11-rootless/ranges.hpp"
#include "common/error.hpp"
#include "common/files.hpp"
#include "common/log.hpp"

namespace tincan {
namespace {

// User ids, or group ids: where they are granted, and what they are called.
struct Kind {
  const char* rows;
  const char* own_map;
  const char* called;
  const char* option;  // of usermod(8)
};

constexpr Kind user_ids{"/etc/subuid", "/proc/self/uid_map", "user", "--add-subuids"};
constexpr Kind group_ids{"/etc/subgid", "/proc/self/gid_map", "group", "--add-subgids"};

// A file of the system's; one that is not there has no rows.
std::string rows_of(const char* path) {
  constexpr std::size_t most = std::size_t{16} << 20U;  // half a million rows
  // guard: the host's, before there is a container
  return exists(path) ? read_at_most(open_file(path, O_RDONLY), path, most) : std::string{};
}

std::string row(const std::string& name, std::uint64_t first, std::uint64_t size) {
  return name + ":" + std::to_string(first) + ":" + std::to_string(size);
}

// The caller's, of one kind.
struct Granted {
  Kind kind;
  std::uint32_t own = 0;
  std::vector<std::string> names = {};  // the first is a name, if there is one
  std::string rows = {};
  IdSpans in_rows = {};
  IdSpans here = {};  // what there is in the user namespace that this runs in
  IdSpans ids = {};   // what is in both
};

Granted granted(const Kind& kind, std::uint32_t own) {
  Granted found{.kind = kind, .own = own, .names = names_of(rows_of("/etc/passwd"), getuid())};
  found.rows = rows_of(kind.rows);
  found.in_rows = granted_to(found.names, found.rows);
  found.here = existing(read_file(kind.own_map));
  found.ids = common_to(found.in_rows, found.here);
  return found;
}

using Both = std::array<Granted, 2>;

std::string how_to_grant(const Granted& kind, std::uint64_t first, std::uint64_t last) {
  return std::string{kind.kind.option} + " " + std::to_string(first) + "-" + std::to_string(last);
}

// An account that /etc/passwd does not have is known by its number alone, and usermod(8) takes
// none. A grant of what does not exist here would be none.
std::string how_to_grant_some(const Both& both) {
  constexpr std::uint32_t enough = 65536;
  const std::uint64_t first = std::min<std::uint64_t>(
      UINT32_MAX, std::max(first_free(both[0].rows), first_free(both[1].rows)));
  std::string options;
  for (const Granted& one : both) {
    if (!covers(one.here, {0, static_cast<std::uint32_t>(first), enough})) {
      return std::string{
                 "nor can it be: the user namespace that this runs in lacks the ids, see "} +
             one.kind.own_map;
    }
    if (one.ids.empty()) options += how_to_grant(one, first, first + enough - 1) + " ";
  }
  const auto& names = both[0].names;
  if (names.size() > 1) return "root can do that: usermod " + options + names[0];
  return "root can do that: add a row '" + row(names[0], first, enough) + "' there";
}

// Nothing is granted, or nothing that exists in the user namespace that this runs in.
std::string why_nothing(const Both& both) {
  std::string files;
  for (const Granted& one : both) {
    if (!one.ids.empty()) continue;
    if (!one.in_rows.empty()) {
      return std::string{"what "} + one.kind.rows + " grants to " + one.names[0] +
             " does not exist in the user namespace that this runs in, see " + one.kind.own_map;
    }
    files.append(files.empty() ? "" : " and ").append(one.kind.rows);
  }
  if (files.empty()) return {};
  return "nothing is granted to " + both[0].names[0] + " in " + files + "; " +
         how_to_grant_some(both);
}

bool is_own(const Granted& kind, const IdRange& range) {
  return range.size == 1 && range.outside == kind.own;
}

[[noreturn]] void refuse(const Granted& one, const IdRange& range) {
  const std::uint64_t last = std::uint64_t{range.outside} + range.size - 1;
  const std::string& name = one.names[0];
  const std::string ids = std::string{one.kind.called} + " ids " + std::to_string(range.outside) +
                          " to " + std::to_string(last);
  if (!covers(one.here, range)) {
    throw UsageError{
        "--map",
        ids + " do not all exist in the user namespace that this runs in, see " + one.kind.own_map};
  }
  throw UsageError{"--map", ids + " are not granted to " + name + ": " + one.kind.rows +
                                " lacks the row '" + row(name, range.outside, range.size) +
                                "', which root can add (usermod " +
                                how_to_grant(one, range.outside, last) + " " + name + ")"};
}

void require_granted(const IdMap& map, const Granted& one) {
  for (const IdRange& range : map) {
    if (!is_own(one, range) && !covers(one.ids, range)) refuse(one, range);
  }
}

Ids root_alone(const UserNamespaceOptions& options, const NamespaceOptions& namespaces) {
  UserNamespaceOptions alone = options;
  alone.map.clear();
  return {.users = plan_user_namespace(alone, namespaces)};
}

Ids with_helpers(const IdMap& uids, const IdMap& gids, const MapHelpers& helpers) {
  return {.users = {.packer = Packer::child, .idmapped = false, .uids = uids, .gids = gids},
          .helpers = helpers};
}

Ids plan_map(const UserNamespaceOptions& options, const NamespaceOptions& namespaces,
             const Both& both, const MapHelpers& helpers) {
  const IdMap& map = options.map;
  require_sound_map(map, options.map_host_root);
  for (const Granted& one : both) require_granted(map, one);
  // The kernel grants that by itself, user_namespaces(7).
  if (map.size() == 1 && is_own(both[0], map[0]) && is_own(both[1], map[0])) {
    return root_alone(options, namespaces);
  }
  const std::string why = why_useless(helpers);
  if (!why.empty()) throw UsageError{"--map", "an ordinary user's is written by newuidmap: " + why};
  return with_helpers(map, map, helpers);
}

Both granted_to_caller() {
  return {granted(user_ids, geteuid()), granted(group_ids, getegid())};
}

std::string why_alone(const Both& both, const MapHelpers& helpers) {
  std::string why = why_nothing(both);
  return why.empty() ? why_useless(helpers) : why;
}

}  // namespace

std::string why_root_is_alone() {
  return why_alone(granted_to_caller(), find_map_helpers());
}

Ids plan_ids(const UserNamespaceOptions& options, const NamespaceOptions& namespaces,
             bool keep_groups) {
  if ((namespaces.own & CLONE_NEWUSER) == 0 || is_privileged()) {
    return {.users = plan_user_namespace(options, namespaces)};
  }
  const Both both = granted_to_caller();
  MapHelpers helpers = find_map_helpers();
  helpers.groups_stay = keep_groups;
  if (!options.map.empty()) return plan_map(options, namespaces, both, helpers);
  if (const std::string why = why_alone(both, helpers); !why.empty()) {
    log::warn("no users but root inside: {}", why);
    return root_alone(options, namespaces);
  }
  return with_helpers(map_with(both[0].own, both[0].ids), map_with(both[1].own, both[1].ids),
                      helpers);
}

}  // namespace tincan
