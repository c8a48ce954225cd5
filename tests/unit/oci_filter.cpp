// The filter of a profile, asked without a kernel: for three architectures, and all 64 bits.
#include <gtest/gtest.h>
#include <linux/audit.h>
#include <linux/seccomp.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <utility>
#include <vector>

#include "08-seccomp/syscall_numbers.hpp"
#include "13-runtime/filter.hpp"
#include "tests/unit/bpf.hpp"
#include "tests/unit/oci.hpp"

namespace tincan::oci {
namespace {

constexpr std::uint32_t refused_by_default = SECCOMP_RET_ERRNO | EPERM;
constexpr std::uint32_t x32_bit = 0x40000000;

Document with_seccomp(const std::string& members) {
  return parse(with_linux(R"("seccomp": {)" + members + "}"));
}

Profile profile(const std::string& members) {
  return *with_seccomp(members).seccomp;
}

std::string not_taken(const std::string& members) {
  return refusal(with_linux(R"("seccomp": {)" + members + "}"));
}

class Asked {
 public:
  explicit Asked(Profile wanted) : machine_{compile(fix(std::move(wanted))).program} {}

  std::uint32_t call(const std::string& name, std::uint64_t first = 0, std::uint64_t second = 0,
                     std::uint64_t third = 0) {
    return at(AUDIT_ARCH_X86_64, *syscall_number(AUDIT_ARCH_X86_64, name), first, second, third);
  }
  std::uint32_t at(std::uint32_t architecture, std::uint32_t number, std::uint64_t first = 0,
                   std::uint64_t second = 0, std::uint64_t third = 0) {
    return machine_.ask({.nr = static_cast<int>(number),
                         .arch = architecture,
                         .instruction_pointer = 0,
                         .args = {first, second, third, 0, 0, 0}});
  }

 private:
  // As if the machine at hand were an x86_64.
  static Profile fix(Profile wanted) {
    if (std::count(wanted.architectures.begin(), wanted.architectures.end(),
                   std::uint32_t{AUDIT_ARCH_X86_64}) == 0) {
      wanted.architectures.front() = AUDIT_ARCH_X86_64;
    }
    return wanted;
  }

