// What a container is to be, as plain data. A command line can fill it, or a document; whoever
// makes the container (can.hpp) cannot tell which, and asks nobody but this.
//
//   Spec spec{.command = {"ls", "-l"}, .root = "build/root"};
//   spec.namespaces.own &= ~std::uint64_t{CLONE_NEWNET};
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "03-process/clean_start.hpp"
#include "03-process/launch.hpp"
#include "04-namespaces/namespaces.hpp"
#include "05-mounts/mounts.hpp"
#include "06-user-namespace/user.hpp"
#include "06-user-namespace/user_namespace.hpp"
#include "07-capabilities/capabilities.hpp"
#include "07-capabilities/capability_table.hpp"
#include "08-seccomp/policy.hpp"
#include "09-cgroups/limits.hpp"
#include "09-cgroups/placement.hpp"
#include "10-init/environment.hpp"
#include "10-init/terminal.hpp"
#include "10-init/workdir.hpp"
#include "11-rootless/join.hpp"

namespace tincan {

/// Control groups that somebody has made.
struct FoundGroups {
  std::vector<Place> places;
  std::string name;
};

struct Spec {
  // The command.
  std::vector<std::string> command = {};
  EnvironmentOptions environment = {};
  WorkdirOptions workdir = {};
  TerminalOptions terminal = {};
  bool init = true;  ///< stands above the command; without it that is process 1 itself
  Lifetime lifetime = Lifetime::launchers;

  // What it sees.
  std::string root = {};  ///< a directory of the host's; empty: that of a joined mount namespace
  MountOptions mounts = {};
  std::vector<Mount> table = {};  ///< in the place of the furniture and of what is added to it
  NamespaceOptions namespaces = {.own = six_namespaces | CLONE_NEWUSER};
  std::vector<Joined> joined = {};  ///< of the kinds that are not `namespaces.own`

  // Who it is, and what it may do.
  UserNamespaceOptions users = {};
  User user = {};
  CleanStartOptions clean = {};
  CapabilitySets capabilities = sets_for(default_capabilities(), {});
  bool new_privileges = false;
  std::optional<Policy> policy = default_policy(default_capabilities());  ///< nothing: no filter

  // How much of the machine it gets.
  LimitOptions limits = {};
  std::optional<FoundGroups> groups = {};  ///< nothing: its own are made
};

}  // namespace tincan
