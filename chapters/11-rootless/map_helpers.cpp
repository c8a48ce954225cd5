// Asking the two programs, and why they may be of no use.
#include "11-rootless/map_helpers.hpp"

#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/xattr.h>

#include <string_view>
#include <vector>

#include "06-user-namespace/id_map.hpp"
#include "11-rootless/helper.hpp"
#include "common/error.hpp"
#include "common/files.hpp"

namespace tincan {
namespace {

bool has_power(const std::string& path) {
  struct stat status {};
  check(stat(path.c_str(), &status), "stat", path);
  const bool is_set_uid = (status.st_mode & S_ISUID) != 0 && status.st_uid == 0;
  return is_set_uid || getxattr(path.c_str(), "security.capability", nullptr, 0) > 0;
}

bool is_nosuid(const std::string& path) {
  struct statvfs system {};
  check(statvfs(path.c_str(), &system), "statvfs", path);
  return (system.f_flag & ST_NOSUID) != 0;
}

std::string why_powerless(const std::string& path, const std::string& name, int capability,
                          const std::string& called) {
  if (path.empty()) {
    return "there is no " + name + " in " + helper_directories() +
           ": install it (Debian, Ubuntu: the package uidmap; elsewhere shadow-utils or shadow)";
  }
  if (is_nosuid(path)) return path + " lies on a file system that is mounted nosuid";
  if (!has_power(path)) {
    return path +
           " is neither set-uid root nor has file capabilities: install it again (Debian, "
           "Ubuntu: apt-get install --reinstall uidmap)";
  }
  if (prctl(PR_CAPBSET_READ, capability, 0, 0, 0) == 0) {
    return called + " is not in the bounding set that this was started with (capsh --print), so " +
           name + " cannot have it";
  }
  return {};
}

// PID and triples, as both take them.
std::vector<std::string> arguments(const std::string& program, const std::string& pid,
                                   const IdMap& map) {
  std::vector<std::string> words{program, pid};
  for (const IdRange& range : map) {
    for (const std::uint32_t number : {range.inside, range.outside, range.size}) {
      words.push_back(std::to_string(number));
    }
  }
  return words;
}

void write_by(const std::string& program, const std::string& pid, const IdMap& map) {
  const auto words = arguments(program, pid, map);
  const Answer answer = run_helper(words);
  if (answer.status == 0) return;
  std::string asked;
  for (auto word = words.begin() + 1; word != words.end(); ++word) asked += " " + *word;
  throw Error{0,
              "run " + program + asked,
              {},
              "status " + std::to_string(answer.status) + ", and " +
                  (answer.words.empty() ? "not a word" : "it says: " + answer.words)};
}

}  // namespace

MapHelpers find_map_helpers() {
  return {.uids = find_helper("newuidmap"), .gids = find_helper("newgidmap")};
}

std::string why_useless(const MapHelpers& helpers) {
  if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1) {
    return "this was started with no_new_privs, and then newuidmap has no more power than the "
           "caller: start it from outside of what set that (a container, setpriv "
           "--no-new-privs, a systemd unit with NoNewPrivileges=)";
  }
  const std::string why = why_powerless(helpers.uids, "newuidmap", CAP_SETUID, "CAP_SETUID");
  return why.empty() ? why_powerless(helpers.gids, "newgidmap", CAP_SETGID, "CAP_SETGID") : why;
}

void write_maps(const UserNamespace& users, const std::optional<MapHelpers>& helpers,
                const ChildProcess& child) {
  if (!helpers) return write_id_maps(users, child);
  const std::string directory = directory_of(child);
  // newgidmap writes "deny" too, where no granted range is mapped; since shadow 4.6
  // (CVE-2018-7169). What stands there already it leaves.
  // guard: the launcher's /proc, which is the host's
  if (helpers->groups_stay) write_file(directory + "/setgroups", "deny\n");
  const std::string pid = directory.substr(std::string_view{"/proc/"}.size());
  write_by(helpers->uids, pid, users.uids);
  write_by(helpers->gids, pid, users.gids);
}

}  // namespace tincan
