// CLI11, made strict: nothing repeated, nothing abbreviated, nothing unknown, no value for a flag.
#include "common/command_line.hpp"

#include <sys/stat.h>

#include <fmt/core.h>
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstddef>
#include <cstdio>

#include "common/error.hpp"
#include "common/version.hpp"
#include "common/way_on.hpp"

namespace tincan {

namespace {

// What chapter 02 gave a meaning, and every later chapter keeps to.
constexpr const char* exit_statuses =
    "Exit status: the command's own; 128+n: signal n ended it; 127: there is no such command;\n"
    "126: it cannot be executed; 125: the container could not be made, and nothing ran;\n"
    "2: the command line makes no sense, and nothing ran.\n";

// Of the chapters that run nothing.
constexpr const char* own_exit_statuses =
    "Exit status: 0; 125: it could not be done; 2: the command line makes no sense.\n";

bool is_option(const std::string& word) {
  return word.size() > 1 && word.front() == '-';
}

// Two options of which the first goes only with, or only without, the second.
struct Agreement {
  std::string one;
  std::string other;
  std::string why;
  bool together;
};

// A usage line of our own, "..." where an option may be given many times, and nowhere else, and
// lines that look the same with each release of CLI11.
struct HelpFormatter : CLI::Formatter {
  std::string usage;

  std::string make_usage(const CLI::App* /*app*/, std::string /*name*/) const override {
    return usage;
  }
  std::string make_option_opts(const CLI::Option* option) const override {
    return option->get_type_name().empty() ? "" : " " + option->get_type_name();
  }
  std::string make_option(const CLI::Option* option, bool is_positional) const override {
    std::string line = "  " + make_option_name(option, is_positional) + make_option_opts(option);
    if (line.size() >= get_column_width()) line += "\n" + std::string(get_column_width(), ' ');
    if (line.size() < get_column_width()) line.resize(get_column_width(), ' ');
    return line + make_option_desc(option) + "\n";
  }
};

}  // namespace

struct CommandLine::Parser {
  CLI::App app;
  std::string program;
  std::string group = "Options";
  std::vector<std::string>* command = nullptr;

  std::string positionals;
  std::vector<Agreement> agreements;
  std::shared_ptr<HelpFormatter> formatter = std::make_shared<HelpFormatter>();

  Parser(const std::string& name, const std::string& purpose) : app{purpose, name}, program{name} {
    app.formatter(formatter);
    formatter->column_width(34);
  }

  bool knows(std::string_view option) const {
    return app.get_option_no_throw(std::string{option}) != nullptr;
  }

  // A line that can be typed.
  std::string call(const std::string& what) const {
    return program + (knows("--mount") ? " -m build/root" : "") + " -- " + what;
  }

  std::string usage() const {
    const bool takes_command = command != nullptr;
    const std::string line = "Usage: " + program + " [OPTIONS]" + positionals +
                             (knows("--mount") ? " -m DIR" : "") +
                             (takes_command ? " -- CMD [ARGS...]" : "");
    if (!program.starts_with("chapter-")) return line + "\n";
    return line +
           "\nExample: " + (takes_command ? call("sh -c 'echo hello; pwd'") : program + " 1") +
           "\n";
  }

  std::string help() {
    formatter->usage = usage();
    const bool runs = knows("--rm");
    return app.help() + what_agrees() +
           (program.starts_with("chapter-")
                ? std::string{"\n"} + (runs ? exit_statuses : own_exit_statuses)
                : "");
  }

  void require_agreement() const {
    for (const auto& [one, other, why, together] : agreements) {
      if (!is_given(one) || is_given(other) == together) continue;
      throw UsageError{one, fmt::format("{} {}{}: {}", together ? "add" : "not with", other,
                                        together ? "" : ", one of the two", why)};
    }
  }

