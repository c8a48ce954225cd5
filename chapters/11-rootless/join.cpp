// setns(2), in an order that works.
#include "11-rootless/join.hpp"

#include <sched.h>
#include <sys/prctl.h>

#include <algorithm>
#include <cerrno>
#include <string>

#include "04-namespaces/namespaces.hpp"
#include "05-mounts/furniture.hpp"
#include "05-mounts/nodes.hpp"
#include "06-user-namespace/user.hpp"
#include "06-user-namespace/user_namespace.hpp"
#include "common/error.hpp"
#include "common/files.hpp"

namespace tincan {
namespace {

std::string name_of(const Joined& joined) {
  return joined.kind == CLONE_NEWCGROUP ? "cgroup" : names({.own = joined.kind});
}

void enter(const Joined& joined) {
  check(setns(joined.file.get(), static_cast<int>(joined.kind)), "setns", name_of(joined));
}

// False: it takes privilege that this process does not have (yet).
bool may_enter(const Joined& joined) {
  if (setns(joined.file.get(), static_cast<int>(joined.kind)) == 0) return true;
  if (errno != EPERM) throw Error{errno, "setns", name_of(joined)};
  return false;
}

// There can be one: the kinds are different.
const Joined* find(const std::vector<Joined>& namespaces, std::uint64_t kind) {
  const auto found = std::find_if(namespaces.begin(), namespaces.end(),
                                  [kind](const Joined& joined) { return joined.kind == kind; });
  return found == namespaces.end() ? nullptr : &*found;
}

std::vector<Joined> without(std::vector<Joined> namespaces, std::uint64_t kind) {
  std::erase_if(namespaces, [kind](const Joined& joined) { return joined.kind == kind; });
  return namespaces;
}

}  // namespace

void hide_from_the_joined() {
  const std::string path = "/proc/sys/fs/suid_dumpable";
  if (read_file(path).starts_with('1')) {
    throw Error{EPERM, "hide from who is inside", path,
                "with 1 everybody may look into a process that changes its user; 0 and 2 are safe"};
  }
  check(prctl(PR_SET_DUMPABLE, 0), "prctl", "PR_SET_DUMPABLE");
}

void bring_own_null() {
  if (!is_privileged()) return;
  const unique_fd nodes = make_nodes(0, 0);
  if (nodes.ok()) use_null_in(nodes);
}

std::vector<Joined> join_for_children(const std::vector<Joined>& namespaces) {
  const Joined* const pids = find(namespaces, CLONE_NEWPID);
  if (pids == nullptr) return namespaces;
  std::vector<Joined> left = without(namespaces, CLONE_NEWPID);
  if (may_enter(*pids)) return left;
  if (const Joined* const users = find(namespaces, CLONE_NEWUSER)) enter(*users);
  enter(*pids);
  return without(left, CLONE_NEWUSER);
}

// A namespace may belong to the user namespace that is joined with it, and then an ordinary user
// has the right only inside; or to one above, and then nobody has it from there any more. So those
// that can be had are joined first.
void join(const std::vector<Joined>& namespaces) {
  std::vector<Joined> later;
  for (const Joined& joined : without(namespaces, CLONE_NEWUSER)) {
    if (!may_enter(joined)) later.push_back(joined);
  }
  if (const Joined* const users = find(namespaces, CLONE_NEWUSER)) {
    enter(*users);
    become_user({.uid = 0, .gid = 0});
  }
  for (const Joined& joined : later) enter(joined);
}

}  // namespace tincan
