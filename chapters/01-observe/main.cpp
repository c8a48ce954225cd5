// chapter-01: looks at a process from outside and says how it is isolated, beside another one.
#include <unistd.h>

#include <cstdio>

#include "01-observe/render.hpp"
#include "01-observe/report.hpp"
#include "common/command_line.hpp"
#include "common/error.hpp"
#include "common/numbers.hpp"
#include "common/outer_edge.hpp"

using namespace tincan;

namespace {

struct Options {
  pid_t subject = getpid();
  pid_t against = getpid();
  bool json = false;
};

pid_t parse_pid(const std::string& text, const std::string& option) {
  const auto pid = parse_number(text, 1, INT32_MAX);
  if (!pid) throw UsageError{option, "'" + text + "' is not a process id"};
  return static_cast<pid_t>(*pid);
}

bool read_options(Options& options, int argc, char** argv) {
  CommandLine line{"chapter-01", "Show how a process is isolated, beside another one."};
  line.positional("PID", "the process to look at; this one, if none is given",
                  [&](const std::string& pid) { options.subject = parse_pid(pid, "PID"); });
  line.option("--against", "PID", "the process to compare it with; this one, if none is given",
              [&](const std::string& pid) { options.against = parse_pid(pid, "--against"); });
  line.flag("--json", "for programs", [&] { options.json = true; });
  return line.parse(argc, argv);
}

int show(const Options& options) {
  const Report subject = observe(ProcessDirectory{options.subject});
  const Report against = observe(ProcessDirectory{options.against});
  const bool colour = isatty(STDOUT_FILENO) == 1;
  const std::string text =
      options.json ? as_json(subject, against) : as_table(subject, against, colour);
  const bool written = std::fputs(text.c_str(), stdout) >= 0 && std::fflush(stdout) == 0;
  if (!written) throw Error{errno, "write", "standard output"};
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  return outer_edge("chapter-01", [&] {
    Options options;
    return read_options(options, argc, argv) ? show(options) : 0;
  });
}
