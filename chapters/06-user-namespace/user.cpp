// Becoming somebody.
#include "06-user-namespace/user.hpp"

#include <sys/fsuid.h>
#include <unistd.h>

#include "02-command-line/run_options.hpp"
#include "common/error.hpp"

namespace tincan {
namespace {

void require_ids(const User& user) {
  uid_t uid = 0, effective_uid = 0, saved_uid = 0;
  gid_t gid = 0, effective_gid = 0, saved_gid = 0;
  check(getresuid(&uid, &effective_uid, &saved_uid), "getresuid");
  check(getresgid(&gid, &effective_gid, &saved_gid), "getresgid");
  // setfsuid(-1) changes nothing and returns the present value, setfsuid(2).
  const auto file_uid = static_cast<uid_t>(setfsuid(static_cast<uid_t>(-1)));
  const auto file_gid = static_cast<gid_t>(setfsgid(static_cast<gid_t>(-1)));
  const bool all_uids =
      uid == user.uid && effective_uid == user.uid && saved_uid == user.uid && file_uid == user.uid;
  const bool all_gids =
      gid == user.gid && effective_gid == user.gid && saved_gid == user.gid && file_gid == user.gid;
  if (!all_uids || !all_gids) throw Error{EPERM, "become user", std::to_string(user.uid)};
}

}  // namespace

void add_user_options(CommandLine& line, User& user) {
  line.option("-u,--uid", "UID[:GID]", "the user and group id of the command, inside",
              [&](const std::string& text) { user = parse_user(text, "--uid"); });
}

User parse_user(const std::string& text, const std::string& option) {
  const std::size_t colon = text.find(':');
  const uid_t uid = parse_uid(text.substr(0, colon), option);
  if (colon == std::string::npos) return {uid, uid};
  return {uid, parse_uid(text.substr(colon + 1), option)};
}

void become_user(const User& user) {
  // exercise: become
  check(setresgid(user.gid, user.gid, user.gid), "setresgid", std::to_string(user.gid));
  check(setresuid(user.uid, user.uid, user.uid), "setresuid", std::to_string(user.uid));
  require_ids(user);
  // end of exercise
}

}  // namespace tincan
