// UTF-8, and the two ways to show bytes that may be anything.
#include "01-observe/text.hpp"

#include <array>
#include <cstdint>

namespace tincan::observation {
namespace {

// The first bytes that a UTF-8 character of a length may have, and its second byte.
struct Utf8Form {
  std::size_t length;
  std::uint8_t first_from, first_to;
  std::uint8_t second_from, second_to;
};

constexpr std::array utf8_forms{
    Utf8Form{1, 0x00, 0x7f, 0x00, 0x00}, Utf8Form{2, 0xc2, 0xdf, 0x80, 0xbf},
    Utf8Form{3, 0xe0, 0xe0, 0xa0, 0xbf}, Utf8Form{3, 0xe1, 0xec, 0x80, 0xbf},
    Utf8Form{3, 0xed, 0xed, 0x80, 0x9f}, Utf8Form{3, 0xee, 0xef, 0x80, 0xbf},
    Utf8Form{4, 0xf0, 0xf0, 0x90, 0xbf}, Utf8Form{4, 0xf1, 0xf3, 0x80, 0xbf},
    Utf8Form{4, 0xf4, 0xf4, 0x80, 0x8f}};

bool fits(std::string_view text, const Utf8Form& form) {
  const auto between = [&](std::size_t i, std::uint8_t from, std::uint8_t to) {
    const auto byte = static_cast<std::uint8_t>(text[i]);
    return byte >= from && byte <= to;
  };
  if (text.size() < form.length || !between(0, form.first_from, form.first_to)) return false;
  if (form.length > 1 && !between(1, form.second_from, form.second_to)) return false;
  for (std::size_t i = 2; i < form.length; ++i) {
    if (!between(i, 0x80, 0xbf)) return false;
  }
  return true;
}

// U+0000 to U+001F, U+007F, and U+0080 to U+009F, which some terminals obey too.
bool is_control(std::string_view character) {
  const auto first = static_cast<std::uint8_t>(character[0]);
  if (character.size() == 1) return first < 0x20 || first == 0x7f;
  return first == 0xc2 && static_cast<std::uint8_t>(character[1]) < 0xa0;
}

std::string hex(char c) {
  constexpr std::string_view digits = "0123456789abcdef";
  const auto byte = static_cast<std::uint8_t>(c);
  return {digits[byte >> 4], digits[byte & 15]};
}

std::string escaped_for_terminal(std::string_view bytes) {
  std::string text;
  for (const char byte : bytes) text += "\\x" + hex(byte);
  return text;
}

std::string escaped_for_json(std::string_view character) {
  const char c = character[0];
  if (c == '"' || c == '\\') return {'\\', c};
  if (is_control(character)) return "\\u00" + hex(character.back());
  return std::string{character};
}

}  // namespace

std::size_t utf8_length(std::string_view text) {
  for (const Utf8Form& form : utf8_forms) {
    if (fits(text, form)) return form.length;
  }
  return 0;
}

std::string for_terminal(std::string_view text) {
  std::string shown;
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    const std::string_view character = text.substr(0, length == 0 ? 1 : length);
    const bool plain = length > 0 && !is_control(character);
    shown += plain ? std::string{character} : escaped_for_terminal(character);
    text.remove_prefix(character.size());
  }
  return shown;
}

std::size_t columns(std::string_view text) {
  std::size_t count = 0;
  for (const char c : text) count += (static_cast<std::uint8_t>(c) & 0xc0) != 0x80 ? 1 : 0;
  return count;
}

std::string_view first_line(std::string_view text, std::size_t width) {
  std::size_t end = 0;
  for (std::size_t taken = 0; taken < width && end < text.size(); ++taken) {
    const std::size_t length = utf8_length(text.substr(end));
    end += length == 0 ? 1 : length;
  }
  if (end == text.size() || text[end] == ' ') return text.substr(0, end);
  const auto blank = text.substr(0, end).rfind(' ');
  return text.substr(0, blank == std::string_view::npos || blank == 0 ? end : blank);
}

std::string for_json(std::string_view text) {
  std::string quoted = "\"";
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    quoted += length == 0 ? "\\ufffd" : escaped_for_json(text.substr(0, length));
    text.remove_prefix(length == 0 ? 1 : length);
  }
  return quoted + "\"";
}

}  // namespace tincan::observation
