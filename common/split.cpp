// The word splitter: one pass, with the quote that is open as its only state. After POSIX.1-2017,
// Shell Command Language, 2.2 Quoting.
#include "common/split.hpp"

#include <utility>

#include "common/error.hpp"

namespace tincan {
namespace {

class Splitter {
 public:
  void take(char character) {
    if (escaped_) {
      take_escaped(character);
    } else if (character == '\\' && quote_ != '\'') {
      escaped_ = true;
    } else if (quote_ != 0) {
      take_quoted(character);
    } else {
      take_plain(character);
    }
  }

  std::vector<std::string> finish(const std::string& option) {
    if (quote_ != 0)
      throw UsageError{option, std::string{"the quote "} + quote_ + " is never closed"};
    if (escaped_) throw UsageError{option, "a backslash at the end protects nothing"};
    end_word();
    return std::move(words_);
  }

 private:
  void take_escaped(char character) {
    escaped_ = false;
    if (character == '\n') return;
    const bool special = std::string_view{"\"\\$`"}.find(character) != std::string_view::npos;
    if (quote_ == '"' && !special) add('\\');
    add(character);
  }

  void take_quoted(char character) {
    if (character == quote_) {
      quote_ = 0;
    } else {
      add(character);
    }
  }

  void take_plain(char character) {
    if (character == '\'' || character == '"') {
      quote_ = character;
      in_word_ = true;  // '' is a word, and an empty one
    } else if (character == ' ' || character == '\t' || character == '\n') {
      end_word();
    } else {
      add(character);
    }
  }

  void add(char character) {
    word_ += character;
    in_word_ = true;
  }

  void end_word() {
    if (in_word_) words_.push_back(word_);
    word_.clear();
    in_word_ = false;
  }

  std::vector<std::string> words_;
  std::string word_;
  bool in_word_ = false;
  bool escaped_ = false;
  char quote_ = 0;
};

}  // namespace

std::vector<std::string> split_command(std::string_view command, const std::string& option) {
  Splitter splitter;
  for (const char character : command) splitter.take(character);
  return splitter.finish(option);
}

}  // namespace tincan
