// One more process in a container that runs: join, give up, start. Every wall that the first one has,
// it has on the first instruction of its command; and nothing of the host's goes in with it: no
// descriptor, no directory, no moment in which somebody inside could look into it.
//
//   return enter_and_run(options);
#pragma once

#include "13-runtime/options.hpp"

namespace tincan::oci {

/// `exec`: the exit status of the command, or 0 with --detach.
int enter_and_run(const Options& options);

}  // namespace tincan::oci
