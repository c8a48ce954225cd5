// A control group that an ordinary user may divide. The kernel lets nobody make groups but in a
// directory that is his; so somebody has to hand one over, and that is called to delegate it
// (admin-guide/cgroup-v2.rst, "Delegation"). There are three cases, tried in this order:
//
//   the group above ours is handed over     groups are made beside ours, as in chapter 09
//   our own is, and we are alone in it      we move into a group in it, and make them beside that
//   there is a systemd of the user's        it is asked for such a group, a "scope", with us in it;
//                                           then as in the second case
//
// What is asked for goes by itself: systemd removes a scope, with all groups in it, as soon as the
// last process has left it, however that ended.
//
//   stand_in_delegated_group(limits);
//   ControlGroups groups = make_groups(limits, sources.root);
#pragma once

#include "09-cgroups/limits.hpp"

namespace tincan {

/// After it, this process stands where chapter 09 can make groups with these limits. Does nothing
/// for root, for --no-limits, and on a host whose v2 does not have the controllers: version 1 is
/// delegated to nobody, and chapter 09 says what is missing. Throws Error where there is no such
/// group.
void stand_in_delegated_group(const LimitOptions& limits);

}  // namespace tincan