  void parse_words(std::vector<std::string> words) {
    const std::vector<std::string> typed = words;
    std::reverse(words.begin(), words.end());  // CLI11 takes them from the back
    try {
      app.parse(words);
      require_agreement();
    } catch (const CLI::ExtrasError&) {
      refuse(app.remaining(), typed);
    } catch (const CLI::CallForHelp&) {
      refuse_host_name(typed);
      throw;
    } catch (const CLI::Success&) {
      throw;
    } catch (const CLI::ArgumentMismatch& error) {
      refuse_number(error.what());
    } catch (const CLI::ParseError& error) {
      throw UsageError{error.what(), "see --help"};
    } catch (const UsageError&) {
      // What was taken for something else may be the value of an option that is not known.
      const std::vector<std::string> unknown = app.remaining();
      if (command == nullptr && !unknown.empty() && unknown.front() != "--") refuse(unknown, typed);
      throw;
    }
  }

 private:
  std::string what_agrees() const {
    std::string lines = agreements.empty() ? "" : "\n\nNot together:\n";
    for (const auto& [one, other, why, together] : agreements) {
      lines += fmt::format("  no {} {} {}: {}\n", one, together ? "without" : "with", other, why);
    }
    return lines;
  }

  // `what`: an option, and perhaps a blank and the value that counts.
  bool is_given(const std::string& what) const {
    const std::size_t blank = what.find(' ');
    const CLI::Option* option = app.get_option_no_throw(what.substr(0, blank));
    if (option == nullptr || blank == std::string::npos)
      return option != nullptr && !option->empty();
    const std::vector<std::string>& values = option->results();
    return std::find(values.begin(), values.end(), what.substr(blank + 1)) != values.end();
  }

  // The first word that is not known, in the order in which they were typed.
  [[noreturn]] void refuse(const std::vector<std::string>& unknown,
                           const std::vector<std::string>& typed) const {
    const std::string& word = unknown.front();
    if (word.starts_with("-=")) refuse_value(word, typed);
    const std::size_t equals = is_option(word) ? word.find('=') : std::string::npos;
    const std::string name = word.substr(0, equals);
    std::vector<std::string> following;
    if (equals != std::string::npos) following.push_back(word.substr(equals + 1));
    auto next = std::find(typed.begin(), typed.end(), word);
    while (next != typed.end() && ++next != typed.end() && !is_option(*next)) {
      following.push_back(*next);
    }
    const std::string sentence = is_option(word) ? about_option(name, following) : about_word(word);
    if (!sentence.empty()) throw UsageError{name, sentence};
    throw UsageError{"argument not expected", word + ": " + general(word)};
  }

  // `rest`: what CLI11 leaves of -i=true, "-=true".
  [[noreturn]] static void refuse_value(const std::string& rest,
                                        const std::vector<std::string>& typed) {
    const auto whole = std::find_if(typed.begin(), typed.end(), [&](const std::string& word) {
      return is_option(word) && word.ends_with(rest.substr(1));
    });
    throw UsageError{whole == typed.end() ? rest : *whole, "a switch takes no value"};
  }

  std::string about_option(const std::string& name, const std::vector<std::string>& values) const {
    if (command == nullptr && !program.starts_with("chapter-")) return {};
    if ((name == "-m" || name == "--mount") && !values.empty()) {
      const Advice advice = way_on(Where::root, values.front());
      if (advice.option == "--memory") return advice.sentence;
      if (advice.option == "--add") return with_chapter(advice);
    }
    // bubblewrap's is another one: it takes a path.
    if (name == "--proc" && !values.empty() && values.front().starts_with('/')) {
      return way_on(Where::option, name, values).sentence;
    }
    // -ti, -eA=b: the first letter is the one that is not known.
    const bool is_cluster = name.size() > 2 && name[1] != '-';
    const std::string_view chapter = chapter_with(is_cluster ? name.substr(0, 2) : name);
    if (!chapter.empty()) {
      return program + " cannot do that yet: use chapter-" + std::string{chapter} + " or later";
    }
    return with_chapter(way_on(Where::option, name, values));
  }

  std::string about_word(const std::string& word) const {
    if (command == nullptr) return {};
    if (const Advice advice = way_on(Where::word, word); !advice.sentence.empty()) {
      return with_chapter(advice);
    }
    struct stat status {};
    if (stat(word.c_str(), &status) == 0 && S_ISDIR(status.st_mode)) {
      return with_chapter({"-m names the root directory, and the command goes after --: " +
                               program + " -m " + word + " -- CMD",
                           "--mount"});
    }
    return {};
  }

