// Capabilities: root's power in 41 pieces, of which the command keeps few. All five sets of a
// process are set, and read back: the series computed its list and never applied it.
//
//   CapabilitySets sets = sets_for(capabilities_to_keep(options), user);
//   launch.child_does("...", [&] { limit_capabilities(sets.bounding); });   // while still root
//   launch.child_does("...", [&] { become_user(user); });
//   launch.child_does("...", [&] { keep_capabilities(sets, false); });
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "06-user-namespace/user.hpp"
#include "06-user-namespace/user_namespace.hpp"
#include "common/command_line.hpp"

namespace tincan {

struct CapabilityOptions {
  std::vector<std::string> add;
  std::vector<std::string> drop;
  bool new_privileges = false;  ///< programs may gain by their set-uid bit or capabilities
  bool list = false;            ///< print the table, and run nothing
};

/// The five masks of a process, in the order of /proc/PID/status.
struct CapabilitySets {
  std::uint64_t inheritable = 0;
  std::uint64_t permitted = 0;
  std::uint64_t effective = 0;
  std::uint64_t bounding = 0;
  std::uint64_t ambient = 0;
};

void add_capability_options(CommandLine& line, CapabilityOptions& options);

/// The default, and what --cap-add and --cap-drop make of it: ALL first, then the single names, in
/// whatever order they were given. Throws UsageError for unknown names, for a name given twice, and
/// for one that is both added and dropped.
std::uint64_t capabilities_to_keep(const CapabilityOptions& options);

/// `kept` is what programs can have at most. Permitted and effective set are `kept` for uid 0, and
/// empty for any other user, as Docker has it; the inheritable set, forgotten in CVE-2022-24769 and
/// four others, and with it the ambient one are empty.
CapabilitySets sets_for(std::uint64_t kept, const User& user);

/// Whether what is mounted read-only stays so for programs with these sets.
ReadOnly read_only_with(const CapabilitySets& sets);

/// What the process can never get back: the bounding set becomes `kept`, the securebits 0 (root is
/// root, as every program expects). Counts up to the last capability that the kernel has, known to
/// us or not. Takes CAP_SETPCAP. Throws Error. capabilities(7).
void limit_capabilities(std::uint64_t kept);

/// What the process has now, and then no_new_privs, unless `new_privileges` are possible. A change
/// of user from 0 has emptied the permitted set, which cannot grow, unless PR_SET_KEEPCAPS came
/// before. Reads all of it back, five sets, and throws Error (EPERM) if it is not as asked for.
void keep_capabilities(const CapabilitySets& sets, bool new_privileges);

}  // namespace tincan
