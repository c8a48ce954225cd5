// Fuzzes the whole command line of chapter 10: each line of the input is one argument.
#include <sched.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "02-command-line/run_options.hpp"
#include "03-process/clean_start.hpp"
#include "04-namespaces/namespaces.hpp"
#include "05-mounts/mounts.hpp"
#include "06-user-namespace/user.hpp"
#include "06-user-namespace/user_namespace.hpp"
#include "07-capabilities/capabilities.hpp"
#include "08-seccomp/seccomp.hpp"
#include "09-cgroups/limits.hpp"
#include "10-init/environment.hpp"
#include "10-init/stop.hpp"
#include "10-init/terminal.hpp"
#include "10-init/workdir.hpp"
#include "common/command_line.hpp"
#include "common/files.hpp"
#include "tests/fuzz/fuzz.hpp"

namespace tincan::fuzz {
namespace {

struct Options {
  RunOptions run;
  CleanStartOptions clean;
  NamespaceOptions namespaces{.own = six_namespaces | CLONE_NEWUSER};
  MountOptions mounts;
  UserNamespaceOptions users;
  User user;
  CapabilityOptions capabilities;
  SeccompOptions seccomp;
  LimitOptions limits;
  TerminalOptions terminal;
  EnvironmentOptions environment;
  WorkdirOptions workdir;
  StopOptions stop;
};

// False: the command line is fine, and asks for nothing to be run.
bool parse(Options& options, const std::vector<const char*>& words) {
  CommandLine line{"fuzz", "Nothing is ever run."};
  add_command_options(line, options.run);
  add_root_option(line, options.run);
  add_clean_start_options(line, options.clean);
  add_namespace_options(line, options.namespaces, CLONE_NEWNS | CLONE_NEWPID);
  add_mount_options(line, options.mounts);
  add_user_namespace_options(line, options.users);
  add_user_options(line, options.user);
  add_capability_options(line, options.capabilities);
  add_seccomp_options(line, options.seccomp);
  add_limit_options(line, options.limits);
  add_terminal_options(line, options.terminal);
  add_environment_options(line, options.environment);
  add_workdir_option(line, options.workdir);
  add_stop_options(line, options.stop);
  if (!line.parse(static_cast<int>(words.size()), words.data())) return false;
  require_command(options.run);
  return true;
}

void require_sane(const Options& options) {
  require(!options.run.command.empty() && !options.run.command.front().empty(),
          "there is a command");
  require(options.user.uid != UINT32_MAX && options.user.gid != UINT32_MAX, "no id is -1");
  require((options.namespaces.own & CLONE_NEWNS) != 0, "the mount namespace is never shared");
  require((options.namespaces.own & CLONE_NEWPID) != 0, "the pid namespace is never shared");
  require(options.stop.seconds >= 0 && options.stop.seconds <= 86400, "a day at most");
  for (const auto& [name, value] : options.environment.from_line) {
    require(is_variable_name(name), "a name is one");
  }
}

}  // namespace

void try_input(std::string_view text) {
  // No word has a NUL, and --env-file reads what it names, which is not to be made up.
  if (text.find('\0') != std::string_view::npos) return;
  if (text.find("env-file") != std::string_view::npos) return;
  std::vector<std::string> words{"fuzz"};
  for (const std::string_view word : split_at(text, '\n')) words.emplace_back(word);
  std::vector<const char*> pointers;
  pointers.reserve(words.size());
  for (const std::string& word : words) pointers.push_back(word.c_str());
  Options options;
  const auto to_run = accepted([&] { return parse(options, pointers); });
  if (!to_run.value_or(false)) return;
  require_sane(options);
  const auto dashes = std::find(words.begin(), words.end(), "--");
  if (dashes == words.end()) return;
  require(options.run.command == std::vector<std::string>{dashes + 1, words.end()},
          "what stands behind -- is the command, word for word");
}

}  // namespace tincan::fuzz
