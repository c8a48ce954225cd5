// Switching user: all ids at once, and read back.
//
//   User user;
//   add_user_options(line, user);          // -u UID[:GID]
//   become_user(user);                     // in the child, when nothing needs root any more
#pragma once

#include <sys/types.h>

#include <string>

#include "common/command_line.hpp"

namespace tincan {

/// Ids as they are inside.
struct User {
  uid_t uid = 0;
  gid_t gid = 0;
};

/// -u UID[:GID]; the group id is the user id's number if none is given, as in the series.
void add_user_options(CommandLine& line, User& user);

/// UID or UID:GID, each a decimal number from 0 to 4294967294 and never a name, whatever the
/// container's /etc/passwd says (CVE-2026-46680). Throws UsageError naming `option`.
User parse_user(const std::string& text, const std::string& option);

/// Real, effective and saved group id, then user id, setresgid(2), setresuid(2), and reads them
/// back, the file system ids too. The group first: it takes CAP_SETGID, which goes with user id 0,
/// and with it all other capabilities, capabilities(7).
void become_user(const User& user);

}  // namespace tincan
