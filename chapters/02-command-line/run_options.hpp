// The flags of the series, taken strictly: what to run (-c, or the words after --), how much to say
// (-d), in which root directory (-m), as which user (-u). Later chapters take the ones whose
// feature they have.
//
//   RunOptions run;
//   add_command_options(line, run);      // -d, --log-level, -c and --
//   add_root_option(line, run);          // -m
#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>
#include <vector>

#include "common/command_line.hpp"

namespace tincan {

struct RunOptions {
  std::vector<std::string> command;  ///< the program and its arguments
  std::string root;                  ///< the directory that becomes `/`
};

void add_command_options(CommandLine& line, RunOptions& options);
void add_root_option(CommandLine& line, RunOptions& options);
/// `uid`: who the command runs as, inside.
void add_user_option(CommandLine& line, uid_t& uid);

/// Held against the whole after parsing: a command must be there, and only once. Throws UsageError.
void require_command(const RunOptions& options);
/// -m must have been given.
void require_root(const RunOptions& options);

/// A user id: decimal, 0 to 4294967294 (4294967295 is (uid_t)-1, which setresuid(2) takes for
/// "leave it as it is"). Throws UsageError naming `option`. Never a name: a number that is no id
/// must not be looked up as one (CVE-2026-46680).
uid_t parse_uid(std::string_view text, const std::string& option);

}  // namespace tincan
