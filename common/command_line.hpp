// The command line: options are declared one by one and land in the variables they are bound to.
// CLI11 stands behind this header (it costs seconds of compile time, so only one file includes it).
//
//   CommandLine line{"chapter-03", "run a command in a child"};
//   line.flag("-d,--debug", "log each step", [] { log::set_level(log::Level::debug); });
//   if (!line.parse(argc, argv)) return 0;              // --help or --version was answered
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace tincan {

class CommandLine {
 public:
  /// `program`: as it stands in messages; `purpose`: one sentence for --help.
  CommandLine(const std::string& program, const std::string& purpose);
  CommandLine(const CommandLine&) = delete;
  CommandLine& operator=(const CommandLine&) = delete;
  ~CommandLine();

  using Take = std::function<void(const std::string& value)>;

  /// The heading under which --help lists the options declared from here on.
  void section(const std::string& title);
  /// An option without a value: `--names`, given once at most.
  void flag(const std::string& names, const std::string& help, const std::function<void()>& take);
  /// An option with a value. `take` throws UsageError if it does not like it.
  void option(const std::string& names, const std::string& placeholder, const std::string& help,
              const Take& take);
  /// The same, and it may be given many times; `take` sees each value in order.
  void repeatable(const std::string& names, const std::string& placeholder, const std::string& help,
                  const Take& take);
  /// An argument without a name.
  void positional(const std::string& placeholder, const std::string& help, const Take& take);
  /// An option without a value that asks for what is so anyway: accepted, and not in --help.
  void always_so(const std::string& names);
  /// What contradicts: refused together, and said in --help. Each is an option, or one with a value:
  /// "--memory", "--share user". `why`: half a sentence.
  void not_both(const std::string& one, const std::string& other, const std::string& why);
  /// What is of no use without the other: the same.
  void only_with(const std::string& one, const std::string& other, const std::string& why);
  /// The words after `--` land in `command`.
  void command(std::vector<std::string>& command);

  /// Reads the arguments. False: --help or --version was asked for and printed. Throws UsageError:
  /// for a word that is not known with what way_on.hpp has to say to it.
  bool parse(int argc, const char* const* argv);

 private:
  void values(const std::string& names, const std::string& placeholder, const std::string& help,
              const std::function<void(const std::vector<std::string>&)>& take);

  struct Parser;  // CLI11's own types stay in command_line.cpp
  std::unique_ptr<Parser> parser_;
};

}  // namespace tincan
