// Reading --env and --env-file, and putting the environment together.
#include "10-init/environment.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>

#include "common/error.hpp"
#include "common/files.hpp"

namespace tincan {
namespace {

constexpr std::size_t longest_file = 1 << 20;

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_control(char c) {
  return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f;
}

void add_from_line(const std::string& text, Variables& variables) {
  const std::size_t equals = text.find('=');
  const std::string name = text.substr(0, equals);
  if (!is_variable_name(name)) {
    throw UsageError{"--env", "'" + text + "': a name has letters, digits and _, no digit first"};
  }
  const char* value =
      equals == std::string::npos ? std::getenv(name.c_str()) : text.c_str() + equals + 1;
  if (value == nullptr) throw UsageError{"--env", "'" + name + "' has no value here to pass on"};
  if (!variables.emplace(name, value).second) {
    throw UsageError{"--env", "'" + name + "' is set twice"};
  }
}

void add_from_file(const std::string& path, Variables& variables) {
  unique_fd file;
  try {
    file = open_text(path);
  } catch (const Error& error) {
    const std::string why = error.hint().empty() ? "" : ", " + error.hint();
    throw UsageError{"--env-file", "'" + path + "': " + errno_name(error.number()) + why};
  }
  const std::string text = read_at_most(file, path, longest_file);
  for (const auto& [name, value] : parse_environment_file(text, path)) variables[name] = value;
}

std::string own_hostname() {
  std::array<char, 65> name{};  // __NEW_UTS_LEN and its NUL
  check(gethostname(name.data(), name.size()), "gethostname");
  return name.data();
}

}  // namespace

bool is_variable_name(std::string_view text) {
  return !text.empty() && !is_digit(text.front()) &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return c == '_' || is_letter(c) || is_digit(c); });
}

std::string sane_terminal(const char* term) {
  const std::string_view name = term != nullptr ? term : "";
  const bool sane =
      !name.empty() && name.size() <= 64 && is_letter(name.front()) &&
      std::all_of(name.begin(), name.end(), [](char c) {
        return is_letter(c) || is_digit(c) || c == '-' || c == '+' || c == '.' || c == '_';
      });
  return std::string{sane ? name : "xterm"};
}

Variables parse_environment_file(std::string_view text, const std::string& name) {
  Variables variables;
  int number = 0;
  for (const std::string_view line : split_at(text, '\n')) {
    ++number;
    const auto refuse = [&](const std::string& problem) {
      throw UsageError{"--env-file", fmt::format("'{}', line {}: {}", name, number, problem)};
    };
    if (line.empty() || line.front() == '#') continue;
    if (std::any_of(line.begin(), line.end(), is_control)) refuse("a control byte stands in it");
    const std::size_t equals = line.find('=');
    if (equals == std::string_view::npos) refuse("there is no '=' in it");
    const std::string key{line.substr(0, equals)};
    if (!is_variable_name(key)) refuse("'" + key + "' is no name of a variable");
    if (!variables.emplace(key, line.substr(equals + 1)).second)
      refuse("'" + key + "' is set twice");
  }
  return variables;
}

void add_environment_options(CommandLine& line, EnvironmentOptions& options) {
  line.section("Environment (chapter 10)");
  line.repeatable("-e,--env", "NAME[=VALUE]",
                  "set a variable; without a value, pass the caller's on",
                  [&](const std::string& text) { add_from_line(text, options.from_line); });
  line.repeatable("--env-file", "FILE", "set variables from lines NAME=VALUE",
                  [&](const std::string& path) { add_from_file(path, options.from_files); });
}

std::vector<std::string> make_environment(const EnvironmentOptions& options, uid_t uid,
                                          bool terminal) {
  // exercise: environment
  Variables all = options.from_line;
  all.merge(Variables{options.from_files});
  all.emplace("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
  all.emplace("HOME", uid == 0 ? "/root" : "/");
  all.emplace("HOSTNAME", own_hostname());
  if (terminal) all.emplace("TERM", sane_terminal(std::getenv("TERM")));
  // end of exercise
  std::vector<std::string> environment;
  environment.reserve(all.size());
  for (const auto& [name, value] : all) environment.push_back(fmt::format("{}={}", name, value));
  return environment;
}

}  // namespace tincan
