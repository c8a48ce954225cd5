// The parsers of /proc's files. A line that is none of its kind gives nothing, and never half.
#include "01-observe/proc_text.hpp"

#include <sys/sysmacros.h>

#include <algorithm>

#include "common/files.hpp"
#include "common/numbers.hpp"

namespace tincan::observation {
namespace {

constexpr std::string_view blanks = " \t\n";

bool is_number(std::string_view text) {
  return parse_number(text, 0, UINT64_MAX).has_value();
}

bool is_limit(std::string_view text) {
  return text == "unlimited" || is_number(text);
}

std::string joined(const std::vector<std::string>& words, char separator) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : std::string{separator}) + word;
  return text;
}

// "Max open files" as a key: "open_files".
std::string limit_key(std::string_view name) {
  std::string key = joined(words_of(name.substr(name.starts_with("Max ") ? 4 : 0)), '_');
  std::transform(key.begin(), key.end(), key.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return key;
}

}  // namespace

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  while (true) {
    const auto start = text.find_first_not_of(blanks);
    if (start == std::string_view::npos) return words;
    text.remove_prefix(start);
    words.emplace_back(text.substr(0, text.find_first_of(blanks)));
    text.remove_prefix(words.back().size());
  }
}

std::string without_end(std::string_view text) {
  if (!text.empty() && (text.back() == '\n' || text.back() == '\0')) text.remove_suffix(1);
  return std::string{text};
}

std::optional<std::string> status_value(std::string_view status, std::string_view name) {
  for (const std::string_view line : split_at(status, '\n')) {
    const auto colon = line.find(':');
    if (colon == std::string_view::npos || line.substr(0, colon) != name) continue;
    return joined(words_of(line.substr(colon + 1)), ' ');
  }
  return std::nullopt;
}

std::vector<std::string> stat_fields(std::string_view stat) {
  const auto end_of_name = stat.rfind(") ");
  if (end_of_name == std::string_view::npos) return {};
  return words_of(stat.substr(end_of_name + 2));
}

// The columns have fixed places: 26 characters of name, then soft, hard and unit.
std::optional<Limit> parse_limit(std::string_view line) {
  constexpr std::size_t name_width = 26;
  if (line.size() <= name_width) return std::nullopt;
  const auto values = words_of(line.substr(name_width));
  if (values.size() < 2 || values.size() > 3) return std::nullopt;
  if (!is_limit(values[0]) || !is_limit(values[1])) return std::nullopt;
  return Limit{limit_key(line.substr(0, name_width)), values[0], values[1],
               values.size() == 3 ? values[2] : ""};
}

std::optional<CgroupPath> parse_cgroup(std::string_view line) {
  const auto first = line.find(':');
  const auto second = line.find(':', first == std::string_view::npos ? first : first + 1);
  if (second == std::string_view::npos || !is_number(line.substr(0, first))) return std::nullopt;
  const std::string controllers{line.substr(first + 1, second - first - 1)};
  const bool v2 = line.substr(0, first) == "0";
  return CgroupPath{v2 ? "v2" : controllers, std::string{line.substr(second + 1)}};
}

std::optional<IdRange> parse_id_range(std::string_view line) {
  const auto words = words_of(line);
  if (words.size() != 3 || !std::all_of(words.begin(), words.end(), is_number)) return std::nullopt;
  return IdRange{words[0], words[1], words[2]};
}

std::string terminal_name(std::string_view number) {
  const auto device = parse_number(number, 0, UINT32_MAX);
  if (!device) return std::string{number};
  if (*device == 0) return "none";
  const unsigned kind = major(*device);
  const unsigned index = minor(*device);
  // Documentation/admin-guide/devices.txt
  if (kind == 136) return "pts/" + std::to_string(index);
  if (kind == 4 && index < 64) return "tty" + std::to_string(index);
  if (kind == 4) return "ttyS" + std::to_string(index - 64);
  if (kind == 5 && index == 1) return "console";
  return std::to_string(kind) + ":" + std::to_string(index);
}

}  // namespace tincan::observation
