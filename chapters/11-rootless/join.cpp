// setns(2), in an order that works.
#include "11-rootless/join.hpp"

#include <sched.h>
#include <sys/prctl.h>

#include <cerrno>

#include "06-user-namespace/user.hpp"
#include "common/error.hpp"

namespace tincan {
namespace {

bool is_for_children(const Joined& joined) {
  return joined.kind == CLONE_NEWPID;
}

void enter(const Joined& joined) {
  check(setns(joined.file.get(), static_cast<int>(joined.kind)), "setns");
}

// False: it takes privilege that this process does not have (yet).
bool may_enter(const Joined& joined) {
  if (setns(joined.file.get(), static_cast<int>(joined.kind)) == 0) return true;
  if (errno != EPERM) throw Error{errno, "setns"};
  return false;
}

// There can be one: the kinds are different.
const Joined* user_namespace_of(const std::vector<Joined>& namespaces) {
  for (const Joined& joined : namespaces) {
    if (joined.kind == CLONE_NEWUSER) return &joined;
  }
  return nullptr;
}

}  // namespace

void hide_from_the_joined() {
  check(prctl(PR_SET_DUMPABLE, 0), "prctl", "PR_SET_DUMPABLE");
}

void join_for_children(const std::vector<Joined>& namespaces) {
  for (const Joined& joined : namespaces) {
    if (is_for_children(joined)) enter(joined);
  }
}

// A namespace may belong to the user namespace that is joined with it, and then an ordinary user
// has the right only inside; or to one above, and then nobody has it from there any more. So those
// that can be had are joined first.
void join(const std::vector<Joined>& namespaces) {
  std::vector<Joined> later;
  for (const Joined& joined : namespaces) {
    if (is_for_children(joined) || joined.kind == CLONE_NEWUSER) continue;
    if (!may_enter(joined)) later.push_back(joined);
  }
  if (const Joined* users = user_namespace_of(namespaces)) {
    enter(*users);
    become_user({.uid = 0, .gid = 0});
  }
  for (const Joined& joined : later) enter(joined);
}

}  // namespace tincan
