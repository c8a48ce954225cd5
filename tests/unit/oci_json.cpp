// JSON from somebody else: what is taken, and within which bounds.
#include <gtest/gtest.h>

#include <string>

#include "13-runtime/json.hpp"
#include "common/error.hpp"

namespace tincan::oci {
namespace {

std::string said(const std::string& text) {
  try {
    return shown(parse_json(text, "file"));
  } catch (const Error& error) {
    return error.what();
  }
}

std::string repeated(const std::string& part, int times) {
  std::string whole;
  for (int i = 0; i < times; ++i) whole += part;
  return whole;
}

TEST(OciJson, ReadsEachKindOfValue) {
  EXPECT_EQ(said("null"), "null");
  EXPECT_EQ(said(" true "), "true");
  EXPECT_EQ(said("\"a\\u00e4\""), "\"a\u00e4\"");
  EXPECT_EQ(said("18446744073709551615"), "18446744073709551615");
  EXPECT_EQ(said("-9223372036854775808"), "-9223372036854775808");
  EXPECT_EQ(said("-1"), "-1");
  EXPECT_EQ(said("1.5"), "1.5");
  EXPECT_EQ(said("[1]"), "a list");
  EXPECT_EQ(said("{}"), "an object");
}

TEST(OciJson, KeepsNumbersThatAreTooLongAsTheyAreWritten) {
  const Value value = parse_json("18446744073709551616", "file");
  EXPECT_EQ(value.kind, Kind::fraction);
  EXPECT_EQ(value.text, "18446744073709551616");
}

TEST(OciJson, KeepsTheOrder) {
  const Value value = parse_json(R"({"b": [1, 2], "a": {"c": "d"}})", "file");
  ASSERT_EQ(value.members.size(), 2U);
  EXPECT_EQ(value.members[0].name, "b");
  ASSERT_EQ(value.members[0].members.size(), 2U);
  EXPECT_EQ(value.members[0].members[1].magnitude, 2U);
  EXPECT_EQ(value.members[1].members[0].text, "d");
}

TEST(OciJson, SaysWhereItIsNone) {
  EXPECT_EQ(said(""), "file: line 1, column 0: this is no JSON");
  EXPECT_EQ(said("{\n  \"a\": x}"), "file: line 2, column 8: this is no JSON");
  for (const char* text : {"{", "[1,]", "{\"a\"}", "nul", "1 2", "\"\xff\"", "\"\t\"", "'a'",
                           "{a: 1}", "[1] // and more", "01", "+1", ".5", "NaN", "\"\\ud800\""}) {
    EXPECT_NE(said(text).find("this is no JSON"), std::string::npos) << text;
  }
}

TEST(OciJson, RefusesTwoMembersWithOneName) {
  EXPECT_EQ(said(R"({"x": [{"a": 1, "b": 2, "a": 3}]})"),
            "file: x[0]: two members are called \"a\": which of them counts, nobody can say");
}

TEST(OciJson, SaysInWhichObjectTheyAre) {
  EXPECT_EQ(said(R"({"a": {"b": 1, "b": 2}, "c": 3})").substr(0, 14), "file: a: two m");
  EXPECT_EQ(said(R"({"a": {"x": 1}, "a": 2, "c": 3})").substr(0, 11), "file: two m");
}

TEST(OciJson, RefusesANulInATextAndInAName) {
  EXPECT_NE(said(R"({"x": "a\u0000b"})").find("x: a NUL"), std::string::npos);
  EXPECT_NE(said(R"({"a\u0000b": 1})").find("a NUL"), std::string::npos);
}

TEST(OciJson, BoundsLevels) {
  const auto nested = [](int levels) { return repeated("[", levels) + repeated("]", levels); };
  EXPECT_EQ(said(nested(64)), "a list");
  EXPECT_NE(said(nested(65)).find("more than 64 levels"), std::string::npos);
  EXPECT_NE(said(repeated("[", 100000)).find("more than 64 levels"), std::string::npos);
  EXPECT_NE(said(repeated("{\"a\":", 10000)).find("more than 64 levels"), std::string::npos);
}

TEST(OciJson, BoundsValues) {
  EXPECT_NE(said("[" + repeated("0,", 100000) + "0]").find("more than 100000 values"),
            std::string::npos);
  EXPECT_EQ(said("[" + repeated("0,", 99998) + "0]"), "a list");
  EXPECT_NE(said("[" + repeated("[],", 100000) + "0]").find("more than 100000 values"),
            std::string::npos);
}

TEST(OciJson, BoundsBytes) {
  EXPECT_NE(said("\"" + std::string(most_bytes, 'a') + "\"").find("more than 4194304 bytes"),
            std::string::npos);
  EXPECT_EQ(said("\"" + std::string(100, 'a') + "\""), "\"" + std::string(64, 'a') + "...\"");
}

}  // namespace
}  // namespace tincan::oci
