// Numbers that people type, taken strictly: decimal digits and nothing around them. A user id that
// was half understood has been the hole of several container tools (CVE-2016-3697, CVE-2026-30892).
//
//   auto uid = parse_number("1000", 0, 4294967294);   // 1000
//   parse_number("+1", 0, 10);                        // nothing; nor "0x1", " 1", "1 ", "01", ""
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace tincan {

/// The number that `text` is, if it is a decimal number from `least` to `most` without sign, blank
/// or leading zero.
std::optional<std::uint64_t> parse_number(std::string_view text, std::uint64_t least,
                                          std::uint64_t most);

}  // namespace tincan
