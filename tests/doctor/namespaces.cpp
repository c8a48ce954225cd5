// What chapters 04 and 06 need: each kind of namespace, made by root directly and by an ordinary
// user behind a user namespace.
#include <linux/sched.h>
#include <sched.h>
#include <unistd.h>

#include <array>
#include <string_view>

#include "doctor/attempt.hpp"
#include "doctor/trial.hpp"

namespace tincan::doctor {
namespace {

void nothing() {}

template <std::uint64_t kind>
void try_direct() {
  attempt(nothing, {.namespaces = kind});
}

template <std::uint64_t kind>
void try_behind_user() {
  attempt(nothing, {.namespaces = CLONE_NEWUSER | kind});
}

// A namespace is not yet a power: AppArmor on Ubuntu lets an ordinary user make one, and then
// refuses whatever needs a capability in it.
void try_power() {
  constexpr std::string_view name = "doctor";
  attempt([&] { check(sethostname(name.data(), name.size()), "sethostname"); },
          {.namespaces = CLONE_NEWUSER | CLONE_NEWUTS});
}

void try_unshare_cgroup() {
  attempt([] { check(unshare(CLONE_NEWCGROUP), "unshare cgroup"); }, {});
}

void try_unshare_cgroup_behind_user() {
  attempt([] { check(unshare(CLONE_NEWCGROUP), "unshare cgroup"); }, {.namespaces = CLONE_NEWUSER});
}

template <std::uint64_t kind>
constexpr Trial row(const char* id, const char* what) {
  return {id, what, "04 to 10", Weight::needed, try_direct<kind>, try_behind_user<kind>};
}

constexpr std::array table{
    Trial{"userns", "a user namespace, its maps", "06 to 10", Weight::needed, try_behind_user<0>,
          try_behind_user<0>},
    Trial{"userns-power", "a capability in it, used", "06 to 10", Weight::needed, try_power,
          try_power},
    row<CLONE_NEWNS>("mntns", "a mount namespace"),
    row<CLONE_NEWPID>("pidns", "a pid namespace"),
    row<CLONE_NEWIPC>("ipcns", "an ipc namespace"),
    row<CLONE_NEWNET>("netns", "a network namespace"),
    row<CLONE_NEWUTS>("utsns", "a uts namespace"),
    Trial{"cgroupns", "a cgroup namespace", "04 to 10", Weight::needed, try_unshare_cgroup,
          try_unshare_cgroup_behind_user},
};

}  // namespace

std::span<const Trial> namespace_trials() {
  return table;
}

}  // namespace tincan::doctor
