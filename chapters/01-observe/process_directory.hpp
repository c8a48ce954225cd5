// /proc/PID, opened once: what is read through it belongs to one process for sure, also when that
// process ends and its pid is used again. A file that cannot be read gives the errno instead.
//
//   const ProcessDirectory process{1234};             // throws Error (ESRCH) if there is none
//   const Reading status = process.read("status");
//   if (status.error != 0) puts(errno_name(status.error).c_str());
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

#include "common/unique_fd.hpp"

namespace tincan::observation {

/// What was read, or the errno that came instead.
struct Reading {
  std::string text;
  int error = 0;
};

/// Which file a link of /proc/PID leads to, whatever its path says: a container's "/" is not the
/// host's. Or the errno that came instead.
struct FileIdentity {
  std::string device;  ///< "major:minor"
  std::uint64_t inode = 0;
  uid_t owner = 0;
  int error = 0;
};

/// This process's number in the pid namespace of /proc, which getpid(2) need not be: after
/// 'unshare --pid --fork' without a fresh /proc the two count differently. Throws Error.
pid_t own_pid();

class ProcessDirectory {
 public:
  /// Throws Error (ESRCH) if there is no process `pid`.
  explicit ProcessDirectory(pid_t pid);

  pid_t pid() const { return pid_; }
  Reading read(const std::string& name) const;
  /// Where a link such as "cwd" or "ns/net" points.
  Reading link(const std::string& name) const;
  /// The numbers in a directory such as "fd", in their order; one a line.
  Reading list(const std::string& name) const;
  /// The file behind a link such as "root", or a file of /proc/PID itself.
  FileIdentity identify(const std::string& name) const;

 private:
  pid_t pid_;
  unique_fd directory_;
};

}  // namespace tincan::observation
