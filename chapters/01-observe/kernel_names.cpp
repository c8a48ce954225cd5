// The tables of names.
#include "01-observe/kernel_names.hpp"

#include <array>
#include <bit>
#include <charconv>
#include <csignal>
#include <cstring>

namespace tincan {
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

template <typename NameOf>
std::string names_of_bits(std::uint64_t mask, NameOf name_of) {
  std::string names;
  for (unsigned bit = 0; bit < 64; ++bit) {
    if (((mask >> bit) & 1) != 0) names += (names.empty() ? "" : " ") + std::string{name_of(bit)};
  }
  return names.empty() ? "none" : names;
}

std::string capability_name(unsigned bit) {
  return bit < capabilities.size() ? capabilities[bit] : std::to_string(bit);
}

std::string signal_name(unsigned bit) {
  const int number = static_cast<int>(bit) + 1;
  const char* name = sigabbrev_np(number);
  return name != nullptr ? name : std::to_string(number);
}

}  // namespace

std::uint64_t parse_mask(std::string_view hex) {
  std::uint64_t mask = 0;
  std::from_chars(hex.data(), hex.data() + hex.size(), mask, 16);
  return mask;
}

std::string capability_names(std::uint64_t mask, unsigned last) {
  const std::uint64_t all = last >= 63 ? ~std::uint64_t{0} : (std::uint64_t{1} << (last + 1)) - 1;
  if (mask == all) return "all";
  const std::uint64_t missing = all & ~mask;
  if ((mask & ~all) == 0 && std::popcount(missing) < std::popcount(mask)) {
    return "all but " + names_of_bits(missing, capability_name);
  }
  return names_of_bits(mask, capability_name);
}

std::string signal_names(std::string_view hex) {
  return names_of_bits(parse_mask(hex), signal_name);
}

std::string securebit_names(unsigned bits) {
  return names_of_bits(bits, [](unsigned bit) {
    return bit < securebits.size() ? securebits[bit] : std::to_string(bit);
  });
}

}  // namespace tincan
