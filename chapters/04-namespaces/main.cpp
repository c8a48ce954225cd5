// chapter-04: runs a command that cannot see the host's processes, name, ipc objects and network.
#include "02-command-line/run_options.hpp"
#include "03-process/clean_start.hpp"
#include "03-process/host_check.hpp"
#include "03-process/launch.hpp"
#include "04-namespaces/namespaces.hpp"
#include "common/command_line.hpp"
#include "common/outer_edge.hpp"

using namespace tincan;

namespace {

struct Options {
  RunOptions run;
  CleanStartOptions clean;
  NamespaceOptions namespaces;
};

// False: --help or --version was answered, and there is nothing to run.
bool read_options(Options& options, int argc, char** argv) {
  CommandLine line{"chapter-04", "Run a command in namespaces of its own."};
  add_command_options(line, options.run);
  add_clean_start_options(line, options.clean);
  add_namespace_options(line, options.namespaces);
  if (!line.parse(argc, argv)) return false;
  require_command(options.run);
  return true;
}

int run_container(const Options& options) {
  // Before the clone: what must be right before there is a child.
  secure_standard_descriptors();
  check_host_for_processes();

  // After "go": what the child does to itself, in this order.
  Launch launch{options.run.command};
  launch.clone_into(clone_flags(options.namespaces), names(options.namespaces));
  launch.child_does("give up privileged scheduling", give_up_privileged_scheduling);
  launch.child_does("leave the caller's keyring", join_own_keyring);
  launch.child_does("enter a cgroup namespace",
                    [&] { enter_cgroup_namespace(options.namespaces); });
  launch.child_does("set the hostname", [&] { set_hostname(options.namespaces); });
  launch.child_does("bring loopback up", [&] { bring_loopback_up(options.namespaces); });
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
  return outer_edge("chapter-04", [&] {
    Options options;
    return read_options(options, argc, argv) ? run_container(options) : 0;
  });
}
