// Fuzzes --env-file, and the caller's TERM.
#include "10-init/environment.hpp"

#include <algorithm>

#include "tests/fuzz/fuzz.hpp"

namespace tincan::fuzz {
namespace {

bool is_control(char c) {
  return (c >= 0 && c < 0x20 && c != '\t') || c == 0x7f;
}

void try_terminal(const std::string& text) {
  const std::string name = sane_terminal(text.c_str());
  require(!name.empty() && name.size() <= 64 && name.find('/') == std::string::npos &&
              name.front() != '.',
          "TERM is a name and leads to no other directory");
  require(sane_terminal(name.c_str()) == name, "a sane terminal stays as it is");
}

}  // namespace

void try_input(std::string_view text) {
  try_terminal(std::string{text});
  const auto variables = accepted([&] { return parse_environment_file(text, "file"); });
  if (!variables) return;
  std::string printed;
  for (const auto& [name, value] : *variables) {
    require(is_variable_name(name), "a name is one");
    require(std::none_of(value.begin(), value.end(), is_control), "a value has no control byte");
    printed += name;
    printed += "=" + value + "\n";
  }
  const auto again = accepted([&] { return parse_environment_file(printed, "file"); });
  require(again == variables, "variables that are printed and parsed are the same");
}

}  // namespace tincan::fuzz
