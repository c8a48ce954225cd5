// --workdir: where in the container the command begins.
//
//   enter_workdir("/srv");   // in the child, as the command's user
#pragma once

#include <string>

#include "common/command_line.hpp"

namespace tincan {

struct WorkdirOptions {
  std::string path = "/";  ///< inside
};

void add_workdir_option(CommandLine& line, WorkdirOptions& options);

/// Changes to `path` of the present root, and looks where that is. The descriptors that the child
/// still holds make /proc/self/fd/N a way to the host's directories (CVE-2024-21626), so such links
/// are refused, openat2(2) RESOLVE_NO_MAGICLINKS: Error (ELOOP). Other symlinks are followed,
/// inside the root. Error also if there is no such directory, or the user may not enter it.
void enter_workdir(const WorkdirOptions& options);

}  // namespace tincan
