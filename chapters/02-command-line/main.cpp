// chapter-02: understands its command line, refuses what it does not understand, and says what it
// would do. It runs nothing yet.
#include <sys/types.h>

#include <cstdio>

#include "02-command-line/run_options.hpp"
#include "common/command_line.hpp"
#include "common/log.hpp"
#include "common/outer_edge.hpp"

using namespace tincan;

namespace {

void print_plan(const RunOptions& run, uid_t uid) {
  std::printf("root     %s\nuser     %u\ncommand ", run.root.c_str(), uid);
  for (const std::string& word : run.command) std::printf(" [%s]", word.c_str());
  std::printf("\n");
}

}  // namespace

int main(int argc, char** argv) {
  return outer_edge("chapter-02", [&] {
    RunOptions run;
    uid_t uid = 0;
    CommandLine line{"chapter-02", "Understand the command line, and print the plan."};
    add_command_options(line, run);
    add_root_option(line, run);
    add_user_option(line, uid);
    if (!line.parse(argc, argv)) return 0;
    require_command(run);
    require_root(run);

    log::info("the command line is understood");
    print_plan(run, uid);
    return 0;
  });
}
