// The report as a table.
#include <algorithm>
#include <cstdint>

#include "01-observe/render.hpp"

namespace tincan {
namespace {

constexpr std::size_t label_width = 23;
constexpr std::size_t column_width = 36;

std::string printable(std::string_view text) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string plain;
  for (const char c : text) {
    const auto byte = static_cast<std::uint8_t>(c);
    if (byte >= 0x20 && byte != 0x7f) {
      plain += c;
    } else {
      plain += {'\\', 'x', digits[byte >> 4], digits[byte & 15]};
    }
  }
  return plain;
}

std::vector<std::string> cell(const Field& field) {
  if (!field.unreadable.empty()) return {"not readable: " + field.unreadable};
  if (field.values.empty()) return {"(none)"};
  std::vector<std::string> lines;
  for (const std::string& value : field.values)
    lines.push_back(value.empty() ? "(none)" : printable(value));
  return lines;
}

// Long lists would push everything else off the screen: here their number, below the table the
// rest.
bool is_long(const Field& field) {
  return field.key == "mounts" || field.key == "descriptors";
}

// Broken at blanks where there are some, else in the middle of a word.
std::vector<std::string> wrap(const std::vector<std::string>& lines) {
  std::vector<std::string> wrapped;
  for (std::string rest : lines) {
    while (rest.size() > column_width) {
      const auto blank = rest.rfind(' ', column_width);
      const auto cut = blank == std::string::npos || blank == 0 ? column_width : blank;
      wrapped.push_back(rest.substr(0, cut));
      rest.erase(0, cut + (rest[cut] == ' ' ? 1 : 0));
    }
    wrapped.push_back(rest);
  }
  return wrapped;
}

std::vector<std::string> column(const Field& field) {
  if (!is_long(field) || !field.unreadable.empty()) return wrap(cell(field));
  return {std::to_string(field.values.size()) + ", listed below"};
}

std::string padded(std::string text, std::size_t width) {
  text.resize(std::max(text.size(), width), ' ');
  return text;
}

std::string row(const Field& left, const Field& right, bool colour) {
  const auto left_lines = column(left);
  const auto right_lines = column(right);
  const std::string mark = left == right ? " | " : colour ? "\033[33m<>\033[0m " : "<> ";
  std::string text;
  for (std::size_t i = 0; i < std::max(left_lines.size(), right_lines.size()); ++i) {
    text += padded(i == 0 ? left.key : "", label_width) +
            padded(i < left_lines.size() ? left_lines[i] : "", column_width) + " " +
            (i == 0 ? mark : "   ") + (i < right_lines.size() ? right_lines[i] : "") + "\n";
  }
  return text;
}

std::string heading(const std::string& text, bool colour) {
  return "\n" + (colour ? "\033[1m" + text + "\033[0m" : text) + "\n";
}

Field counterpart(const Report& report, const std::string& section, const std::string& key) {
  for (const Section& candidate : report) {
    for (const Field& field : candidate.fields) {
      if (candidate.key == section && field.key == key) return field;
    }
  }
  return {key, {}, false, "not there"};
}

std::string pid_of(const Report& report) {
  return report.front().fields.front().values.front();
}

std::string long_lists(const Report& report, bool colour) {
  std::string text;
  for (const Section& section : report) {
    for (const Field& field : section.fields) {
      if (!is_long(field) || !field.unreadable.empty()) continue;
      text += heading(field.key + " of " + pid_of(report), colour);
      for (const std::string& line : cell(field)) text += "  " + line + "\n";
    }
  }
  return text;
}

}  // namespace

std::string as_table(const Report& subject, const Report& against, bool colour) {
  std::string text = padded("", label_width) + padded("process " + pid_of(subject), column_width) +
                     "    process " + pid_of(against) + "\n";
  for (const Section& section : subject) {
    text += heading(section.key, colour);
    for (const Field& field : section.fields) {
      text += row(field, counterpart(against, section.key, field.key), colour);
    }
  }
  return text + long_lists(subject, colour);
}

}  // namespace tincan
