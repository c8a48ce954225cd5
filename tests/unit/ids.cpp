// Unit tests of what is decided about ids and capabilities before anything is started.
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <fstream>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "06-user-namespace/id_map.hpp"
#include "06-user-namespace/user.hpp"
#include "07-capabilities/capabilities.hpp"
#include "07-capabilities/capability_table.hpp"
#include "11-rootless/can.hpp"
#include "common/error.hpp"
#include "common/unique_fd.hpp"

namespace tincan {
namespace {

TEST(IdMap, ReadsARange) {
  const IdRange range = parse_id_range("0:100000:65536", "--map");
  EXPECT_EQ(range.inside, 0U);
  EXPECT_EQ(range.outside, 100000U);
  EXPECT_EQ(range.size, 65536U);
  EXPECT_EQ(parse_id_range("4294967294:4294967294:1", "--map").size, 1U);
  EXPECT_EQ(parse_id_range("0:0:4294967295", "--map").size, 4294967295U);
}

TEST(IdMap, RefusesWhatReachesBeyondTheLastId) {
  for (const char* text : {"1:0:4294967295", "0:1:4294967295", "4294967294:0:2", "0:4294967295:1"})
    EXPECT_THROW(parse_id_range(text, "--map"), UsageError) << text;
}

TEST(IdMap, RefusesARangeOfMorePartsOrFewer) {
  for (const char* text : {"0:1:2:", "0:1:2:3", "0:1", "0", ""})
    EXPECT_THROW(parse_id_range(text, "--map"), UsageError) << text;
}

TEST(IdMap, KnowsWhoExists) {
  const IdMap map{{0, 200000, 1}, {1000, 300000, 10}};
  EXPECT_TRUE(is_mapped(map, 0));
  EXPECT_FALSE(is_mapped(map, 1));
  EXPECT_FALSE(is_mapped(map, 999));
  EXPECT_TRUE(is_mapped(map, 1009));
  EXPECT_FALSE(is_mapped(map, 1010));
  EXPECT_FALSE(is_mapped(map, 4294967295U));
  EXPECT_TRUE(has_id_inside(map, 200000));
  EXPECT_FALSE(has_id_inside(map, 200001));
  EXPECT_FALSE(has_id_inside(map, 299999));
  EXPECT_TRUE(has_id_inside(map, 300009));
  EXPECT_FALSE(has_id_inside(map, 300010));
  EXPECT_FALSE(has_id_inside(map, 0));
}

TEST(IdMap, NeighboursDoNotOverlapAndTheBiggestDoes) {
  EXPECT_NO_THROW(require_sound_map({{0, 100, 10}, {10, 110, 10}}, false));
  EXPECT_THROW(require_sound_map({{0, 100, 10}, {9, 110, 10}}, false), UsageError);
  EXPECT_THROW(require_sound_map({{0, 100, 10}, {10, 109, 10}}, false), UsageError);
  EXPECT_THROW(require_sound_map({{0, 1, 4294967294U}, {4294967294U, 5, 1}}, false), UsageError);
}

TEST(IdMap, TheKernelTakes340Ranges) {
  IdMap map;
  for (std::uint32_t i = 0; i < 340; ++i) map.push_back({i, 100000 + i, 1});
  EXPECT_NO_THROW(require_sound_map(map, false));
  map.push_back({340, 100340, 1});
  EXPECT_THROW(require_sound_map(map, false), UsageError);
}

TEST(IdMap, AccountsOfTheHostLieBelow65536) {
  EXPECT_FALSE(reaches_accounts({{0, 65536, 1}}));
  EXPECT_TRUE(reaches_accounts({{0, 65535, 1}}));
  EXPECT_TRUE(reaches_accounts({{0, 100000, 65536}, {70000, 1000, 1}}));
}

TEST(IdMap, IsWrittenAsTheKernelReadsIt) {
  EXPECT_EQ(map_text({{0, 100000, 65536}, {70000, 1000, 1}}), "0 100000 65536\n70000 1000 1\n");
}

TEST(User, TheGroupIsTheUsersNumberIfNoneIsGiven) {
  EXPECT_EQ(parse_user("7", "--uid").gid, 7U);
  EXPECT_EQ(parse_user("7:0", "--uid").gid, 0U);
}

TEST(Capabilities, MasksHaveTheKernelsNumbers) {
  EXPECT_EQ(mask_of("CHOWN", "--cap-add"), 1U);
  EXPECT_EQ(mask_of("cap_checkpoint_restore", "--cap-add"), std::uint64_t{1} << 40);
  EXPECT_EQ(mask_of("all", "--cap-add"), 0x1ffffffffffU);
  EXPECT_EQ(default_capabilities(), 0x405fbU);
  EXPECT_EQ(capability_names(0x3), "CAP_CHOWN, CAP_DAC_OVERRIDE");
  EXPECT_EQ(capability_names(std::uint64_t{1} << 63), "63");
}

TEST(Capabilities, AllCountsFirstAndSingleNamesLast) {
  const auto kept = [](std::vector<std::string> add, std::vector<std::string> drop) {
    return capabilities_to_keep({.add = std::move(add), .drop = std::move(drop)});
  };
  EXPECT_EQ(kept({}, {"ALL"}), 0U);
  EXPECT_EQ(kept({"CHOWN"}, {"ALL"}), 1U);
  EXPECT_EQ(kept({"ALL"}, {"CHOWN"}), 0x1fffffffffeU);
  EXPECT_THROW(kept({"ALL"}, {"ALL"}), UsageError);
  EXPECT_THROW(kept({"KILL"}, {"cap_kill"}), UsageError);
}

TEST(Capabilities, AnotherUserThanRootHasNone) {
  const CapabilitySets root = sets_for(0x3, {.uid = 0, .gid = 7});
  EXPECT_EQ(root.permitted, 0x3U);
  EXPECT_EQ(root.effective, 0x3U);
  EXPECT_EQ(root.bounding, 0x3U);
  const CapabilitySets user = sets_for(0x3, {.uid = 7, .gid = 0});
  EXPECT_EQ(user.permitted | user.effective, 0U);
  EXPECT_EQ(user.bounding, 0x3U);
  for (const CapabilitySets& sets : {root, user}) EXPECT_EQ(sets.inheritable | sets.ambient, 0U);
}

std::string masks(const CapabilitySets& sets) {
  std::ostringstream text;
  text << std::hex << sets.inheritable << ' ' << sets.permitted << ' ' << sets.effective << ' '
       << sets.bounding << ' ' << sets.ambient;
  return text.str();
}

// What the kernel says, in a child, when all of `asked` was asked for, one after the other.
std::string masks_after(const std::vector<CapabilitySets>& asked) {
  if (unshare(CLONE_NEWUSER) == -1) return "no user namespace";
  try {
    for (const CapabilitySets& sets : asked) {
      limit_capabilities(sets.bounding);
      raise_ambient(sets);
      keep_capabilities(sets, false);
    }
  } catch (const Error& error) {
    return errno_name(error.number());
  }
  CapabilitySets found;
  std::ifstream status{"/proc/self/status"};
  for (std::string key; status >> key;) {
    if (key == "CapInh:") status >> std::hex >> found.inheritable;
    if (key == "CapPrm:") status >> found.permitted;
    if (key == "CapEff:") status >> found.effective;
    if (key == "CapBnd:") status >> found.bounding;
    if (key == "CapAmb:") status >> found.ambient;
  }
  return masks(found);
}

std::string in_a_child(const std::vector<CapabilitySets>& asked) {
  std::array<int, 2> ends{};
  check(pipe(ends.data()), "pipe");
  const unique_fd out{ends[0]};
  const unique_fd in{ends[1]};
  const pid_t child = check(fork(), "fork");
  if (child == 0) {
    const std::string seen = masks_after(asked);
    _exit(write(in.get(), seen.data(), seen.size()) == static_cast<ssize_t>(seen.size()) ? 0 : 1);
  }
  check(waitpid(child, nullptr, 0), "waitpid");
  std::array<char, 200> text{};
  const ssize_t size = check(read(out.get(), text.data(), text.size()), "read");
  return {text.data(), static_cast<std::size_t>(size)};
}

TEST(Capabilities, EachOfTheFiveSetsIsAsItWasAskedFor) {
  const CapabilitySets sets{.inheritable = 0x3,
                            .permitted = 0x107,
                            .effective = 0x104,
                            .bounding = 0x1ff,
                            .ambient = 0x2};
  const std::string seen = in_a_child({sets});
  if (seen == "no user namespace") GTEST_SKIP() << seen;
  EXPECT_EQ(seen, masks(sets));
  // Nothing of what was ambient before is left, be it still inheritable or not.
  CapabilitySets fewer = sets;
  fewer.ambient = 0x1;
  EXPECT_EQ(in_a_child({sets, fewer}), masks(fewer));
  fewer.inheritable = fewer.ambient = 0;
  EXPECT_EQ(in_a_child({sets, fewer}), masks(fewer));
}

TEST(Capabilities, SetsThatTheKernelDoesNotGrantAreRefused) {
  const CapabilitySets sets{.permitted = 0x3, .effective = 0x3, .bounding = 0x3};
  CapabilitySets ambient = sets;
  ambient.ambient = 0x1;  // and not inheritable
  const std::string seen = in_a_child({ambient});
  if (seen == "no user namespace") GTEST_SKIP() << seen;
  EXPECT_EQ(seen, "EPERM");
  CapabilitySets effective = sets;
  effective.effective = 0x7;  // and not permitted
  EXPECT_EQ(in_a_child({effective}), "EPERM");
  CapabilitySets more = sets;
  more.permitted = 0x7;  // and given up before
  EXPECT_EQ(in_a_child({sets, more}), "EPERM");
}

}  // namespace
}  // namespace tincan
