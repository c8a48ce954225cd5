// chapter-13: a container from a document, made by one command and started by another: the runtime
// that podman, Docker and containerd call.
#include <map>
#include <string>

#include "03-process/launch.hpp"
#include "11-rootless/can.hpp"
#include "13-runtime/commands.hpp"
#include "13-runtime/entering.hpp"
#include "13-runtime/gate.hpp"
#include "13-runtime/giving_up.hpp"
#include "13-runtime/making.hpp"
#include "13-runtime/options.hpp"
#include "13-runtime/own_copy.hpp"
#include "13-runtime/papers.hpp"
#include "13-runtime/report.hpp"
#include "common/error.hpp"

using namespace tincan;
using oci::Options;

namespace {

// The first process: chapter 11's segments, as a document has them, and a gate before the last.
void make(oci::Making& making, Launch& launch) {
  making.join_groups(launch);
  enter(launch, making.can());
  making.set_up(launch);
  making.move_in(launch);
  give_up(launch, making.can(), making.outfit());
  making.wait_for_start(launch);
  start(launch, making.outfit());
  making.create(launch);
}

int create(const Options& options) {
  oci::Making making{options, oci::Attached::no};
  Launch launch{making.command()};
  make(making, launch);
  return 0;
}

// What does not start is not left behind: nobody was told its name.
void open_or_remove(const oci::Making& making) {
  try {
    open_gate(making.entry());
  } catch (const Error&) {
    remove_all(making.entry(), making.state());
    throw;
  }
}

int run(const Options& options) {
  oci::Making making{options, options.detach ? oci::Attached::no : oci::Attached::yes};
  Launch launch{making.command()};
  make(making, launch);
  open_or_remove(making);
  after_start(making.entry(), making.state(), making.document());
  if (options.detach) return 0;
  const int status = launch.supervise();
  if (!options.keep) remove_all(making.entry(), making.state());
  return status;
}

// One that comes later: it joins what the first has made, and gives up as much.
int exec(const Options& options) {
  oci::Entering entering{options};
  Launch launch{entering.command()};
  entering.join_groups(launch);
  enter(launch, entering.can());
  entering.set_up(launch);
  give_up(launch, entering.can(), entering.outfit());
  start(launch, entering.outfit());
  return entering.run(launch);
}

using Do = int (*)(const Options&);

const std::map<std::string, Do>& commands() {
  static const std::map<std::string, Do> all{{"create", create},
                                             {"start", oci::start_created},
                                             {"run", run},
                                             {"exec", exec},
                                             {"kill", oci::send_signal},
                                             {"delete", oci::delete_it},
                                             {"state", oci::print_state},
                                             {"list", oci::list_all},
                                             {"ps", oci::list_processes},
                                             {"pause", oci::pause_it},
                                             {"resume", oci::resume_it},
                                             {"update", oci::update_limits},
                                             {"features", oci::print_features},
                                             {"fields", oci::print_fields},
                                             {"spec", oci::write_spec}};
  return all;
}

bool goes_inside(const std::string& command) {
  return command == "create" || command == "run" || command == "exec";
}

}  // namespace

int main(int argc, char** argv) {
  return oci::reporting(argc, argv, [argv](const Options& options) {
    if (goes_inside(options.command)) oci::become_own_copy(argv);
    return commands().at(options.command)(options);
  });
}
