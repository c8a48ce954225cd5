// Host names: the check and the generator.
#include "04-namespaces/hostname.hpp"

#include <sys/random.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>

#include "common/error.hpp"
#include "common/files.hpp"

namespace tincan {
namespace {

constexpr std::size_t longest_name = 64;   // __NEW_UTS_LEN
constexpr std::size_t longest_label = 63;  // RFC 1123, 2.1

constexpr std::array adjectives{"battered", "bright", "dented", "empty", "heavy", "little",
                                "narrow",   "opened", "quiet",  "round", "rusty", "sealed",
                                "shiny",    "sturdy", "tall",   "tinny"};
constexpr std::array nouns{"bean",   "bucket", "canister", "drum",
                           "kettle", "ladle",  "lid",      "sardine"};

// std::isalnum asks the locale; a host name does not.
bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool is_label(std::string_view label) {
  // exercise: labels
  return !label.empty() && label.size() <= longest_label && label.front() != '-' &&
         label.back() != '-' && std::all_of(label.begin(), label.end(), [](char c) {
           return c == '-' || is_letter_or_digit(c);
         });
  // end of exercise
}

bool is_hostname(std::string_view name) {
  const auto labels = split_at(name, '.');
  return !name.empty() && name.size() <= longest_name && name.back() != '.' &&
         std::all_of(labels.begin(), labels.end(), is_label);
}

}  // namespace

std::string parse_hostname(const std::string& name, const std::string& option) {
  if (is_hostname(name)) return name;
  throw UsageError{option,
                   "takes letters, digits, hyphens and dots, 64 at most, and no label may be "
                   "empty, longer than 63, or begin or end with a hyphen"};
}

std::string make_hostname() {
  std::array<std::uint8_t, 3> random{};
  check(getrandom(random.data(), random.size(), 0), "getrandom");
  return std::string{adjectives[random[0] % adjectives.size()]} + "-" +
         nouns[random[1] % nouns.size()] + "-" + std::to_string(random[2]);
}

}  // namespace tincan
