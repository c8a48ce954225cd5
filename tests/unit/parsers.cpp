// Unit tests of the parsers of common/ and of the command lines: words, numbers, mount tables.
#include <gtest/gtest.h>

#include <vector>

#include "02-command-line/run_options.hpp"
#include "04-namespaces/hostname.hpp"
#include "05-mounts/mounts.hpp"
#include "common/error.hpp"
#include "common/files.hpp"
#include "common/mountinfo.hpp"
#include "common/numbers.hpp"
#include "common/split.hpp"

namespace tincan {
namespace {

using Words = std::vector<std::string>;

TEST(Split, CutsWordsAsAShellWould) {
  const std::vector<std::pair<std::string, Words>> table{
      {"", {}},
      {"  \t\n ", {}},
      {"ls", {"ls"}},
      {"  ls   -l\t/ ", {"ls", "-l", "/"}},
      {"a 'b c' d", {"a", "b c", "d"}},
      {"a \"b c\" d", {"a", "b c", "d"}},
      {"a\\ b", {"a b"}},
      {"''", {""}},
      {"a '' b", {"a", "", "b"}},
      {"a\"b\"'c'd", {"abcd"}},
      {"'\\'", {"\\"}},
      {"\"\\\"\"", {"\""}},
      {"\"\\n\"", {"\\n"}},
      {"\"\\$HOME \\`x\\` \\\\\"", {"$HOME `x` \\"}},
      {"\\n", {"n"}},
      {"a\\\nb", {"ab"}},
      {"\"'\" '\"'", {"'", "\""}},
      {"sh -c 'echo \"a  b\"'", {"sh", "-c", "echo \"a  b\""}},
      {"$HOME * ; | &", {"$HOME", "*", ";", "|", "&"}},
  };
  for (const auto& [text, words] : table) EXPECT_EQ(split_command(text, "-c"), words) << text;
}

TEST(Split, RefusesWhatStaysOpen) {
  for (const char* text : {"'", "\"", "a 'b", "a \"b'", "\\", "a\\", "\"\\\"", "'a' 'b"}) {
    EXPECT_THROW(split_command(text, "-c"), UsageError) << text;
  }
}

TEST(Numbers, TakesDecimalsAndNothingElse) {
  EXPECT_EQ(parse_number("0", 0, 10), 0U);
  EXPECT_EQ(parse_number("10", 0, 10), 10U);
  EXPECT_EQ(parse_number("18446744073709551615", 0, UINT64_MAX), UINT64_MAX);
  for (const char* text : {"", " ", "01", "00", "+1", "-1", "-0", " 1", "1 ", "1\n", "0x1", "1a",
                           "a", "1.0", "1e1", "11", "18446744073709551616", "1_0", "\u0661"}) {
    EXPECT_FALSE(parse_number(text, 0, 10)) << text;
  }
  EXPECT_FALSE(parse_number("4", 5, 10));
}

TEST(Uid, StopsBeforeTheOneThatMeansUnchanged) {
  EXPECT_EQ(parse_uid("4294967294", "-u"), 4294967294U);
  for (const char* text : {"4294967295", "4294967296", "-1", "root", "", "1:1"}) {
    EXPECT_THROW(parse_uid(text, "-u"), UsageError) << text;
  }
}

TEST(Hostname, FollowsRfc1123) {
  const std::string label(63, 'a');
  for (const std::string& name : {std::string{"a"}, std::string{"A-1.b"}, label}) {
    EXPECT_EQ(parse_hostname(name, "-h"), name);
  }
  for (const std::string& name : {std::string{}, label + "a", label + ".a", std::string{"-a"},
                                  std::string{"a-"}, std::string{"a..b"}, std::string{".a"},
                                  std::string{"a."}, std::string{"a_b"}, std::string{"a\0b", 3}}) {
    EXPECT_THROW(parse_hostname(name, "-h"), UsageError) << name;
  }
}

TEST(Hostname, IsOfLettersDigitsAndHyphens) {
  EXPECT_EQ(parse_hostname("azAZ09-x", "-h"), "azAZ09-x");
  EXPECT_EQ(parse_hostname(std::string(62, 'a') + ".b", "-h").size(), 64U);
  for (const char c : {'`', '{', '@', '[', '/', ':', '_', ' '}) {
    EXPECT_THROW(parse_hostname(std::string{"a"} + c + "a", "-h"), UsageError) << c;
  }
}

TEST(Bind, TakesFromToAndReadOnly) {
  const Mount bind = parse_bind("/a b:/c/../d:ro", "-a");
  EXPECT_EQ(bind.from, "/a b");
  EXPECT_EQ(bind.to, "/c/../d");
  EXPECT_TRUE(bind.is_bind());
  EXPECT_EQ(bind.flags, unsigned{MOUNT_ATTR_RDONLY});
  EXPECT_EQ(parse_bind("rel:/x", "-a").flags, 0U);
  for (const char* text : {"", ":", "a", "a:", ":/b", "a:b", "a:/b:", "a:/b:rw",
                           "a:/b:ro:", "a::/b", "a\\:/b", "a:\\:/b", "a:/b:\\ro", "a\\\\\\:/b"}) {
    EXPECT_THROW(parse_bind(text, "-a"), UsageError) << text;
  }
}

TEST(Bind, ABackslashMakesAColonPartOfAPath) {
  const Mount bind = parse_bind(R"(/a\:b\\:/c\:\:ro\x2d)", "-a");
  EXPECT_EQ(bind.from, R"(/a:b\)");
  EXPECT_EQ(bind.to, R"(/c::ro\x2d)");
  EXPECT_EQ(bind.flags, 0U);
}

TEST(Mountinfo, ReadsEveryField) {
  const auto mounts = parse_mountinfo(
      "36 35 98:0 /mnt1 /mnt\\0402 rw,noatime master:1 shared:7 - ext3 /dev/ro\\134ot rw,errors=x\n"
      "1 0 0:1 / / ro - tmpfs none rw\n");
  ASSERT_EQ(mounts.size(), 2U);
  EXPECT_EQ(mounts[0].id, 36);
  EXPECT_EQ(mounts[0].parent, 35);
  EXPECT_EQ(mounts[0].device, "98:0");
  EXPECT_EQ(mounts[0].root, "/mnt1");
  EXPECT_EQ(mounts[0].mount_point, "/mnt 2");
  EXPECT_EQ(mounts[0].options, "rw,noatime");
  EXPECT_EQ(mounts[0].source, "/dev/ro\\ot");
  EXPECT_EQ(mounts[0].super_options, "rw,errors=x");
  EXPECT_EQ(mounts[0].propagation(), "slave,shared");
  EXPECT_EQ(mounts[1].propagation(), "private");
  EXPECT_TRUE(parse_mountinfo("").empty());
}

TEST(Mountinfo, LeavesBrokenEscapesAlone) {
  const auto mounts = parse_mountinfo("1 0 0:1 / /a\\9b\\04 rw unbindable - t s o\n");
  EXPECT_EQ(mounts[0].mount_point, "/a\\9b\\04");
  EXPECT_EQ(mounts[0].propagation(), "unbindable");
}

TEST(Mountinfo, AnEmptySourceIsStillASource) {
  const auto mounts = parse_mountinfo("1 0 0:1 / /x rw - tmpfs  rw");
  EXPECT_EQ(mounts.at(0).source, "");
  EXPECT_EQ(mounts.at(0).super_options, "rw");
}

// Found by make fuzz: what stood behind the first blank was dropped.
TEST(Mountinfo, OptionsOfAFileSystemMayHoldBlanks) {
  const auto mounts = parse_mountinfo("1 0 0:1 / /x rw - cifs //server/a rw,user=a b");
  ASSERT_EQ(mounts.size(), 1U);
  EXPECT_EQ(mounts[0].super_options, "rw,user=a b");
}

TEST(Mountinfo, TagsDecideThePropagation) {
  const std::vector<std::pair<std::string, std::string>> table{
      {"", "private"},
      {"shared:1 ", "shared"},
      {"master:1 ", "slave"},
      {"shared:2 master:1 ", "slave,shared"},
      {"master:1 propagate_from:3 ", "slave"},
      {"unbindable ", "unbindable"},
      {"something-new:1 ", "private"},
  };
  for (const auto& [tags, propagation] : table) {
    const auto mounts = parse_mountinfo("1 0 0:1 / /x rw " + tags + "- tmpfs none rw");
    EXPECT_EQ(mounts.at(0).propagation(), propagation) << tags;
  }
}

TEST(Mountinfo, UndoesEveryEscape) {
  const std::vector<std::pair<std::string, std::string>> table{
      {"/\\040\\011\\012\\134", "/ \t\n\\"},
      {"/\\043", "/#"},
      {"/\\377", "/\xff"},
      {"/\\1340", "/\\0"},
      {"/a\\", "/a\\"},
      {"/\\08", "/\\08"},
  };
  for (const auto& [escaped, plain] : table) {
    EXPECT_EQ(parse_mountinfo("1 0 0:1 / " + escaped + " rw - t s o").at(0).mount_point, plain);
  }
}

TEST(Mountinfo, RefusesLinesThatAreNone) {
  for (const char* text :
       {"\n", "1 0 0:1 / / rw", "1 0 0:1 / / rw - t s", "x 0 0:1 / / rw - t s o",
        "1 -1 0:1 / / rw - t s o", "- - - - - - - - - -", "1 0 0:1 / / rw shared:1 t s o x",
        "01 0 0:1 / / rw - t s o", "1 99999999999 0:1 / / rw - t s o"}) {
    EXPECT_THROW(parse_mountinfo(text), Error) << text;
  }
}

TEST(Files, SplitAtMakesNoEmptyTail) {
  using Parts = std::vector<std::string_view>;
  EXPECT_EQ(split_at("", ','), Parts{});
  EXPECT_EQ(split_at("a", ','), (Parts{"a"}));
  EXPECT_EQ(split_at("a,", ','), (Parts{"a"}));
  EXPECT_EQ(split_at(",a,,b", ','), (Parts{"", "a", "", "b"}));
}

}  // namespace
}  // namespace tincan
