// Limits of a process, not of a group: getrlimit(2). They are set in the child: set in the launcher
// they would bind the launcher, and after the clone not the child (the series did that, and its
// containers could open as many files as the host let them).
//
//   launch.child_does("limit the resources", [&] { limit_resources(limits); });
#pragma once

#include "09-cgroups/limits.hpp"

namespace tincan {

/// Soft and hard, so that nothing inside can raise them again (that takes CAP_SYS_RESOURCE on the
/// host). Descriptors: --nofile, or 1024. The series has 64, which some programs cannot start with;
/// 1024 is what select(2) can hold, and what programs have been written for. Of what no control
/// group counts, signals, locked memory and message queues get the kernel's own defaults, and no
/// priority is real-time or raised. A limit of the caller's that is lower stays. And what --fsize
/// and --cpu-time ask for: SIGXFSZ at the byte after, SIGXCPU at the second and SIGKILL one later.
/// Throws Error if one that was asked for is more than the caller has.
void limit_resources(const LimitOptions& options);

}  // namespace tincan
