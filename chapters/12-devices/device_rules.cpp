// The list, and a rule in words.
#include "12-devices/device_rules.hpp"

#include <linux/major.h>
#include <sys/sysmacros.h>

#include <array>
#include <utility>

namespace tincan {
namespace {

using namespace device_access;

constexpr std::uint32_t all = make | read | write;

constexpr std::array<std::pair<char, std::uint32_t>, 3> letters{
    {{'r', read}, {'w', write}, {'m', make}}};

// The two ends of a terminal are opened; nobody makes nodes for them.
constexpr std::uint32_t ends = read | write;

// The numbers are those of devices.txt in the kernel's documents.
std::vector<DeviceRule> default_rules() {
  constexpr DeviceType character = DeviceType::character;
  return {
      {character, 1, 3, all},                                   // null
      {character, 1, 5, all},                                   // zero
      {character, 1, 7, all},                                   // full
      {character, 1, 8, all},                                   // random
      {character, 1, 9, all},                                   // urandom
      {character, 5, 0, all},                                   // tty: that of whoever opens it
      {character, 5, 2, ends},                                  // ptmx: of its own /dev/pts
      {character, UNIX98_PTY_SLAVE_MAJOR, std::nullopt, ends},  // what is in a /dev/pts
  };
}

DeviceRule rule_for(const Device& device) {
  DeviceRule rule{.type = device.is_block() ? DeviceType::block : DeviceType::character,
                  .major = major(device.status.st_rdev),
                  .minor = minor(device.status.st_rdev)};
  for (const auto& [letter, bit] : letters) {
    if (device.grant.access.find(letter) != std::string::npos) rule.access |= bit;
  }
  return rule;
}

}  // namespace

std::vector<DeviceRule> rules_for(const std::vector<Device>& granted) {
  std::vector<DeviceRule> rules = default_rules();
  for (const Device& device : granted) rules.push_back(rule_for(device));
  return rules;
}

std::string rule_text(const DeviceRule& rule) {
  std::string text = rule.type == DeviceType::block ? "b " : "c ";
  text += std::to_string(rule.major) + ":" + (rule.minor ? std::to_string(*rule.minor) : "*") + " ";
  for (const auto& [letter, bit] : letters) {
    if ((rule.access & bit) != 0) text += letter;
  }
  return text;
}

}  // namespace tincan
