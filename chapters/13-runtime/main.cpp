// chapter-13: a container from a document, made by one command and started by another: the runtime
// that podman, Docker and containerd call.
#include <map>
#include <string>

#include "13-runtime/commands.hpp"
#include "13-runtime/entering.hpp"
#include "13-runtime/options.hpp"
#include "13-runtime/own_copy.hpp"
#include "13-runtime/papers.hpp"
#include "13-runtime/report.hpp"

using namespace tincan;

namespace {

using Do = int (*)(const oci::Options&);

const std::map<std::string, Do>& commands() {
  static const std::map<std::string, Do> all{{"create", oci::create},
                                             {"start", oci::start_created},
                                             {"run", oci::run},
                                             {"exec", oci::enter_and_run},
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
  return oci::reporting(argc, argv, [argv](const oci::Options& options) {
    if (goes_inside(options.command)) oci::become_own_copy(argv);
    return commands().at(options.command)(options);
  });
}
