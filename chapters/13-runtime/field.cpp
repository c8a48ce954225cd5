// Asking a document.
#include "13-runtime/field.hpp"

#include <algorithm>

#include "common/error.hpp"
#include "common/files.hpp"
#include "common/printable.hpp"

namespace tincan::oci {

Field Field::operator[](std::string_view name) const {
  Field field{*this};
  field.place_ += (place_.empty() ? "" : ".") + std::string{name};
  if (value_ == nullptr) return field;
  const auto member = std::find_if(value_->members.begin(), value_->members.end(),
                                   [&](const Value& one) { return one.name == name; });
  field.value_ = member == value_->members.end() ? nullptr : &*member;
  return field;
}

std::vector<Field> Field::elements() const {
  std::vector<Field> all;
  if (!given()) return all;
  for (const Value& member : value_->members) {
    all.emplace_back(member, place_ + "[" + std::to_string(all.size()) + "]", *file_);
  }
  return all;
}

std::vector<std::pair<std::string, Field>> Field::members() const {
  std::vector<std::pair<std::string, Field>> all;
  if (!given()) return all;
  for (const Value& member : value_->members) {
    all.emplace_back(member.name, Field{member, place_ + "." + printable(member.name), *file_});
  }
  return all;
}

const std::string& Field::text() const {
  static const std::string nothing;
  return given() ? value_->text : nothing;
}

std::vector<std::string> Field::texts() const {
  std::vector<std::string> all;
  if (!given()) return all;
  all.reserve(value_->members.size());
  for (const Value& member : value_->members) all.push_back(member.text);
  return all;
}

const Field& Field::required() const {
  if (!given()) refuse("is missing");
  return *this;
}

std::string Field::absolute_path() const {
  const std::string& path = required().text();
  if (!path.starts_with('/')) refuse(shown_value() + " is no absolute path");
  for (const std::string_view part : split_at(path, '/')) {
    if (part == "..") refuse(shown_value() + " goes up, by '..': say where it leads");
  }
  return path;
}

void Field::refuse(const std::string& problem) const {
  throw Error{0, *file_, {}, place_.empty() ? problem : place_ + ": " + problem, 1};
}

std::string Field::shown_value() const {
  return value_ == nullptr ? "nothing" : shown(*value_);
}

}  // namespace tincan::oci
