// A value in a document, and where it stands. Its shape was looked at (fields.hpp); what is asked here
// is what it means, and who cannot tell says so with the place: "config.json: mounts[3].type: ...".
//
//   const Field mount{value, "mounts[3]", "config.json"};
//   const std::string type = mount["type"].text();
//   if (type.empty()) mount["type"].refuse("is missing");
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "13-runtime/json.hpp"

namespace tincan::oci {

class Field {
 public:
  Field(const Value& value, std::string place, const std::string& file)
      : value_{&value}, place_{std::move(place)}, file_{&file} {}

  /// A member, there or not.
  Field operator[](std::string_view name) const;

  /// It is there, and is not null.
  bool given() const { return value_ != nullptr && value_->kind != Kind::null; }

  std::vector<Field> elements() const;
  std::vector<std::pair<std::string, Field>> members() const;

  const std::string& text() const;  ///< empty if it is not given
  std::vector<std::string> texts() const;
  bool yes() const { return given() && value_->yes; }

  /// Its range was looked at, and fits.
  template <typename Number>
  std::optional<Number> number() const {
    if (!given()) return std::nullopt;
    const std::uint64_t bits = value_->negative ? 0 - value_->magnitude : value_->magnitude;
    return static_cast<Number>(bits);
  }

  /// It has to be given.
  const Field& required() const;
  /// An absolute path, in which no ".." leads up.
  std::string absolute_path() const;

  /// What `table`, of pairs, has for the text; or refuses, naming what there is.
  template <typename Table>
  auto one_of(const Table& table) const {
    for (const auto& [name, meaning] : table) {
      if (name == text()) return meaning;
    }
    std::string names;
    for (const auto& [name, meaning] : table) {
      names += (names.empty() ? "" : ", ");
      names += name;
    }
    refuse(shown_value() + " is none of " + names);
  }

  [[noreturn]] void refuse(const std::string& problem) const;
  std::string shown_value() const;
  const std::string& place() const { return place_; }
  const std::string& file() const { return *file_; }

 private:
  const Value* value_;  // nothing: it is not there
  std::string place_;
  const std::string* file_;
};

}  // namespace tincan::oci
