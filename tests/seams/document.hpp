// Documents in JSON: a Spec to be filled from, and what one process leaves to the next that looks
// after the same container.
#pragma once

#include <sys/types.h>

#include <string>

#include "11-rootless/spec.hpp"

namespace tincan::seams {

/// The document `path`: {"command": [...], "root": "...", ...}. What it does not name is as in
/// Spec. Throws UsageError for a key that means nothing here.
Spec read_spec(const std::string& path);

struct State {
  pid_t pid = 0;
  FoundGroups groups = {};
};

void write_state(const State& state, const std::string& path);
State read_state(const std::string& path);

}  // namespace tincan::seams
