// The isolation report: everything that the kernel says about how one process stands to the rest of
// the system, in sections of named fields. What cannot be read is a field too, with its errno.
//
//   const Field field = number_field("umask", "18");
//   compare(field, unreadable_field("umask", "ESRCH"));   // unknown: nobody knows
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tincan::observation {

/// A piece of a value: {"soft", "1024"}. Without a name where the value has one piece only.
struct Part {
  enum class Kind {
    text,
    number,
    detail,  ///< text for programs; people would drown in it
  };
  std::string name;
  std::string text;
  Kind kind = Kind::text;

  bool operator==(const Part&) const = default;
};

using Entry = std::vector<Part>;

struct Field {
  std::string key;               ///< stable: scripts read it from the JSON
  std::vector<Entry> entries{};  ///< one, or those of a list
  bool is_list = false;
  std::string unreadable{};  ///< why there is no value: an errno name, or a sentence
  std::string brief{};       ///< what people read instead of the entries, if not empty
};

struct Section {
  std::string key;
  std::vector<Field> fields;
};

using Report = std::vector<Section>;

Field text_field(std::string key, std::string text);
Field number_field(std::string key, std::string number);
Field list_field(std::string key, std::vector<Entry> entries, std::string brief = {});
Field unreadable_field(std::string key, std::string why);

enum class Comparison { same, differs, unknown };

/// How two fields stand to each other. Where one of them, or a part of one, could not be read,
/// nobody knows: two times EACCES does not mean that the same is behind it.
Comparison compare(const Field& left, const Field& right);

/// The field with that section and key; a field that says it is not there, if there is none.
Field find_field(const Report& report, std::string_view section, std::string_view key);

}  // namespace tincan::observation
