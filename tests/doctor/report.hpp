// The doctor's report: a table for people, and JSON for programs.
//
//   std::fputs(as_table(results, seen, colour).c_str(), stdout);
#pragma once

#include <string>
#include <vector>

#include "doctor/observations.hpp"
#include "doctor/trial.hpp"

namespace tincan::doctor {

/// At most 100 columns wide.
std::string as_table(const std::vector<Result>& results, const std::vector<Observation>& seen,
                     bool colour);

/// {"host": {name: value}, "trials": [{"id", "what", "chapters", "needed", "root": {"state", ...},
/// "user": {...}}], "ok": bool}. A missing thing has "tried", "cause", "remedy" and "seen".
std::string as_json(const std::vector<Result>& results, const std::vector<Observation>& seen);

/// One sentence about what is missing: the cause, and what to do. Empty if nothing is.
std::string why(const Result& result);

}  // namespace tincan::doctor
