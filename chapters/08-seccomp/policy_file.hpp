// A policy in a text file, for --seccomp FILE: one line a rule.
//
//   # name  action  condition
//   default ENOSYS
//   read    allow
//   socket  allow   if arg0 == 16 and arg2 == 0
//   clone   allow   if arg0 & 0x7e020000 == 0
//   clone   EPERM
#pragma once

#include <string>
#include <string_view>

#include "08-seccomp/policy.hpp"

namespace tincan {

/// Sizes that no sane file has: more is refused before it is read.
constexpr std::size_t max_policy_size = 65536;

/// What `text` says. The first rule is "default ACTION"; actions are allow, kill and the names of
/// errno values; a condition compares the low 32 bits of arguments 0 to 5; '#' starts a comment.
/// Throws UsageError naming `option`, with the number of the line, for everything else: unknown
/// names, a second default, a rule that no call can ever reach.
Policy parse_policy(std::string_view text, const std::string& option);

/// The same from the file `path`. Throws UsageError if it cannot be read.
Policy read_policy(const std::string& path, const std::string& option);

}  // namespace tincan
