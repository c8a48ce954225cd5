// chapter-07: runs a command as a root that has few of root's powers, and can never get more.
#include "02-command-line/run_options.hpp"
#include "03-process/clean_start.hpp"
#include "03-process/host_check.hpp"
#include "03-process/launch.hpp"
#include "04-namespaces/namespaces.hpp"
#include "05-mounts/furniture.hpp"
#include "05-mounts/mounts.hpp"
#include "06-user-namespace/user.hpp"
#include "06-user-namespace/user_namespace.hpp"
#include "07-capabilities/capabilities.hpp"
#include "07-capabilities/capability_table.hpp"
#include "common/command_line.hpp"
#include "common/outer_edge.hpp"

using namespace tincan;

namespace {

struct Options {
  RunOptions run;
  CleanStartOptions clean;
  NamespaceOptions namespaces{.own = six_namespaces | CLONE_NEWUSER};
  MountOptions mounts;
  UserNamespaceOptions users;
  User user;
  CapabilityOptions capabilities;
};

// False: --help or --version was answered, and there is nothing to run.
bool read_options(Options& options, int argc, char** argv) {
  CommandLine line{"chapter-07", "Run a command as a root without root's powers."};
  add_command_options(line, options.run);
  add_root_option(line, options.run);
  add_clean_start_options(line, options.clean);
  add_namespace_options(line, options.namespaces, CLONE_NEWNS);
  add_mount_options(line, options.mounts);
  add_user_namespace_options(line, options.users);
  add_user_options(line, options.user);
  add_capability_options(line, options.capabilities);
  if (!line.parse(argc, argv)) return false;
  if (options.capabilities.list) return print_capabilities(), false;
  require_command(options.run);
  require_root(options.run);
  return true;
}

// What is decided and opened before there is a child, and used after.
struct Container {
  UserNamespace users;
  Root root = {};
  Luggage luggage = {};
  CapabilitySets sets = {};
};

// Before the clone: what must be right, or open, before there is a child.
Container prepare(const Options& options) {
  secure_standard_descriptors();
  check_host_for_processes();
  check_host_for_mounts();
  Container can{plan_user_namespace(options.users, options.namespaces)};
  require_mapped(options.user, can.users);
  const MountOptions mounts = mounts_for(can.users, options.mounts);
  can.sets = sets_for(capabilities_to_keep(options.capabilities), options.user);
  can.root = {open_source(options.run.root), mounts.root_flags};
  can.luggage = {open_all(mounts_of(mounts)), mounts.root_uid, mounts.root_gid};
  require_out_of_reach(can.users, options.users, can.root, can.luggage, read_only_with(can.sets));
  if (can.users.packer == Packer::launcher) pack(can.root, can.luggage);
  return can;
}

// While the child waits: what only the parent may do.
void add_parent_steps(Launch& launch, Container& can) {
  launch.parent_does("write the id maps", [&] { write_id_maps(can.users, launch.child()); });
  launch.parent_does("show the root's files with their owners",
                     [&] { idmap_root(can.users, launch.child(), can.root.mount); });
}

// After "go": what the child does to itself, in this order.
void add_child_steps(Launch& launch, Container& can, const Options& options) {
  launch.child_does("give up privileged scheduling", give_up_privileged_scheduling);
  launch.child_does("leave the caller's keyring", join_own_keyring);
  launch.child_does("become root of the user namespace", [&] { become_root(can.users); });
  launch.child_does("enter a cgroup namespace",
                    [&] { enter_cgroup_namespace(options.namespaces); });
  launch.child_does("set the hostname", [&] { set_hostname(options.namespaces); });
  launch.child_does("bring loopback up", [&] { bring_loopback_up(options.namespaces); });
  launch.child_does("make every mount private", make_mounts_private);
  if (can.users.packer == Packer::child) {
    launch.child_does("pack the root", [&] { pack_again(can.root, can.luggage); });
  }
  launch.child_does("make proc, sys, dev", [&] { make_furniture(can.luggage); });
  launch.child_does("move into the root", [&] { move_into(can.root.mount); });
  launch.child_does("furnish it", [&] { furnish(can.luggage); });
  launch.child_does("leave the caller's groups", [&] { leave_groups(options.clean); });
  launch.child_does("reset the personality", reset_personality);
  launch.child_does("reset umask and working directory", reset_file_defaults);
  launch.child_does("forbid core dumps", forbid_core_dumps);
  launch.child_does("reset the signals", reset_signals);
  launch.child_does("limit the capabilities", [&] { limit_capabilities(can.sets.bounding); });
  launch.child_does("become the user", [&] { become_user(options.user); });
  launch.child_does("keep few capabilities",
                    [&] { keep_capabilities(can.sets, options.capabilities.new_privileges); });
  launch.child_does("let execve close all but 0, 1, 2", close_descriptors_on_exec);
}

int run_container(const Options& options) {
  Container can = prepare(options);
  Launch launch{options.run.command};
  launch.clone_into(clone_flags(options.namespaces), names(options.namespaces));
  add_parent_steps(launch, can);
  add_child_steps(launch, can, options);
  return launch.run();
}

}  // namespace

int main(int argc, char** argv) {
  return outer_edge("chapter-07", [&] {
    Options options;
    return read_options(options, argc, argv) ? run_container(options) : 0;
  });
}
