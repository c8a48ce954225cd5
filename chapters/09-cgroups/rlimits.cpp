// One table of resource limits.
#include "09-cgroups/rlimits.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <array>

#include "common/error.hpp"

namespace tincan {
namespace {

struct ResourceLimit {
  __rlimit_resource resource;
  const char* name;
  rlim_t most;
};

constexpr rlim_t default_nofile = 1024;

constexpr std::array table{
    ResourceLimit{RLIMIT_NOFILE, "RLIMIT_NOFILE", default_nofile},
    // exercise: resources
    ResourceLimit{RLIMIT_SIGPENDING, "RLIMIT_SIGPENDING", 1024},
    ResourceLimit{RLIMIT_MEMLOCK, "RLIMIT_MEMLOCK", 8 << 20},
    ResourceLimit{RLIMIT_MSGQUEUE, "RLIMIT_MSGQUEUE", 819200},
    ResourceLimit{RLIMIT_RTPRIO, "RLIMIT_RTPRIO", 0},
    // end of exercise
    ResourceLimit{RLIMIT_NICE, "RLIMIT_NICE", 0},
};

// exercise: hard-and-soft
void set(const ResourceLimit& limit, rlim_t value) {
  const rlimit both{value, value};
  check(setrlimit(limit.resource, &both), "setrlimit",
        std::string{limit.name} + " " + std::to_string(value));
}
// end of exercise

// A second between the two: the first signal says in the command's status what ended it, 152, and
// the second ends what does not listen.
void limit_processor_time(rlim_t seconds) {
  const rlimit both{seconds, seconds + 1};
  check(setrlimit(RLIMIT_CPU, &both), "setrlimit", "RLIMIT_CPU " + std::to_string(seconds));
}

}  // namespace

void limit_resources(const LimitOptions& options) {
  for (const ResourceLimit& limit : table) {
    rlimit callers{};
    check(getrlimit(limit.resource, &callers), "getrlimit", limit.name);
    const bool asked = limit.resource == RLIMIT_NOFILE && options.nofile;
    set(limit, asked ? *options.nofile : std::min(limit.most, callers.rlim_max));
  }
  if (options.fsize) set({RLIMIT_FSIZE, "RLIMIT_FSIZE", *options.fsize}, *options.fsize);
  if (options.cpu_time) limit_processor_time(*options.cpu_time);
}

}  // namespace tincan
