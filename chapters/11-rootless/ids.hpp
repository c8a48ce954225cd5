// Who stands behind the ids inside, whoever starts it: root, by the map that was asked for; an
// ordinary user, by what the system grants.
//
//   const Ids ids = plan_ids(options, namespaces, keep_groups);          // before the clone
//   launch.parent_does("...", [&] { write_maps(ids.users, ids.helpers, launch.child()); });
#pragma once

#include <optional>
#include <string>

#include "04-namespaces/namespaces.hpp"
#include "06-user-namespace/user_namespace.hpp"
#include "11-rootless/map_helpers.hpp"

namespace tincan {

struct Ids {
  UserNamespace users = {};
  std::optional<MapHelpers> helpers = {};  ///< nothing: the launcher writes the maps itself
};

/// With privilege, as plan_user_namespace(). For an ordinary user: the map that was asked for, if
/// /etc/subuid and /etc/subgid grant each id of it, or else UsageError with the row that is
/// missing. If none was asked for, the caller is root inside, and 1 to 65536 are what is granted,
/// or as many of them as that is. Where nothing is granted, or nobody could write the map, root is
/// alone, as in chapter 06: then a line in the log says why, and what to do. `keep_groups`: nobody
/// inside can leave a group of the caller's.
Ids plan_ids(const UserNamespaceOptions& options, const NamespaceOptions& namespaces,
             bool keep_groups);

/// Why root is alone in an ordinary user's containers, and what to do, as a sentence; empty if it
/// is not.
std::string why_root_is_alone();

}  // namespace tincan
