// What /proc and /sys tell too much, and where they take too much: covered, or made read-only.
//
// Both are the container's own mounts, and both show the machine. Most of what is secret there the
// kernel refuses to who is nobody outside (chapter 06); what is left is what everybody may read,
// and files that a later kernel, or another driver, will bring. The list is Docker's, and the
// OCI's.
//
// A cover is a mount on top. Whoever puts it there by a path has to be sure where the path leads,
// and three holes of runc's in one year were about that: the null device that is laid over files
// was another file (CVE-2025-31133), so was the terminal that is laid on /dev/console
// (CVE-2025-52565), and what was written to a file of /proc went to another (CVE-2025-52881). Here
// nothing is looked up by a path of the container's: the places are found from the descriptors of
// the mounts that were made for it, and what is laid over them is made for it, too: the null
// device that is its own, and directories in memory that hold nothing.
//
//   CoverOptions options;
//   add_cover_options(line, options);                                     // --cover, --uncover
//   const std::vector<Cover> covers = covers_for(options);
//   launch.child_does("...", [&] { cover(covers, can.root.mount, can.luggage); });   // furnished
#pragma once

#include <string>
#include <vector>

#include "05-mounts/mounts.hpp"
#include "common/command_line.hpp"
#include "common/unique_fd.hpp"

namespace tincan {

enum class CoverKind {
  nothing,    ///< a file that is empty, a directory that holds nothing
  read_only,  ///< can be read as before
};

struct Cover {
  std::string path;  ///< absolute, inside; a * stands for some part of one name
  CoverKind kind = CoverKind::nothing;
  bool optional = false;  ///< not every kernel has it
};

struct CoverOptions {
  std::vector<std::string> added = {};     ///< --cover
  std::vector<std::string> left_out = {};  ///< --uncover: paths of the table, or ALL
  bool list = false;                       ///< print the table, and run nothing
};

void add_cover_options(CommandLine& line, CoverOptions& options);

/// The table, less what is left out, and what is added. Throws UsageError for a path to be left
/// out that is not in the table, and for one to be added that is not absolute, or goes up.
std::vector<Cover> covers_for(const CoverOptions& options);

/// The table on standard output: path, how, why, who else has it.
void print_covers();

/// In the child, once the root is furnished, and before it gives up CAP_SYS_ADMIN. Throws Error:
/// where something was to be added and is not there, or lies behind a symlink.
void cover(const std::vector<Cover>& covers, borrowed_fd root, const Luggage& luggage);

}  // namespace tincan
