// The isolation report: everything that the kernel says about how one process stands to the rest of
// the system, in sections of named fields. What cannot be read is a field too, with its errno.
//
//   const Report report = observe(ProcessDirectory{1});
//   for (const Section& section : report) ...
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "01-observe/process_directory.hpp"

namespace tincan {

struct Field {
  std::string key;                    ///< stable: scripts read it from the JSON
  std::vector<std::string> values{};  ///< one, or the entries of a list
  bool is_list = false;
  std::string unreadable{};  ///< why there is no value: an errno name, or a sentence

  bool operator==(const Field&) const = default;
};

struct Section {
  std::string key;
  std::vector<Field> fields;
};

using Report = std::vector<Section>;

/// Reads everything. A process that ends meanwhile leaves fields that are not readable (ESRCH).
Report observe(const ProcessDirectory& process);

/// The value of "Name:" in /proc/PID/status, without the blanks around it; empty if there is none.
std::string status_value(std::string_view status, std::string_view name);

/// The fields of /proc/PID/stat from the third on (state): the second is the name in parentheses,
/// which may hold blanks and parentheses itself.
std::vector<std::string> stat_fields(std::string_view stat);

}  // namespace tincan
