// A report for people, and one for programs.
//
//   std::string text = as_table(report, against, colour);
//   std::string json = as_json(report, against);
#pragma once

#include <string>

#include "01-observe/report.hpp"

namespace tincan::observation {

/// Two columns, 100 characters wide, and between them a mark: "|" where both say the same, "<>"
/// where they differ, "?" where nobody knows, because one of them could not be read. Below, the
/// long lists of the subject. `colour`: with terminal colours.
std::string as_table(const Report& subject, const Report& against, bool colour);

/// One process alone, in one column.
std::string as_table(const Report& subject, bool colour);

/// {"subject": {section: {key: value}}, "against": {...}, "differs": ["section.key", ...],
/// "unknown": [...]}. A value is a string, a number, an object, a list of these, or {"unreadable":
/// why}.
std::string as_json(const Report& subject, const Report& against);

}  // namespace tincan::observation
