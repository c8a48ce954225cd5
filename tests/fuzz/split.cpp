// Fuzzes the splitter of -c "CMD ARGS".
#include "common/split.hpp"

#include <algorithm>

#include "tests/fuzz/fuzz.hpp"

namespace tincan::fuzz {
namespace {

// The words in single quotes, in which everything but the quote is itself.
std::string join(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) {
    text += " '";
    for (const char c : word) text += c == '\'' ? std::string{"'\\''"} : std::string(1, c);
    text += "'";
  }
  return text;
}

}  // namespace

void try_input(std::string_view text) {
  const auto words = accepted([&] { return split_command(text, "-c"); });
  if (!words) return;
  std::size_t length = 0;
  for (const std::string& word : *words) length += word.size();
  require(length <= text.size(), "no byte of a word is made up");
  require(split_command(join(*words), "-c") == *words,
          "joined and split again, the words are the same");
  const bool plain = text.find_first_of("'\"\\") == std::string_view::npos;
  if (plain) {
    const auto is_blank = [](char c) { return c == ' ' || c == '\t' || c == '\n'; };
    const auto blanks = std::count_if(text.begin(), text.end(), is_blank);
    require(length + static_cast<std::size_t>(blanks) == text.size(),
            "without quotes only blanks go");
  }
}

}  // namespace tincan::fuzz
