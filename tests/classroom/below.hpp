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

/// May what is tried load filters of its own? Before the chapter about them, none is needed.
enum class Filters { none, without_listener };

/// From here on, and in whatever is started, ptrace(2) and its like are refused: EPERM. The probe's memory
/// cannot be read (it is a program that nobody below may read), but who traces a process before it
/// becomes the probe could still move its registers; and a filter of system calls could answer them in the
/// kernel's place, seccomp_unotify(2), or with "0" by itself.
void forbid_tracing(Filters filters);

}  // namespace below