  Machine machine_;
};

// A rule for the call semop, all of whose arguments count in full: name, then its arguments.
std::string rule(const std::string& test) {
  return R"("defaultAction": "SCMP_ACT_ERRNO", "syscalls": [{"names": ["mmap"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 1, )" +
         test + "}]}]";
}

TEST(OciFilter, AllowsWhatIsNamedAndNothingElse) {
  Asked filter{profile(
      R"("defaultAction": "SCMP_ACT_ERRNO", "syscalls": [{"names": ["read", "openat"], "action": "SCMP_ACT_ALLOW"}])")};
  EXPECT_EQ(filter.call("read"), SECCOMP_RET_ALLOW);
  EXPECT_EQ(filter.call("openat"), SECCOMP_RET_ALLOW);
  EXPECT_EQ(filter.call("write"), refused_by_default);
  EXPECT_EQ(filter.at(AUDIT_ARCH_X86_64, 100000), refused_by_default);
  EXPECT_EQ(filter.at(AUDIT_ARCH_X86_64, ~0U), refused_by_default);
}

TEST(OciFilter, KnowsEveryAction) {
  const std::vector<std::pair<std::string, std::uint32_t>> table{
      {R"("SCMP_ACT_KILL")", SECCOMP_RET_KILL_THREAD},
      {R"("SCMP_ACT_KILL_THREAD")", SECCOMP_RET_KILL_THREAD},
      {R"("SCMP_ACT_KILL_PROCESS")", SECCOMP_RET_KILL_PROCESS},
      {R"("SCMP_ACT_TRAP")", SECCOMP_RET_TRAP},
      {R"("SCMP_ACT_ERRNO")", SECCOMP_RET_ERRNO | EPERM},
      {R"("SCMP_ACT_ERRNO", "errnoRet": 38)", SECCOMP_RET_ERRNO | 38},
      {R"("SCMP_ACT_ERRNO", "errnoRet": 0)", SECCOMP_RET_ERRNO},
      {R"("SCMP_ACT_TRACE", "errnoRet": 7)", SECCOMP_RET_TRACE | 7},
      {R"("SCMP_ACT_LOG")", SECCOMP_RET_LOG},
      {R"("SCMP_ACT_NOTIFY")", SECCOMP_RET_USER_NOTIF},
  };
  for (const auto& [action, answer] : table) {
    Asked filter{profile(
        R"("defaultAction": "SCMP_ACT_ALLOW", "listenerPath": "/l", "syscalls": [{"names": ["read"], "action": )" +
        action + "}]")};
    EXPECT_EQ(filter.call("read"), answer) << action;
    EXPECT_EQ(filter.call("write"), SECCOMP_RET_ALLOW);
  }
}

TEST(OciFilter, ComparesAllBits) {
  constexpr std::uint64_t far = std::uint64_t{5} << 32 | 7;
  const std::string value = R"("value": )" + std::to_string(far);
  const std::vector<std::uint64_t> questions{
      0, 7, far - 1, far, far + 1, std::uint64_t{4} << 32 | 8, std::uint64_t{6} << 32, UINT64_MAX};
  const std::vector<std::pair<std::string, bool (*)(std::uint64_t)>> table{
      {"SCMP_CMP_EQ", [](std::uint64_t x) { return x == far; }},
      {"SCMP_CMP_NE", [](std::uint64_t x) { return x != far; }},
      {"SCMP_CMP_LT", [](std::uint64_t x) { return x < far; }},
      {"SCMP_CMP_LE", [](std::uint64_t x) { return x <= far; }},
      {"SCMP_CMP_GT", [](std::uint64_t x) { return x > far; }},
      {"SCMP_CMP_GE", [](std::uint64_t x) { return x >= far; }},
  };
  for (const auto& [op, holds] : table) {
    Asked filter{profile(rule(value + R"(, "op": ")" + op + "\""))};
    for (const std::uint64_t question : questions) {
      EXPECT_EQ(filter.call("mmap", 0, question),
                holds(question) ? SECCOMP_RET_ALLOW : refused_by_default)
          << op << " " << question;
    }
  }
}

TEST(OciFilter, ComparesMasked) {
  Asked filter{profile(rule(
      R"("value": 64424509455, "valueTwo": 21474836485, "op": "SCMP_CMP_MASKED_EQ")"))};  // 0xf0000000f, 0x500000005
  EXPECT_EQ(filter.call("mmap", 0, 0x500000005), SECCOMP_RET_ALLOW);
  EXPECT_EQ(filter.call("mmap", 0, 0xabcdef5abcdef05), SECCOMP_RET_ALLOW);
  EXPECT_EQ(filter.call("mmap", 0, 0x400000005), refused_by_default);
  EXPECT_EQ(filter.call("mmap", 0, 0x500000004), refused_by_default);
}

// CVE-2019-7303, CVE-2019-10063: the kernel looks at 32 bits, and so does the filter.
TEST(OciFilter, BitsThatTheKernelDoesNotLookAtMakeNoDifference) {
  constexpr std::uint64_t above = std::uint64_t{1} << 32;
  constexpr std::uint64_t vsock = 40;
  Asked family{profile(R"("defaultAction": "SCMP_ACT_ERRNO", "syscalls": [
      {"names": ["socket"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 0, "value": 40, "op": "SCMP_CMP_NE"}]}])")};
  EXPECT_EQ(family.call("socket", 2), SECCOMP_RET_ALLOW);
  EXPECT_EQ(family.call("socket", vsock), refused_by_default);
  EXPECT_EQ(family.call("socket", vsock | above), refused_by_default);
  Asked terminal{profile(R"("defaultAction": "SCMP_ACT_ALLOW", "syscalls": [
      {"names": ["ioctl"], "action": "SCMP_ACT_ERRNO", "args": [{"index": 1, "value": 21522, "op": "SCMP_CMP_EQ"}]}])")};
  EXPECT_EQ(terminal.call("ioctl", 0, 0x5412), refused_by_default);
  EXPECT_EQ(terminal.call("ioctl", 0, 0x5412 | above), refused_by_default);
  EXPECT_EQ(terminal.call("ioctl", 0, 0x5413), SECCOMP_RET_ALLOW);
}

TEST(OciFilter, AllTestsOfARuleHaveToHold) {
  Asked filter{profile(
      R"("defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["socket"], "action": "SCMP_ACT_ERRNO", "errnoRet": 22,
      "args": [{"index": 0, "value": 16, "op": "SCMP_CMP_EQ"}, {"index": 2, "value": 9, "op": "SCMP_CMP_EQ"}]}])")};
  EXPECT_EQ(filter.call("socket", 16, 0, 9), SECCOMP_RET_ERRNO | 22);
  EXPECT_EQ(filter.call("socket", 16, 0, 8), SECCOMP_RET_ALLOW);
  EXPECT_EQ(filter.call("socket", 15, 0, 9), SECCOMP_RET_ALLOW);
}

