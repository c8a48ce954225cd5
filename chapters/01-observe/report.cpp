// Fields: making, finding and comparing them.
#include "01-observe/report.hpp"

#include <algorithm>
#include <utility>

namespace tincan::observation {
namespace {

bool is_unreadable(const Part& part) {
  return part.name == "unreadable";
}

bool wholly_readable(const Field& field) {
  return field.unreadable.empty() &&
         std::none_of(field.entries.begin(), field.entries.end(), [](const Entry& entry) {
           return std::any_of(entry.begin(), entry.end(), is_unreadable);
         });
}

}  // namespace

Field text_field(std::string key, std::string text) {
  return {std::move(key), {{{"", std::move(text)}}}};
}

Field number_field(std::string key, std::string number) {
  return {std::move(key), {{{"", std::move(number), Part::Kind::number}}}};
}

Field list_field(std::string key, std::vector<Entry> entries, std::string brief) {
  return {std::move(key), std::move(entries), true, {}, std::move(brief)};
}

Field unreadable_field(std::string key, std::string why) {
  return {std::move(key), {}, false, std::move(why)};
}

Comparison compare(const Field& left, const Field& right) {
  if (!wholly_readable(left) || !wholly_readable(right)) return Comparison::unknown;
  return left.entries == right.entries ? Comparison::same : Comparison::differs;
}

Field find_field(const Report& report, std::string_view section, std::string_view key) {
  for (const Section& candidate : report) {
    if (candidate.key != section) continue;
    for (const Field& field : candidate.fields) {
      if (field.key == key) return field;
    }
  }
  return unreadable_field(std::string{key}, "not there");
}

}  // namespace tincan::observation
