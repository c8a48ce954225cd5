// CLI11, made strict: nothing repeated, nothing abbreviated, nothing unknown, no value for a flag.
#include "common/command_line.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>

#include "common/error.hpp"
#include "common/version.hpp"

namespace tincan {

struct CommandLine::Parser {
  CLI::App app;
  std::string program;
  std::string group = "Options";
  std::vector<std::string>* command = nullptr;

  Parser(const std::string& name, const std::string& purpose) : app{purpose, name}, program{name} {}

  void parse_words(std::vector<std::string> words) {
    std::reverse(words.begin(), words.end());  // CLI11 takes them from the back
    try {
      app.parse(words);
    } catch (const CLI::ExtrasError& error) {
      throw UsageError{error.what(), command != nullptr ? "a command goes after --" : "see --help"};
    } catch (const CLI::Success&) {
      throw;
    } catch (const CLI::ParseError& error) {
      throw UsageError{error.what(), "see --help"};
    }
  }
};

CommandLine::CommandLine(const std::string& program, const std::string& purpose)
    : parser_{std::make_unique<Parser>(program, purpose)} {
  parser_->app.set_version_flag("--version", program + " (" + version() + ")");
  parser_->app.get_formatter()->column_width(34);
}

CommandLine::~CommandLine() = default;

void CommandLine::section(const std::string& title) {
  parser_->group = title;
}

void CommandLine::flag(const std::string& names, const std::string& help,
                       const std::function<void()>& take) {
  parser_->app.add_flag_callback(names, take, help)
      ->group(parser_->group)
      ->disable_flag_override()
      ->multi_option_policy(CLI::MultiOptionPolicy::Throw);
}

void CommandLine::option(const std::string& names, const std::string& placeholder,
                         const std::string& help, const Take& take) {
  parser_->app.add_option_function<std::string>(names, take, help)
      ->type_name(placeholder)
      ->group(parser_->group)
      ->multi_option_policy(CLI::MultiOptionPolicy::Throw);
}

void CommandLine::repeatable(const std::string& names, const std::string& placeholder,
                             const std::string& help, const Take& take) {
  const auto take_each = [take](const std::vector<std::string>& values) {
    for (const std::string& value : values) take(value);
  };
  parser_->app.add_option_function<std::vector<std::string>>(names, take_each, help)
      ->type_name(placeholder)
      ->group(parser_->group)
      ->allow_extra_args(false);
}

void CommandLine::positional(const std::string& placeholder, const std::string& help,
                             const Take& take) {
  parser_->app.add_option_function<std::string>(placeholder, take, help)->type_name("");
}

void CommandLine::not_yet(const std::string& names, const std::string& chapter) {
  const std::string program = parser_->program;
  const auto refuse = [=](const std::string&) {
    throw UsageError{names, program + " cannot do that yet: use chapter-" + chapter + " or later"};
  };
  parser_->app.add_option_function<std::string>(names, refuse)->group("");
}

void CommandLine::command(std::vector<std::string>& command) {
  parser_->command = &command;
}

bool CommandLine::parse(int argc, const char* const* argv) {
  const std::vector<std::string> words(argv + (argc > 0 ? 1 : 0), argv + argc);
  const auto dashes = std::find(words.begin(), words.end(), "--");
  if (dashes != words.end() && parser_->command != nullptr) {
    parser_->command->assign(dashes + 1, words.end());
    if (parser_->command->empty()) throw UsageError{"--", "no command follows"};
  }
  try {
    parser_->parse_words({words.begin(), parser_->command != nullptr ? dashes : words.end()});
  } catch (const CLI::CallForVersion&) {
    std::printf("%s (%s)\n", parser_->program.c_str(), version());
    return false;
  } catch (const CLI::Success&) {
    std::printf("%s", parser_->app.help().c_str());
    return false;
  }
  return true;
}

}  // namespace tincan
