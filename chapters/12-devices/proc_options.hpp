// What /proc shows of processes, and whether it shows anything else: options of the file system,
// proc(5). They are not Docker's; where all that a program needs of /proc is its own processes,
// subset=pid covers more than any list of covers does.
//
//   ProcOptions options;
//   add_proc_options(line, options);                // --proc subset=pid
//   set_proc_options(options, can.luggage);         // before the clone
#pragma once

#include <string>
#include <vector>

#include "05-mounts/mounts.hpp"
#include "common/command_line.hpp"
#include "common/syscalls.hpp"

namespace tincan {

struct ProcOptions {
  std::vector<sys::FileSystemOption> all;
};

void add_proc_options(CommandLine& line, ProcOptions& options);

/// subset=pid, or hidepid= with a value of proc(5), by name or number, Linux 5.8. Throws UsageError
/// naming `option`.
sys::FileSystemOption parse_proc_option(const std::string& text, const std::string& option);

/// Each /proc of the list gets them, when it is made.
void set_proc_options(const ProcOptions& options, Luggage& luggage);

}  // namespace tincan
