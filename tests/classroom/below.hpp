// Parts of below.cpp.
#pragma once

#include <stdexcept>
#include <string>

namespace below {

/// A step failed.
struct Broken : std::runtime_error {
  explicit Broken(const std::string& step);  ///< adds the text of errno
};

/// Throws Broken if `returned` is -1.
long need(long returned, const std::string& step);

/// From here on, and in whatever is started, ptrace(2) and its like are refused: EPERM. The probe's memory
/// cannot be read (it is a program that nobody below may read), but who traces a process before it
/// becomes the probe could still move its registers.
void forbid_tracing();

}  // namespace below
