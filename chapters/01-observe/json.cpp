// The report as JSON, RFC 8259.
#include <nlohmann/json.hpp>

#include <cstdint>
#include <string_view>

#include "01-observe/render.hpp"
#include "common/numbers.hpp"

namespace tincan::observation {
namespace {

using Json = nlohmann::ordered_json;  // keys stay in the order of the report

// As a number only if it is one for JSON too, whatever /proc said.
Json value_of(const Part& part) {
  std::string_view digits = part.text;
  const bool minus = digits.starts_with('-');
  if (minus) digits.remove_prefix(1);
  const auto number = parse_number(digits, 0, minus ? INT64_MAX : UINT64_MAX);
  if (part.kind != Part::Kind::number || !number) return part.text;
  return minus ? Json(-static_cast<std::int64_t>(*number)) : Json(*number);
}

Json value_of(const Entry& entry) {
  if (entry.size() == 1 && entry.front().name.empty()) return value_of(entry.front());
  Json members = Json::object();
  for (const Part& part : entry) members[part.name] = value_of(part);
  return members;
}

Json value_of(const Field& field) {
  if (!field.unreadable.empty()) return {{"unreadable", field.unreadable}};
  if (!field.is_list) return value_of(field.entries.front());
  Json items = Json::array();
  for (const Entry& entry : field.entries) items.push_back(value_of(entry));
  return items;
}

Json value_of(const Report& report) {
  Json sections = Json::object();
  for (const Section& section : report) {
    for (const Field& field : section.fields) sections[section.key][field.key] = value_of(field);
  }
  return sections;
}

Json keys_where(Comparison wanted, const Report& subject, const Report& against) {
  Json keys = Json::array();
  for (const Section& section : subject) {
    for (const Field& field : section.fields) {
      if (compare(field, find_field(against, section.key, field.key)) == wanted) {
        keys.push_back(section.key + "." + field.key);
      }
    }
  }
  return keys;
}

}  // namespace

std::string as_json(const Report& subject, const Report& against) {
  const Json report{{"subject", value_of(subject)},
                    {"against", value_of(against)},
                    {"differs", keys_where(Comparison::differs, subject, against)},
                    {"unknown", keys_where(Comparison::unknown, subject, against)}};
  // In ASCII: U+009B is a control character that JSON lets pass, and some terminals obey. What is
  // no UTF-8, and would be an exception, becomes U+FFFD.
  return report.dump(2, ' ', true, Json::error_handler_t::replace) + "\n";
}

}  // namespace tincan::observation
