// A trial: one thing that chapters or their tests need, and how it is tried. The trials stand in
// seven tables, a topic each.
//
//   {"openat2", "openat2", "05 to 10", Weight::needed, try_openat2, try_openat2},
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "common/error.hpp"
#include "common/hints.hpp"

namespace tincan::doctor {

enum class Weight {
  needed,  ///< without it a chapter, or its tests, cannot run: exit status 1
  useful,  ///< without it something is left out, and says so
};

/// Throws Error if the thing cannot be had. Called in a child that is thrown away.
using Try = void (*)();

struct Trial {
  const char* id;
  const char* what;
  const char* chapters;  ///< which it concerns, for people
  Weight weight;
  Try as_root;  ///< nullptr: chapters do not need it as root
  Try as_user;  ///< the same for an ordinary user
};

std::span<const Trial> process_trials();
std::span<const Trial> namespace_trials();
std::span<const Trial> mount_trials();
std::span<const Trial> privilege_trials();
std::span<const Trial> filter_trials();
std::span<const Trial> cgroup_trials();
std::span<const Trial> rootless_trials();

enum class State { works, missing, not_tried, not_needed };

/// What came out for one of the two users.
struct Finding {
  State state = State::not_needed;
  std::string tried{};   ///< of missing: the operation and its errno, "mount proc: EPERM"
  std::string cause{};   ///< of missing: why it seems so; of not tried: why not
  std::string remedy{};  ///< of missing: what to do; may be empty
};

struct Result {
  Trial trial;
  Finding as_root;
  Finding as_user;
};

/// Its likely cause and remedy; both empty where nothing is known.
Likely hint_for(const Error& error);

/// Runs a trial as root, if this process is, and as an ordinary user.
Result run_trial(const Trial& trial);

/// True if chapters or tests cannot run for want of it.
bool is_serious(const Result& result);

/// All of them, in the order of the tables.
std::vector<Trial> all_trials();

}  // namespace tincan::doctor
