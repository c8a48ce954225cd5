// Strict numbers, on std::from_chars: it knows no locale, no sign for unsigned types, no blanks.
#include "common/numbers.hpp"

#include <charconv>
#include <system_error>

namespace tincan {

std::optional<std::uint64_t> parse_number(std::string_view text, std::uint64_t least,
                                          std::uint64_t most) {
  std::uint64_t number = 0;
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc{} || rest != end) return std::nullopt;
  if (text.size() > 1 && text.front() == '0') return std::nullopt;
  if (number < least || number > most) return std::nullopt;
  return number;
}

}  // namespace tincan
