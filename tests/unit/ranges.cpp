// Unit tests of the ranges that the system grants: rows of subuid(5), and the maps that come of them.
#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "06-user-namespace/id_map.hpp"
#include "11-rootless/ranges.hpp"

namespace tincan {
namespace {

const std::vector<std::string> ann{"ann", "1000"};

std::vector<std::string> described(const IdMap& map) {
  std::vector<std::string> lines;
  for (const IdRange& range : map) {
    lines.push_back(std::to_string(range.inside) + " " + std::to_string(range.outside) + " " +
                    std::to_string(range.size));
  }
  return lines;
}

using Lines = std::vector<std::string>;

TEST(Names, AreThoseOfAllAccountsWithTheNumberAndTheNumber) {
  const std::string passwd =
      "root:x:0:0::/:/bin/sh\nann:x:1000:1000::/:/bin/sh\nbob:x:10001:1000::/:\n"
      "ann2:x:1000:5::/:\n:x:1000:5::/:\n\nbroken:x\n1000:x:7:7::/:\n#off:x:01000:0::/:";
  EXPECT_EQ(names_of(passwd, 1000), (Lines{"ann", "ann2", "1000"}));
  EXPECT_EQ(names_of(passwd, 1), Lines{"1"});
  EXPECT_EQ(names_of("", 0), Lines{"0"});
}

TEST(Grants, OfARow) {
  const std::vector<std::pair<std::string, IdSpans>> table{
      {"", {}},
      {"ann:100000:65536", {{100000, 165536}}},
      {"1000:100000:65536\n", {{100000, 165536}}},
      {"bob:100000:65536", {}},
      {"annie:100000:65536", {}},
      {"an:100000:65536", {}},
      {"10000:100000:65536", {}},
      {"# ann:100000:65536", {}},
      {"#ann:100000:65536", {}},
      {" ann:100000:65536", {}},
      {"ann :100000:65536", {}},
      {"ann:100000", {}},
      {"ann:100000:", {}},
      {"ann::65536", {}},
      {":100000:65536", {}},
      {"ann:100000:65536:", {}},
      {"ann:100000:65536:1", {}},
      {"ann:100000:65536\r\n", {}},
      {"ann:100000:65536 # mine", {}},
      {"ann:0x100:1", {}},
      {"ann:0100000:1", {}},
      {"ann:-1:1", {}},
      {"ann:+1:1", {}},
      {"ann:1:0", {}},
      {"ann:100000:1", {{100000, 100001}}},
      {"ann:4294967294:1", {{4294967294, 4294967295}}},
      {"ann:4294967294:2", {{4294967294, 4294967295}}},
      {"ann:4294967295:1", {}},
      {"ann:4294967296:1", {}},
      {"ann:0:9223372036854775807", {{0, 4294967295}}},
      {"ann:0:9223372036854775808", {}},
      {"ann:0:18446744073709551617", {}},
      {"bob:1:1\n\nann:7:1\nann:3:1", {{3, 4}, {7, 8}}},
  };
  for (const auto& [rows, spans] : table) EXPECT_EQ(granted_to(ann, rows), spans) << rows;
}

TEST(Grants, OfRowsThatTouchOrOverlapAreOne) {
  const IdSpans both{{10, 30}};
  for (const char* rows : {"ann:10:10\nann:20:10", "ann:20:10\nann:10:10", "ann:10:20\n1000:15:15",
                           "ann:10:20\nann:12:2", "ann:10:15\nann:10:20", "ann:12:3\nann:10:20"}) {
    EXPECT_EQ(granted_to(ann, rows), both) << rows;
  }
  EXPECT_EQ(granted_to(ann, "ann:10:10\nann:21:9"), (IdSpans{{10, 20}, {21, 30}}));
}

TEST(Grants, ALineThatShadowHasNoRoomForGrantsNothing) {
  const std::string tail = ":1:1";
  const std::string longest(1023 - tail.size(), 'a');
  EXPECT_EQ(granted_to({longest}, longest + tail).size(), 1U);
  EXPECT_TRUE(granted_to({longest + "a"}, longest + "a" + tail).empty());
}

TEST(Grants, CountOnlyWhereTheyExist) {
  const IdSpans here =
      existing("         0       1000          1\n         1     100000      65536\n");
  EXPECT_EQ(here, (IdSpans{{0, 1}, {1, 65537}}));
  EXPECT_EQ(common_to({{100, 200}}, here), (IdSpans{{100, 200}}));
  EXPECT_EQ(common_to({{0, 70000}}, here), (IdSpans{{0, 1}, {1, 65537}}));
  EXPECT_TRUE(common_to({{65537, 70000}}, here).empty());
  EXPECT_TRUE(common_to({{100, 200}}, existing("")).empty());
  EXPECT_EQ(common_to({{5, 6}}, existing("0 0 4294967295\n")), (IdSpans{{5, 6}}));
}

TEST(Grants, CoverARangeAsAWhole) {
  const IdSpans spans{{10, 20}, {20, 30}, {4294967290, 4294967295}};
  EXPECT_TRUE(covers(spans, {0, 10, 10}));
  EXPECT_TRUE(covers(spans, {0, 19, 1}));
  EXPECT_TRUE(covers(spans, {0, 4294967294U, 1}));
  EXPECT_FALSE(covers(spans, {0, 9, 2}));
  EXPECT_FALSE(covers(spans, {0, 19, 2}));  // the kernel wants it inside one
  EXPECT_FALSE(covers(spans, {0, 30, 1}));
  EXPECT_FALSE(covers(spans, {0, 4294967290U, 6}));
  EXPECT_FALSE(covers({}, {0, 0, 1}));
}

TEST(GrantedMap, IsTheCallerAndThenWhatIsGranted) {
  EXPECT_EQ(described(map_with(1000, {{100000, 165536}})), (Lines{"0 1000 1", "1 100000 65536"}));
  EXPECT_EQ(described(map_with(1000, {{100000, 300000}})), (Lines{"0 1000 1", "1 100000 65536"}));
  EXPECT_EQ(described(map_with(1000, {{100, 110}, {200000, 300000}})),
            (Lines{"0 1000 1", "1 100 10", "11 200000 65526"}));
  EXPECT_EQ(described(map_with(1000, {})), Lines{"0 1000 1"});
}

TEST(GrantedMap, HasNobodyTwiceAndNotTheHostsRoot) {
  EXPECT_EQ(described(map_with(1000, {{999, 1002}})), (Lines{"0 1000 1", "1 999 1", "2 1001 1"}));
  EXPECT_EQ(described(map_with(1000, {{1000, 1002}})), (Lines{"0 1000 1", "1 1001 1"}));
  EXPECT_EQ(described(map_with(1000, {{999, 1001}})), (Lines{"0 1000 1", "1 999 1"}));
  EXPECT_EQ(described(map_with(1000, {{1000, 1001}})), Lines{"0 1000 1"});
  EXPECT_EQ(described(map_with(1000, {{0, 3}})), (Lines{"0 1000 1", "1 1 2"}));
}

TEST(GrantedMap, IsOneThatTheKernelTakes) {
  IdSpans many;
  for (std::uint64_t first = 100000; first < 102000; first += 2) many.push_back({first, first + 1});
  const IdMap map = map_with(1000, many);
  EXPECT_EQ(map.size(), 340U);
  EXPECT_NO_THROW(require_sound_map(map, false));
  EXPECT_NO_THROW(require_sound_map(map_with(7, {{0, 4294967295}}), false));
}

TEST(FirstFree, IsBehindEverybodysRows) {
  EXPECT_EQ(first_free(""), 100000U);
  EXPECT_EQ(first_free("bob:5:10"), 100000U);
  EXPECT_EQ(first_free("ann:165536:65536\nbob:100000:65536\n"), 231072U);
}

}  // namespace
}  // namespace tincan
