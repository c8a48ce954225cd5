// The report as a table.
#include <algorithm>
#include <cstdint>
#include <utility>

#include "01-observe/render.hpp"
#include "01-observe/text.hpp"
#include "common/numbers.hpp"
#include "common/printable.hpp"

namespace tincan::observation {
namespace {

constexpr std::size_t screen_width = 100;
constexpr std::size_t label_width = 22;
constexpr std::size_t column_width = 36;

using Lines = std::vector<std::string>;

struct Style {
  bool colour;
  std::size_t width;  // of a column
};

std::string padded(std::string text, std::size_t width) {
  const std::size_t taken = columns(text);
  return text.append(taken < width ? width - taken : 0, ' ');
}

std::string coloured(const Style& style, const char* code, const std::string& text) {
  return style.colour ? "\033[" + std::string{code} + "m" + text + "\033[0m" : text;
}

std::string heading(const Style& style, const std::string& text) {
  return "\n" + coloured(style, "1", text) + "\n";
}

// A key as people read it.
std::string label_of(std::string key) {
  std::replace(key.begin(), key.end(), '_', ' ');
  return printable(key);
}

Lines wrapped(std::string_view text, std::size_t width) {
  Lines lines;
  do {
    lines.emplace_back(first_line(text, width));
    text.remove_prefix(lines.back().size());
    text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
  } while (!text.empty());
  return lines;
}

// An entry in one line: "inside 0 outside 100000 count 65536".
std::string line_of(const Entry& entry) {
  std::string line;
  for (const Part& part : entry) {
    if (part.kind == Part::Kind::detail) continue;
    line += (line.empty() ? "" : " ") + part.name + (part.name.empty() ? "" : " ") + part.text;
  }
  return line;
}

// Short lists stand behind each other, ranges of ids below each other.
Lines lines_of(const Field& field) {
  if (!field.unreadable.empty()) return {"not readable: " + field.unreadable};
  if (!field.brief.empty()) return {field.brief};
  if (field.entries.empty()) return {"none"};
  if (field.entries.front().size() > 1) {
    Lines lines;
    for (const Entry& entry : field.entries) lines.push_back(line_of(entry));
    return lines;
  }
  std::string line;
  for (const Entry& entry : field.entries) line += (line.empty() ? "" : " ") + line_of(entry);
  return {line};
}

Lines cell(const Field& field, const Style& style) {
  Lines cell;
  for (const std::string& line : lines_of(field)) {
    const Lines pieces = wrapped(printable(line), style.width);
    cell.insert(cell.end(), pieces.begin(), pieces.end());
  }
  return cell;
}

std::string mark(const Style& style, Comparison comparison) {
  if (comparison == Comparison::same) return " | ";
  if (comparison == Comparison::unknown) return coloured(style, "2", " ? ");
  return coloured(style, "33;1", "<> ");
}

std::string line_at(const Lines& lines, std::size_t i) {
  return i < lines.size() ? lines[i] : "";
}

std::string without_trailing_blanks(std::string line) {
  line.erase(line.find_last_not_of(' ') + 1);
  return line + "\n";
}

std::string row(const Field& left, const Field& right, const Style& style) {
  const Lines left_lines = cell(left, style);
  const Lines right_lines = cell(right, style);
  std::string text;
  for (std::size_t i = 0; i < std::max(left_lines.size(), right_lines.size()); ++i) {
    text += without_trailing_blanks(padded(i == 0 ? label_of(left.key) : "", label_width) + " " +
                                    padded(line_at(left_lines, i), style.width) + " " +
                                    (i == 0 ? mark(style, compare(left, right)) : "   ") +
                                    line_at(right_lines, i));
  }
  return text;
}

std::string row(const Field& field, const Style& style) {
  std::string text;
  std::string label = label_of(field.key);
  for (const std::string& line : cell(field, style)) {
    text += without_trailing_blanks(padded(std::exchange(label, ""), label_width) + " " + line);
  }
  return text;
}

// --- the long lists, below the table ---

bool is_long(const Field& field) {
  return (field.key == "mounts" || field.key == "descriptors") && !field.entries.empty();
}

// 3 and 4 with the same behind them become 3-4: a hundred descriptors may not be readable.
bool continues(const Entry& entry, const Entry& next) {
  const auto number = parse_number(entry.front().text, 0, INT32_MAX);
  return entry.front().kind == Part::Kind::number && number &&
         parse_number(next.front().text, 0, INT32_MAX) == *number + 1 &&
         std::equal(entry.begin() + 1, entry.end(), next.begin() + 1, next.end());
}

// The texts of the entries that are shown, for columns.
std::vector<Lines> cells_of(const std::vector<Entry>& entries) {
  std::vector<Lines> cells;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const std::size_t first = i;
    while (i + 1 < entries.size() && continues(entries[i], entries[i + 1])) ++i;
    Lines row;
    for (const Part& part : entries[first]) {
      if (part.kind == Part::Kind::detail) continue;
      row.push_back((part.name == "unreadable" ? "not readable: " : "") + printable(part.text));
    }
    if (i > first) row.front() += "-" + entries[i].front().text;
    cells.push_back(std::move(row));
  }
  return cells;
}

// As wide as the widest cell, but a few long paths must not push the rest off the screen.
std::vector<std::size_t> widths_of(const std::vector<Lines>& rows) {
  constexpr std::size_t widest = 40;
  std::vector<std::size_t> widths(rows.front().size(), 0);
  for (const Lines& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      const std::size_t taken = columns(row[i]);
      if (taken <= widest) widths[i] = std::max(widths[i], taken);
    }
  }
  return widths;
}

