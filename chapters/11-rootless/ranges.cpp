// Reading rows, and putting a map together.
#include "11-rootless/ranges.hpp"

#include <algorithm>
#include <optional>
#include <sstream>

#include "common/files.hpp"
#include "common/numbers.hpp"

namespace tincan {
namespace {

constexpr std::uint64_t end_of_ids = 4294967295;  // itself no id, but "no id"
constexpr std::uint32_t most_ids = 65536;         // besides root: as many as useradd(8) grants
constexpr std::size_t most_ranges = 340;          // user_namespaces(7), since Linux 4.15
constexpr std::size_t longest_row = 1023;         // what shadow has room for
constexpr std::uint64_t first_to_grant = 100000;  // SUB_UID_MIN of login.defs(5)

struct Grant {
  std::string_view owner;
  IdSpan ids;
};

std::optional<Grant> parse_grant(std::string_view line) {
  // exercise: rows
  const auto fields = split_at(line, ':');
  if (line.size() > longest_row || fields.size() != 3 || line.ends_with(':')) return std::nullopt;
  const auto first = parse_number(fields[1], 0, end_of_ids - 1);
  const auto count = parse_number(fields[2], 1, INT64_MAX);
  if (fields[0].empty() || !first || !count) return std::nullopt;
  return Grant{fields[0], {*first, std::min(*first + *count, end_of_ids)}};
  // end of exercise
}

std::vector<Grant> parse_grants(std::string_view text) {
  std::vector<Grant> grants;
  for (const std::string_view line : split_at(text, '\n')) {
    if (const auto grant = parse_grant(line)) grants.push_back(*grant);
  }
  return grants;
}

IdSpans put_together(IdSpans spans) {
  std::sort(spans.begin(), spans.end(),
            [](const IdSpan& one, const IdSpan& other) { return one.first < other.first; });
  IdSpans apart;
  for (const IdSpan& span : spans) {
    if (apart.empty() || span.first > apart.back().end) {
      apart.push_back(span);
    } else {
      apart.back().end = std::max(apart.back().end, span.end);
    }
  }
  return apart;
}

IdSpans without(const IdSpans& spans, std::uint64_t id) {
  IdSpans rest;
  for (const IdSpan& span : spans) {
    const bool is_inside = span.first <= id && id < span.end;
    if (!is_inside || span.first < id) rest.push_back({span.first, is_inside ? id : span.end});
    if (is_inside && id + 1 < span.end) rest.push_back({id + 1, span.end});
  }
  return rest;
}

}  // namespace

std::vector<std::string> names_of(std::string_view passwd, uid_t uid) {
  std::vector<std::string> names;
  const std::string number = std::to_string(uid);
  for (const std::string_view line : split_at(passwd, '\n')) {
    const auto fields = split_at(line, ':');
    if (fields.size() >= 3 && fields[2] == number && !fields[0].empty()) {
      names.emplace_back(fields[0]);
    }
  }
  names.push_back(number);
  return names;
}

IdSpans granted_to(const std::vector<std::string>& names, std::string_view rows) {
  IdSpans spans;
  for (const Grant& grant : parse_grants(rows)) {
    if (std::find(names.begin(), names.end(), grant.owner) != names.end())
      spans.push_back(grant.ids);
  }
  return put_together(spans);
}

IdSpans existing(std::string_view map) {
  IdSpans spans;
  for (const std::string_view line : split_at(map, '\n')) {
    std::istringstream words{std::string{line}};
    std::uint64_t first = 0, above = 0, size = 0;
    words >> first >> above >> size;
    spans.push_back({first, first + size});
  }
  return spans;
}

IdSpans common_to(const IdSpans& granted, const IdSpans& existing) {
  IdSpans both;
  for (const IdSpan& one : granted) {
    for (const IdSpan& other : existing) {
      const IdSpan part{std::max(one.first, other.first), std::min(one.end, other.end)};
      if (part.first < part.end) both.push_back(part);
    }
  }
  return both;
}

bool covers(const IdSpans& spans, const IdRange& range) {
  return std::any_of(spans.begin(), spans.end(), [&](const IdSpan& span) {
    return range.outside >= span.first && std::uint64_t{range.outside} + range.size <= span.end;
  });
}

IdMap map_with(std::uint32_t own, const IdSpans& granted) {
  // exercise: map
  IdMap map{{.inside = 0, .outside = own, .size = 1}};
  std::uint32_t inside = 1;
  for (const IdSpan& span : without(without(granted, own), 0)) {
    const auto size = static_cast<std::uint32_t>(
        std::min<std::uint64_t>(span.end - span.first, most_ids + 1 - inside));
    if (size == 0 || map.size() == most_ranges) break;
    map.push_back({inside, static_cast<std::uint32_t>(span.first), size});
    inside += size;
  }
  return map;
  // end of exercise
}

std::uint64_t first_free(std::string_view rows) {
  std::uint64_t free = first_to_grant;
  for (const Grant& grant : parse_grants(rows)) free = std::max(free, grant.ids.end);
  return free;
}

}  // namespace tincan
