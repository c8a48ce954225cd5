// The fields of the specification, in one table: what each looks like, and what becomes of it here.
// The parser goes by it, and so does the page that tells the reader; neither can say what the other
// does not.
//
//   Findings findings{"update.json"};
//   look_through(value, "linux.resources", findings);   // throws Error, exit status 1
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "13-runtime/json.hpp"

namespace tincan::oci {

enum class Shape { object, list, map, text, texts, yes_no, number };

/// What becomes of a field.
enum class Fate { done, refused, ignored };

struct FieldRow {
  /// [] stands for each in a list, * for each in a map: "mounts[].type", "linux.sysctl.*".
  std::string_view path;
  Shape shape;
  Fate fate;
  std::string_view how;
  std::int64_t least = 0;  ///< of a number
  std::uint64_t most = 0;
  std::string_view like = {};  ///< what is in it stands below that path
};

/// All fields of the specification, 1.2, for Linux, in its order; and those of 1.3 that would be a
/// wall or a limit.
std::span<const FieldRow> fields();

/// A document that is looked through, and what was found.
struct Findings {
  std::string file;  ///< for messages
  std::vector<std::string> ignored =
      {};  ///< where what no specification names was, or names for others
};

/// Throws Error for a value in `value`, which stands where the table says `path`, that is of another
/// shape or out of range, and for a field that is not done here, unless it asks for nothing: null, an
/// empty text or list, false, 0, -1. What the table does not have is noted.
void look_through(const Value& value, std::string_view path, Findings& findings);

/// As Markdown: the field, what becomes of it, how.
std::string fields_as_table();

}  // namespace tincan::oci