TEST(OciFilter, WhoSaysMoreMeansIt) {
  const std::string refuse_one =
      R"({"names": ["kill"], "action": "SCMP_ACT_ERRNO", "args": [{"index": 1, "value": 9, "op": "SCMP_CMP_EQ"}]})";
  const std::string allow_all = R"({"names": ["kill"], "action": "SCMP_ACT_ALLOW"})";
  for (const std::string& rules : {refuse_one + "," + allow_all, allow_all + "," + refuse_one}) {
    Asked filter{profile(R"("defaultAction": "SCMP_ACT_KILL", "syscalls": [)" + rules + "]")};
    EXPECT_EQ(filter.call("kill", 1, 9), refused_by_default);
    EXPECT_EQ(filter.call("kill", 1, 15), SECCOMP_RET_ALLOW);
  }
}

TEST(OciFilter, OtherArchitecturesEndTheProcess) {
  const std::string allow_read =
      R"("defaultAction": "SCMP_ACT_ERRNO", "syscalls": [{"names": ["read"], "action": "SCMP_ACT_ALLOW"}])";
  Asked alone{profile(allow_read)};
  EXPECT_EQ(alone.at(AUDIT_ARCH_I386, 3), SECCOMP_RET_KILL_PROCESS);
  EXPECT_EQ(alone.at(AUDIT_ARCH_X86_64, x32_bit), SECCOMP_RET_KILL_PROCESS);
  EXPECT_EQ(alone.at(AUDIT_ARCH_X86_64, x32_bit | 1), SECCOMP_RET_KILL_PROCESS);
  Asked three{profile(
      R"("architectures": ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32", "SCMP_ARCH_S390X"], )" +
      allow_read)};
  EXPECT_EQ(three.at(AUDIT_ARCH_I386, 3), SECCOMP_RET_ALLOW);
  EXPECT_EQ(three.at(AUDIT_ARCH_I386, 4), refused_by_default);
  EXPECT_EQ(three.at(AUDIT_ARCH_X86_64, 0), SECCOMP_RET_ALLOW);
  EXPECT_EQ(three.at(AUDIT_ARCH_X86_64, x32_bit), SECCOMP_RET_ALLOW);
  EXPECT_EQ(three.at(AUDIT_ARCH_X86_64, x32_bit | 1), refused_by_default);
  EXPECT_EQ(three.at(AUDIT_ARCH_AARCH64, 63), SECCOMP_RET_KILL_PROCESS);
  EXPECT_EQ(three.at(AUDIT_ARCH_X86_64, ~0U), refused_by_default);
}

// 32-bit x86: what is behind socketcall(2) has its arguments in memory.
TEST(OciFilter, ACallWithTwoEntrancesIsRefusedAtBoth) {
  const std::string archs = R"("architectures": ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86"], )";
  Asked deny{profile(archs + R"("defaultAction": "SCMP_ACT_ALLOW", "syscalls": [
      {"names": ["socket", "shmat"], "action": "SCMP_ACT_ERRNO"}])")};
  EXPECT_EQ(deny.at(AUDIT_ARCH_I386, 359), refused_by_default);
  EXPECT_EQ(deny.at(AUDIT_ARCH_I386, 102, 1), refused_by_default);
  EXPECT_EQ(deny.at(AUDIT_ARCH_I386, 102, 2), SECCOMP_RET_ALLOW);
  EXPECT_EQ(deny.at(AUDIT_ARCH_I386, 117, 21), refused_by_default);
  EXPECT_EQ(deny.at(AUDIT_ARCH_I386, 117, 21 | 1 << 16), refused_by_default);
  const std::string some = R"("args": [{"index": 0, "value": 2, "op": "SCMP_CMP_EQ"}]}])";
  Asked partly{profile(
      archs +
      R"("defaultAction": "SCMP_ACT_ERRNO", "syscalls": [{"names": ["socket"], "action": "SCMP_ACT_ALLOW", )" +
      some)};
  EXPECT_EQ(partly.at(AUDIT_ARCH_I386, 359, 2), SECCOMP_RET_ALLOW);
  EXPECT_EQ(partly.at(AUDIT_ARCH_I386, 359, 3), refused_by_default);
  EXPECT_EQ(partly.at(AUDIT_ARCH_I386, 102, 1), refused_by_default);
  Asked deny_some{profile(
      archs +
      R"("defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["socket"], "action": "SCMP_ACT_ERRNO", )" +
      some)};
  EXPECT_EQ(deny_some.at(AUDIT_ARCH_I386, 102, 1), refused_by_default);
}

