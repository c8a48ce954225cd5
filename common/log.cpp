// spdlog, and the only place that knows it.
#define SPDLOG_HEADER_ONLY
#define SPDLOG_FMT_EXTERNAL
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <memory>
#include <string>

#include "common/log.hpp"
#include "common/printable.hpp"

namespace tincan::log {
namespace {

spdlog::level::level_enum to_spdlog(Level level) {
  switch (level) {
    case Level::error:
      return spdlog::level::err;
    case Level::warn:
      return spdlog::level::warn;
    case Level::info:
      return spdlog::level::info;
    case Level::debug:
      return spdlog::level::debug;
    case Level::trace:
      break;
  }
  return spdlog::level::trace;
}

}  // namespace

void start(std::string_view program, Level level) {
  auto sink = std::make_shared<spdlog::sinks::stderr_sink_st>();
  auto logger = std::make_shared<spdlog::logger>(std::string{program}, std::move(sink));
  // UTC: local time would read /etc/localtime, which after pivot_root is a file of the container's.
  logger->set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %l %n: %v", spdlog::pattern_time_type::utc);
  logger->set_level(to_spdlog(level));
  logger->flush_on(spdlog::level::trace);
  spdlog::set_default_logger(std::move(logger));
}

void set_level(Level level) {
  spdlog::default_logger_raw()->set_level(to_spdlog(level));
}

bool enabled(Level level) {
  return spdlog::default_logger_raw()->should_log(to_spdlog(level));
}

void write(Level level, std::string_view line) {
  const std::string shown = printable(line);
  spdlog::default_logger_raw()->log(to_spdlog(level),
                                    spdlog::string_view_t{shown.data(), shown.size()});
}

}  // namespace tincan::log
