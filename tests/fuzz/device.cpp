// Fuzzes --device HOST[:INSIDE][:rwm], with its `\:`.
#include <string>
#include <string_view>

#include "12-devices/devices.hpp"
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
  const auto grant = accepted([&] { return parse_device(whole, "--device"); });
  if (!grant) return;
  require(grant->from.starts_with('/') && grant->to.starts_with('/'), "two absolute paths");
  require(!grant->access.empty() && grant->access.size() <= 3, "an access");
  require(grant->access.find_first_not_of("rwm") == std::string::npos, "of three letters");
  const Grant again = parse_device(
      escaped(grant->from) + ":" + escaped(grant->to) + ":" + grant->access, "--device");
  require(again.from == grant->from && again.to == grant->to && again.access == grant->access,
          "what is accepted, printed and parsed again is the same");
}

}  // namespace tincan::fuzz
