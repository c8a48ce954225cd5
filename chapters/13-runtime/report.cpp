// Exceptions in, a line in two places out.
#include "13-runtime/report.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <ctime>
#include <exception>
#include <nlohmann/json.hpp>
#include <system_error>

#include "common/exit_status.hpp"
#include "common/files.hpp"
#include "common/log.hpp"
#include "common/printable.hpp"

namespace tincan::oci {
namespace {

std::string now() {
  std::array<char, 32> text{};
  const std::time_t seconds = std::time(nullptr);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  (void)std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text.data();
}

std::string log_line(const std::string& message, bool json) {
  const nlohmann::ordered_json line{{"level", "error"}, {"msg", message}, {"time", now()}};
  if (json) return line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
  return "time=\"" + now() + "\" level=error msg=" +
         line["msg"].dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

// Nobody is left to be told that this went wrong, too.
void say(const std::string& message, borrowed_fd file, bool json) {
  const std::string shown = printable(message) + "\n";
  (void)!write(STDERR_FILENO, shown.data(), shown.size());
  if (file.get() < 0) return;
  const std::string line = log_line(message, json);
  (void)!write(file.get(), line.data(), line.size());
}

std::string lower(std::string text) {
  if (!text.empty() && text.front() >= 'A' && text.front() <= 'Z') {
    text.front() = static_cast<char>(text.front() - 'A' + 'a');
  }
  return text;
}

int run(int argc, char** argv, const std::function<int(const Options&)>& body, unique_fd& file,
        bool& json) {
  Options options;
  if (!read_options(options, argc, argv)) return 0;
  json = options.json_log;
  if (options.debug) log::set_level(log::Level::debug);
  if (!options.log.empty()) file = open_file(options.log, O_WRONLY | O_CREAT | O_APPEND, 0644);
  const int status = body(options);
  if (std::fflush(stdout) != 0) throw Error{errno, "write", "standard output"};
  return status;
}

}  // namespace

std::string message_of(const Error& error) {
  if (error.operation() != "execve") return error.what();
  const std::string& name = error.object();
  const bool looked_up = name.find('/') == std::string::npos;
  std::string text = "exec: \"" + name + "\": ";
  if (error.status() == exit_status::not_found) {
    text += looked_up ? "executable file not found in $PATH"
                      : "stat " + name + ": no such file or directory";
  } else {
    text += lower(std::generic_category().message(error.number()));
  }
  return error.hint().empty() ? text : text + ": " + error.hint();
}

int reporting(int argc, char** argv, const std::function<int(const Options&)>& body) {
  unique_fd file;
  bool json = false;
  try {
    log::start("tincan-runtime", log::Level::warn);
    return run(argc, argv, body, file, json);
  } catch (const Error& error) {
    say(message_of(error), file, json);
  } catch (const std::exception& error) {
    say(error.what(), file, json);
  }
  return 1;
}

}  // namespace tincan::oci
