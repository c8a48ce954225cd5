// Fuzzes -a FROM:TO[:ro], with its `\:`.
#include "05-mounts/mounts.hpp"
#include "tests/fuzz/fuzz.hpp"

namespace tincan::fuzz {
namespace {

std::string escaped(const std::string& path) {
  std::string text;
  for (const char c : path) {
    if (c == ':' || c == '\\') text += '\\';
    text += c;
  }
  return text;
}

}  // namespace

void try_input(std::string_view text) {
  const std::string whole{text};
  const auto bind = accepted([&] { return parse_bind(whole, "--add"); });
  if (!bind) return;
  require(!bind->from.empty() && bind->to.starts_with('/'), "a source, and an absolute target");
  const std::string end = bind->flags != 0 ? ":ro" : "";
  const Mount again = parse_bind(escaped(bind->from) + ":" + escaped(bind->to) + end, "-a");
  require(again.from == bind->from && again.to == bind->to && again.flags == bind->flags,
          "what is accepted, printed and parsed again is the same");
  require(whole.find('\\') != std::string::npos || bind->from + ":" + bind->to + end == whole,
          "nothing of what was asked for is dropped");
}

}  // namespace tincan::fuzz
