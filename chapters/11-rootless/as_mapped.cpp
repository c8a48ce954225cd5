// A start with three steps, and none of them a wall.
#include "11-rootless/as_mapped.hpp"

#include <sched.h>
#include <unistd.h>

#include <string>
#include <string_view>
#include <vector>

#include "02-command-line/run_options.hpp"
#include "03-process/clean_start.hpp"
#include "03-process/host_check.hpp"
#include "03-process/launch.hpp"
#include "04-namespaces/namespaces.hpp"
#include "06-user-namespace/id_map.hpp"
#include "06-user-namespace/user_namespace.hpp"
#include "11-rootless/ids.hpp"
#include "11-rootless/map_helpers.hpp"
#include "common/error.hpp"
#include "common/exit_status.hpp"

namespace tincan {
namespace {

constexpr const char* option = "--as-mapped";

struct Options {
  RunOptions run;
  UserNamespaceOptions users;
};

bool read_options(Options& options, int argc, const char* const* argv) {
  CommandLine line{"chapter-11 --as-mapped",
                   "Run a command of the host's as root of the map that a container would have."};
  add_command_options(line, options.run);
  line.section("User namespace (chapter 06)");
  line.repeatable("--map", "C:H:SIZE", "as for a container", [&](const std::string& text) {
    options.users.map.push_back(parse_id_range(text, "--map"));
  });
  line.flag("--map-host-root", "let a --map name the host's root",
            [&] { options.users.map_host_root = true; });
  if (!line.parse(argc - 1, argv + 1)) return false;
  require_command(options.run);
  return true;
}

std::vector<std::string> own_environment() {
  std::vector<std::string> variables;
  for (char** variable = environ; *variable != nullptr; ++variable)
    variables.emplace_back(*variable);
  return variables;
}

int run(const Options& options) {
  const NamespaceOptions namespaces{.own = CLONE_NEWUSER | CLONE_NEWNS};
  secure_standard_descriptors();
  check_host_for_processes();
  const Ids ids = plan_ids(options.users, namespaces, true);
  Launch launch{options.run.command};
  launch.clone_into(clone_flags(namespaces), names(namespaces));
  launch.parent_does("write the id maps",
                     [&] { write_maps(ids.users, ids.helpers, launch.child()); });
  launch.child_does("become root of the user namespace", [&] { become_root(ids.users); });
  launch.child_does("reset the signals", reset_signals);
  launch.set_environment(own_environment());
  return launch.run();
}

}  // namespace

void add_as_mapped(CommandLine& line) {
  line.section("Without a container (chapter 11)");
  line.flag(option,
            "as the first word, before --map and no other option: run a command of the host's as "
            "root of the map alone, to make, see and remove files of a container's users",
            [] {
              throw UsageError{option, "has to be the first word; it takes --map and -d alone"};
            });
}

bool is_as_mapped(int argc, const char* const* argv) {
  return argc > 1 && std::string_view{argv[1]} == option;
}

int run_as_mapped(int argc, const char* const* argv) {
  Options options;
  if (!read_options(options, argc, argv)) return 0;
  try {
    return run(options);
  } catch (const Error& error) {
    if (error.status() != exit_status::not_found) throw;
    throw Error{error.number(), error.operation(), error.object(),
                "there is no such command in PATH", error.status()};
  }
}

}  // namespace tincan
