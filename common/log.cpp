// spdlog, and the only place that knows it.
#define SPDLOG_HEADER_ONLY
#define SPDLOG_FMT_EXTERNAL
#include <poll.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <climits>
#include <cstdio>
#include <ctime>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "common/call_timeout.hpp"
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

// A terminal that was made raw, by the launcher or by anybody else, begins a new line where the old
// one ended.
bool is_raw_terminal() {
  termios modes{};
  return tcgetattr(STDERR_FILENO, &modes) == 0 && (modes.c_oflag & OPOST) == 0;
}

// Standard error, which is the caller's: it may be full, and nobody may ever read it.
class StandardError : public spdlog::sinks::base_sink<spdlog::details::null_mutex> {
 public:
  void limit_waiting() { limited_ = true; }

 protected:
  void sink_it_(const spdlog::details::log_msg& message) override {
    spdlog::memory_buf_t formatted;
    formatter_->format(message, formatted);
    std::string line{formatted.data(), formatted.size()};
    if (is_raw_terminal()) line.insert(line.size() - 1, 1, '\r');
    if (limited_) {
      write_for_a_second(line);
    } else {
      write_all(line);
    }
  }
  void flush_() override {}

 private:
  static void write_all(std::string_view rest) {
    while (!rest.empty()) {
      const ssize_t count = ::write(STDERR_FILENO, rest.data(), rest.size());
      if (count == -1 && errno != EINTR) return;
      rest.remove_prefix(count > 0 ? static_cast<std::size_t>(count) : 0);
    }
  }

  // In pieces that a pipe with any room takes whole, pipe(7).
  static void write_for_a_second(std::string_view rest) {
    using clock = std::chrono::steady_clock;
    const auto deadline = clock::now() + std::chrono::seconds{1};
    constexpr int round_ms = 100;
    while (!rest.empty() && clock::now() < deadline) {
      pollfd room{STDERR_FILENO, POLLOUT, 0};
      if (poll(&room, 1, round_ms) <= 0) continue;
      const CallTimeout limit{round_ms};
      const ssize_t count =
          ::write(STDERR_FILENO, rest.data(), std::min<std::size_t>(rest.size(), PIPE_BUF));
      if (count == -1 && errno != EINTR && errno != EAGAIN) return;
      rest.remove_prefix(count > 0 ? static_cast<std::size_t>(count) : 0);
    }
  }

  bool limited_ = false;
};

// The time of a message, in UTC. By hand: gmtime(3) and strftime(3) read /etc/localtime when they
// are first asked, and after pivot_root that is a file of the container's.
class Time final : public spdlog::custom_flag_formatter {
 public:
  void format(const spdlog::details::log_msg& message, const std::tm& /*local*/,
              spdlog::memory_buf_t& to) override {
    using namespace std::chrono;
    const auto now = floor<milliseconds>(message.time);
    const year_month_day date{floor<days>(now)};
    const hh_mm_ss time{now - floor<days>(now)};
    std::array<char, 64> text{};
    const int length = std::snprintf(
        text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ", int{date.year()},
        unsigned{date.month()}, unsigned{date.day()}, static_cast<int>(time.hours().count()),
        static_cast<int>(time.minutes().count()), static_cast<int>(time.seconds().count()),
        static_cast<int>(time.subseconds().count()));
    to.append(text.data(), text.data() + length);
  }

  std::unique_ptr<custom_flag_formatter> clone() const override { return std::make_unique<Time>(); }
};

}  // namespace

void start(std::string_view program, Level level) {
  auto sink = std::make_shared<StandardError>();
  auto logger = std::make_shared<spdlog::logger>(std::string{program}, std::move(sink));
  auto formatter = std::make_unique<spdlog::pattern_formatter>();
  formatter->add_flag<Time>('*').set_pattern("%* %l %n: %v");
  logger->set_formatter(std::move(formatter));
  logger->set_level(to_spdlog(level));
  logger->flush_on(spdlog::level::trace);
  spdlog::set_default_logger(std::move(logger));
}

void set_level(Level level) {
  spdlog::default_logger_raw()->set_level(to_spdlog(level));
}

void limit_waiting() {
  for (const auto& sink : spdlog::default_logger_raw()->sinks()) {
    if (auto* own = dynamic_cast<StandardError*>(sink.get())) own->limit_waiting();
  }
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
