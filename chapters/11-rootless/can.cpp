// The steps of a start, once, in four segments. Their order is there for what each must not do:
//
//   segment   does                            must not
//   enter     groups, namespaces, maps        look up anything of the container's
//   move in   the root, furnished             open anything of the host's once the root is exchanged
//   give up   from all powers to almost none  make anything, or take anything back
//   start     filter, init, session           call anything that the filter may refuse
//
// Before them, and before there is a child, prepare() opens and decides what they need.
#include "11-rootless/can.hpp"

#include <sched.h>
#include <sys/capability.h>
#include <sys/prctl.h>

#include <array>
#include <cstdint>
#include <span>
#include <utility>

#include "03-process/clean_start.hpp"
#include "03-process/host_check.hpp"
#include "05-mounts/furniture.hpp"
#include "06-user-namespace/user_namespace.hpp"
#include "07-capabilities/capability_table.hpp"
#include "09-cgroups/rlimits.hpp"
#include "10-init/environment.hpp"
#include "10-init/exec_failure.hpp"
#include "10-init/init.hpp"
#include "10-init/init_calls.hpp"
#include "10-init/workdir.hpp"
#include "11-rootless/delegation.hpp"
#include "11-rootless/ids.hpp"
#include "11-rootless/join.hpp"
#include "11-rootless/map_helpers.hpp"
#include "common/capability_sets.hpp"
#include "common/command_line.hpp"
#include "common/error.hpp"

namespace tincan {
namespace {

// A kind is the host's, the container's own, or somebody else's that it joins.
void require_sound(const Spec& spec) {
  std::uint64_t seen = spec.namespaces.own;
  for (const Joined& joined : spec.joined) {
    if ((seen & joined.kind) != 0) {
      throw UsageError{"namespaces", "one kind cannot be both new and joined, or joined twice"};
    }
    seen |= joined.kind;
  }
  if (spec.init && (spec.namespaces.own & CLONE_NEWPID) == 0) {
    throw UsageError{"init", "it takes a pid namespace of its own"};
  }
  if (spec.root.empty() && (spec.namespaces.own & CLONE_NEWNS) != 0) {
    throw UsageError{"root", "a mount namespace of its own takes a root directory"};
  }
}

// What start() calls behind the filter where no init is left behind.
constexpr std::array calls_without_init{Call{"rt_sigaction"}, Call{"rt_sigprocmask"},
                                        Call{"setsid"}};

std::span<const Call> calls_behind_the_filter(const Spec& spec) {
  if (spec.init) return init_calls;
  return calls_without_init;
}

// A change from user 0 to another takes all capabilities away. If that one is to have some, they
// have to outlast it, PR_SET_KEEPCAPS(2const): keep_capabilities() chooses from what is left.
void become_user_of(const Spec& spec) {
  const bool has_some = spec.user.uid != 0 && spec.capabilities.permitted != 0;
  if (has_some) check(prctl(PR_SET_KEEPCAPS, 1), "prctl", "PR_SET_KEEPCAPS");
  become_user(spec.user);
  if (has_some) check(prctl(PR_SET_KEEPCAPS, 0), "prctl", "PR_SET_KEEPCAPS");
}

void open_files(Can& can) {
  const Spec& spec = can.spec;
  check_host_for_mounts();
  const MountOptions mounts = mounts_for(can.ids.users, spec.mounts);
  can.root = {open_source(spec.root), mounts.root_flags};
  can.luggage = {open_all(spec.table.empty() ? mounts_of(mounts) : spec.table), mounts.root_uid,
                 mounts.root_gid};
  require_out_of_reach(can.ids.users, spec.users, can.root, can.luggage,
                       read_only_with(spec.capabilities));
  if (can.ids.users.packer == Packer::launcher) pack(can.root, can.luggage);
}

bool has_own_mounts(const Can& can) {
  return (can.spec.namespaces.own & CLONE_NEWNS) != 0;
}

}  // namespace

Can prepare(Spec wanted) {
  require_sound(wanted);
  secure_standard_descriptors();
  check_host_for_processes();
  give_up_privileged_scheduling();  // before the groups: v1 takes no real-time process in
  require_terminal(wanted.terminal);
  Can can{.spec = std::move(wanted)};
  const Spec& spec = can.spec;
  can.ids = plan_ids(spec.users, spec.namespaces, spec.clean.keep_groups);
  if (can.ids.users.own) require_mapped(spec.user, can.ids.users);
  can.filter = make_filter(spec.policy, calls_behind_the_filter(spec));
  if (has_own_mounts(can)) open_files(can);
  if (!spec.groups) stand_in_delegated_group(spec.limits);
  can.groups = spec.groups ? ControlGroups{spec.groups->places, spec.groups->name}
                           : make_groups(spec.limits, can.root.source);
  can.stdio = make_pipes(spec.terminal);
  if (!spec.joined.empty()) {
    bring_own_null();
    hide_from_the_joined();
  }
  can.spec.joined = join_for_children(spec.joined);
  return can;
}

// Must not look up a path of the container's: the root that it sees is the host's, and a link leads
// there; or after a join that of strangers, who may have put anything there. And must not give up
// what a later step takes.
void enter(Launch& launch, Can& can) {
  const Spec& spec = can.spec;
  launch.child_lives(spec.lifetime);
  launch.explain_exec_with(explain_exec_failure);
  launch.clone_into(clone_flags(spec.namespaces), names(spec.namespaces));
  can.groups.be_birthplace_of(launch.request());
  launch.parent_does("write the id maps",
                     [&] { write_maps(can.ids.users, can.ids.helpers, launch.child()); });
  launch.parent_does("show the root's files with their owners",
                     [&] { idmap_root(can.ids.users, launch.child(), can.root.mount); });

  launch.child_does("join the control groups of v1", [&] { can.groups.join(); });
  launch.child_does("leave the caller's keyring", join_own_keyring);
  launch.child_does("join namespaces", [&] { join(spec.joined); });
  launch.child_does("become root of the user namespace", [&] { become_root(can.ids.users); });
  launch.child_does("enter a cgroup namespace", [&] { enter_cgroup_namespace(spec.namespaces); });
  launch.child_does("set the hostname", [&] { set_hostname(spec.namespaces); });
  launch.child_does("bring loopback up", [&] { bring_loopback_up(spec.namespaces); });
  if (has_own_mounts(can)) launch.child_does("make every mount private", make_mounts_private);
}

// Must not open anything of the host's after the exchange of the root, must not follow a link of
// the container's before it, and must not run what lies there.
void move_in(Launch& launch, Can& can) {
  const Spec& spec = can.spec;
  if (can.ids.users.packer == Packer::child) {
    launch.child_does("pack the root", [&] { pack_again(can.root, can.luggage); });
  }
  launch.child_does("make proc, sys, dev", [&] { make_furniture(can.luggage); });
  launch.child_does("move into the root", [&] { move_into(can.root.mount); });
  launch.child_does("furnish it", [&] { furnish(can.luggage); });
  launch.child_does("make the standard descriptors", [&] {
    make_terminal(spec.terminal, can.stdio, launch.channel(), spec.user.uid);
  });
}

void raise_ambient(const CapabilitySets& wanted) {
  if (wanted.inheritable == 0) return;  // then it ends with that one
  check(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0), "prctl", "PR_CAP_AMBIENT");
  const Capabilities sets = own_capabilities();
  for (cap_value_t number = 0; number < 64; ++number) {
    if ((wanted.ambient & capability_bit(number)) == 0) continue;
    check(cap_set_flag(sets.get(), CAP_INHERITABLE, 1, &number, CAP_SET), "cap_set_flag");
    check(cap_set_proc(sets.get()), "capset", capability_names(capability_bit(number)));
    check(cap_set_ambient(number, CAP_SET), "prctl", "PR_CAP_AMBIENT");
  }
}

