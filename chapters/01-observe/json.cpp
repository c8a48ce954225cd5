// The report as JSON, RFC 8259.
#include <array>
#include <cstdint>

#include "01-observe/render.hpp"

namespace tincan {
namespace {

// The first bytes that a UTF-8 character of a length may have, and its second byte: RFC 3629 allows
// no overlong forms, no surrogates, nothing above U+10FFFF.
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

// The length of the UTF-8 character that `text` begins with; 0 if it begins with none.
std::size_t utf8_length(std::string_view text) {
  for (const Utf8Form& form : utf8_forms) {
    if (fits(text, form)) return form.length;
  }
  return 0;
}

std::string escape(char c) {
  constexpr std::string_view digits = "0123456789abcdef";
  const auto byte = static_cast<std::uint8_t>(c);
  if (c == '"' || c == '\\') return {'\\', c};
  if (byte >= 0x20 && byte != 0x7f) return {c};
  return {'\\', 'u', '0', '0', digits[byte >> 4], digits[byte & 15]};
}

std::string value(const Field& field) {
  if (!field.unreadable.empty()) return "{\"unreadable\": " + json_string(field.unreadable) + "}";
  if (!field.is_list) return json_string(field.values.front());
  std::string text;
  for (const std::string& entry : field.values)
    text += (text.empty() ? "" : ", ") + json_string(entry);
  return "[" + text + "]";
}

std::string object(const Report& report) {
  std::string sections;
  for (const Section& section : report) {
    std::string fields;
    for (const Field& field : section.fields) {
      fields += (fields.empty() ? "" : ",\n      ") + json_string(field.key) + ": " + value(field);
    }
    sections += (sections.empty() ? "" : ",\n    ") + json_string(section.key) + ": {\n      " +
                fields + "\n    }";
  }
  return "{\n    " + sections + "\n  }";
}

std::string differences(const Report& subject, const Report& against) {
  std::string keys;
  for (std::size_t i = 0; i < subject.size(); ++i) {
    for (std::size_t k = 0; k < subject[i].fields.size(); ++k) {
      const bool both = k < against[i].fields.size();
      if (both && subject[i].fields[k] == against[i].fields[k]) continue;
      keys +=
          (keys.empty() ? "" : ", ") + json_string(subject[i].key + "." + subject[i].fields[k].key);
    }
  }
  return "[" + keys + "]";
}

}  // namespace

std::string json_string(std::string_view text) {
  std::string quoted = "\"";
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    if (length == 0) quoted += "\\ufffd";
    if (length == 1) quoted += escape(text.front());
    if (length > 1) quoted += text.substr(0, length);
    text.remove_prefix(length == 0 ? 1 : length);
  }
  return quoted + "\"";
}

std::string as_json(const Report& subject, const Report& against) {
  return "{\n  \"subject\": " + object(subject) + ",\n  \"against\": " + object(against) +
         ",\n  \"differs\": " + differences(subject, against) + "\n}\n";
}

}  // namespace tincan
