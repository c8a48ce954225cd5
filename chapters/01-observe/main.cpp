// chapter-01: looks at a process from outside and says how it is isolated, beside another one.
#include <unistd.h>

#include <cstdio>
#include <optional>
#include <string>

#include "01-observe/observe.hpp"
#include "01-observe/process_directory.hpp"
#include "01-observe/render.hpp"
#include "common/command_line.hpp"
#include "common/error.hpp"
#include "common/numbers.hpp"
#include "common/outer_edge.hpp"

using namespace tincan;
using namespace tincan::observation;

namespace {

struct Options {
  std::optional<pid_t> subject;
  std::optional<pid_t> against;
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
  line.flag("--json", "the report as JSON, for programs", [&] { options.json = true; });
  return line.parse(argc, argv);
}

std::string report_on(pid_t subject, pid_t against, bool json) {
  const bool colour = isatty(STDOUT_FILENO) == 1;
  const Report report = observe(ProcessDirectory{subject});
  if (subject == against && !json) return as_table(report, colour);
  const Report other = subject == against ? report : observe(ProcessDirectory{against});
  return json ? as_json(report, other) : as_table(report, other, colour);
}

int show(const Options& options) {
  const pid_t self = own_pid();
  const std::string text =
      report_on(options.subject.value_or(self), options.against.value_or(self), options.json);
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
