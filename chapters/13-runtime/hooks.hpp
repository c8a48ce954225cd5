// Programs of somebody else's at fixed moments of a container's life: "POSIX-platform Hooks" in
// config.md. Each is given the container's state on its standard input.
//
//   moment           where                       when
//   prestart         the runtime's namespaces    the container's stand; before the root is exchanged
//   createRuntime    the runtime's               then
//   createContainer  the container's             then; the host's files are still in view
//   startContainer   the container               `start` has come; before the command
//   poststart        the runtime's               the command runs
//   poststop         the runtime's               it was deleted
#pragma once

#include <string>
#include <vector>

#include "13-runtime/document.hpp"

namespace tincan::oci {

/// One after the other, with `state` to be read. Each gets the environment that the document gives
/// it and nothing of ours: no variable, no descriptor, no blocked signal. Throws Error if one fails,
/// or takes longer than its timeout.
void run_hooks(const std::vector<Hook>& hooks, const std::string& moment, const std::string& state);

/// The same, but a failure is a line in the log: the container goes on, or is gone, all the same.
void run_hooks_and_go_on(const std::vector<Hook>& hooks, const std::string& moment,
                         const std::string& state);

}  // namespace tincan::oci
