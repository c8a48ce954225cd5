// The parser of policy files: strict, for a rule that was half understood is a hole.
#include "08-seccomp/policy_file.hpp"

#include <fcntl.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <optional>
#include <stdexcept>
#include <vector>

#include "08-seccomp/syscall_numbers.hpp"
#include "common/error.hpp"
#include "common/files.hpp"

namespace tincan {
namespace {

using Words = std::vector<std::string_view>;

constexpr int last_errno = 133;
constexpr std::size_t longest_shown = 40;

// A problem in one line; the caller knows which.
struct Problem : std::runtime_error {
  using std::runtime_error::runtime_error;
};

std::string quoted(std::string_view word) {
  return "'" + std::string{word.substr(0, longest_shown)} + "'";
}

// A name with a zero in it would be another name to the C library.
void require_text(std::string_view line) {
  for (const char c : line) {
    if ((c >= 0 && c < ' ' && c != '\t') || c == '\x7f') throw Problem{"a control byte"};
  }
}

Words words_of(std::string_view line) {
  require_text(line);
  line = line.substr(0, line.find('#'));
  Words words;
  while (true) {
    const auto begin = line.find_first_not_of(" \t");
    if (begin == std::string_view::npos) return words;
    line.remove_prefix(begin);
    const auto length = std::min(line.find_first_of(" \t"), line.size());
    words.push_back(line.substr(0, length));
    line.remove_prefix(length);
  }
}

Action parse_action(std::string_view word) {
  if (word == "allow") return allow;
  if (word == "kill") return kill_process;
  for (int number = 1; number <= last_errno; ++number) {
    const char* name = strerrorname_np(number);
    if (name != nullptr && word == name) return refuse_with(number);
  }
  throw Problem{quoted(word) + " is no action: allow, kill, or an errno like EPERM"};
}

// Decimal, or hexadecimal with 0x; 32 bits.
std::uint32_t parse_value(std::string_view word) {
  const bool hexadecimal = word.starts_with("0x");
  const std::string_view digits = hexadecimal ? word.substr(2) : word;
  std::uint32_t value = 0;
  const auto [end, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), value, hexadecimal ? 16 : 10);
  if (error == std::errc{} && end == digits.data() + digits.size()) return value;
  throw Problem{quoted(word) + " is no number from 0 to 0xffffffff"};
}

unsigned parse_argument(std::string_view word) {
  if (word.size() == 4 && word.starts_with("arg") && word[3] >= '0' && word[3] <= '5') {
    return static_cast<unsigned>(word[3] - '0');
  }
  throw Problem{quoted(word) + " is no argument: arg0 to arg5"};
}

std::string_view word_at(const Words& words, std::size_t place) {
  return place < words.size() ? words[place] : std::string_view{};
}

// ARG == VALUE or ARG & MASK == VALUE, from `place` on, which moves behind it.
Comparison parse_comparison(const Words& words, std::size_t& place) {
  Comparison comparison{parse_argument(word_at(words, place++)), 0xffffffff, 0};
  if (word_at(words, place) == "&") {
    comparison.mask = parse_value(word_at(words, place + 1));
    place += 2;
  }
  if (word_at(words, place++) != "==") throw Problem{"'==' is missing"};
  comparison.value = parse_value(word_at(words, place++));
  if ((comparison.value & ~comparison.mask) != 0) throw Problem{"the mask makes it never equal"};
  return comparison;
}

std::vector<Comparison> parse_condition(const Words& words, std::size_t place) {
  std::vector<Comparison> all;
  if (place == words.size()) return all;
  if (words[place] != "if") throw Problem{"'if' is expected, not " + quoted(words[place])};
  do {
    all.push_back(parse_comparison(words, ++place));
  } while (word_at(words, place) == "and");
  if (place != words.size()) throw Problem{"'and' is expected, not " + quoted(words[place])};
  return all;
}

void require_reachable(const Policy& policy, const std::string& name) {
  for (const Rule& rule : policy.rules) {
    if (rule.name == name && rule.all.empty()) {
      throw Problem{"'" + name + "' has a rule without a condition already"};
    }
  }
}

void parse_line(const Words& words, std::optional<Policy>& policy) {
  if (words.empty()) return;
  if (words.size() < 2) throw Problem{"an action is missing"};
  const std::string name{words[0]};
  const Action action = parse_action(words[1]);
  if ((name == "default") == policy.has_value()) {
    throw Problem{"'default ACTION' must stand first, and once"};
  }
  if (!policy) {
    if (words.size() > 2) throw Problem{"the default has no condition"};
    policy = Policy{action};
    return;
  }
  if (!is_syscall(name)) throw Problem{quoted(name) + " is no system call"};
  require_reachable(*policy, name);
  policy->rules.push_back({name, action, parse_condition(words, 2)});
}

}  // namespace

Policy parse_policy(std::string_view text, const std::string& option) {
  std::optional<Policy> policy;
  int number = 0;
  for (const std::string_view line : split_at(text, '\n')) {
    ++number;
    try {
      parse_line(words_of(line), policy);
    } catch (const Problem& problem) {
      throw UsageError{option, "line " + std::to_string(number) + ": " + problem.what()};
    }
  }
  if (!policy) throw UsageError{option, "the file has no line 'default ACTION'"};
  return *policy;
}

Policy read_policy(const std::string& path, const std::string& option) {
  std::string text;
  try {
    text = read_at_most(open_text(path), path, max_policy_size);
  } catch (const Error& error) {
    throw UsageError{option, "'" + path + "' is neither series, default nor none, and as a file: " +
                                 error.what()};
  }
  return parse_policy(text, option);
}

}  // namespace tincan
