// Two documents that the runtime writes: what it can do, features.md of the runtime specification;
// and a config.json to begin with.
#pragma once

#include "13-runtime/options.hpp"

namespace tincan::oci {

int print_features(const Options& options);
/// Each field of config.json, and what becomes of it, as Markdown.
int print_fields(const Options& options);
/// Into the bundle; what is there is not written over: Error (EEXIST).
int write_spec(const Options& options);

}  // namespace tincan::oci
