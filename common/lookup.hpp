// Why a name leads nowhere. The kernel answers with a number and nothing else: ENOENT of "/data"
// may mean that /data is a symlink, to a symlink, to a directory that was never made.
//
//   // "is a symlink to '/no', which is ..."
//   const std::string why = lookup_fault("/data", ENOENT);
#pragma once

#include <sys/types.h>

#include <string>

namespace tincan {

/// What the look-up of `path` stopped at, path_resolution(7), as a sentence without its subject: a
/// symlink that leads nowhere or round in a ring, a file where a directory has to be, a directory
/// that this user may not search. `number`: the errno value of the call that failed. Empty if a
/// second look finds nothing that the kernel answers with that number, and for ENOENT without a
/// link: there is no more to be said of a name that is just not there.
std::string lookup_fault(const std::string& path, int number);

/// The same for a message: "it is a symlink ...", or `otherwise`.
std::string lookup_hint(const std::string& path, int number, const std::string& otherwise = {});

/// "a directory", "a device", ...: what a file of this st_mode is, inode(7), for messages.
std::string kind_of(mode_t mode);

}  // namespace tincan
