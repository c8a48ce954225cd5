// One table of options.
#include "13-runtime/options.hpp"

#include <fmt/core.h>
#include <getopt.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <map>
#include <string_view>

#include "13-runtime/state.hpp"
#include "common/error.hpp"
#include "common/numbers.hpp"
#include "common/version.hpp"

namespace tincan::oci {
namespace {

using Take = void (*)(Options&, const std::string&);

struct Row {
  std::string_view commands;  // whose it is; empty: it stands before the command
  int letter;                 // 0: it has none
  const char* name;
  const char* value;  // null: it takes none
  const char* help;
  Take take;
};

struct Command {
  std::string_view name;
  std::string_view words;
  std::string_view help;
};

[[noreturn]] void refuse(const std::string& what, const std::string& why) {
  throw Error{0, what, {}, why, 1};
}

std::int64_t number(const std::string& text, const char* option) {
  if (text == "-1") return -1;
  const auto found = parse_number(text, 0, INT64_MAX);
  if (!found) refuse(option, "'" + text + "' is no number");
  return static_cast<std::int64_t>(*found);
}

std::uint64_t count(const std::string& text, const char* option) {
  const auto found = parse_number(text, 0, UINT64_MAX);
  if (!found) refuse(option, "'" + text + "' is no number");
  return *found;
}

void take_log_format(Options& options, const std::string& format) {
  if (format != "json" && format != "text") refuse("--log-format", "it is json or text");
  options.json_log = format == "json";
}

void take_manager(Options& options, const std::string& name) {
  static const std::map<std::string_view, Manager> known{
      {"cgroupfs", Manager::files}, {"systemd", Manager::systemd}, {"disabled", Manager::nobody}};
  const auto found = known.find(name);
  if (found == known.end()) refuse("--cgroup-manager", "it is cgroupfs, systemd or disabled");
  options.manager = found->second;
}

void take_format(Options& options, const std::string& format) {
  if (format != "json" && format != "table") refuse("--format", "it is json or table");
  options.format = format;
}

void take_preserved(Options& options, const std::string& text) {
  constexpr std::uint64_t most = 4096;
  const auto found = parse_number(text, 0, most);
  if (!found) refuse("--preserve-fds", "'" + text + "' is no number up to 4096");
  options.preserved = static_cast<unsigned>(*found);
}

const std::array commands{
    Command{"create", "ID", "make a container, and let it wait for its start"},
    Command{"start", "ID", "start the command of a created container"},
    Command{"run", "ID", "both, and wait for its end"},
    Command{"exec", "ID [COMMAND [ARG...]]", "run one more command in it"},
    Command{"kill", "ID [SIGNAL]", "send a signal to its first process: SIGTERM"},
    Command{"delete", "ID", "remove what is left of a stopped container"},
    Command{"state", "ID", "print its state, in JSON"},
    Command{"list", "", "print all containers"},
    Command{"ps", "ID [PS-OPTION...]", "print its processes"},
    Command{"pause", "ID", "stop all its processes for a while"},
    Command{"resume", "ID", "let them go on"},
    Command{"update", "ID", "change its limits"},
    Command{"features", "", "print what this runtime can do, in JSON"},
    Command{"fields", "", "print each field of config.json, and what becomes of it"},
    Command{"spec", "", "write a config.json to begin with"},
};

// What would lose a wall, or is another program's.
const std::map<std::string_view, std::string_view> refused{
    {"checkpoint", "not supported: CRIU is a program of its own"},
    {"restore", "not supported: CRIU is a program of its own"},
    {"events", "not supported: engines read the files of the control group"},
    {"--no-pivot",
     "not supported: without pivot_root(2) the host's root is there, and can be reached"},
};

const std::array table{
    Row{"", 0, "root", "DIR", "where the states of containers are",
        [](Options& o, const std::string& v) { o.root = v; }},
    Row{"", 0, "log", "FILE", "write what goes wrong there, too",
        [](Options& o, const std::string& v) { o.log = v; }},
    Row{"", 0, "log-format", "FORMAT", "of that file: text, json", take_log_format},
    Row{"", 0, "debug", nullptr, "say each step on standard error",
        [](Options& o, const std::string&) { o.debug = true; }},
    Row{"", 0, "systemd-cgroup", nullptr, "the same as --cgroup-manager systemd",
        [](Options& o, const std::string&) { o.manager = Manager::systemd; }},
    Row{"", 0, "cgroup-manager", "WHO", "who makes control groups: cgroupfs, systemd, disabled",
        take_manager},
    Row{"", 0, "rootless", "WHEN", "taken, and of no effect: it is seen",
        [](Options&, const std::string&) {}},
    Row{"create run spec", 'b', "bundle", "DIR", "where config.json is: the working directory",
        [](Options& o, const std::string& v) { o.bundle = v; }},
    Row{"create run exec", 0, "pid-file", "FILE", "write the number of the process there",
        [](Options& o, const std::string& v) { o.pid_file = v; }},
    Row{"create run exec", 0, "console-socket", "SOCKET", "send the terminal there",
        [](Options& o, const std::string& v) { o.console_socket = v; }},
    Row{"create run exec", 0, "preserve-fds", "N", "let the command have descriptors 3 to 2 + N",
        take_preserved},
    Row{"create run", 0, "no-new-keyring", nullptr, "refused: the caller's keys would be its own",
        [](Options&, const std::string&) {
          refuse("--no-new-keyring", "not supported: the caller's keys would be the container's");
        }},
    Row{"create run", 0, "no-pivot", nullptr, "refused: see pivot_root(2)",
        [](Options&, const std::string&) {
          refuse("--no-pivot", std::string{refused.at("--no-pivot")});
        }},
    Row{"run exec", 'd', "detach", nullptr, "do not wait for its end",
        [](Options& o, const std::string&) { o.detach = true; }},
    Row{"run", 0, "keep", nullptr, "do not delete it at its end",
        [](Options& o, const std::string&) { o.keep = true; }},
    Row{"delete", 'f', "force", nullptr, "kill it first, if it runs; and none there is no error",
        [](Options& o, const std::string&) { o.force = true; }},
    Row{"kill", 'a', "all", nullptr, "to all its processes",
        [](Options& o, const std::string&) { o.all = true; }},
    Row{"list ps", 'f', "format", "FORMAT", "table, json", take_format},
    Row{"list", 'q', "quiet", nullptr, "names alone",
        [](Options& o, const std::string&) { o.quiet = true; }},
    Row{"exec", 'p', "process", "FILE", "what to run, as `process` in config.json",
        [](Options& o, const std::string& v) { o.process = v; }},
    Row{"exec", 't', "tty", nullptr, "with a terminal",
        [](Options& o, const std::string&) { o.terminal = true; }},
    Row{"exec", 'u', "user", "UID[:GID]", "as whom",
        [](Options& o, const std::string& v) { o.user = v; }},
    Row{"exec", 0, "cwd", "DIR", "where", [](Options& o, const std::string& v) { o.cwd = v; }},
    Row{"exec", 'e', "env", "NAME=VALUE", "one more variable",
        [](Options& o, const std::string& v) { o.env.push_back(v); }},
    Row{"exec", 'c', "cap", "NAME", "one more capability",
        [](Options& o, const std::string& v) { o.capabilities.push_back(v); }},
    Row{"exec", 0, "no-new-privs", nullptr, "programs gain nothing by their set-uid bit",
        [](Options& o, const std::string&) { o.no_new_privileges = true; }},
    Row{"update", 'r', "resources", "FILE",
        "limits, as `linux.resources` in config.json; - is standard input",
        [](Options& o, const std::string& v) { o.resources_file = v; }},
    Row{"update", 0, "memory", "BYTES", "memory",
        [](Options& o, const std::string& v) { o.resources.memory.limit = number(v, "--memory"); }},
    Row{"update", 0, "memory-reservation", "BYTES", "memory that is kept longest",
        [](Options& o, const std::string& v) {
          o.resources.memory.reservation = number(v, "--memory-reservation");
        }},
    Row{"update", 0, "memory-swap", "BYTES", "memory and swap together",
        [](Options& o, const std::string& v) {
          o.resources.memory.swap = number(v, "--memory-swap");
        }},
    Row{"update", 0, "cpu-period", "MICROSECONDS", "how often a share is dealt",
        [](Options& o, const std::string& v) {
          o.resources.cpu.period = count(v, "--cpu-period");
        }},
    Row{"update", 0, "cpu-quota", "MICROSECONDS", "of each period",
        [](Options& o, const std::string& v) { o.resources.cpu.quota = number(v, "--cpu-quota"); }},
    Row{"update", 0, "cpu-share", "SHARES", "beside others: 1024 is a peer's",
        [](Options& o, const std::string& v) { o.resources.cpu.shares = count(v, "--cpu-share"); }},
    Row{"update", 0, "cpuset-cpus", "LIST", "on which processors",
        [](Options& o, const std::string& v) { o.resources.cpu.cpus = v; }},
    Row{"update", 0, "cpuset-mems", "LIST", "in which memory",
        [](Options& o, const std::string& v) { o.resources.cpu.mems = v; }},
    Row{"update", 0, "pids-limit", "N", "how many processes",
        [](Options& o, const std::string& v) { o.resources.pids = number(v, "--pids-limit"); }},
};

bool has_word(std::string_view words, std::string_view word) {
  while (!words.empty()) {
    const std::size_t end = words.find(' ');
    if (words.substr(0, end) == word) return true;
    if (end == std::string_view::npos) return false;
    words.remove_prefix(end + 1);
  }
  return false;
}

bool belongs(const Row& row, std::string_view command) {
  return command.empty() ? row.commands.empty() : has_word(row.commands, command);
}

// getopt_long(3) answers with these numbers: of rows, beyond every letter.
constexpr int first_row = 1000;
constexpr int help_row = 900;
constexpr int version_row = 901;

struct Getopt {
  std::string letters;
  std::vector<option> longs;
};

// A colon first: what is missing is told apart. A plus: words behind the first that is no option
// are somebody else's.
Getopt for_command(std::string_view command) {
  const bool others = command.empty() || command == "exec" || command == "ps";
  Getopt all{others ? "+:h" : ":h", {}};
  all.longs.push_back({"help", no_argument, nullptr, help_row});
  if (command.empty()) all.longs.push_back({"version", no_argument, nullptr, version_row});
  if (command.empty()) all.letters += 'v';
  for (std::size_t i = 0; i < table.size(); ++i) {
    const Row& row = table[i];
    if (!belongs(row, command)) continue;
    const int kind = row.value == nullptr ? no_argument : required_argument;
    all.longs.push_back({row.name, kind, nullptr, first_row + static_cast<int>(i)});
    if (row.letter != 0) all.letters += static_cast<char>(row.letter);
    if (row.letter != 0 && row.value != nullptr) all.letters += ':';
  }
  all.longs.push_back({});
  return all;
}

const Row& row_of(int answer, std::string_view command) {
  if (answer >= first_row) return table[static_cast<std::size_t>(answer - first_row)];
  return *std::find_if(table.begin(), table.end(), [&](const Row& row) {
    return row.letter == answer && belongs(row, command);
  });
}

std::string version_text() {
  return fmt::format("tincan-runtime: {}\nspec: 1.2.0\n", version());
}

// False: what was asked for was printed.
bool take_answer(Options& options, int answer, std::string_view command, char** words) {
  if (answer == 'h' || answer == help_row) return std::fputs(usage().c_str(), stdout), false;
  if (answer == 'v' || answer == version_row) {
    return std::fputs(version_text().c_str(), stdout), false;
  }
  const std::string word = words[optind - 1];
  if (answer == '?') refuse(word, "there is no such option; --help lists all");
  if (answer == ':') refuse(word, "it takes a value");
  const Row& row = row_of(answer, command);
  row.take(options, row.value == nullptr ? "" : optarg);
  return true;
}

// From word number `from` on, for `command`: the number of the first word that is no option.
int take_options(Options& options, int argc, char** argv, std::string_view command) {
  const Getopt wanted = for_command(command);
  opterr = 0;
  optind = 0;  // glibc's: begin anew
  while (true) {
    const int answer =
        getopt_long(argc, argv, wanted.letters.c_str(), wanted.longs.data(), nullptr);
    if (answer == -1) return optind;
    if (!take_answer(options, answer, command, argv)) return -1;
  }
}

void require_command(const std::string& name) {
  const auto known = refused.find(name);
  if (known != refused.end()) refuse(name, std::string{known->second});
  const auto found = std::find_if(commands.begin(), commands.end(),
                                  [&](const Command& one) { return one.name == name; });
  if (found == commands.end()) refuse(name, "there is no such command; --help lists all");
}

}  // namespace

std::string usage() {
  std::string text = "Usage: tincan-runtime [OPTION...] COMMAND [OPTION...] [ID ...]\n";
  const auto list = [&](std::string_view command) {
    for (const Row& row : table) {
      if (!belongs(row, command)) continue;
      const std::string letter = row.letter == 0 ? "    " : fmt::format("-{:c}, ", row.letter);
      const std::string name =
          fmt::format("{}--{} {}", letter, row.name, row.value == nullptr ? "" : row.value);
      text += fmt::format("      {:34} {}\n", name, row.help);
    }
  };
  list("");
  for (const Command& command : commands) {
    text += fmt::format("\n  {} {}\n      {}\n", command.name, command.words, command.help);
    list(command.name);
  }
  return text;
}

bool read_options(Options& options, int argc, char** argv) {
  const int first = take_options(options, argc, argv, "");
  if (first == -1) return false;
  if (first >= argc) refuse("COMMAND", "it is missing; --help lists all");
  options.command = argv[first];
  require_command(options.command);
  const int next = take_options(options, argc - first, argv + first, options.command);
  if (next == -1) return false;
  options.words.assign(argv + first + next, argv + argc);
  options.root = std::filesystem::absolute(options.root.empty() ? default_root() : options.root);
  return true;
}

}  // namespace tincan::oci
