// `linux.seccomp`.
#include <linux/audit.h>
#include <linux/seccomp.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "08-seccomp/syscall_numbers.hpp"
#include "13-runtime/abilities.hpp"
#include "13-runtime/parts.hpp"

#ifndef SECCOMP_FILTER_FLAG_TSYNC_ESRCH
#define SECCOMP_FILTER_FLAG_TSYNC_ESRCH (1UL << 4)
#endif
#ifndef SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
#define SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV (1UL << 5)  // Linux 5.19
#endif

namespace tincan::oci {
namespace {

constexpr std::array<std::pair<std::string_view, std::uint32_t>, 9> actions{{
    {"SCMP_ACT_ALLOW", SECCOMP_RET_ALLOW},
    {"SCMP_ACT_ERRNO", SECCOMP_RET_ERRNO},
    {"SCMP_ACT_KILL", SECCOMP_RET_KILL_THREAD},
    {"SCMP_ACT_KILL_PROCESS", SECCOMP_RET_KILL_PROCESS},
    {"SCMP_ACT_KILL_THREAD", SECCOMP_RET_KILL_THREAD},
    {"SCMP_ACT_LOG", SECCOMP_RET_LOG},
    {"SCMP_ACT_NOTIFY", SECCOMP_RET_USER_NOTIF},
    {"SCMP_ACT_TRACE", SECCOMP_RET_TRACE},
    {"SCMP_ACT_TRAP", SECCOMP_RET_TRAP},
}};

constexpr std::array<std::pair<std::string_view, Operator>, 7> operators{{
    {"SCMP_CMP_NE", Operator::not_equal},
    {"SCMP_CMP_LT", Operator::less},
    {"SCMP_CMP_LE", Operator::less_or_equal},
    {"SCMP_CMP_EQ", Operator::equal},
    {"SCMP_CMP_GE", Operator::greater_or_equal},
    {"SCMP_CMP_GT", Operator::greater},
    {"SCMP_CMP_MASKED_EQ", Operator::masked},
}};

// One process, one thread, when it is loaded: to synchronise there is nothing.
constexpr std::array<std::pair<std::string_view, unsigned>, 4> filter_flags{{
    {"SECCOMP_FILTER_FLAG_TSYNC", 0},
    {"SECCOMP_FILTER_FLAG_LOG", SECCOMP_FILTER_FLAG_LOG},
    {"SECCOMP_FILTER_FLAG_SPEC_ALLOW", SECCOMP_FILTER_FLAG_SPEC_ALLOW},
    {"SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV", SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV},
}};

constexpr std::uint32_t no_architecture = 0;
constexpr std::uint32_t x32 = 1;  // shares its number with x86_64

// Those that no machine of ours runs programs of say nothing here.
constexpr std::array<std::pair<std::string_view, std::uint32_t>, 21> architectures{{
    {"SCMP_ARCH_X86_64", AUDIT_ARCH_X86_64},
    {"SCMP_ARCH_X86", AUDIT_ARCH_I386},
    {"SCMP_ARCH_X32", x32},
    {"SCMP_ARCH_AARCH64", AUDIT_ARCH_AARCH64},
    {"SCMP_ARCH_ARM", AUDIT_ARCH_ARM},
    {"SCMP_ARCH_MIPS", no_architecture},
    {"SCMP_ARCH_MIPS64", no_architecture},
    {"SCMP_ARCH_MIPS64N32", no_architecture},
    {"SCMP_ARCH_MIPSEL", no_architecture},
    {"SCMP_ARCH_MIPSEL64", no_architecture},
    {"SCMP_ARCH_MIPSEL64N32", no_architecture},
    {"SCMP_ARCH_PPC", no_architecture},
    {"SCMP_ARCH_PPC64", no_architecture},
    {"SCMP_ARCH_PPC64LE", no_architecture},
    {"SCMP_ARCH_S390", no_architecture},
    {"SCMP_ARCH_S390X", no_architecture},
    {"SCMP_ARCH_PARISC", no_architecture},
    {"SCMP_ARCH_PARISC64", no_architecture},
    {"SCMP_ARCH_RISCV64", no_architecture},
    {"SCMP_ARCH_LOONGARCH64", no_architecture},
    {"SCMP_ARCH_M68K", no_architecture},
}};

Action action_of(const Field& name, const Field& number) {
  const std::uint32_t action = name.required().one_of(actions);
  if (action != SECCOMP_RET_ERRNO && action != SECCOMP_RET_TRACE) {
    if (number.given()) number.refuse(name.text() + " returns no errno");
    return {action};
  }
  return {action | number.number<std::uint32_t>().value_or(EPERM)};
}

// The kernel's own order, seccomp(2): of two filters, the lower number counts.
bool is_stricter(Action one, Action other) {
  const auto rank = [](Action action) {
    return static_cast<std::int32_t>(action.returned & SECCOMP_RET_ACTION_FULL);
  };
  return rank(one) < rank(other);
}

ArgumentTest test_of(const Field& test) {
  ArgumentTest one{.index = *test["index"].required().number<unsigned>(),
                   .value = *test["value"].required().number<std::uint64_t>(),
                   .second = test["valueTwo"].number<std::uint64_t>().value_or(0),
                   .op = test["op"].required().one_of(operators)};
  if (one.op == Operator::masked && (one.second & ~one.value) != 0) {
    test.refuse("valueTwo has bits that the mask has not: it can never be equal");
  }
  return one;
}

// Engines' lists name calls that came later than any library: to allow what nobody knows is nothing.
std::vector<std::string> known_names(const Field& rule, bool has_to_hold,
                                     std::vector<std::string>& warnings) {
  std::vector<std::string> known;
  for (const Field& name : rule["names"].required().elements()) {
    if (is_syscall(name.text())) {
      known.push_back(name.text());
    } else if (has_to_hold) {
      name.refuse(name.shown_value() +
                  " is no system call that is known here, and it would not be refused");
    } else {
      warnings.push_back(name.place() + ": " + name.shown_value() +
                         " is no system call that is known here, and left out");
    }
  }
  if (rule["names"].elements().empty()) rule["names"].refuse("is empty");
  return known;
}

ProfileRule rule_of(const Field& rule, Action otherwise, std::vector<std::string>& warnings) {
  ProfileRule one{.names = {}, .action = action_of(rule["action"], rule["errnoRet"])};
  one.names = known_names(rule, is_stricter(one.action, otherwise), warnings);
  for (const Field& test : rule["args"].elements()) one.all.push_back(test_of(test));
  return one;
}

void add_architecture(Profile& profile, const Field& name) {
  const std::uint32_t number = name.one_of(architectures);
  if (number == x32) {
    profile.x32 = true;
  } else if (number != no_architecture &&
             std::count(profile.architectures.begin(), profile.architectures.end(), number) == 0) {
    profile.architectures.push_back(number);
  }
}

bool notifies(const Profile& profile) {
  return std::any_of(profile.rules.begin(), profile.rules.end(), [](const ProfileRule& rule) {
    return rule.action.returned == SECCOMP_RET_USER_NOTIF;
  });
}

// Who is asked by the kernel has to be there before the first question; and the container cannot hand
// over the listener by calls that it would have to be asked about.
void read_listener(Profile& profile, const Field& seccomp) {
  const Field path = seccomp["listenerPath"];
  if (profile.otherwise.returned == SECCOMP_RET_USER_NOTIF) {
    seccomp["defaultAction"].refuse(
        "SCMP_ACT_NOTIFY can be no default: the listener could not be handed over");
  }
  if (seccomp["listenerMetadata"].given() && path.text().empty()) {
    seccomp["listenerMetadata"].refuse("there is no listenerPath");
  }
  if (!notifies(profile)) return;
  for (const ProfileRule& rule : profile.rules) {
    const bool asks = rule.action.returned == SECCOMP_RET_USER_NOTIF;
    if (!asks || std::count(rule.names.begin(), rule.names.end(), "sendmsg") == 0) continue;
    seccomp["syscalls"].refuse(
        "SCMP_ACT_NOTIFY for sendmsg: by that call the listener is handed over");
  }
  if (path.text().empty()) path.refuse("is missing: SCMP_ACT_NOTIFY asks whoever is there");
  profile.listener_path = path.absolute_path();
  profile.listener_metadata = seccomp["listenerMetadata"].text();
}

template <typename Table>
std::vector<std::string> names_of(const Table& table) {
  std::vector<std::string> names;
  for (const auto& [name, meaning] : table) names.emplace_back(name);
  return names;
}

}  // namespace

Profile profile_of(const Field& seccomp, std::vector<std::string>& warnings) {
  Profile profile{.otherwise = action_of(seccomp["defaultAction"], seccomp["defaultErrnoRet"])};
  profile.architectures = {native_architecture()};
  for (const Field& name : seccomp["architectures"].elements()) add_architecture(profile, name);
  for (const Field& flag : seccomp["flags"].elements()) profile.flags |= flag.one_of(filter_flags);
  for (const Field& rule : seccomp["syscalls"].elements()) {
    profile.rules.push_back(rule_of(rule, profile.otherwise, warnings));
  }
  read_listener(profile, seccomp);
  return profile;
}

SeccompNames seccomp_names() {
  SeccompNames all{names_of(actions), names_of(operators), {}, names_of(filter_flags)};
  for (const auto& [name, number] : architectures) {
    if (number != no_architecture) all.architectures.emplace_back(name);
  }
  return all;
}

}  // namespace tincan::oci
