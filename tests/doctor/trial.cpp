// Running trials, and putting what they threw into words.
#include "doctor/trial.hpp"

#include <unistd.h>

#include "doctor/attempt.hpp"

namespace tincan::doctor {
namespace {

Finding missing(const Error& error) {
  Finding finding{.state = State::missing, .tried = error.operation()};
  if (!error.object().empty()) finding.tried += " " + error.object();
  if (error.number() != 0) finding.tried += ": " + errno_name(error.number());
  const Likely known = hint_for(error);
  finding.cause = known.cause.empty() ? error.hint() : std::string{known.cause};
  finding.remedy = known.remedy;
  if (finding.cause.empty()) finding.cause = std::generic_category().message(error.number());
  return finding;
}

Finding find_out(Try body, bool ordinary_user) {
  if (body == nullptr) return {};
  try {
    attempt(body, {.ordinary_user = ordinary_user});
    return {.state = State::works};
  } catch (const Error& error) {
    return missing(error);
  }
}

Finding not_tried(Try body) {
  if (body == nullptr) return {};
  return {.state = State::not_tried, .cause = "this is not root: run it with sudo"};
}

}  // namespace

Result run_trial(const Trial& trial) {
  const bool root = geteuid() == 0;
  return {.trial = trial,
          .as_root = root ? find_out(trial.as_root, false) : not_tried(trial.as_root),
          .as_user = find_out(trial.as_user, root)};
}

bool is_serious(const Result& result) {
  const bool missing =
      result.as_root.state == State::missing || result.as_user.state == State::missing;
  return missing && result.trial.weight == Weight::needed;
}

std::vector<Trial> all_trials() {
  std::vector<Trial> trials;
  for (const auto topic : {process_trials(), namespace_trials(), mount_trials(), privilege_trials(),
                           filter_trials(), cgroup_trials(), rootless_trials()}) {
    trials.insert(trials.end(), topic.begin(), topic.end());
  }
  return trials;
}

}  // namespace tincan::doctor
