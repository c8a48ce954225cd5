// From a document's profile to a filter, and loading it: chapter 08's, and more architectures than
// the machine's own, arguments of 64 bits in every comparison, and a listener.
//
//   const ProfileFilter filter = compile(profile);            // before the clone
//   const unique_fd listener = load(filter);                  // in the child
#pragma once

#include "08-seccomp/compile.hpp"
#include "13-runtime/profile.hpp"
#include "common/unique_fd.hpp"

namespace tincan::oci {

struct ProfileFilter {
  Program program = {};
  unsigned flags = 0;  ///< SECCOMP_FILTER_FLAG_*
};

/// Throws Error, exit status 1, for what the kernel does not take: too many rules.
ProfileFilter compile(const Profile& profile);

/// seccomp(2). Takes no_new_privs, or CAP_SYS_ADMIN: who may gain privileges later has to load it
/// while it has that. The descriptor is a listener, seccomp_unotify(2), if the profile has one.
unique_fd load(const ProfileFilter& filter);

}  // namespace tincan::oci
