// Namespaces: what the kernel shows one group of processes and hides from another. clone3(2) makes
// five of the six here; the cgroup namespace is made by the child itself, once it sits in the
// control group that is to be its root.
//
//   NamespaceOptions namespaces;
//   add_namespace_options(line, namespaces);           // --hostname, --share
//   launch.clone_into(clone_flags(namespaces), names(namespaces));
#pragma once

#include <sched.h>

#include <cstdint>
#include <string>

#include "common/command_line.hpp"

namespace tincan {

/// The namespaces of this chapter; the seventh, of users, comes with chapter 06.
inline constexpr std::uint64_t six_namespaces =
    CLONE_NEWUTS | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWNET | CLONE_NEWNS | CLONE_NEWCGROUP;

struct NamespaceOptions {
  /// CLONE_NEW* of the namespaces that the container does not share, namespaces(7).
  std::uint64_t own = six_namespaces;
  std::string hostname = {};  ///< empty: one is made up
};

/// --share may name what `options.own` holds now, but for `indispensable`: CLONE_NEW* without which
/// a step of the chapter would hit the host.
void add_namespace_options(CommandLine& line, NamespaceOptions& options,
                           std::uint64_t indispensable = 0);

/// What clone3(2) is asked for, and the names of it for messages: "uts, pid, net".
std::uint64_t clone_flags(const NamespaceOptions& options);
std::string names(const NamespaceOptions& options);

/// sethostname(2), in the own uts namespace; nothing if that is shared.
void set_hostname(const NamespaceOptions& options);

/// A new network namespace has a loopback interface that is down: 127.0.0.1 would be unreachable.
/// netdevice(7).
void bring_loopback_up(const NamespaceOptions& options);

/// unshare(CLONE_NEWCGROUP): the control group that this process is in becomes `/` of what it sees.
/// Asked of clone3 together with the others it would be the parent's group, cgroup_namespaces(7).
void enter_cgroup_namespace(const NamespaceOptions& options);

}  // namespace tincan
