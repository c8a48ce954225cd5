// The environment of the command: a few variables that every program expects, and what was asked
// for. Nothing of the caller's comes along by itself: environments hold passwords.
//
//   launch.set_environment(make_environment(options, uid, terminal.allocate));
#pragma once

#include <sys/types.h>

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "common/command_line.hpp"

namespace tincan {

/// Name to value.
using Variables = std::map<std::string, std::string>;

struct EnvironmentOptions {
  Variables from_files;  ///< --env-file
  Variables from_line;   ///< --env, which wins
};

/// --env NAME=VALUE, --env NAME (the caller's value, and it has to have one), --env-file FILE.
void add_environment_options(CommandLine& line, EnvironmentOptions& options);

/// PATH, HOME, HOSTNAME, and TERM (the caller's) if `terminal` says that the command has a
/// terminal; then the files', then the line's, each replacing what came before. As "NAME=VALUE",
/// sorted. HOME is /root for uid 0 and / for all others: what the container's /etc/passwd says is
/// the container's word, and not asked for. In the child, once it has its host name.
std::vector<std::string> make_environment(const EnvironmentOptions& options, uid_t uid,
                                          bool terminal);

/// A file of lines NAME=VALUE. Empty lines and those that begin with # are passed over; nothing is
/// a quote, nothing is expanded, blanks belong to the value. Throws UsageError naming --env-file,
/// `name` and the line: for a name that is none, a line without "=", a control byte (a carriage
/// return, say), a name that comes twice.
Variables parse_environment_file(std::string_view text, const std::string& name);

/// True for what POSIX calls a name: letters, digits and _, not a digit first.
bool is_variable_name(std::string_view text);

/// `term` if it looks like the name of a terminal, else "xterm". It ends up in a path, terminfo(5).
std::string sane_terminal(const char* term);

}  // namespace tincan