std::string long_list(const std::vector<Entry>& entries) {
  const std::vector<Lines> rows = cells_of(entries);
  const std::vector<std::size_t> widths = widths_of(rows);
  std::string text;
  for (const Lines& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) line += padded(row[i], widths[i]) + "  ";
    line.erase(line.find_last_not_of(' ') + 1);
    std::string indent = "  ";
    for (const std::string& piece : wrapped(line, screen_width - 6)) {
      text += std::exchange(indent, "      ") + piece + "\n";
    }
  }
  return text;
}

// The two refusals of ptrace(2), "Ptrace access mode checking", which guards most of these files.
bool refused(const Report& report) {
  const auto is_refused = [](const Field& field) {
    return field.unreadable == "EACCES" || field.unreadable == "EPERM";
  };
  return std::any_of(report.begin(), report.end(), [&](const Section& section) {
    return std::any_of(section.fields.begin(), section.fields.end(), is_refused);
  });
}

std::string footnote(bool any_refused) {
  if (!any_refused) return "";
  return "\nEACCES, EPERM: this takes the same user and no fewer capabilities than the process "
         "has, "
         "or\nCAP_SYS_PTRACE in its user namespace. Ask again as root (sudo).\n";
}

std::string pid_of(const Report& report) {
  return find_field(report, "identity", "pid").entries.front().front().text;
}

std::string long_lists(const Report& report, const Style& style) {
  std::string text;
  for (const Section& section : report) {
    for (const Field& field : section.fields) {
      if (!is_long(field)) continue;
      text += heading(style, field.key + " of process " + pid_of(report));
      text += long_list(field.entries);
    }
  }
  return text;
}

}  // namespace

std::string as_table(const Report& subject, const Report& against, bool colour) {
  const Style style{colour, column_width};
  std::string text = padded("<> differs  ? unknown", label_width) + " " +
                     padded("process " + pid_of(subject), column_width) + "    process " +
                     pid_of(against) + "\n";
  for (const Section& section : subject) {
    text += heading(style, section.key);
    for (const Field& field : section.fields) {
      text += row(field, find_field(against, section.key, field.key), style);
    }
  }
  return text + long_lists(subject, style) + footnote(refused(subject) || refused(against));
}

std::string as_table(const Report& subject, bool colour) {
  const Style style{colour, screen_width - label_width - 1};
  std::string text = "process " + pid_of(subject) + "\n";
  for (const Section& section : subject) {
    text += heading(style, section.key);
    for (const Field& field : section.fields) text += row(field, style);
  }
  return text + long_lists(subject, style) + footnote(refused(subject));
}

}  // namespace tincan::observation