// Must not mount or make anything any more, and must not take back what was given up: whoever is in
// a container that runs already, may be looking on.
void give_up(Launch& launch, Can& can) {
  const Spec& spec = can.spec;
  launch.child_does("set the environment", [&] {
    launch.set_environment(
        make_environment(spec.environment, spec.user.uid, spec.terminal.allocate));
  });
  launch.child_does("leave the caller's groups", [&] { leave_groups(spec.clean); });
  launch.child_does("reset the personality", reset_personality);
  launch.child_does("reset umask and working directory", reset_file_defaults);
  launch.child_does("forbid core dumps", forbid_core_dumps);
  launch.child_does("limit the capabilities",
                    [&] { limit_capabilities(spec.capabilities.bounding); });
  launch.child_does("become the user", [&] { become_user_of(spec); });
  launch.child_does("raise the ambient set", [&] { raise_ambient(spec.capabilities); });
  launch.child_does("keep few capabilities",
                    [&] { keep_capabilities(spec.capabilities, spec.new_privileges); });
  launch.child_does("limit the resources", [&] { limit_resources(spec.limits); });
  launch.child_does("enter the working directory", [&] { enter_workdir(spec.workdir); });
  launch.child_does("let go of the caller's terminal", [&] { take(can.stdio); });
}

// Must not make a call, once the filter is loaded, that calls_behind_the_filter() does not list: a
// policy may refuse it.
void start(Launch& launch, Can& can) {
  const Spec& spec = can.spec;
  launch.child_hears(spec.init ? Hearing::through_init : Hearing::from_us);
  launch.child_does("let execve close all but 0, 1, 2", close_descriptors_on_exec);
  launch.child_does("load the filter", [&] { load_filter(can.filter); });
  if (spec.init) {
    launch.child_does("leave an init behind",
                      [&] { leave_init_behind(launch.channel(), spec.lifetime); });
  }
  launch.child_does("reset the signals", reset_signals);
  launch.child_does("make a session", [&] { make_session(spec.terminal); });
}

}  // namespace tincan
