// Fuzzes what goes to a terminal: names and first lines of files out of the container.
#include "common/printable.hpp"

#include <algorithm>

#include "tests/fuzz/fuzz.hpp"

namespace tincan::fuzz {

void try_input(std::string_view text) {
  const std::string shown = printable(text);
  require(std::none_of(shown.begin(), shown.end(),
                       [](char c) { return (c >= 0 && c < 0x20) || c == 0x7f; }),
          "no control byte is shown");
  require(printable(shown) == shown, "what is printable stays as it is");
  // C1 in UTF-8: 0xc2 and 0x80 to 0x9f.
  for (std::size_t i = 0; i + 1 < shown.size(); ++i) {
    const auto first = static_cast<unsigned char>(shown[i]);
    const auto second = static_cast<unsigned char>(shown[i + 1]);
    require(first != 0xc2 || second >= 0xa0, "no 8-bit control character is shown");
  }
}

}  // namespace tincan::fuzz
