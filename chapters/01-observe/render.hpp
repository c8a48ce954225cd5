// A report for people, and one for programs.
//
//   std::string text = as_table(report, against, colour);   // two columns, a mark where they
//   differ std::string json = as_json(report, against);
#pragma once

#include <string>

#include "01-observe/report.hpp"

namespace tincan {

/// Two columns, 100 characters wide; "|" stands between them where both say the same, and "<>"
/// where they differ. `colour`: with terminal colours. Control bytes are shown as \xNN: a process
/// chooses its own name and paths, and shall not write on the terminal of who looks at it.
std::string as_table(const Report& subject, const Report& against, bool colour);

/// {"subject": {section: {key: value}}, "against": {...}, "differs": ["section.key", ...]}. A value
/// is a string, a list of strings, or {"unreadable": why}.
std::string as_json(const Report& subject, const Report& against);

/// `text` as a JSON string, quotes included; bytes that are no UTF-8 become U+FFFD. RFC 8259.
std::string json_string(std::string_view text);

}  // namespace tincan
