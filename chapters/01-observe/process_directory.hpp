// /proc/PID, opened once: what is read through it belongs to one process for sure, also when that
// process ends and its pid is used again. A file that cannot be read gives the errno instead.
//
//   const ProcessDirectory process{1234};             // throws Error (ESRCH) if there is none
//   const Reading status = process.read("status");
//   if (status.error != 0) puts(errno_name(status.error).c_str());
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "common/unique_fd.hpp"

namespace tincan {

/// What was read, or the errno that came instead.
struct Reading {
  std::string text;
  int error = 0;
};

class ProcessDirectory {
 public:
  /// Throws Error (ESRCH) if there is no process `pid`.
  explicit ProcessDirectory(pid_t pid);

  pid_t pid() const { return pid_; }
  Reading read(const std::string& name) const;
  /// Where a link such as "cwd" or "ns/net" points.
  Reading link(const std::string& name) const;
  /// The entries of a directory such as "fd", in the order of their numbers; one a line.
  Reading list(const std::string& name) const;

 private:
  pid_t pid_;
  unique_fd directory_;
};

}  // namespace tincan
