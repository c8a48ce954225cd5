// A command in one string, cut into words the way a shell would, for -c. Quotes and backslashes
// count; variables, globs and pipes do not: whoever wants them runs sh -c.
//
//   split_command("sh -c 'echo \"a b\"'", "-c");   // {"sh", "-c", "echo \"a b\""}
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tincan {

/// The words of `command`. Inside '...' everything is itself; inside "..." a backslash protects
/// only " \ $ and `; outside, any character; a backslash before a newline joins the lines. Throws
/// UsageError naming `option` if a quote or a backslash stays open at the end.
std::vector<std::string> split_command(std::string_view command, const std::string& option);

}  // namespace tincan
