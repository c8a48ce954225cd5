// Unit tests of what is decided about ids and capabilities before anything is started.
#include <gtest/gtest.h>

#include <utility>

#include "06-user-namespace/id_map.hpp"
#include "06-user-namespace/user.hpp"
#include "07-capabilities/capabilities.hpp"
#include "07-capabilities/capability_table.hpp"
#include "common/error.hpp"

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

}  // namespace
}  // namespace tincan
