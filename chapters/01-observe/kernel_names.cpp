// The tables of names.
#include "01-observe/kernel_names.hpp"

#include <array>
#include <bit>
#include <charconv>
#include <csignal>
#include <cstring>
#include <system_error>

#include "common/numbers.hpp"

namespace tincan::observation {
namespace {

// By number, linux/capability.h. 37 AUDIT_READ came with Linux 3.16, 38 and 39 with 5.8, 40
// with 5.9.
constexpr std::array capabilities{"CHOWN",
                                  "DAC_OVERRIDE",
                                  "DAC_READ_SEARCH",
                                  "FOWNER",
                                  "FSETID",
                                  "KILL",
                                  "SETGID",
                                  "SETUID",
                                  "SETPCAP",
                                  "LINUX_IMMUTABLE",
                                  "NET_BIND_SERVICE",
                                  "NET_BROADCAST",
                                  "NET_ADMIN",
                                  "NET_RAW",
                                  "IPC_LOCK",
                                  "IPC_OWNER",
                                  "SYS_MODULE",
                                  "SYS_RAWIO",
                                  "SYS_CHROOT",
                                  "SYS_PTRACE",
                                  "SYS_PACCT",
                                  "SYS_ADMIN",
                                  "SYS_BOOT",
                                  "SYS_NICE",
                                  "SYS_RESOURCE",
                                  "SYS_TIME",
                                  "SYS_TTY_CONFIG",
                                  "MKNOD",
                                  "LEASE",
                                  "AUDIT_WRITE",
                                  "AUDIT_CONTROL",
                                  "SETFCAP",
                                  "MAC_OVERRIDE",
                                  "MAC_ADMIN",
                                  "SYSLOG",
                                  "WAKE_ALARM",
                                  "BLOCK_SUSPEND",
                                  "AUDIT_READ",
                                  "PERFMON",
                                  "BPF",
                                  "CHECKPOINT_RESTORE"};

constexpr std::array securebits{
    "NOROOT",    "NOROOT_LOCKED",    "NO_SETUID_FIXUP",      "NO_SETUID_FIXUP_LOCKED",
    "KEEP_CAPS", "KEEP_CAPS_LOCKED", "NO_CAP_AMBIENT_RAISE", "NO_CAP_AMBIENT_RAISE_LOCKED"};

constexpr std::array seccomp_modes{"none", "strict", "filter"};

// 4 was kept for a policy that never came.
constexpr std::array policies{"other", "fifo", "rr", "batch", "4", "idle", "deadline", "ext"};

// The names of the bits that are set, lowest first.
template <typename NameOf>
Names names_of_bits(std::uint64_t mask, NameOf name_of) {
  Names names;
  for (unsigned bit = 0; bit < 64; ++bit) {
    if (((mask >> bit) & 1) != 0) names.push_back(name_of(bit));
  }
  return names;
}

template <std::size_t Size>
std::string name_in(const std::array<const char*, Size>& table, std::uint64_t number) {
  return number < Size ? table[number] : std::to_string(number);
}

std::string joined(const Names& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : " ") + name;
  return text;
}

std::string signal_name(unsigned bit) {
  const int number = static_cast<int>(bit) + 1;
  if (const char* name = sigabbrev_np(number); name != nullptr) return name;
  if (number < SIGRTMIN || number > SIGRTMAX) return std::to_string(number);
  return number == SIGRTMIN ? "RTMIN" : "RTMIN+" + std::to_string(number - SIGRTMIN);
}

}  // namespace

std::optional<std::uint64_t> parse_mask(std::string_view hex) {
  std::uint64_t mask = 0;
  const char* end = hex.data() + hex.size();
  const auto [rest, error] = std::from_chars(hex.data(), end, mask, 16);
  if (error != std::errc{} || rest != end) return std::nullopt;
  return mask;
}

Names capability_names(std::uint64_t mask) {
  return names_of_bits(mask, [](unsigned bit) { return name_in(capabilities, bit); });
}

std::string capability_summary(std::uint64_t mask, unsigned last) {
  const std::uint64_t all = last >= 63 ? ~std::uint64_t{0} : (std::uint64_t{1} << (last + 1)) - 1;
  if (mask == 0) return "none";
  if (mask == all) return "all";
  const std::uint64_t missing = all & ~mask;
  if ((mask & ~all) == 0 && std::popcount(missing) < std::popcount(mask)) {
    return "all but " + joined(capability_names(missing));
  }
  return joined(capability_names(mask));
}

Names signal_names(std::uint64_t mask) {
  return names_of_bits(mask, signal_name);
}

Names securebit_names(std::uint64_t mask) {
  return names_of_bits(mask, [](unsigned bit) { return name_in(securebits, bit); });
}

std::string seccomp_mode_name(std::string_view number) {
  const auto mode = parse_number(number, 0, seccomp_modes.size() - 1);
  if (!mode) return std::string{number};
  return std::string{number} + " (" + name_in(seccomp_modes, *mode) + ")";
}

std::string policy_name(std::string_view number) {
  const auto policy = parse_number(number, 0, UINT64_MAX);
  return policy ? name_in(policies, *policy) : std::string{number};
}

}  // namespace tincan::observation
