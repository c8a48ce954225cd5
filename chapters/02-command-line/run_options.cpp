// The series' flags and their validation.
#include "02-command-line/run_options.hpp"

#include <sys/stat.h>

#include <array>
#include <utility>

#include "common/error.hpp"
#include "common/log.hpp"
#include "common/lookup.hpp"
#include "common/numbers.hpp"
#include "common/split.hpp"
#include "common/way_on.hpp"

namespace tincan {
namespace {

constexpr uid_t last_uid = 4294967294;

constexpr std::array levels{
    std::pair{"error", log::Level::error}, std::pair{"warn", log::Level::warn},
    std::pair{"info", log::Level::info},   std::pair{"debug", log::Level::debug},
    std::pair{"trace", log::Level::trace},
};

void set_log_level(const std::string& name) {
  for (const auto& [known, level] : levels) {
    if (name == known) return log::set_level(level);
  }
  throw UsageError{"--log-level", "'" + name + "' is none of error, warn, info, debug, trace"};
}

void take_command(const std::string& text, RunOptions& options) {
  // exercise: command-twice
  if (!options.command.empty()) {
    throw UsageError{"--command", "the command was given twice: once here, once after --"};
  }
  options.command = split_command(text, "--command");
  if (options.command.empty()) throw UsageError{"--command", "the command is empty"};
  // end of exercise
}

void take_root(const std::string& path, RunOptions& options) {
  // exercise: root-directory
  struct stat status {};
  if (stat(path.c_str(), &status) == -1) {
    const int number = errno;
    const std::string advice = way_on(Where::root, path).sentence;
    const std::string takes = "it takes the directory that becomes the root";
    throw UsageError{"--mount",
                     "'" + path + "': " + errno_name(number) + "; " +
                         lookup_hint(path, number, takes + (advice.empty() ? "" : ": " + advice))};
  }
  if (!S_ISDIR(status.st_mode)) {
    throw UsageError{"--mount", "'" + path + "' is " + kind_of(status.st_mode) +
                                    ", not a directory: it takes the one that becomes the root"};
  }
  options.root = path;
  // end of exercise
}

}  // namespace

uid_t parse_uid(std::string_view text, const std::string& option) {
  // exercise: uid
  const auto uid = parse_number(text, 0, last_uid);
  if (uid) return static_cast<uid_t>(*uid);
  throw UsageError{option, "'" + std::string{text} + "' is not a decimal number from 0 to " +
                               std::to_string(last_uid)};
  // end of exercise
}

void add_command_options(CommandLine& line, RunOptions& options) {
  line.section("The command (chapter 02)");
  line.flag("-d,--debug", "log each step on standard error",
            [] { log::set_level(log::Level::debug); });
  line.option("--log-level", "LEVEL", "error, warn (default), info, debug or trace", set_log_level);
  line.not_both("--debug", "--log-level", "each says how much is logged");
  line.option("-c,--command", "\"CMD ARGS\"",
              "the command in one string, with shell-like quoting; or say -- CMD ARGS",
              [&](const std::string& text) { take_command(text, options); });
  line.command(options.command);
}

void add_root_option(CommandLine& line, RunOptions& options) {
  line.option("-m,--mount", "DIR", "the directory that becomes the root",
              [&](const std::string& path) { take_root(path, options); });
}

void add_user_option(CommandLine& line, uid_t& uid) {
  line.option("-u,--uid", "UID", "the user id of the command, inside",
              [&](const std::string& text) { uid = parse_uid(text, "--uid"); });
}

void require_command(const RunOptions& options) {
  if (options.command.empty())
    throw UsageError{"no command", "say what to run, after --; see --help"};
  if (options.command.front().empty()) throw UsageError{"--", "the command is an empty word"};
}

void require_root(const RunOptions& options) {
  if (options.root.empty())
    throw UsageError{"--mount", "is missing: it names the root directory, build/root for one"};
}

}  // namespace tincan
