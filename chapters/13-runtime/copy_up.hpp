// tmpcopyup: a new tmpfs begins with what lay in the directory that it covers. By descriptors, and no
// link is followed: what lies there, an image or a volume says.
#pragma once

#include "common/unique_fd.hpp"

namespace tincan::oci {

/// Copies directories, files and symlinks, with mode, owner and times, from the directory `from` into
/// the directory `to`, which itself stays what it is. Other kinds are left out. The tmpfs bounds how much that can be;
/// Error (ENOSPC) where it is too small.
void copy_up(borrowed_fd from, borrowed_fd to);

}  // namespace tincan::oci
