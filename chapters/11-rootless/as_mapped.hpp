// A command of the host's in nothing but the map: among the files of a rootless container, which
// belong to ids that the caller is not, it is root. What podman calls unshare.
//
//   if (is_as_mapped(argc, argv)) return run_as_mapped(argc, argv);
#pragma once

#include "common/command_line.hpp"

namespace tincan {

/// Says in --help of `line` that there is --as-mapped, and refuses it in any other place than the
/// first: what a container takes means nothing to it.
void add_as_mapped(CommandLine& line);

/// Is --as-mapped the first word?
bool is_as_mapped(int argc, const char* const* argv);

/// chapter-11 --as-mapped [--map C:H:SIZE] [-d] -- COMMAND: runs it as root of a user namespace
/// with the map that a container of this caller would have, and returns its exit status. All else
/// is the caller's: the files, the processes, the network, environment, descriptors, working
/// directory. It has a mount namespace too, or it could mount nothing; what is mounted on the host
/// later appears in it, and nothing the other way round, mount_namespaces(7). For an ordinary
/// user's, no group can be left: the host's files are all there, and some may refuse one.
int run_as_mapped(int argc, const char* const* argv);

}  // namespace tincan
