// What may go to a terminal as it is, after RFC 3629 (UTF-8) and ECMA-48 (control functions).
#include "common/printable.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

namespace tincan {
namespace {

// The length that the first byte of a UTF-8 sequence promises; 0 if none begins with it.
std::size_t promised_length(unsigned char first) {
  if (first < 0x80) return 1;
  if (first >= 0xc2 && first < 0xe0) return 2;
  if (first >= 0xe0 && first < 0xf0) return 3;
  if (first >= 0xf0 && first < 0xf5) return 4;
  return 0;
}

// Characters that show nothing: a byte order mark, a blank of no width, and those that make a line
// read in another order than it is written (CVE-2021-42574). First and last of each kind.
constexpr std::array<std::pair<std::uint32_t, std::uint32_t>, 8> unseen{{
    {0xad, 0xad},
    {0x61c, 0x61c},
    {0x180e, 0x180e},
    {0x200b, 0x200f},
    {0x2028, 0x202e},
    {0x2060, 0x206f},
    {0xfeff, 0xfeff},
    {0xe0000, 0xe007f},
}};

bool is_unseen(std::uint32_t code) {
  return std::any_of(unseen.begin(), unseen.end(), [code](const auto& range) {
    return code >= range.first && code <= range.second;
  });
}

// The length of the printable character that `text` begins with; 0 if it begins with none.
std::size_t printable_prefix(std::string_view text) {
  const auto first = static_cast<unsigned char>(text.front());
  const std::size_t length = promised_length(first);
  if (length == 0 || length > text.size()) return 0;
  if (length == 1) return first >= 0x20 && first != 0x7f ? 1 : 0;
  std::uint32_t code = first & (0xffU >> (length + 1));
  for (const char next : text.substr(1, length - 1)) {
    const auto byte = static_cast<unsigned char>(next);
    if ((byte & 0xc0) != 0x80) return 0;
    code = code << 6 | (byte & 0x3f);
  }
  const bool overlong = (length == 3 && code < 0x800) || (length == 4 && code < 0x10000);
  const bool surrogate = code >= 0xd800 && code < 0xe000;
  const bool control = code < 0xa0;  // C1: U+009B is as good as ESC [
  return overlong || surrogate || control || is_unseen(code) || code > 0x10ffff ? 0 : length;
}

}  // namespace

std::string printable(std::string_view text) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string shown;
  while (!text.empty()) {
    if (const std::size_t length = printable_prefix(text); length > 0) {
      shown += text.substr(0, length);
      text.remove_prefix(length);
      continue;
    }
    const auto byte = static_cast<unsigned char>(text.front());
    shown += {'\\', 'x', digits[byte >> 4], digits[byte & 15]};
    text.remove_prefix(1);
  }
  return shown;
}

}  // namespace tincan
