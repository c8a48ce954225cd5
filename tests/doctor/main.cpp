// doctor: tries in throw-away children what the chapters need of this host, and says what is
// missing, why it seems so, what to do, and which chapters it concerns.
//
//   doctor            the table
//   doctor --json     the same for programs
//   doctor --why ID   one trial: nothing and status 0 if it works, or why not and status 1
//
// Exit status: 0 if everything that chapters and their tests need works here, for root (if this is
// root) and for an ordinary user; 1 if something is missing; 2 for wrong usage.
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <iterator>
#include <string>

#include "common/command_line.hpp"
#include "common/outer_edge.hpp"
#include "doctor/report.hpp"

using namespace tincan;
using namespace tincan::doctor;

namespace {

struct Options {
  bool json = false;
  std::string why;
};

bool read_options(Options& options, int argc, char** argv) {
  CommandLine line{"doctor", "Try what the chapters need of this host. Nothing is changed."};
  line.flag("--json", "print JSON instead of a table", [&] { options.json = true; });
  line.option("--why", "ID", "try one thing: say why it is missing (status 1), or nothing",
              [&](const std::string& id) { options.why = id; });
  return line.parse(argc, argv);
}

int try_one(const std::string& id) {
  for (const Trial& trial : all_trials()) {
    if (trial.id != id) continue;
    const std::string sentence = why(run_trial(trial));
    if (sentence.empty()) return 0;
    std::puts(sentence.c_str());
    return 1;
  }
  throw UsageError{"--why", "'" + id + "' is no trial of the doctor's"};
}

int try_everything(bool json) {
  std::vector<Result> results;
  for (const Trial& trial : all_trials()) results.push_back(run_trial(trial));
  const auto seen = observe_host();
  const bool colour = isatty(STDOUT_FILENO) == 1;
  const std::string text = json ? as_json(results, seen) : as_table(results, seen, colour);
  (void)std::fputs(text.c_str(), stdout);
  return std::any_of(results.begin(), results.end(), is_serious) ? 1 : 0;
}

}  // namespace

int main(int argc, char** argv) {
  return outer_edge("doctor", [&] {
    Options options;
    if (!read_options(options, argc, argv)) return 0;
    return options.why.empty() ? try_everything(options.json) : try_one(options.why);
  });
}