TEST(OciFilter, FlagsAndListener) {
  EXPECT_EQ(
      compile(
          profile(
              R"("defaultAction": "SCMP_ACT_ALLOW", "flags": ["SECCOMP_FILTER_FLAG_TSYNC", "SECCOMP_FILTER_FLAG_LOG", "SECCOMP_FILTER_FLAG_SPEC_ALLOW"])"))
          .flags,
      unsigned{SECCOMP_FILTER_FLAG_LOG | SECCOMP_FILTER_FLAG_SPEC_ALLOW});
  EXPECT_EQ(compile(profile(R"("defaultAction": "SCMP_ACT_ALLOW", "listenerPath": "/l")")).flags,
            0U);
  EXPECT_EQ(
      compile(
          profile(
              R"("defaultAction": "SCMP_ACT_ALLOW", "listenerPath": "/l", "listenerMetadata": "m", "syscalls": [{"names": ["mknod"], "action": "SCMP_ACT_NOTIFY"}])"))
          .flags,
      unsigned{SECCOMP_FILTER_FLAG_NEW_LISTENER});
}

TEST(OciFilter, Refuses) {
  const std::string allow = R"("defaultAction": "SCMP_ACT_ALLOW", )";
  const std::vector<std::pair<std::string, std::string>> table{
      {"", "defaultAction: is missing"},
      {R"("defaultAction": "ALLOW")", "defaultAction: \"ALLOW\" is none of SCMP_ACT_ALLOW, "},
      {R"("defaultAction": "SCMP_ACT_NOTIFY", "listenerPath": "/l")",
       "defaultAction: SCMP_ACT_NOTIFY can be no default"},
      {R"("defaultAction": "SCMP_ACT_ALLOW", "defaultErrnoRet": 1)",
       "defaultErrnoRet: SCMP_ACT_ALLOW returns no errno"},
      {allow + R"("architectures": ["X"])", "architectures[0]: \"X\" is none of"},
      {allow + R"("flags": ["X"])", "flags[0]: \"X\" is none of"},
      {allow + R"("listenerMetadata": "m")", "listenerMetadata: there is no listenerPath"},
      {allow + R"("syscalls": [{"names": ["mknod"], "action": "SCMP_ACT_NOTIFY"}])",
       "listenerPath: is missing"},
      {allow + R"("syscalls": [{"names": [], "action": "SCMP_ACT_KILL"}])",
       "syscalls[0].names: is empty"},
      {allow + R"("syscalls": [{"names": ["no_such_call"], "action": "SCMP_ACT_KILL"}])",
       "syscalls[0].names[0]: \"no_such_call\" is no system call"},
      {allow + R"("syscalls": [{"names": ["read"], "action": "SCMP_ACT_KILL", "errnoRet": 1}])",
       "syscalls[0].errnoRet: SCMP_ACT_KILL returns no errno"},
      {allow +
           R"("syscalls": [{"names": ["read"], "action": "SCMP_ACT_KILL", "args": [{"index": 6, "value": 0, "op": "SCMP_CMP_EQ"}]}])",
       "syscalls[0].args[0].index: 6 is not from 0 to 5"},
      {allow +
           R"("syscalls": [{"names": ["read"], "action": "SCMP_ACT_KILL", "args": [{"index": 0, "value": 0, "op": "EQ"}]}])",
       "syscalls[0].args[0].op: \"EQ\" is none of"},
      {allow +
           R"("syscalls": [{"names": ["read"], "action": "SCMP_ACT_KILL", "args": [{"index": 0, "value": 1, "valueTwo": 2, "op": "SCMP_CMP_MASKED_EQ"}]}])",
       "syscalls[0].args[0]: valueTwo has bits"},
  };
  for (const auto& [members, words] : table)
    EXPECT_EQ(not_taken(members).find("config.json: linux.seccomp." + words), 0U)
        << not_taken(members);
}

TEST(OciFilter, ACallThatNobodyKnowsIsLeftOutOfWhatIsAllowed) {
  const Document document = with_seccomp(
      R"("defaultAction": "SCMP_ACT_ERRNO", "syscalls": [{"names": ["read", "no_such_call"], "action": "SCMP_ACT_ALLOW"}])");
  EXPECT_EQ(document.seccomp->rules[0].names, std::vector<std::string>{"read"});
  ASSERT_EQ(document.warnings.size(), 1U);
}

TEST(OciFilter, MoreThanTheKernelTakesIsRefused) {
  std::string rules;
  for (int value = 0; value < 1500; ++value) {
    rules += std::string{value == 0 ? "" : ","} +
             R"({"names": ["kill"], "action": "SCMP_ACT_ERRNO", "args": [{"index": 0, "value": )" +
             std::to_string(value) + R"(, "op": "SCMP_CMP_EQ"}]})";
  }
  try {
    (void)compile(profile(R"("defaultAction": "SCMP_ACT_ALLOW", "syscalls": [)" + rules + "]"));
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(std::string{error.what()}.find("are more than the kernel takes"), std::string::npos);
    EXPECT_EQ(error.status(), 1);
  }
}

}  // namespace
}  // namespace tincan::oci
