// Documents that the runtime writes: what it can do, features.md of the runtime specification; a
// config.json to begin with; what it tells others.
#pragma once

#include <sys/types.h>

#include <string>

#include "13-runtime/options.hpp"

namespace tincan::oci {

int print_features(const Options& options);
/// What goes with a listener of seccomp's: "The Container Process State" in config-linux.md. `state`: of
/// the container, as JSON.
std::string listener_json(pid_t pid, const std::string& metadata, const std::string& state);
/// Each field of config.json, and what becomes of it, as Markdown.
int print_fields(const Options& options);
/// Into the bundle; what is there is not written over: Error (EEXIST).
int write_spec(const Options& options);

}  // namespace tincan::oci