  std::string with_chapter(const Advice& advice) const {
    if (advice.option.empty() || knows(advice.option)) return advice.sentence;
    return advice.sentence + " (" + std::string{advice.option} + ": chapter-" +
           std::string{chapter_with(advice.option)} + " or later)";
  }

  std::string general(const std::string& word) const {
    if (command == nullptr) return "see --help";
    if (is_option(word)) {
      return "there is no such option, see --help; what belongs to the command goes after --";
    }
    const std::string line = "a command goes after --, as in ";
    if (!knows("--mount") || app.count("--mount") > 0) return line + call(word);
    return "there are no images here, -m names the root directory; " + line + call("CMD");
  }

  // -h is help; Docker's gives a host name.
  void refuse_host_name(const std::vector<std::string>& typed) const {
    const auto help = std::find(typed.begin(), typed.end(), "-h");
    if (help == typed.end() || help + 1 == typed.end() || is_option(*(help + 1))) return;
    throw UsageError{
        "-h", with_chapter({"is --help here; the host name inside is --hostname " + *(help + 1),
                            "--hostname"})};
  }

  // Too many values, or none: CLI11 says it in its own words, with the option's name in front.
  [[noreturn]] void refuse_number(const std::string& message) const {
    std::string name = message.substr(0, message.find_first_of(": "));
    if (!is_option(name)) name.insert(0, "--");  // "debug was given a disallowed flag override"
    const CLI::Option* option = app.get_option_no_throw(name);
    if (option == nullptr) throw UsageError{message, "see --help"};
    const std::string placeholder = option->get_type_name();
    if (option->get_expected_max() == 0) {
      throw UsageError{name, "is a switch, given once and without a value"};
    }
    throw UsageError{name, placeholder + " missing: it takes a value, " + name + " " + placeholder};
  }
};

CommandLine::CommandLine(const std::string& program, const std::string& purpose)
    : parser_{std::make_unique<Parser>(program, purpose)} {
  parser_->app.set_version_flag("--version", program + " (" + version() + ")");
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
  const std::string name = names.substr(names.rfind(',') + 1);
  const auto take_one = [=](const std::vector<std::string>& values) {
    for (const std::string& value : values) take(value);  // the second may say why there are two
    if (values.size() > 1) throw UsageError{name, "is given more than once"};
  };
  values(names, placeholder, help, take_one);
}

void CommandLine::repeatable(const std::string& names, const std::string& placeholder,
                             const std::string& help, const Take& take) {
  values(names, placeholder + " ...", help, [take](const std::vector<std::string>& all) {
    for (const std::string& value : all) take(value);
  });
}

void CommandLine::values(const std::string& names, const std::string& placeholder,
                         const std::string& help,
                         const std::function<void(const std::vector<std::string>&)>& take) {
  parser_->app.add_option_function<std::vector<std::string>>(names, take, help)
      ->type_name(placeholder)
      ->group(parser_->group)
      ->allow_extra_args(false)
      ->expected(1)  // or CLI11 2.6 makes two values of "[a,b]"
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
}

void CommandLine::positional(const std::string& placeholder, const std::string& help,
                             const Take& take) {
  parser_->positionals += " [" + placeholder + "]";
  parser_->app.add_option_function<std::string>(placeholder, take, help)->type_name("");
}

void CommandLine::command(std::vector<std::string>& command) {
  parser_->command = &command;
}

void CommandLine::not_both(const std::string& one, const std::string& other,
                           const std::string& why) {
  parser_->agreements.push_back({one, other, why, false});
}

void CommandLine::only_with(const std::string& one, const std::string& other,
                            const std::string& why) {
  parser_->agreements.push_back({one, other, why, true});
}

void CommandLine::always_so(const std::string& names) {
  parser_->app.add_flag(names)->group("")->disable_flag_override();
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
    std::printf("%s", parser_->help().c_str());
    return false;
  }
  return true;
}

}  // namespace tincan
