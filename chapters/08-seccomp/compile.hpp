// From a policy to a program for the kernel: classic BPF, as seccomp(2) takes it.
//
//   Program program = compile(default_policy(kept), native_architecture());
#pragma once

#include <linux/filter.h>

#include <cstdint>
#include <vector>

#include "08-seccomp/policy.hpp"

namespace tincan {

using Program = std::vector<sock_filter>;

/// The program starts with the architecture, which must be `architecture` (AUDIT_ARCH_*): a number
/// means another call in another ABI, so a call from there ends the process; x32 likewise. Then
/// come the calls with conditions, one by one, then all others as ranges of numbers. There are no
/// loops and no jumps backwards. Throws Error (EINVAL) for a name that no architecture has, and for
/// more than the kernel takes (BPF_MAXINSNS, or too many rules for one call). Calls that only
/// another architecture has are left out.
///
/// Not libseccomp's: its filter differs from version to version, takes a millisecond to make, and
/// cannot be made for another architecture once a call is newer than the library.
Program compile(const Policy& policy, std::uint32_t architecture);

}  // namespace tincan
