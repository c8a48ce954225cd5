// Unit tests of chapter 01: what /proc says, what the report makes of it, how it is shown.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <string>
#include <utility>
#include <vector>

#include "01-observe/kernel_names.hpp"
#include "01-observe/observe.hpp"
#include "01-observe/proc_text.hpp"
#include "01-observe/render.hpp"
#include "01-observe/text.hpp"
#include "common/error.hpp"
#include "common/files.hpp"

namespace tincan::observation {
namespace {

using Words = std::vector<std::string>;

TEST(ProcStat, TheNameMayHoldAnything) {
  const std::vector<std::pair<std::string, Words>> table{
      {"", {}},
      {"12", {}},
      {"12 (a S", {}},
      {"12 (a) S 7\n", {"S", "7"}},
      {"12 (a) b (c) S 7 8 9\n", {"S", "7", "8", "9"}},
      {"12 (a\n) R 1) S 7\n", {"S", "7"}},
      {"12 () S -1\n", {"S", "-1"}},
  };
  for (const auto& [text, fields] : table) EXPECT_EQ(stat_fields(text), fields) << text;
}

TEST(ProcStatus, ValuesAreFoundByWholeName) {
  const std::string_view status = "Name:\ta:b\nCapEff:\t00\nX\nGroups:\t \nUid:\t1\t2\t3\t4\n";
  EXPECT_EQ(status_value(status, "Name"), "a:b");
  EXPECT_EQ(status_value(status, "Uid"), "1 2 3 4");
  EXPECT_EQ(status_value(status, "Groups"), "");
  EXPECT_EQ(status_value(status, "Cap"), std::nullopt);
  EXPECT_EQ(status_value(status, "X"), std::nullopt);
  EXPECT_EQ(status_value("", "Name"), std::nullopt);
}

TEST(ProcLimits, EveryLineOfThisProcessIsOne) {
  const std::string limits = read_file("/proc/self/limits");
  std::size_t count = 0;
  for (const std::string_view line : split_at(limits, '\n')) count += parse_limit(line) ? 1 : 0;
  EXPECT_EQ(count, split_at(limits, '\n').size() - 1);  // but for the heading
}

TEST(ProcLimits, SoftHardAndUnit) {
  const auto files =
      parse_limit("Max open files            1024                 524288               files     ");
  ASSERT_TRUE(files);
  EXPECT_EQ(files->key, "open_files");
  EXPECT_EQ(files->soft, "1024");
  EXPECT_EQ(files->hard, "524288");
  EXPECT_EQ(files->unit, "files");
  const auto nice =
      parse_limit("Max nice priority         0                    unlimited                      ");
  ASSERT_TRUE(nice);
  EXPECT_EQ(nice->hard, "unlimited");
  EXPECT_EQ(nice->unit, "");
}

TEST(ProcLimits, RefusesWhatIsNone) {
  for (const char* line :
       {"", "Max", "Limit                     Soft Limit           Hard Limit           Units     ",
        "Max open files            1024", "Max open files            x y files",
        "Max open files            1 2 files x"}) {
    EXPECT_FALSE(parse_limit(line)) << line;
  }
}

TEST(ProcCgroup, HierarchyAndPath) {
  struct Row {
    const char* line;
    const char* hierarchy;
    const char* path;
  };
  for (const Row& row : {Row{"0::/", "v2", "/"}, Row{"0::/a  b:c", "v2", "/a  b:c"},
                         Row{"4:cpu,cpuacct:/x", "cpu,cpuacct", "/x"},
                         Row{"1:name=systemd:/a\\x2db", "name=systemd", "/a\\x2db"},
                         Row{"0::/gone (deleted)", "v2", "/gone (deleted)"}}) {
    const auto group = parse_cgroup(row.line);
    ASSERT_TRUE(group) << row.line;
    EXPECT_EQ(group->hierarchy, row.hierarchy);
    EXPECT_EQ(group->path, row.path);
  }
  for (const char* line : {"", ":", "0", "0:", "x::/", "-1::/", "::/"}) {
    EXPECT_FALSE(parse_cgroup(line)) << line;
  }
}

TEST(ProcIdMap, ThreeNumbers) {
  const auto range = parse_id_range("         0     100000      65536");
  ASSERT_TRUE(range);
  EXPECT_EQ(range->inside, "0");
  EXPECT_EQ(range->outside, "100000");
  EXPECT_EQ(range->count, "65536");
  for (const char* line : {"", "0 0", "0 0 0 0", "0 -1 1", "a b c"}) {
    EXPECT_FALSE(parse_id_range(line)) << line;
  }
}

TEST(ProcText, TerminalsByName) {
  const std::vector<std::pair<std::string, std::string>> table{
      {"0", "none"},    {"34816", "pts/0"},     {"34819", "pts/3"},  {"1083396", "pts/260"},
      {"1025", "tty1"}, {"1088", "ttyS0"},      {"1281", "console"}, {"1280", "5:0"},
      {"-5", "-5"},     {"garbage", "garbage"},
  };
  for (const auto& [number, name] : table) EXPECT_EQ(terminal_name(number), name) << number;
}

TEST(ProcText, OnlyTheVeryEndIsTakenOff) {
  EXPECT_EQ(without_end("a b \n"), "a b ");
  EXPECT_EQ(without_end("a\n\n"), "a\n");
  EXPECT_EQ(without_end(std::string_view{"label\0", 6}), "label");
  EXPECT_EQ(without_end(""), "");
}

TEST(KernelNames, CapabilitiesInWords) {
  EXPECT_EQ(capability_summary(0, 40), "none");
  EXPECT_EQ(capability_summary(0x1ffffffffff, 40), "all");
  EXPECT_EQ(capability_summary(0x400, 40), "NET_BIND_SERVICE");
  EXPECT_EQ(capability_summary(0x1fffeffffff, 40), "all but SYS_RESOURCE");
  EXPECT_EQ(capability_summary(0x20000000001, 40), "CHOWN 41");
  EXPECT_EQ(capability_summary(0x3ffffffffff, 41), "all");
  EXPECT_EQ(capability_summary(~std::uint64_t{0}, 63), "all");
  EXPECT_EQ(capability_summary(~std::uint64_t{0} - 1, 63), "all but CHOWN");
  EXPECT_EQ(capability_names(0x10000000000), Words{"CHECKPOINT_RESTORE"});
  EXPECT_EQ(capability_names(0x8000000000000001), (Words{"CHOWN", "63"}));
  EXPECT_EQ(capability_names(~std::uint64_t{0}).size(), 64U);
}

TEST(KernelNames, SignalsInWords) {
  EXPECT_EQ(signal_names(0), Words{});
  EXPECT_EQ(signal_names(0x10000), Words{"CHLD"});
  EXPECT_EQ(signal_names(3), (Words{"HUP", "INT"}));
  EXPECT_EQ(signal_names(std::uint64_t{7} << 31), (Words{"32", "33", "RTMIN"}));
  EXPECT_EQ(signal_names(std::uint64_t{1} << 63), Words{"RTMIN+30"});
}

TEST(KernelNames, MasksAreHexadecimalAndNothingElse) {
  EXPECT_EQ(parse_mask("0000000000010000"), 0x10000U);
  EXPECT_EQ(parse_mask("ffffffffffffffff"), UINT64_MAX);
  for (const char* text : {"", "x", "0x1", "1 ", " 1", "10000000000000000", "-1", "garbage"}) {
    EXPECT_FALSE(parse_mask(text)) << text;
  }
}

TEST(KernelNames, NumbersWithoutANameStayNumbers) {
  EXPECT_EQ(seccomp_mode_name("2"), "2 (filter)");
  EXPECT_EQ(seccomp_mode_name("3"), "3");
  EXPECT_EQ(policy_name("0"), "other");
  EXPECT_EQ(policy_name("99"), "99");
  EXPECT_EQ(securebit_names(0x21), (Words{"NOROOT", "KEEP_CAPS_LOCKED"}));
  EXPECT_EQ(securebit_names(0x100), Words{"8"});
}

TEST(Text, LinesBreakAtBlanksAndNeverInsideACharacter) {
  EXPECT_EQ(first_line("", 4), "");
  EXPECT_EQ(first_line("abcd", 4), "abcd");
  EXPECT_EQ(first_line("abcd e", 4), "abcd");
  EXPECT_EQ(first_line("ab cd", 4), "ab");
  EXPECT_EQ(first_line("abcdef", 4), "abcd");
  EXPECT_EQ(first_line("ääääää", 4), "ääää");
  EXPECT_EQ(first_line(" abcdef", 4), " abc");
  EXPECT_EQ(columns("aä€😀"), 4U);
}

Field unreadable_part(const char* why) {
  return list_field("fds", {{{"fd", "3", Part::Kind::number}, {"unreadable", why}}});
}

TEST(Comparison, WhatCannotBeReadIsNeitherTheSameNorDifferent) {
  struct Row {
    Field left, right;
    Comparison comparison;
  };
  const std::vector<Row> table{
      {text_field("k", "a"), text_field("k", "a"), Comparison::same},
      {text_field("k", "a"), text_field("k", "b"), Comparison::differs},
      {text_field("k", "a"), unreadable_field("k", "EPERM"), Comparison::unknown},
      {unreadable_field("k", "EPERM"), unreadable_field("k", "EPERM"), Comparison::unknown},
      {unreadable_part("EACCES"), unreadable_part("EACCES"), Comparison::unknown},
      {list_field("k", {}), list_field("k", {}), Comparison::same},
      {list_field("k", {}), list_field("k", {{{"", "a"}}}), Comparison::differs},
      {list_field("k", {}, "brief"), list_field("k", {}, "other words"), Comparison::same},
  };
  for (const Row& row : table) {
    EXPECT_EQ(compare(row.left, row.right), row.comparison);
    EXPECT_EQ(compare(row.right, row.left), row.comparison);
  }
}

TEST(Json, KeepsTypesOrderAndBytes) {
  const Report one{{"s\"",
                    {number_field("n", "12"), text_field("t", "12"), number_field("odd", "012"),
                     number_field("minus", "-3"), number_field("big", "18446744073709551615"),
                     number_field("bigger", "18446744073709551616"), list_field("none", {}),
                     unreadable_field("u", "EPERM"), text_field("bytes", "ä\xff\xc3(\xc2\x9b\n")}}};
  EXPECT_TRUE(as_json(one, one).starts_with(R"({
  "subject": {
    "s\"": {
      "n": 12,
      "t": "12",
      "odd": "012",
      "minus": -3,
      "big": 18446744073709551615,
      "bigger": "18446744073709551616",
      "none": [],
      "u": {
        "unreadable": "EPERM"
      },
      "bytes": "\u00e4\ufffd\ufffd(\u009b\n"
    }
  },
)"));
  EXPECT_TRUE(as_json(one, one).ends_with(R"(
  "differs": [],
  "unknown": [
    "s\".u"
  ]
}
)"));
}

TEST(Table, SaysSameDiffersAndUnknown) {
  const Report left{
      {"identity",
       {number_field("pid", "1"), text_field("same", "x"), unreadable_field("hidden", "EPERM")}}};
  const Report right{
      {"identity", {number_field("pid", "2"), text_field("same", "x"), text_field("hidden", "x")}}};
  const std::string table = as_table(left, right, false);
  EXPECT_NE(table.find("\npid" + std::string(20, ' ') + "1" + std::string(36, ' ') + "<> 2\n"),
            std::string::npos)
      << table;
  EXPECT_NE(table.find("  | x\n"), std::string::npos) << table;
  EXPECT_NE(table.find("  ? x\n"), std::string::npos) << table;
  EXPECT_EQ(table.find('\033'), std::string::npos);
  EXPECT_NE(as_table(left, right, true).find("\033["), std::string::npos);
}

TEST(Table, FoldsNumbersInARow) {
  const auto entry = [](const char* fd, const char* target) {
    return Entry{{"fd", fd, Part::Kind::number}, {"target", target}};
  };
  const Report report{
      {"identity", {number_field("pid", "1")}},
      {"files",
       {list_field("descriptors", {entry("0", "a"), entry("1", "a"), entry("2", "b"),
                                   entry("4", "c"), entry("6", "c")})}}};
  const std::string table = as_table(report, false);
  EXPECT_NE(table.find("\n  0-1  a\n  2    b\n  4    c\n  6    c\n"), std::string::npos) << table;
}

// A child that ends when it is told to, and is waited for (reaped) or stays a zombie.
class EndedChild {
 public:
  EndedChild() : pid_{fork()} {
    if (pid_ == 0) pause();
  }
  pid_t pid() const { return pid_; }
  void end(bool reap) const {
    kill(pid_, SIGKILL);
    siginfo_t info{};
    waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | (reap ? 0 : WNOWAIT));
  }

 private:
  pid_t pid_;
};

TEST(Observe, AProcessThatIsGoneIsAnErrorAndNoEmptyReport) {
  const EndedChild child;
  const ProcessDirectory process{child.pid()};
  EXPECT_EQ(observe(process).size(), 7U);
  child.end(true);
  EXPECT_NE(process.read("status").error, 0);
  EXPECT_NE(process.link("cwd").error, 0);
  EXPECT_NE(process.list("fd").error, 0);
  EXPECT_NE(process.identify("root").error, 0);
  EXPECT_THROW(observe(process), Error);
  EXPECT_THROW(ProcessDirectory{child.pid()}, Error);
}

TEST(Observe, AZombieIsAReportWithReasons) {
  const EndedChild child;
  child.end(false);
  const Report report = observe(ProcessDirectory{child.pid()});
  child.end(true);
  EXPECT_EQ(find_field(report, "files", "exe").unreadable, "ENOENT");
  EXPECT_EQ(find_field(report, "files", "mounts").unreadable, "EINVAL");
  EXPECT_EQ(find_field(report, "files", "umask").unreadable, "not in its status");
  EXPECT_EQ(find_field(report, "life", "state").entries[0][0].text, "Z (zombie)");
}

// Whatever the process: no field without a value or a reason, no key twice.
TEST(Observe, EveryFieldHasAValueOrAReason) {
  std::vector<std::string> keys;
  for (const Section& section : observe(ProcessDirectory{own_pid()})) {
    for (const Field& field : section.fields) {
      EXPECT_TRUE(field.is_list || !field.entries.empty() || !field.unreadable.empty());
      keys.push_back(section.key + "." + field.key);
    }
  }
  std::sort(keys.begin(), keys.end());
  EXPECT_EQ(std::adjacent_find(keys.begin(), keys.end()), keys.end());
  EXPECT_GT(keys.size(), 60U);
}

}  // namespace
}  // namespace tincan::observation
