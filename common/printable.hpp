// Text of unknown origin, made fit for a terminal: a file name or a first line out of a container
// can hold escape sequences, and a terminal obeys them.
//
//   printable("a\033]0;owned\a");   // "a\x1b]0;owned\x07"
//   printable("Bücher");            // as it is
#pragma once

#include <string>
#include <string_view>

namespace tincan {

/// `text` with every control byte (C0, DEL, and C1, which is 8-bit escape), every character that
/// nobody sees and every byte that is no well-formed UTF-8 written as \xNN. Nothing else changes.
std::string printable(std::string_view text);

}  // namespace tincan
