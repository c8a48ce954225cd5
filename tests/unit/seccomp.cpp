// The filter, asked without a kernel: every number, every architecture, every instruction, against
// what is written down in tests/golden/. To write those tables anew, after a change that was meant:
//
//   TINCAN_WRITE_GOLDEN=1 build/unit-tests --gtest_filter='*Golden*'; git diff --word-diff tests/golden
#include <gtest/gtest.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cctype>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <future>
#include <initializer_list>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <sstream>
#include <thread>
#include <tuple>
#include <vector>

#include "07-capabilities/capability_table.hpp"
#include "08-seccomp/compile.hpp"
#include "08-seccomp/policy.hpp"
#include "08-seccomp/policy_file.hpp"
#include "08-seccomp/print_program.hpp"
#include "08-seccomp/seccomp.hpp"
#include "08-seccomp/syscall_numbers.hpp"
#include "common/error.hpp"
#include "tests/unit/bpf.hpp"

namespace tincan {
namespace {

constexpr std::array architectures{std::uint32_t{AUDIT_ARCH_X86_64},
                                   std::uint32_t{AUDIT_ARCH_AARCH64}};
constexpr std::uint32_t last_number = 600;
// The newest call that a row has been written for. A newer libseccomp has names for more; those stay closed.
constexpr std::uint32_t last_weighed = 470;

seccomp_data call(std::uint32_t arch, std::uint32_t number, std::uint64_t first = 0,
                  std::uint64_t second = 0, std::uint64_t third = 0) {
  return {static_cast<int>(number), arch, 0, {first, second, third, 0, 0, 0}};
}

// Arguments that the conditions of the default policy tell apart.
struct Sample {
  std::string name;
  std::uint64_t first = 0;
  std::uint64_t second = 0;
  std::uint64_t third = 0;
};

std::vector<Sample> samples() {
  std::vector<Sample> all;
  const std::uint64_t high = std::uint64_t{1} << 32;
  // The flags of clone(2), each alone; CLONE_NEWTIME's bit is part of the signal there.
  for (unsigned bit = 0; bit < 32; ++bit) all.push_back({"clone", std::uint64_t{1} << bit});
  all.push_back({"clone", SIGCHLD});
  all.push_back({"clone", CLONE_NEWUSER | high});
  all.push_back({"clone", CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD});
  for (std::uint64_t request :
       {std::uint64_t{TIOCSTI}, TIOCSTI | high, TIOCSTI | 0xffffffff00000000,
        std::uint64_t{TIOCLINUX}, TIOCLINUX | high, std::uint64_t{TIOCGWINSZ},
        std::uint64_t{FIONREAD}}) {
    all.push_back({"ioctl", 0, request});
  }
  for (std::uint64_t family = 0; family <= 50; ++family) {
    all.push_back({"socket", family});
    all.push_back({"socketpair", family});
  }
  for (std::uint64_t protocol = 1; protocol < 32; ++protocol) {
    all.push_back({"socket", AF_NETLINK, SOCK_RAW, protocol});
  }
  // Every type, with flags and without; the protocols of the internet, 262 being MPTCP.
  for (std::uint64_t family :
       std::initializer_list<std::uint64_t>{AF_UNIX, AF_INET, AF_INET6, AF_NETLINK, AF_PACKET}) {
    for (std::uint64_t type = 0; type <= 11; ++type) {
      for (const int protocol : std::initializer_list<int>{
               0, IPPROTO_ICMP, IPPROTO_TCP, IPPROTO_UDP, IPPROTO_DCCP, IPPROTO_ICMPV6, 115,
               IPPROTO_SCTP, IPPROTO_UDPLITE, IPPROTO_RAW, 262}) {
        all.push_back({"socket", family, type, static_cast<std::uint64_t>(protocol)});
      }
    }
  }
  for (std::uint64_t flags : std::initializer_list<std::uint64_t>{SOCK_CLOEXEC, SOCK_NONBLOCK,
                                                                  SOCK_CLOEXEC | SOCK_NONBLOCK}) {
    all.push_back({"socket", AF_INET, SOCK_STREAM | flags, 0});
    all.push_back({"socket", AF_INET6, SOCK_DGRAM | flags, IPPROTO_UDP});
    all.push_back({"socket", AF_INET, SOCK_STREAM | flags, IPPROTO_SCTP});
    all.push_back({"socket", AF_INET, SOCK_SEQPACKET | flags, 0});
  }
  // What the kernel does not look at, in either direction.
  all.push_back({"socket", AF_INET, SOCK_STREAM | high, IPPROTO_TCP | high});
  all.push_back({"socket", AF_INET, SOCK_STREAM, IPPROTO_SCTP | high});
  for (std::uint64_t option = 0; option <= 45; ++option) {
    all.push_back({"setsockopt", 0, IPPROTO_TCP, option});
  }
  all.push_back({"setsockopt", 0, SOL_SOCKET, TCP_ULP});
  all.push_back({"setsockopt", 0, IPPROTO_TCP | high, TCP_ULP | high});
  for (std::uint64_t request : std::initializer_list<std::uint64_t>{
           TIOCSETD, TIOCGETD, SIOCGIFBR, SIOCSIFBR, SIOCBRADDBR, SIOCBRDELBR, SIOCBRADDIF,
           SIOCBRDELIF, SIOCGIFVLAN, SIOCSIFVLAN, SIOCGIFCONF, SIOCGIFADDR}) {
    all.push_back({"ioctl", 0, request});
    all.push_back({"ioctl", 0, request | high});
  }
  all.push_back({"socket", AF_PACKET | high});
  all.push_back({"socket", AF_UNIX | high});
  for (std::uint64_t persona : {0x0ULL, 0x8ULL, 0x20000ULL, 0x20008ULL, 0xffffffffULL, 0x40000ULL,
                                0x400000ULL, 0x1ULL, 0x9ULL, 0x20009ULL}) {
    all.push_back({"personality", persona});
  }
  return all;
}

std::string hex(std::uint64_t value) {
  std::ostringstream text;
  text << std::hex << "0x" << value;
  return text.str();
}

std::string answer(Machine& machine, const seccomp_data& data) {
  return action_name({machine.ask(data)});
}

// With all arguments 0, ten numbers a row; what is not allowed has its answer behind it.
std::string answers_by_number(Machine& machine, std::uint32_t arch) {
  std::ostringstream table;
  for (std::uint32_t number = 0; number <= last_number; ++number) {
    if (number % 10 == 0) table << '\n' << architecture_name(arch) << '\t' << number << '\t';
    const std::string name = number <= last_weighed ? syscall_name(arch, number) : "";
    const bool is_named = !name.empty() && name != std::to_string(number);
    const std::string said = answer(machine, call(arch, number));
    table << (number % 10 == 0 ? "" : " ") << (is_named ? name : "?")
          << (said == "allow" ? "" : "=" + said);
  }
  return table.str().substr(1) + "\n";
}

// Calls with conditions: the arguments before the last that counts, the answer, those last ones.
std::string answers_by_argument(Machine& machine, std::uint32_t arch) {
  std::map<std::string, std::set<std::uint64_t>> rows;
  for (const Sample& it : samples()) {
    const auto number = syscall_number(arch, it.name).value();
    std::vector<std::uint64_t> arguments{it.first, it.second, it.third};
    while (arguments.size() > 1 && arguments.back() == 0) arguments.pop_back();
    const std::uint64_t last = arguments.back();
    arguments.pop_back();
    std::string row = it.name;
    for (const std::uint64_t argument : arguments) row += " " + hex(argument);
    row += "\t" + answer(machine, call(arch, number, it.first, it.second, it.third)) + "\t";
    rows[row].insert(last);
  }
  std::string table;
  for (const auto& [row, arguments] : rows) {
    table += row;
    for (const std::uint64_t last : arguments) table += hex(last) + " ";
    table.back() = '\n';
  }
  return table;
}

struct Written {
  const char* name;
  Policy (*policy)();
};

std::string golden_table(const Policy& policy) {
  std::string table =
      "# Written by: TINCAN_WRITE_GOLDEN=1 build/unit-tests --gtest_filter='*Golden*'\n"
      "# With all arguments 0, ten numbers a row; =: what a call that is not allowed is "
      "answered.\n";
  std::set<std::string> conditions;
  for (const std::uint32_t arch : architectures) {
    Machine machine{compile(policy, arch)};
    table += answers_by_number(machine, arch);
    conditions.insert(answers_by_argument(machine, arch));
  }
  EXPECT_EQ(conditions.size(), 1U) << "the architectures differ";
  return table +
         "# In all of them: a call, arguments before the last that is not 0; the answer; those "
         "last.\n" +
         *conditions.begin();
}

std::string slurp(const std::string& path) {
  std::ifstream file{path};
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

class Golden : public testing::TestWithParam<Written> {};

TEST_P(Golden, EveryNumberAndEveryConditionIsAsWrittenDown) {
  const std::string path = std::string{"tests/golden/seccomp-"} + GetParam().name + ".tsv";
  const std::string table = golden_table(GetParam().policy());
  if (std::getenv("TINCAN_WRITE_GOLDEN") != nullptr) std::ofstream{path} << table;
  std::istringstream now{table};
  std::istringstream then{slurp(path)};
  std::string is;
  std::string was;
  int lines = 0;
  while (std::getline(then, was) && ++lines > 0) {
    std::getline(now, is);
    EXPECT_EQ(is, was) << path << ':' << lines;
  }
  EXPECT_FALSE(std::getline(now, is));
  EXPECT_GT(lines, 130);
}
INSTANTIATE_TEST_SUITE_P(
    Seccomp, Golden,
    testing::Values(Written{"default", [] { return default_policy(default_capabilities()); }},
                    Written{"series", series_policy}));

// An instruction that no question comes to is one that nobody has tested.
TEST(Filter, EveryInstructionIsReached) {
  for (const std::uint32_t arch : architectures) {
    for (const Policy& policy : {default_policy(default_capabilities()), default_policy(0),
                                 default_policy(mask_of("ALL", "test")), series_policy()}) {
      Machine machine{compile(policy, arch)};
      (void)answers_by_number(machine, arch);
      (void)answers_by_argument(machine, arch);
      for (const char* name : {"chmod", "fchmod", "fchmodat", "unshare", "clone"}) {
        const auto number = syscall_number(arch, name);
        for (std::uint64_t bits : {04000ULL, 02000ULL, 0x10000000ULL, 0ULL}) {
          if (number) machine.ask(call(arch, *number, bits, bits, bits));
        }
      }
      for (std::uint32_t number : {0x40000000U, 0x80000000U, 0xffffffffU}) {
        machine.ask(call(arch, number));
      }
      machine.ask(call(AUDIT_ARCH_I386, 0));
      EXPECT_TRUE(machine.never_reached().empty())
          << architecture_name(arch) << ": instruction " << machine.never_reached().front();
    }
  }
}

// The same number means another call there, so no answer but death will do.
TEST(Filter, AnotherArchitectureIsKilledWhateverItAsks) {
  for (const std::uint32_t arch : architectures) {
    for (const Policy& policy : {default_policy(mask_of("ALL", "test")), series_policy(),
                                 parse_policy("default allow\n", "test")}) {
      Machine machine{compile(policy, arch)};
      for (const std::uint32_t other :
           {std::uint32_t{AUDIT_ARCH_I386}, std::uint32_t{AUDIT_ARCH_ARM},
            std::uint32_t{AUDIT_ARCH_X86_64}, std::uint32_t{AUDIT_ARCH_AARCH64}, 0U}) {
        if (other == arch) continue;
        for (std::uint32_t number = 0; number <= last_number; ++number) {
          ASSERT_EQ(machine.ask(call(other, number)), SECCOMP_RET_KILL_PROCESS);
        }
      }
    }
  }
}

TEST(Filter, X32IsKilled) {
  for (const Policy& policy : {default_policy(mask_of("ALL", "test")), series_policy(),
                               parse_policy("default allow\n", "test")}) {
    Machine machine{compile(policy, AUDIT_ARCH_X86_64)};
    for (std::uint32_t number = 0; number <= last_number; ++number) {
      ASSERT_EQ(machine.ask(call(AUDIT_ARCH_X86_64, 0x40000000 + number)),
                SECCOMP_RET_KILL_PROCESS);
    }
    EXPECT_EQ(machine.ask(call(AUDIT_ARCH_X86_64, 0x7fffffff)), SECCOMP_RET_KILL_PROCESS);
    // A tracer that skips a call sets its number to -1.
    EXPECT_NE(machine.ask(call(AUDIT_ARCH_X86_64, 0xffffffff)), SECCOMP_RET_KILL_PROCESS);
  }
}

TEST(Filter, NoUnknownNumberIsAllowed) {
  for (const std::uint32_t arch : architectures) {
    Machine machine{compile(default_policy(mask_of("ALL", "test")), arch)};
    for (std::uint64_t number = 471; number < 0x40000000; number += number < 2000 ? 1 : 9973) {
      ASSERT_EQ(machine.ask(call(arch, static_cast<std::uint32_t>(number))),
                SECCOMP_RET_ERRNO | ENOSYS);
    }
  }
}

// libseccomp compiles the same rules in its own way; both programs must say the same. Its
// conditions compare 64 bits, unless masked.
TEST(Filter, LibseccompAgrees) {
  const Policy policy = series_policy();
  const std::unique_ptr<void, decltype(&seccomp_release)> other{seccomp_init(SCMP_ACT_ALLOW),
                                                                seccomp_release};
  for (const Rule& rule : policy.rules) {
    std::vector<scmp_arg_cmp> all;
    for (const Comparison& it : rule.all) {
      all.push_back({it.argument, SCMP_CMP_MASKED_EQ, it.mask, it.value});
    }
    const int number = seccomp_syscall_resolve_name(rule.name.c_str());
    ASSERT_EQ(seccomp_rule_add_array(other.get(), SCMP_ACT_ERRNO(EPERM), number,
                                     static_cast<unsigned>(all.size()), all.data()),
              0);
  }
  std::FILE* file = std::tmpfile();
  ASSERT_EQ(seccomp_export_bpf(other.get(), fileno(file)), 0);
  std::rewind(file);
  Program theirs(4096);
  theirs.resize(std::fread(theirs.data(), sizeof theirs[0], theirs.size(), file));
  (void)std::fclose(file);
  Machine one{compile(policy, native_architecture())};
  Machine two{theirs};
  for (std::uint32_t number = 0; number <= last_number; ++number) {
    for (std::uint64_t value : {0ULL, 04755ULL, 02755ULL, 0755ULL, 0x10000000ULL, 0x5412ULL,
                                0x100005412ULL, 0x5413ULL, 0x541bULL, 0x110000000ULL}) {
      const seccomp_data data = call(native_architecture(), number, value, value, value);
      ASSERT_EQ(one.ask(data), two.ask(data)) << number << ' ' << hex(value);
    }
  }
}

TEST(Filter, ACapabilityOpensItsOwnCalls) {
  const std::uint32_t arch = native_architecture();
  const auto answer = [&](const char* kept, const char* name) {
    Machine machine{compile(default_policy(mask_of(kept, "test")), arch)};
    return action_name({machine.ask(call(arch, syscall_number(arch, name).value()))});
  };
  EXPECT_EQ(answer("SYS_ADMIN", "mount"), "allow");
  EXPECT_EQ(answer("SYS_TIME", "mount"), "EPERM");
  EXPECT_EQ(answer("SYS_TIME", "settimeofday"), "allow");
  EXPECT_EQ(answer("SYS_ADMIN", "settimeofday"), "EPERM");
  EXPECT_EQ(answer("ALL", "clone3"), "allow");
  for (const char* name : {"io_uring_setup", "keyctl", "userfaultfd"}) {
    EXPECT_EQ(answer("ALL", name), "EPERM");
  }
}

// Which calls, with any arguments of the samples, each capability opens on top: written down too.
std::string opened_by_each(std::uint32_t arch) {
  std::ostringstream table;
  Machine closed{compile(default_policy(0), arch)};
  for (int number = 0; number <= CAP_CHECKPOINT_RESTORE; ++number) {
    Machine open{compile(default_policy(capability_bit(number)), arch)};
    std::set<std::string> opened;
    const auto compare = [&](const std::string& name, const seccomp_data& data) {
      const std::uint32_t answer = open.ask(data);
      if (answer != closed.ask(data)) opened.insert(name + ':' + action_name({answer}));
    };
    for (std::uint32_t it = 0; it <= last_weighed; ++it) {
      compare(syscall_name(arch, it), call(arch, it));
    }
    for (const Sample& it : samples()) {
      const auto sample = syscall_number(arch, it.name).value();
      compare(it.name, call(arch, sample, it.first, it.second, it.third));
    }
    if (opened.empty()) continue;
    table << architecture_name(arch) << ' ' << capability_names(capability_bit(number));
    for (const std::string& name : opened) table << ' ' << name;
    table << '\n';
  }
  return table.str();
}

TEST(GoldenCapabilities, EachOpensWhatIsWrittenDown) {
  const std::string path = "tests/golden/seccomp-capabilities.tsv";
  std::string table;
  for (const std::uint32_t arch : architectures) table += opened_by_each(arch);
  if (std::getenv("TINCAN_WRITE_GOLDEN") != nullptr) std::ofstream{path} << table;
  EXPECT_EQ(table, slurp(path));
}

TEST(Filter, ACapabilityOpensSocketsAndRequestsOfItsOwn) {
  const std::uint32_t arch = native_architecture();
  const auto answer = [&](const char* kept, const char* name, std::uint64_t first,
                          std::uint64_t second, std::uint64_t third) {
    Machine machine{compile(default_policy(mask_of(kept, "test")), arch)};
    const auto number = syscall_number(arch, name).value();
    return action_name({machine.ask(call(arch, number, first, second, third))});
  };
  const auto raw = std::uint64_t{SOCK_RAW | SOCK_CLOEXEC};
  EXPECT_EQ(answer("SYS_TIME", "socket", AF_INET, raw, IPPROTO_ICMP), "EPERM");
  EXPECT_EQ(answer("NET_RAW", "socket", AF_INET, raw, IPPROTO_ICMP), "allow");
  EXPECT_EQ(answer("NET_RAW", "socket", AF_INET6, raw, IPPROTO_RAW), "allow");
  // No protocol is looked for in modules, and this type is AF_PACKET.
  EXPECT_EQ(answer("ALL", "socket", AF_INET, raw, 0), "EPROTONOSUPPORT");
  EXPECT_EQ(answer("ALL", "socket", AF_INET6, raw, 0), "EPROTONOSUPPORT");
  EXPECT_EQ(answer("ALL", "socket", AF_INET6, SOCK_PACKET, 0x300), "EPROTONOSUPPORT");
  EXPECT_EQ(answer("ALL", "socket", AF_INET6, SOCK_STREAM, IPPROTO_SCTP), "EPROTONOSUPPORT");
  EXPECT_EQ(answer("ALL", "socket", AF_INET, SOCK_PACKET, 0x300), "EPROTONOSUPPORT");
  EXPECT_EQ(answer("ALL", "socket", AF_INET, SOCK_STREAM, IPPROTO_SCTP), "EPROTONOSUPPORT");
  EXPECT_EQ(answer("NET_RAW", "ioctl", 3, SIOCBRADDBR, 0), "ENOPKG");
  EXPECT_EQ(answer("NET_ADMIN", "ioctl", 3, SIOCBRADDBR, 0), "allow");
  EXPECT_EQ(answer("ALL", "ioctl", 3, TIOCSETD, 0), "EPERM");
}

// Wherever a policy comes from, it is compiled, and held to what the start still needs.
TEST(Filter, IsMadeOfAPolicyThatIsInNoFile) {
  const Policy policy{allow, {{"uname", refuse_with(EPERM)}}};
  const Filter filter = make_filter(policy);
  ASSERT_TRUE(filter);
  EXPECT_EQ(print_program(*filter, native_architecture()),
            print_program(compile(policy, native_architecture()), native_architecture()));
  EXPECT_FALSE(make_filter(std::nullopt));
  constexpr std::array later{Call{"uname"}};
  EXPECT_THROW(make_filter(policy, later), UsageError);
  EXPECT_THROW(make_filter(Policy{allow, {{"execve", refuse_with(EPERM)}}}), UsageError);
  EXPECT_THROW(make_filter(Policy{refuse_with(ENOSYS)}), UsageError);
  for (const Policy& own : {default_policy(0), series_policy()}) EXPECT_NO_THROW(make_filter(own));
}

// A name with a typing error would allow nothing and refuse nothing.
TEST(Filter, EveryNameOfThePoliciesIsACall) {
  for (const Policy& policy : {default_policy(0), series_policy()}) {
    for (const Rule& rule : policy.rules) EXPECT_TRUE(is_syscall(rule.name)) << rule.name;
  }
}

// A second rule behind one without a condition would never count.
TEST(Filter, NoRuleOfThePoliciesIsInVain) {
  for (const Policy& policy : {default_policy(0), series_policy()}) {
    std::set<std::string> closed;
    for (const Rule& rule : policy.rules) {
      EXPECT_FALSE(closed.contains(rule.name)) << rule.name;
      if (rule.all.empty()) closed.insert(rule.name);
    }
  }
}

std::set<std::string> names_with_a_row() {
  std::set<std::string> names;
  for (const Rule& rule : default_policy(0).rules) names.insert(rule.name);
  return names;
}

// A row has a reason; a call without a row is one that nobody has weighed.
TEST(Filter, EveryNumberThatLibseccompKnowsHasBeenWeighed) {
  const auto weighed = names_with_a_row();
  std::string left;
  for (const std::uint32_t arch : architectures) {
    for (std::uint32_t number = 0; number <= last_number; ++number) {
      const std::string name = syscall_name(arch, number);
      if (name != std::to_string(number) && !weighed.contains(name)) left += name + " ";
    }
  }
  EXPECT_EQ(left, "");
}

// Up to the newest that we know, a number has a name, or no kernel has the number.
TEST(Filter, NoNumberIsPassedOver) {
  const auto unused = [](std::uint32_t arch, std::uint32_t number) {
    if (arch == AUDIT_ARCH_X86_64) return number >= 337 && number <= 423;
    return (number >= 244 && number <= 259) || (number >= 295 && number <= 423);
  };
  for (const std::uint32_t arch : architectures) {
    for (std::uint32_t number = 0; number <= 471; ++number) {
      EXPECT_EQ(syscall_name(arch, number) == std::to_string(number), unused(arch, number))
          << architecture_name(arch) << ' ' << number;
    }
  }
}

// False for what 32-bit architectures alone have.
bool is_here(const std::string& name) {
  return std::any_of(architectures.begin(), architectures.end(),
                     [&](std::uint32_t arch) { return syscall_number(arch, name).has_value(); });
}

// The headers that this was built with may be newer than libseccomp and than our own table.
TEST(Filter, EveryCallOfTheKernelHeadersHasBeenWeighed) {
  const auto weighed = names_with_a_row();
  int seen = 0;
  std::string left;
  for (const char* path : {"/usr/include/asm-generic/unistd.h", "/usr/include/asm/unistd_64.h",
                           "/usr/include/x86_64-linux-gnu/asm/unistd_64.h",
                           "/usr/include/aarch64-linux-gnu/asm/unistd_64.h"}) {
    std::ifstream header{path};
    for (std::string define, name, number; header >> define;) {
      if (define != "#define" || !(header >> name >> number)) continue;
      if (!name.starts_with("__NR_") || !std::isdigit(number.front())) continue;
      name.erase(0, 5);
      ++seen;
      if (!is_syscall(name)) {
        if (name != "arch_specific_syscall" && name != "syscalls") left += name + " (unknown) ";
      } else if (!weighed.contains(name) && is_here(name)) {
        left += name + " ";
      }
    }
  }
  if (seen == 0) GTEST_SKIP() << "there are no kernel headers here";
  EXPECT_GT(seen, 250);
  EXPECT_EQ(left, "");
}

TEST(Filter, RefusesWhatItCannotMake) {
  EXPECT_THROW(compile({allow, {{"no_such_call", allow}}}, native_architecture()), Error);
  Policy many{allow};
  for (std::uint32_t n = 0; n < 200; ++n) many.rules.push_back({"read", allow, {{0, 1, n & 1}}});
  EXPECT_THROW(compile(many, native_architecture()), Error);
}

// `plain` rules of three instructions each and `masked` ones of four, all but the last in vain;
// behind them one for another call.
Policy rules_for_one_call(unsigned plain, unsigned masked) {
  Policy policy{allow};
  for (unsigned n = 0; n < plain + masked; ++n) {
    const std::uint32_t mask = n < masked ? 0xffff : ~0U;
    policy.rules.push_back({"read", refuse_with(static_cast<int>(n + 1)), {{0, mask, n + 1}}});
  }
  policy.rules.push_back({"write", refuse_with(EPERM), {{0, ~0U, 7}}});
  return policy;
}

// A jump is a number of 8 bits: what is one instruction too far would lead nowhere, and open what
// comes after it.
TEST(Filter, TheFurthestJumpArrivesAndNoneGoesFurther) {
  const std::uint32_t arch = native_architecture();
  const std::uint32_t read = syscall_number(arch, "read").value();
  const std::uint32_t write = syscall_number(arch, "write").value();
  struct Border {
    unsigned plain, masked;  // 3 * plain + 4 * masked + 1 instructions
  };
  for (const auto& [plain, masked] : {Border{84, 0}, Border{83, 1}, Border{82, 2}}) {  // 253 to 255
    Machine machine{compile(rules_for_one_call(plain, masked), arch)};
    for (unsigned n = 1; n <= plain + masked; ++n) {
      EXPECT_EQ(machine.ask(call(arch, read, n)), SECCOMP_RET_ERRNO | n) << plain << '+' << masked;
    }
    EXPECT_EQ(machine.ask(call(arch, read, 999)), SECCOMP_RET_ALLOW);
    EXPECT_EQ(machine.ask(call(arch, write, 7)), SECCOMP_RET_ERRNO | EPERM);
    EXPECT_EQ(machine.ask(call(arch, write, 8)), SECCOMP_RET_ALLOW);
  }
  for (const auto& [plain, masked] :
       {Border{85, 0}, Border{81, 3}, Border{84, 1}, Border{170, 0}}) {
    EXPECT_THROW(compile(rules_for_one_call(plain, masked), arch), Error) << plain;
  }
}

// The same border within one rule: each of its comparisons jumps behind it.
TEST(Filter, ARuleMayHaveAsManyComparisonsAsAJumpReaches) {
  const std::uint32_t arch = native_architecture();
  const std::uint32_t read = syscall_number(arch, "read").value();
  for (std::size_t count = 100; count <= 300; ++count) {
    const Policy policy{allow,
                        {{"read", refuse_with(EPERM), {count, Comparison{0, ~0U, 5}}},
                         {"write", refuse_with(EPERM), {{0, ~0U, 7}}}}};
    if (2 * count + 2 > 255) {
      EXPECT_THROW(compile(policy, arch), Error) << count;
      continue;
    }
    Machine machine{compile(policy, arch)};
    EXPECT_EQ(machine.ask(call(arch, read, 5)), SECCOMP_RET_ERRNO | EPERM) << count;
    EXPECT_EQ(machine.ask(call(arch, read, 6)), SECCOMP_RET_ALLOW) << count;
  }
}

// And the border of the whole, BPF_MAXINSNS.
TEST(Filter, IsNoLongerThanTheKernelTakes) {
  Policy policy{allow};
  const auto fill = [&](unsigned calls) {
    policy.rules.clear();
    for (unsigned number = 0; number < calls; ++number) {
      const std::string name = syscall_name(native_architecture(), number);
      for (std::uint32_t n = 0; n < 80; ++n) policy.rules.push_back({name, allow, {{0, ~0U, n}}});
    }
  };
  fill(16);  // 16 * (1 + 1 + 3 * 80) and a frame
  EXPECT_LE(compile(policy, native_architecture()).size(), 4096U);
  fill(17);
  EXPECT_THROW(compile(policy, native_architecture()), Error);
  // Not one instruction fewer: a comparison under a mask takes four, one without three.
  std::size_t longest = 0;
  for (std::uint32_t n = 0; n < 240; ++n) {
    fill(16);
    const std::string name = syscall_name(native_architecture(), 16);
    for (std::uint32_t i = 0; i < n / 3; ++i) policy.rules.push_back({name, allow, {{0, ~0U, i}}});
    for (std::uint32_t i = 0; i < n % 3; ++i) policy.rules.push_back({name, allow, {{1, 0xff, i}}});
    try {
      longest = std::max(longest, compile(policy, native_architecture()).size());
    } catch (const Error&) {
    }
  }
  EXPECT_EQ(longest, 4096U);
}

// open(2) has no number there: the others stay.
TEST(Filter, LeavesOutWhatTheArchitectureLacks) {
  Machine machine{
      compile({refuse_with(EPERM), {{"open", allow}, {"openat", allow}}}, AUDIT_ARCH_AARCH64)};
  EXPECT_EQ(machine.ask(call(AUDIT_ARCH_AARCH64, 56)), SECCOMP_RET_ALLOW);
  EXPECT_EQ(machine.ask(call(AUDIT_ARCH_AARCH64, 2)), SECCOMP_RET_ERRNO | EPERM);
}

// In a child, for there is no way back. Its second thread was there before the filter.
int load_beside_a_thread() {
  std::promise<void> loaded;
  std::atomic<int> mode = -1;
  std::thread other{[&] {
    loaded.get_future().wait();
    mode = prctl(PR_GET_SECCOMP);
  }};
  prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  load_filter(compile({allow}, native_architecture()));
  loaded.set_value();
  other.join();
  return mode;
}

TEST(Filter, IsLoadedForEveryThread) {
  const pid_t child = fork();
  if (child == 0) _exit(load_beside_a_thread());
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == SECCOMP_MODE_FILTER) << status;
}

TEST(PolicyFile, ReadsEveryForm) {
  const Policy policy = parse_policy(
      "# a comment\n\n  default ENOSYS # another\nread\tallow\n"
      "socket allow if arg0 == 16 and arg2 & 0xff == 0x0\nsocket kill",
      "--seccomp");
  EXPECT_EQ(policy.otherwise, refuse_with(ENOSYS));
  ASSERT_EQ(policy.rules.size(), 3U);
  EXPECT_EQ(policy.rules[0].name, "read");
  ASSERT_EQ(policy.rules[1].all.size(), 2U);
  EXPECT_EQ(policy.rules[1].all[0].argument, 0U);
  EXPECT_EQ(policy.rules[1].all[0].mask, 0xffffffffU);
  EXPECT_EQ(policy.rules[1].all[0].value, 16U);
  EXPECT_EQ(policy.rules[1].all[1].argument, 2U);
  EXPECT_EQ(policy.rules[1].all[1].mask, 0xffU);
  EXPECT_EQ(policy.rules[2].action, kill_process);
}

TEST(PolicyFile, RefusesBytesThatAreNoText) {
  for (std::string_view text :
       {std::string_view{"default allow\nread\0 allow", 25}, std::string_view{"default allow\r\n"},
        std::string_view{"\xff\xfe"}, std::string_view{""}, std::string_view{"default"},
        std::string_view{"default allow # a bell\a"}, std::string_view{"default allow # \x7f"}}) {
    EXPECT_THROW(parse_policy(text, "--seccomp"), UsageError);
  }
}

TEST(PolicyFile, KnowsWhatMayBeAllowed) {
  const Policy policy = parse_policy(
      "default EPERM\nread allow if arg0 == 1\nread kill\nwrite kill if arg0 == 1\n"
      "close kill\nopenat allow\n",
      "--seccomp");
  EXPECT_TRUE(may_allow(policy, {"read"}));
  EXPECT_FALSE(may_allow(policy, {"write"}));
  EXPECT_FALSE(may_allow(policy, {"close"}));
  EXPECT_TRUE(may_allow(policy, {"openat"}));
  EXPECT_FALSE(may_allow(policy, {"execve"}));
  EXPECT_FALSE(may_allow(parse_policy("default allow\nread kill\n", "--seccomp"), {"read"}));
  EXPECT_TRUE(may_allow(parse_policy("default allow\nread kill\n", "--seccomp"), {"write"}));
}

TEST(PolicyFile, KnowsWhatMayBeAllowedWithSuchArguments) {
  const auto may = [](const char* rules, Call call) {
    return may_allow(parse_policy("default allow\n" + std::string{rules}, "--seccomp"), call);
  };
  const Call dies{"prctl", {{{0, ~0U, 1}, {1, ~0U, 9}}}};
  EXPECT_FALSE(may("prctl EPERM if arg0 == 1\n", dies));
  EXPECT_FALSE(may("prctl kill if arg0 == 1 and arg1 == 9\n", dies));
  EXPECT_FALSE(may("prctl EPERM if arg0 & 0x1 == 1\n", dies));
  EXPECT_FALSE(may("prctl EPERM if arg3 & 0x0 == 0\n", dies));
  EXPECT_TRUE(may("prctl EPERM if arg0 == 4\n", dies));
  EXPECT_TRUE(may("prctl EPERM if arg0 == 1 and arg1 == 15\n", dies));
  EXPECT_TRUE(may("prctl EPERM if arg2 == 0\n", dies));  // not known
  EXPECT_TRUE(may("prctl allow if arg0 == 1\nprctl EPERM\n", dies));
  EXPECT_TRUE(may("prctl allow if arg2 == 1\nprctl EPERM\n", dies));
  EXPECT_FALSE(may("prctl allow if arg0 == 2\nprctl EPERM\n", dies));
  EXPECT_FALSE(may("prctl EPERM if arg0 == 1\nprctl allow\n", dies));
  const Call forks{"clone", {{{0, ~0U, 0x1200011}}}};
  EXPECT_FALSE(may("clone EPERM if arg0 & 0x200000 == 0x200000\n", forks));
  EXPECT_FALSE(may("clone EPERM if arg0 & 0x7e020000 == 0\n", forks));
  EXPECT_TRUE(may("clone EPERM if arg0 & 0x10000000 == 0x10000000\n", forks));
  // Known in part: a bit that is not known leaves it open, one that is known decides.
  const Call half{"clone", {{{0, 0xff, 0x11}}}};
  EXPECT_TRUE(may("clone EPERM if arg0 == 0x11\n", half));
  EXPECT_FALSE(may("clone EPERM if arg0 & 0xf == 1\n", half));
  EXPECT_FALSE(may("clone allow if arg0 == 0x12\nclone EPERM\n", half));
}

TEST(PolicyFile, TakesEveryBorderAndNothingBeyond) {
  const auto is_taken = [](const std::string& line) {
    try {
      parse_policy("default allow\n" + line, "--seccomp");
    } catch (const UsageError&) {
      return false;
    }
    return true;
  };
  for (const char* line :
       {"read allow if arg0 == 0", "read allow if arg5 == 4294967295", "read EHWPOISON",
        "read EPERM", "read allow if arg0 & 0xffffffff == 0xffffffff",
        "read allow if arg0 & 0 == 0", "read allow if arg0 == 0xFf and arg1 == 010"}) {
    EXPECT_TRUE(is_taken(line)) << line;
  }
  for (const char* line :
       {"read allow if arg6 == 0", "read allow if arg/ == 0", "read allow if arg05 == 0",
        "read allow if arg0 == 4294967296", "read allow if arg0 == 1x", "read allow if arg0 == 0x",
        "read allow if arg0 == 0x1g", "read allow if arg0 == 0x100000000",
        "read allow if arg0 == +1", "read allow if arg0 & 1x == 1", "read allow if arg0 & 2 == 1",
        "read allow if arg0 == 1 and", "read EWHAT", "read E", "read 1", "read allowx", "read kil",
        "readx allow"}) {
    EXPECT_FALSE(is_taken(line)) << line;
  }
}

TEST(PolicyFile, SaysWhatIsMissing) {
  for (const std::string text : {"default", "default allow\nread"}) {
    try {
      parse_policy(text, "--seccomp");
      ADD_FAILURE() << text;
    } catch (const UsageError& error) {
      EXPECT_TRUE(error.hint().ends_with(": an action is missing")) << error.hint();
    }
  }
}

TEST(PolicyFile, RefusesARuleInVain) {
  EXPECT_THROW(parse_policy("default allow\nread kill\nread allow\n", "--seccomp"), UsageError);
}

// What has a condition: each bit of each argument by itself; without arguments, tests/golden has it.
TEST(Series, RefusesTheseBitsAndNoOthers) {
  const std::vector<std::tuple<std::string, unsigned, std::uint32_t>> bits{
      {"chmod", 1, S_ISUID | S_ISGID},
      {"fchmod", 1, S_ISUID | S_ISGID},
      {"fchmodat", 2, S_ISUID | S_ISGID},
      {"unshare", 0, CLONE_NEWUSER},
      {"clone", 0, CLONE_NEWUSER}};
  for (const std::uint32_t arch : architectures) {
    Machine machine{compile(series_policy(), arch)};
    for (const auto& [name, argument, refused] : bits) {
      const auto number = syscall_number(arch, name);
      for (unsigned it = 0; number && it < 3 * 32; ++it) {
        const std::uint64_t value = std::uint64_t{1} << it % 32;
        seccomp_data asked = call(arch, *number);
        asked.args[it / 32] = value;
        const bool is_refused = it / 32 == argument && (refused & value) != 0;
        EXPECT_EQ(answer(machine, asked), is_refused ? "EPERM" : "allow") << name << ' ' << it;
      }
    }
  }
}

// The posts' mask was TIOCSTI's own value: it also refused TIOCGWINSZ and FIONREAD.
TEST(Series, RefusesTiocstiAndNotItsNeighbours) {
  const std::uint32_t arch = native_architecture();
  Machine machine{compile(series_policy(), arch)};
  const auto answer = [&](std::uint64_t request) {
    return machine.ask(call(arch, syscall_number(arch, "ioctl").value(), 0, request));
  };
  EXPECT_EQ(answer(TIOCSTI), SECCOMP_RET_ERRNO | EPERM);
  EXPECT_EQ(answer(TIOCSTI | std::uint64_t{1} << 32), SECCOMP_RET_ERRNO | EPERM);
  for (std::uint64_t request = 0x5400; request < 0x5500; ++request) {
    const bool refused = request == TIOCSTI;
    EXPECT_EQ(answer(request), refused ? SECCOMP_RET_ERRNO | EPERM : SECCOMP_RET_ALLOW);
  }
}

TEST(PrintProgram, SaysWhatEachInstructionDoes) {
  const std::string text = print_program(
      compile(parse_policy("default allow\nclone EPERM if arg0 & 0x10 == 0x10\n", "test"),
              AUDIT_ARCH_X86_64),
      AUDIT_ARCH_X86_64);
  for (const char* line : {"A = architecture", "if A == x86_64 go to 3, else to 2",
                           "A = number of the call", "if A == 56 (clone) go to",
                           "A = low half of argument 0", "A = A & 0x10", "EPERM", "kill"}) {
    EXPECT_NE(text.find(line), std::string::npos) << line << '\n' << text;
  }
}

TEST(PrintProgram, SaysForWhichNumbersAnAnswerIs) {
  const Policy policy = parse_policy(
      "default allow\nread EPERM\nwrite kill\nclose ENOSYS\nchmod EPERM if arg1 & 0x800 == 0x800\n",
      "test");
  std::istringstream text{print_program(compile(policy, AUDIT_ARCH_X86_64), AUDIT_ARCH_X86_64)};
  constexpr std::size_t fields = 25;  // before the words: a number, and those of the instruction
  std::string said;
  for (std::string line; std::getline(text, line);) said += line.substr(fields) + "\n";
  EXPECT_EQ(said,
            "A = architecture\nif A == x86_64 go to 3, else to 2\nkill\nA = number of the call\n"
            "if A == 90 (chmod) go to 5, else to 10\nA = low half of argument 1\nA = A & 0x800\n"
            "if A == 0x800 go to 8, else to 9\nEPERM\nallow\n"
            "if A >= 1 (write) go to 12, else to 11\nEPERM for 0 (read)\n"
            "if A >= 2 (open) go to 14, else to 13\nkill for 1 (write)\n"
            "if A >= 3 (close) go to 16, else to 15\nallow for 2 (open)\n"
            "if A >= 4 (stat) go to 18, else to 17\nENOSYS for 3 (close)\n"
            "if A >= 0x40000000 go to 20, else to 19\nallow for 4 (stat) to 0x3fffffff\n"
            "if A >= 0x80000000 go to 22, else to 21\nkill for 0x40000000 to 0x7fffffff\nallow\n");
}

}  // namespace
}  // namespace tincan
