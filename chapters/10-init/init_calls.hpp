// The system calls that init and the last steps make once the filter of chapter 08 is loaded. A
// policy that refuses one of them, to init above all, would make a container that never ends.
//
//   Filter filter = make_filter(policy, init_calls);
#pragma once

#include <sched.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include <array>
#include <csignal>

#include "08-seccomp/policy.hpp"

namespace tincan {

/// In the order in which they are made; what chapter 08 lists itself is left out. So is TIOCSCTTY:
/// not every container has a terminal, and where it is refused, the start says so.
inline constexpr std::array init_calls{
    Call{"close_range"},
    Call{"close"},
    Call{"prctl", {{{0, ~0U, PR_SET_NAME}}}},
    Call{"prctl", {{{0, ~0U, PR_SET_DUMPABLE}, {1, ~0U, 0}}}},
    Call{"rt_sigprocmask"},
    Call{"setsid"},
    Call{"clone", {{{0, ~0U, CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID | SIGCHLD}}}},
    Call{"rt_sigtimedwait", {{{2, ~0U, 0}, {3, ~0U, _NSIG / 8}}}},
    Call{"kill"},
    Call{"wait4", {{{0, ~0U, ~0U}, {2, ~0U, WNOHANG}}}},
    Call{"rt_sigaction"},
};

}  // namespace tincan
