// Text of processes that nobody vouches for: a process chooses its own name, paths and cgroup, and
// they may hold any byte but NUL.
//
//   for_terminal("a\nb\x1b");          // "a\\x0ab\\x1b"
//   for_json("a\n\xff");               // "\"a\\u000a\\ufffd\"", quotes included
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace tincan::observation {

/// The length in bytes of the UTF-8 character that `text` begins with; 0 if it begins with none.
/// RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF.
std::size_t utf8_length(std::string_view text);

/// `text` with \xNN for control bytes and for what is no UTF-8, so that a process cannot write on
/// the terminal of who looks at it.
std::string for_terminal(std::string_view text);

/// How many columns `text` takes: one a character, which is wrong for the wide ones of East Asia.
std::size_t columns(std::string_view text);

/// The beginning of `text` that fits on `width` columns: up to the last blank where there is one,
/// else up to the last whole character. All of it, if it fits; never nothing of something.
std::string_view first_line(std::string_view text, std::size_t width);

/// `text` as a JSON string, quotes included; bytes that are no UTF-8 become U+FFFD. RFC 8259.
std::string for_json(std::string_view text);

}  // namespace tincan::observation
