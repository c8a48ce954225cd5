// The log: standard error, with time, level and the program's name. Standard output belongs to the
// command. spdlog stands behind this header and nowhere else.
//
//   log::start("chapter-03", log::Level::debug);
//   log::debug("child is {}", pid);        // formatted only if somebody reads it
#pragma once

#include <fmt/core.h>

#include <string_view>
#include <utility>

namespace tincan::log {

enum class Level { error, warn, info, debug, trace };

/// Starts the log of this process. `program` stands in each line; lines below `level` are dropped.
void start(std::string_view program, Level level);

/// From here on, lines below `level` are dropped.
void set_level(Level level);

/// From here on a line that standard error does not take within a second is given up: for who has
/// to hear signals, and must not wait for a reader that never comes.
void limit_waiting();

bool enabled(Level level);
/// One line. What a terminal would obey instead of showing it is written as \xNN: messages quote
/// the names and files of containers.
void write(Level level, std::string_view line);

template <typename... Values>
void write_formatted(Level level, fmt::format_string<Values...> format, Values&&... values) {
  if (enabled(level)) write(level, fmt::format(format, std::forward<Values>(values)...));
}

template <typename... Values>
void error(fmt::format_string<Values...> format, Values&&... values) {
  write_formatted(Level::error, format, std::forward<Values>(values)...);
}
template <typename... Values>
void warn(fmt::format_string<Values...> format, Values&&... values) {
  write_formatted(Level::warn, format, std::forward<Values>(values)...);
}
template <typename... Values>
void info(fmt::format_string<Values...> format, Values&&... values) {
  write_formatted(Level::info, format, std::forward<Values>(values)...);
}
template <typename... Values>
void debug(fmt::format_string<Values...> format, Values&&... values) {
  write_formatted(Level::debug, format, std::forward<Values>(values)...);
}

}  // namespace tincan::log
