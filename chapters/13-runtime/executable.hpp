// Whether there is such a command, asked before the container waits for its start: engines take what
// `create` says for the user's mistake, and what `start` says for the runtime's.
#pragma once

#include <string>
#include <vector>

namespace tincan::oci {

/// In the child, as the command's user, in its root and directory. Throws what execute() of chapter
/// 03 would: Error (ENOENT, status 127) if there is none, (EACCES, 126) if it may not be executed.
/// What else can be wrong with it, execve(2) says.
void require_executable(const std::string& name, const std::vector<std::string>& environment);

}  // namespace tincan::oci
