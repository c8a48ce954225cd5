// The report as JSON, RFC 8259.
#include <array>
#include <cstdint>

#include "01-observe/render.hpp"

namespace tincan {
namespace {

// The length of the UTF-8 character that `text` begins with; 0 if it begins with none. RFC 3629:
// no overlong forms, no surrogates, nothing above U+10FFFF.
std::size_t utf8_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  const std::uint8_t first = byte(0);
  const std::size_t length = first < 0x80                    ? 1
                             : first >= 0xc2 && first < 0xe0 ? 2
                             : first >= 0xe0 && first < 0xf0 ? 3
                             : first >= 0xf0 && first < 0xf5 ? 4
                                                             : 0;
  if (length == 0 || length > text.size()) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return 0;
  }
  const bool overlong = (first == 0xe0 && byte(1) < 0xa0) || (first == 0xf0 && byte(1) < 0x90);
  const bool beyond = (first == 0xed && byte(1) >= 0xa0) || (first == 0xf4 && byte(1) >= 0x90);
  return overlong || beyond ? 0 : length;
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
