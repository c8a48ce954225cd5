// chapter-12: what chapter 11 does, and one device is granted and no other; what /proc and /sys
// tell too much is covered.
#include <utility>
#include <vector>

#include "02-command-line/run_options.hpp"
#include "03-process/launch.hpp"
#include "07-capabilities/capabilities.hpp"
#include "07-capabilities/capability_table.hpp"
#include "08-seccomp/seccomp.hpp"
#include "09-cgroups/limit_report.hpp"
#include "09-cgroups/limits.hpp"
#include "10-init/init_calls.hpp"
#include "10-init/stop.hpp"
#include "10-init/terminal.hpp"
#include "11-rootless/as_mapped.hpp"
#include "11-rootless/can.hpp"
#include "11-rootless/spec.hpp"
#include "12-devices/covers.hpp"
#include "12-devices/device_wall.hpp"
#include "12-devices/devices.hpp"
#include "12-devices/proc_options.hpp"
#include "common/command_line.hpp"
#include "common/outer_edge.hpp"

using namespace tincan;

namespace {

struct Options {
  Spec spec;
  RunOptions run;
  CapabilityOptions capabilities;
  SeccompOptions seccomp;
  StopOptions stop;
  DeviceOptions devices;
  CoverOptions covers;
  ProcOptions proc;
};

// What is only text in the options, as data.
void complete(Options& options) {
  Spec& spec = options.spec;
  spec.command = options.run.command;
  spec.root = options.run.root;
  spec.capabilities = sets_for(capabilities_to_keep(options.capabilities), spec.user);
  spec.new_privileges = options.capabilities.new_privileges;
  spec.policy = choose_policy(options.seccomp, options.capabilities);
}

void add_options(CommandLine& line, Options& options) {
  Spec& spec = options.spec;
  add_command_options(line, options.run);
  add_root_option(line, options.run);
  add_clean_start_options(line, spec.clean);
  add_namespace_options(line, spec.namespaces, CLONE_NEWNS | CLONE_NEWPID);
  add_mount_options(line, spec.mounts);
  add_user_namespace_options(line, spec.users);
  add_user_options(line, spec.user);
  add_capability_options(line, options.capabilities);
  add_seccomp_options(line, options.seccomp);
  add_limit_options(line, spec.limits);
  add_size_options(line, spec.mounts);
  add_terminal_options(line, spec.terminal);
  add_environment_options(line, spec.environment);
  add_workdir_option(line, spec.workdir);
  add_stop_options(line, options.stop);
  add_as_mapped(line);
  add_device_options(line, options.devices);
  add_cover_options(line, options.covers);
  add_proc_options(line, options.proc);
}

// Whether something was asked for that is only printed.
bool print_instead(const Options& options) {
  if (options.capabilities.list) return print_capabilities(), true;
  if (options.covers.list) return print_covers(), true;
  if (options.devices.dump) return print_device_rules(options.devices), true;
  if (!options.seccomp.dump) return false;
  print_filter(choose_policy(options.seccomp, options.capabilities), init_calls);
  return true;
}

// False: --help or --version was answered, and there is nothing to run.
bool read_options(Options& options, int argc, char** argv) {
  CommandLine line{"chapter-12", "Run a command as on a small system of its own, with devices."};
  add_options(line, options);
  if (!line.parse(argc, argv) || print_instead(options)) return false;
  require_command(options.run);
  require_root(options.run);
  complete(options);
  return true;
}

int run_container(Options& options) {
  std::vector<Cover> covers = covers_for(options.covers);
  keep_proc_options(options.proc, covers);
  Can can = prepare(std::move(options.spec));
  set_proc_options(options.proc, can.luggage);
  Devices devices{look_at_devices(options.devices.granted)};
  make_device_nodes(devices, can.ids.users);
  const DeviceGroup besides =
      raise_device_wall(options.devices, devices, can.groups, can.spec.limits);

  Launch launch{can.spec.command};
  launch.child_does("join the device group of v1", [&] { besides.join(); });
  enter(launch, can);
  launch.child_does("take the devices", [&] { take_devices(devices, can.luggage); });
  move_in(launch, can);
  launch.child_does("cover what tells too much",
                    [&] { cover(covers, can.root.mount, can.luggage); });
  give_up(launch, can);
  start(launch, can);

  // While it runs: what the launcher attends to.
  TerminalLink terminal{can.spec.terminal, can.stdio};
  StopTimeout stop{options.stop};
  TimeLimit limit{options.stop};
  LimitReport report{can.groups, can.spec.limits};
  launch.attend(terminal);
  launch.attend(stop);
  launch.attend(limit);
  launch.attend(report);
  return launch.run();
}

}  // namespace

int main(int argc, char** argv) {
  return outer_edge("chapter-12", [&] {
    if (is_as_mapped(argc, argv)) return run_as_mapped(argc, argv);
    Options options;
    return read_options(options, argc, argv) ? run_container(options) : 0;
  });
}
