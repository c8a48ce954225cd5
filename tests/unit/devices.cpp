// Unit tests of chapter 12: what is asked for, the rules for devices and their program, what is
// covered.
#include <gtest/gtest.h>
#include <linux/bpf.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <algorithm>
#include <cstdint>
#include <ios>
#include <random>
#include <string>
#include <vector>

#include "12-devices/covers.hpp"
#include "12-devices/device_program.hpp"
#include "12-devices/device_rules.hpp"
#include "12-devices/devices.hpp"
#include "12-devices/proc_options.hpp"
#include "common/error.hpp"
#include "tests/unit/ebpf.hpp"

namespace tincan {
namespace {

using Question = bpf_cgroup_dev_ctx;

Question question(DeviceType type, std::uint32_t access, std::uint32_t major, std::uint32_t minor) {
  const std::uint32_t kind = type == DeviceType::block ? 1 : 2;
  return {access << 16U | kind, major, minor};
}

// What a rule says, said once more.
bool allows(const DeviceRule& rule, const Question& asked) {
  const DeviceType type =
      (asked.access_type & 0xffffU) == 1 ? DeviceType::block : DeviceType::character;
  return rule.type == type && rule.major == asked.major &&
         (!rule.minor || *rule.minor == asked.minor) &&
         ((asked.access_type >> 16U) & ~rule.access) == 0;
}

bool allow(const std::vector<DeviceRule>& rules, const Question& asked) {
  return std::any_of(rules.begin(), rules.end(),
                     [&](const DeviceRule& rule) { return allows(rule, asked); });
}

// Everything that can be asked about the rule's numbers and their neighbours.
std::vector<Question> questions_about(const DeviceRule& rule) {
  std::vector<Question> all;
  const std::uint32_t minor = rule.minor.value_or(77);
  for (const DeviceType type : {DeviceType::block, DeviceType::character}) {
    for (std::uint32_t access = 1; access <= 7; ++access) {
      for (const std::uint32_t major : {rule.major - 1, rule.major, rule.major + 1, 4095U}) {
        for (const std::uint32_t number : {minor - 1, minor, minor + 1, minor + 256, 1048575U}) {
          all.push_back(question(type, access, major, number));
        }
      }
    }
  }
  return all;
}

void expect_as_ruled(const std::vector<DeviceRule>& rules) {
  DeviceMachine machine{compile(rules)};
  for (const DeviceRule& rule : rules) {
    for (const Question& asked : questions_about(rule)) {
      ASSERT_EQ(machine.ask(asked), allow(rules, asked) ? 1U : 0U)
          << rule_text(rule) << ": " << std::hex << asked.access_type << std::dec << " "
          << asked.major << ":" << asked.minor;
    }
  }
  EXPECT_EQ(machine.never_reached(), std::vector<std::size_t>{});
}

Device device(mode_t type, dev_t number, const std::string& access) {
  Device made{.grant = {.from = "/dev/x", .to = "/dev/x", .access = access}};
  made.status.st_mode = type | 0660;
  made.status.st_rdev = number;
  return made;
}

std::vector<std::string> texts_of(const std::vector<DeviceRule>& rules) {
  std::vector<std::string> texts;
  for (const DeviceRule& rule : rules) texts.push_back(rule_text(rule));
  return texts;
}

TEST(DeviceRules, AreTheSixNodesAndTerminals) {
  const std::vector<std::string> expected{"c 1:3 rwm", "c 1:5 rwm", "c 1:7 rwm", "c 1:8 rwm",
                                          "c 1:9 rwm", "c 5:0 rwm", "c 5:2 rw",  "c 136:* rw"};
  EXPECT_EQ(texts_of(rules_for({})), expected);
}

TEST(DeviceRules, AllowWhatWasGrantedAndNoMore) {
  const auto rules = rules_for({});
  std::vector<Device> granted;
  granted.push_back(device(S_IFBLK, makedev(7, 3), "r"));
  granted.push_back(device(S_IFCHR, makedev(10, 200), "wr"));
  granted.push_back(device(S_IFBLK, makedev(259, 1000), "m"));
  const auto more = rules_for(granted);
  ASSERT_EQ(more.size(), rules.size() + 3);
  const std::vector<std::string> last{"b 7:3 r", "c 10:200 rw", "b 259:1000 m"};
  EXPECT_EQ(texts_of({more.end() - 3, more.end()}), last);
  expect_as_ruled(more);
}

TEST(DeviceProgram, AnswersAsItsRulesSay) {
  expect_as_ruled(rules_for({}));
}

TEST(DeviceProgram, OfNoRuleRefusesEverything) {
  DeviceMachine machine{compile(std::vector<DeviceRule>{})};
  EXPECT_EQ(machine.ask(question(DeviceType::character, 2, 1, 3)), 0U);
  EXPECT_EQ(machine.never_reached(), std::vector<std::size_t>{});
}

TEST(DeviceProgram, AnswersAsManyOtherRulesSay) {
  std::mt19937 chance{12};
  const auto up_to = [&](std::uint32_t most) {
    return static_cast<std::uint32_t>(chance() % most);
  };
  for (int list = 0; list < 20; ++list) {
    std::vector<DeviceRule> rules;
    for (int i = 0; i < 12; ++i) {
      rules.push_back({up_to(2) == 0 ? DeviceType::block : DeviceType::character, 1 + up_to(4),
                       up_to(3) == 0 ? std::optional<std::uint32_t>{} : 1 + up_to(4),
                       1 + up_to(7)});
    }
    DeviceMachine machine{compile(rules)};
    for (const DeviceRule& rule : rules) {
      for (const Question& asked : questions_about(rule)) {
        ASSERT_EQ(machine.ask(asked), allow(rules, asked) ? 1U : 0U) << list << rule_text(rule);
      }
    }
  }
}

TEST(DeviceProgram, IsPrintedALineAnInstruction) {
  const DeviceProgram program = compile(rules_for({}));
  const std::string text = print_program(program);
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'),
            static_cast<std::ptrdiff_t>(program.size()));
  EXPECT_EQ(text.find('?'), text.npos);
  EXPECT_NE(text.find("if r4 != 136, skip "), text.npos) << text;
}

struct Asked {
  std::string text;
  Grant granted;
};

TEST(Devices, AreAskedForAsInDocker) {
  const std::vector<Asked> table{
      {"/dev/sda", {"/dev/sda", "/dev/sda", "rwm"}},
      {"/dev/sda:r", {"/dev/sda", "/dev/sda", "r"}},
      {"/dev/sda:mwr", {"/dev/sda", "/dev/sda", "mwr"}},
      {"/dev/sda:/dev/xvdc", {"/dev/sda", "/dev/xvdc", "rwm"}},
      {"/dev/sda:/dev/xvdc:rw", {"/dev/sda", "/dev/xvdc", "rw"}},
      {"/rwm:/r", {"/rwm", "/r", "rwm"}},
      {R"(/dev/pci-0000\:00:/dev/a\:b\\:w)", {"/dev/pci-0000:00", R"(/dev/a:b\)", "w"}}};
  for (const Asked& row : table) {
    const Grant grant = parse_device(row.text, "--device");
    EXPECT_EQ(grant.from, row.granted.from) << row.text;
    EXPECT_EQ(grant.to, row.granted.to) << row.text;
    EXPECT_EQ(grant.access, row.granted.access) << row.text;
  }
}

TEST(Devices, AreRefusedWhereTheWordsMakeNoSense) {
  for (const std::string text : {"",
                                 ":",
                                 "::",
                                 ":::",
                                 "sda",
                                 "dev/sda",
                                 "/dev/sda:",
                                 "/dev/sda:rr",
                                 "/dev/sda:rx",
                                 "/dev/sda:rwmr",
                                 "/dev/sda:ro",
                                 "/dev/sda:RW",
                                 "/dev/sda::r",
                                 "/dev/sda:/b:",
                                 "/dev/sda:b:r",
                                 "/dev/sda:/b:ro",
                                 "/dev/sda:/b:rr",
                                 "/dev/sda:/b:r:",
                                 "/dev/sda:/b:/c",
                                 "/dev/sda:r:/b",
                                 ":/dev/sda",
                                 "/dev/sda:../b",
                                 "/dev/sda\\:/b:x"}) {
    EXPECT_THROW(parse_device(text, "--device"), UsageError) << text;
  }
}

bool has(const std::vector<Cover>& covers, const std::string& path) {
  return std::any_of(covers.begin(), covers.end(),
                     [&](const Cover& cover) { return cover.path == path; });
}

TEST(Covers, AreThoseOfTheTable) {
  const std::vector<Cover> covers = covers_for({});
  EXPECT_EQ(covers.size(), 18U);
  for (const Cover& cover : covers) EXPECT_TRUE(cover.optional) << cover.path;
  for (const char* const path :
       {"/proc/sys", "/proc/irq", "/proc/bus", "/proc/fs", "/proc/sysrq-trigger"}) {
    const auto row = std::find_if(covers.begin(), covers.end(),
                                  [&](const Cover& cover) { return cover.path == path; });
    ASSERT_NE(row, covers.end()) << path;
    EXPECT_EQ(row->kind, CoverKind::read_only) << path;
  }
}

TEST(Covers, CanBeAddedAndLeftOut) {
  EXPECT_TRUE(covers_for({.left_out = {"ALL"}}).empty());
  EXPECT_FALSE(has(covers_for({.left_out = {"/proc/keys"}}), "/proc/keys"));
  EXPECT_TRUE(has(covers_for({.left_out = {"/proc/keys"}}), "/proc/kcore"));
  const auto one = covers_for({.added = {"/etc/motd"}, .left_out = {"ALL"}});
  ASSERT_EQ(one.size(), 1U);
  EXPECT_FALSE(one[0].optional);
  EXPECT_EQ(one[0].kind, CoverKind::nothing);
  // What was read-only is covered then, and there is one of it.
  const auto more = covers_for({.added = {"/proc/sys"}});
  EXPECT_EQ(more.size(), covers_for({}).size());
  EXPECT_EQ(more.back().path, "/proc/sys");
  EXPECT_EQ(more.back().kind, CoverKind::nothing);
}

TEST(Covers, ThatContradictAreRefused) {
  EXPECT_THROW(covers_for({.left_out = {"/proc/self"}}), UsageError);
  EXPECT_THROW(covers_for({.left_out = {"all"}}), UsageError);
  EXPECT_THROW(covers_for({.added = {"/proc/keys"}, .left_out = {"/proc/keys"}}), UsageError);
}

TEST(ProcOptions, AreFewAndExact) {
  EXPECT_EQ(parse_proc_option("subset=pid", "--proc").value, "pid");
  EXPECT_EQ(parse_proc_option("hidepid=invisible", "--proc").key, "hidepid");
  for (const char* const text : {"", "subset", "subset=", "subset=all", "hidepid", "hidepid=3",
                                 "hidepid=02", "gid=5", "subset=pid,hidepid=2", " subset=pid"}) {
    EXPECT_THROW(parse_proc_option(text, "--proc"), UsageError) << text;
  }
}

}  // namespace
}  // namespace tincan
