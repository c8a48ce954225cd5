// Text on a screen of fixed width.
//
//   columns("Bücher");                 // 6
//   first_line("a long line", 6);      // "a long"
#pragma once

#include <cstddef>
#include <string_view>

namespace tincan::observation {

/// How many columns `text` takes: one a character, which is wrong for the wide ones of East Asia.
/// UTF-8 is expected, as printable() leaves it.
std::size_t columns(std::string_view text);

/// The beginning of `text` that fits on `width` columns: up to the last blank where there is one,
/// else up to the last whole character. All of it, if it fits; never nothing of something.
std::string_view first_line(std::string_view text, std::size_t width);

}  // namespace tincan::observation
