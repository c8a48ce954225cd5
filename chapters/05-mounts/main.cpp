// chapter-05: runs a command that cannot see the host's files: a root, /proc, /dev and /sys of its
// own.
#include "02-command-line/run_options.hpp"
#include "03-process/clean_start.hpp"
#include "03-process/host_check.hpp"
#include "03-process/launch.hpp"
#include "04-namespaces/namespaces.hpp"
#include "05-mounts/furniture.hpp"
#include "05-mounts/mounts.hpp"
#include "common/command_line.hpp"
#include "common/outer_edge.hpp"

using namespace tincan;

namespace {

struct Options {
  RunOptions run;
  CleanStartOptions clean;
  NamespaceOptions namespaces;
  MountOptions mounts;
};

// False: --help or --version was answered, and there is nothing to run.
bool read_options(Options& options, int argc, char** argv) {
  CommandLine line{"chapter-05", "Run a command in a root directory of its own."};
  add_command_options(line, options.run);
  add_root_option(line, options.run);
  add_clean_start_options(line, options.clean);
  add_namespace_options(line, options.namespaces, CLONE_NEWNS);
  add_mount_options(line, options.mounts);
  if (!line.parse(argc, argv)) return false;
  require_command(options.run);
  require_root(options.run);
  return true;
}

int run_container(const Options& options) {
  // Before the clone: what must be right, or open, before there is a child.
  secure_standard_descriptors();
  check_host_for_processes();
  check_host_for_mounts();
  Root root{open_source(options.run.root), options.mounts.root_flags};
  Luggage luggage{open_all(mounts_of(options.mounts))};
  pack(root, luggage);

  // After "go": what the child does to itself, in this order.
  Launch launch{options.run.command};
  launch.clone_into(clone_flags(options.namespaces), names(options.namespaces));
  launch.child_does("give up privileged scheduling", give_up_privileged_scheduling);
  launch.child_does("leave the caller's keyring", join_own_keyring);
  launch.child_does("enter a cgroup namespace",
                    [&] { enter_cgroup_namespace(options.namespaces); });
  launch.child_does("set the hostname", [&] { set_hostname(options.namespaces); });
  launch.child_does("bring loopback up", [&] { bring_loopback_up(options.namespaces); });
  launch.child_does("make every mount private", make_mounts_private);
  launch.child_does("make proc, sys, dev", [&] { make_furniture(luggage); });
  launch.child_does("move into the root", [&] { move_into(root.mount); });
  launch.child_does("furnish it", [&] { furnish(luggage); });
  launch.child_does("leave the caller's groups", [&] { leave_groups(options.clean); });
  launch.child_does("reset the personality", reset_personality);
  launch.child_does("reset umask and working directory", reset_file_defaults);
  launch.child_does("forbid core dumps", forbid_core_dumps);
  launch.child_does("reset the signals", reset_signals);
  launch.child_does("let execve close all but 0, 1, 2", close_descriptors_on_exec);
  return launch.run();
}

}  // namespace

int main(int argc, char** argv) {
  return outer_edge("chapter-05", [&] {
    Options options;
    return read_options(options, argc, argv) ? run_container(options) : 0;
  });
}
