// newuidmap(1) and newgidmap(1): programs of the system that write the maps of an ordinary user's
// namespace, within what the system grants to that user.
//
//   const MapHelpers helpers = find_map_helpers();
//   const std::string why = why_useless(helpers);       // "there is no newuidmap in /usr/bin, ..."
//   launch.parent_does("...", [&] { write_maps(users, helpers, launch.child()); });
#pragma once

#include <optional>
#include <string>

#include "03-process/child_process.hpp"
#include "06-user-namespace/user_namespace.hpp"

namespace tincan {

struct MapHelpers {
  std::string uids;  ///< the path of newuidmap; empty: there is none
  std::string gids;  ///< that of newgidmap
  /// Nobody in the namespace can leave a group: a file may refuse it (CVE-2014-8989). Otherwise
  /// they can, where newgidmap maps a granted range: that is what the grant is for.
  bool groups_stay = false;
};

MapHelpers find_map_helpers();

/// Why they could write nothing, whatever is granted, as the rest of a sentence; empty if nothing
/// was found. Both get what it takes by being set-uid, or by file capabilities: the caller may have
/// given that up, or the file system may not have it. The kernel would say EPERM, and no more.
std::string why_useless(const MapHelpers& helpers);

/// In the parent: the maps of `child`, by the helpers, or, without any, by write_id_maps(). Throws
/// Error with what a helper said.
void write_maps(const UserNamespace& users, const std::optional<MapHelpers>& helpers,
                const ChildProcess& child);

}  // namespace tincan
