// The report as JSON, RFC 8259.
#include <algorithm>

#include "01-observe/render.hpp"
#include "01-observe/text.hpp"
#include "common/numbers.hpp"

namespace tincan::observation {
namespace {

using Texts = std::vector<std::string>;

std::string enclosed(char open, const Texts& items, char close, const std::string& separator) {
  std::string text;
  for (const std::string& item : items) text += (text.empty() ? "" : separator) + item;
  return open + text + close;
}

// As a number only if it is one for JSON too, whatever /proc said.
std::string value_of(const Part& part) {
  std::string_view digits = part.text;
  if (digits.starts_with('-')) digits.remove_prefix(1);
  const bool number = part.kind == Part::Kind::number && parse_number(digits, 0, UINT64_MAX);
  return number ? part.text : for_json(part.text);
}

std::string value_of(const Entry& entry) {
  if (entry.size() == 1 && entry.front().name.empty()) return value_of(entry.front());
  Texts members;
  for (const Part& part : entry) members.push_back(for_json(part.name) + ": " + value_of(part));
  return enclosed('{', members, '}', ", ");
}

std::string value_of(const Field& field) {
  if (!field.unreadable.empty()) return "{\"unreadable\": " + for_json(field.unreadable) + "}";
  if (!field.is_list) return value_of(field.entries.front());
  Texts items;
  for (const Entry& entry : field.entries) items.push_back(value_of(entry));
  return enclosed('[', items, ']', ", ");
}

std::string value_of(const Report& report) {
  Texts sections;
  for (const Section& section : report) {
    Texts fields;
    for (const Field& field : section.fields) {
      fields.push_back("\n      " + for_json(field.key) + ": " + value_of(field));
    }
    sections.push_back("\n    " + for_json(section.key) + ": " + enclosed('{', fields, '}', ","));
  }
  return enclosed('{', sections, '}', ",");
}

std::string keys_where(Comparison wanted, const Report& subject, const Report& against) {
  Texts keys;
  for (const Section& section : subject) {
    for (const Field& field : section.fields) {
      if (compare(field, find_field(against, section.key, field.key)) == wanted) {
        keys.push_back(for_json(section.key + "." + field.key));
      }
    }
  }
  return enclosed('[', keys, ']', ", ");
}

}  // namespace

std::string as_json(const Report& subject, const Report& against) {
  return "{\n  \"subject\": " + value_of(subject) + ",\n  \"against\": " + value_of(against) +
         ",\n  \"differs\": " + keys_where(Comparison::differs, subject, against) +
         ",\n  \"unknown\": " + keys_where(Comparison::unknown, subject, against) + "\n}\n";
}

}  // namespace tincan::observation
