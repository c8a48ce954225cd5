// The table of capabilities: each by name, kept or dropped by default, and why.
//
//   std::uint64_t kept = default_capabilities();
//   kept |= mask_of("net_admin", "--cap-add");   // or UsageError; ALL is every name in the table
//   print_capabilities();                        // for --list-capabilities
#pragma once

#include <cstdint>
#include <string>

namespace tincan {

/// Sets of capabilities are masks: bit n stands for the capability with the number n,
/// <linux/capability.h>.
constexpr std::uint64_t capability_bit(int number) {
  return std::uint64_t{1} << number;
}

/// What a container's root keeps unless it is asked for otherwise.
std::uint64_t default_capabilities();

/// The mask of "chown", "CAP_CHOWN" or "Chown", and of "all". Throws UsageError naming `option`
/// for what is not in the table: a typing error in --cap-drop must not drop nothing.
std::uint64_t mask_of(const std::string& name, const std::string& option);

/// "CAP_CHOWN, CAP_KILL", or "none". A number that the table does not know is written as a number.
std::string capability_names(std::uint64_t mask);

/// The table on standard output.
void print_capabilities();

}  // namespace tincan
