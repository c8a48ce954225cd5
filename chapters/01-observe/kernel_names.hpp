// Masks into names: what /proc shows as hexadecimal numbers, in the words of the man pages.
//
//   capability_names(0x401);              // {"CHOWN", "NET_BIND_SERVICE"}
//   capability_summary(0x1fffeffffff, 40) // "all but SYS_RESOURCE"
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tincan::observation {

using Names = std::vector<std::string>;

/// The capabilities of a set, without CAP_; a bit that has no name yet is given as its number.
/// capabilities(7).
Names capability_names(std::uint64_t mask);

/// The same for people: "none", "all", "all but MKNOD SYSLOG", or the names. `last`: the highest
/// number that this kernel knows, /proc/sys/kernel/cap_last_cap.
std::string capability_summary(std::uint64_t mask, unsigned last);

/// The signals of a mask of /proc/PID/status, without SIG; real-time signals as "RTMIN+1", the two
/// that glibc keeps to itself as numbers. signal(7).
Names signal_names(std::uint64_t mask);

/// securebits in words, PR_GET_SECUREBITS(2const) in prctl(2).
Names securebit_names(std::uint64_t mask);

/// "0 (none)", "1 (strict)", "2 (filter)": a number of /proc with its name, seccomp(2).
std::string seccomp_mode_name(std::string_view number);

/// A scheduling policy by name, sched(7).
std::string policy_name(std::string_view number);

/// A hexadecimal mask without 0x, as /proc/PID/status shows it. Nothing if it is none.
std::optional<std::uint64_t> parse_mask(std::string_view hex);

}  // namespace tincan::observation
