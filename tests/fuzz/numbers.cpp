// Fuzzes numbers, user ids and host names, as they are given on the command line.
#include "common/numbers.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "02-command-line/run_options.hpp"
#include "04-namespaces/hostname.hpp"
#include "06-user-namespace/user.hpp"
#include "07-capabilities/capability_table.hpp"
#include "tests/fuzz/fuzz.hpp"

namespace tincan::fuzz {
namespace {

constexpr std::uint64_t no_id = 4294967295;

void try_number(std::string_view text) {
  for (const auto& [least, most] :
       {std::pair<std::uint64_t, std::uint64_t>{0, UINT64_MAX}, {1, 86400}}) {
    const auto number = parse_number(text, least, most);
    if (!number) continue;
    require(*number >= least && *number <= most, "a number is in its range");
    require(std::to_string(*number) == text, "a number is written in one way only");
  }
}

void try_ids(const std::string& text) {
  const auto uid = accepted([&] { return parse_uid(text, "--uid"); });
  if (uid) require(std::to_string(*uid) == text && *uid < no_id, "a user id is one");
  const auto user = accepted([&] { return parse_user(text, "--uid"); });
  require(!uid || (user && user->gid == *uid), "without a group id it is the user id");
  if (!user) return;
  require(user->uid < no_id && user->gid < no_id, "no id is (uid_t)-1");
  const std::string both = std::to_string(user->uid) + ":" + std::to_string(user->gid);
  require(both == text || both == text + ":" + text, "user ids printed are what was parsed");
}

void try_names(const std::string& text) {
  const auto name = accepted([&] { return parse_hostname(text, "--hostname"); });
  if (name) {
    require(*name == text && name->size() <= 64, "a host name is taken as it is");
    require(std::all_of(name->begin(), name->end(),
                        [](char c) { return c > ' ' && c < 0x7f && c != '/'; }),
            "a host name is visible and no path");
  }
  const auto mask = accepted([&] { return mask_of(text, "--cap-add"); });
  if (mask) require(*mask != 0, "the name of a capability is one, or all");
}

}  // namespace

void try_input(std::string_view text) {
  try_number(text);
  try_ids(std::string{text});
  try_names(std::string{text});
}

}  // namespace tincan::fuzz
