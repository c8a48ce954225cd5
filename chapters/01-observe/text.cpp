// Columns and characters: in UTF-8, RFC 3629, every byte but the first of a character is 10xxxxxx.
#include "01-observe/text.hpp"

namespace tincan::observation {
namespace {

bool begins_character(char byte) {
  return (static_cast<unsigned char>(byte) & 0xc0) != 0x80;
}

}  // namespace

std::size_t columns(std::string_view text) {
  std::size_t count = 0;
  for (const char byte : text) count += begins_character(byte) ? 1 : 0;
  return count;
}

std::string_view first_line(std::string_view text, std::size_t width) {
  std::size_t end = 0;
  for (std::size_t taken = 0; end < text.size(); ++end) {
    if (begins_character(text[end]) && taken++ == width) break;
  }
  if (end == text.size() || text[end] == ' ') return text.substr(0, end);
  const auto blank = text.substr(0, end).rfind(' ');
  return text.substr(0, blank == std::string_view::npos || blank == 0 ? end : blank);
}

}  // namespace tincan::observation
