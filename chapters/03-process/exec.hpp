// Becoming the command: looking it up and execve(2), with errors that say what is wrong.
//
//   execute({.words = {"ls", "-l"}});   // returns only by throwing Error: status 127 or 126
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "common/lookup.hpp"

namespace tincan {

/// A sentence for people: why execve(2) of the file `path` failed with this errno value. Empty:
/// nothing was established, and the table in hints.cpp says what the number can mean. Called in the
/// container, as the command's user.
using ExecHint = std::function<std::string(int number, const std::string& path)>;

struct Command {
  std::vector<std::string> words;  ///< argv: the program, as it was asked for, and its arguments
  std::vector<std::string> environment{
      "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"};
  ExecHint hint = [](int number, const std::string& path) { return lookup_hint(path, number); };
};

/// Replaces this process by the command. A name without a slash is looked up in PATH of its
/// environment, in the root that this process has now, as execvp(3) does it: a file that does not
/// run does not end the search. But never in the launcher's PATH, and never through a shell, which
/// execvp(3) would start for a file without a format. Throws Error: status 127 if there is no such
/// command; 126 if there is one that cannot be executed, of several the first.
[[noreturn]] void execute(const Command& command);

}  // namespace tincan
