// Masks into names: what /proc shows as hexadecimal numbers, in the words of the man pages.
//
//   capability_names(0x400, 40);   // "NET_BIND_SERVICE"
//   signal_names("0000000000010000");   // "CHLD"
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace tincan {

/// A capability set in words: "none", "all", "all but MKNOD SYSLOG", or the names. `last`: the
/// highest number that this kernel knows. Bits without a name are given as numbers.
/// capabilities(7).
std::string capability_names(std::uint64_t mask, unsigned last);

/// A signal mask of /proc/PID/status in words, signal(7). `hex`: without 0x.
std::string signal_names(std::string_view hex);

/// securebits in words, prctl(2) PR_GET_SECUREBITS.
std::string securebit_names(unsigned bits);

/// Sixteen hexadecimal digits as a number; 0 if they are none.
std::uint64_t parse_mask(std::string_view hex);

}  // namespace tincan
