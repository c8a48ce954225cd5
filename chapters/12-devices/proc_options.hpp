// What /proc shows of processes, and whether it shows anything else: options of the file system,
// proc(5). They are not Docker's; where all that a program needs of /proc is its own processes,
// subset=pid covers more than any list of covers does.
//
// It is the mount that has them, and not whoever looks. Root of a user namespace inside may mount
// a /proc of his own, which has none, if he sees one that nothing covers: mnt_already_visible() of
// fs/namespace.c asks for covers, and not for options. So something is covered for that alone.
//
//   ProcOptions options;
//   add_proc_options(line, options);                // --proc subset=pid
//   keep_proc_options(options, covers);
//   set_proc_options(options, can.luggage);         // before the clone
#pragma once

#include <string>
#include <vector>

#include "05-mounts/mounts.hpp"
#include "12-devices/covers.hpp"
#include "common/command_line.hpp"
#include "common/syscalls.hpp"

namespace tincan {

struct ProcOptions {
  std::vector<sys::FileSystemOption> all;
};

void add_proc_options(CommandLine& line, ProcOptions& options);

/// subset=pid, or hidepid= with a value of proc(5), by name or number, Linux 5.8. Throws
/// UsageError naming `option`.
sys::FileSystemOption parse_proc_option(const std::string& text, const std::string& option);

/// Each /proc of the list gets them, when it is made.
void set_proc_options(const ProcOptions& options, Luggage& luggage);

/// With subset=pid: one cover more, which changes nothing for who reads.
void keep_proc_options(const ProcOptions& options, std::vector<Cover>& covers);

}  // namespace tincan
