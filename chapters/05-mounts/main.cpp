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

int main(int argc, char** argv) {
  return outer_edge("chapter-05", [&] {
    RunOptions run;
    CleanStartOptions clean;
    NamespaceOptions namespaces;
    MountOptions mounts;
    CommandLine line{"chapter-05", "Run a command in a root directory of its own."};
    add_command_options(line, run);
    add_root_option(line, run);
    add_clean_start_options(line, clean);
    add_namespace_options(line, namespaces, CLONE_NEWNS);
    add_mount_options(line, mounts);
    line.not_yet("-u,--uid", "06");
    if (!line.parse(argc, argv)) return 0;
    require_command(run);
    require_root(run);

    // Before the clone: what must be right, or open, before there is a child.
    secure_standard_descriptors();
    check_host_for_processes();
    check_host_for_mounts();
    const Luggage luggage = pack(run.root, mounts);
    Furniture furniture;

    // After "go": what the child does to itself, in this order.
    Launch launch{run.command};
    launch.clone_into(clone_flags(namespaces), names(namespaces));
    launch.child_does("enter an own cgroup namespace", [&] { enter_cgroup_namespace(namespaces); });
    launch.child_does("set the hostname", [&] { set_hostname(namespaces); });
    launch.child_does("bring loopback up", [&] { bring_loopback_up(namespaces); });
    launch.child_does("make every mount private", make_mounts_private);
    launch.child_does("make proc, sys and dev", [&] { furniture = make_furniture(mounts); });
    launch.child_does("move into the root", [&] { move_into(luggage.root); });
    launch.child_does("furnish it", [&] { furnish(furniture); });
    launch.child_does("attach what was added", [&] { attach_binds(mounts, luggage); });
    launch.child_does("leave the caller's groups", [&] { leave_groups(clean); });
    launch.child_does("leave the caller's keyring", join_own_keyring);
    launch.child_does("give up privileged scheduling", give_up_privileged_scheduling);
    launch.child_does("reset the personality", reset_personality);
    launch.child_does("reset umask and working directory", reset_file_defaults);
    launch.child_does("forbid core dumps", forbid_core_dumps);
    launch.child_does("reset the signals", reset_signals);
    launch.child_does("let execve close all but 0, 1, 2", close_descriptors_on_exec);
    return launch.run();
  });
}
