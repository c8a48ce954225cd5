// Which capabilities a container's root keeps, and why: the one place that decides it. The
// sentences stand on capabilities(7) and on the kernel sources it describes.
#include "07-capabilities/capability_table.hpp"

#include <linux/capability.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <string_view>

#include "common/error.hpp"

namespace tincan {
namespace {

enum class Default { kept, dropped };
using enum Default;

struct Capability {
  int number;
  std::string_view name;  // without CAP_
  Default by_default;
  std::string_view why;
};

// "Docker keeps it" marks the four of its fourteen that we drop all the same.
constexpr std::array table{
    Capability{CAP_CHOWN, "CHOWN", kept, "installing programs gives files their owners"},
    Capability{CAP_DAC_OVERRIDE, "DAC_OVERRIDE", kept,
               "root is expected to open every file of its root directory"},
    Capability{CAP_DAC_READ_SEARCH, "DAC_READ_SEARCH", dropped,
               "opens files by handle, without a path: the 2014 'shocker' read the host's so"},
    Capability{CAP_FOWNER, "FOWNER", kept, "root is expected to chmod files of any user"},
    Capability{CAP_FSETID, "FSETID", kept,
               "without it, unpacking a package silently loses set-group-id bits"},
    Capability{CAP_KILL, "KILL", kept, "signals reach no further than the pid namespace"},
    Capability{CAP_SETGID, "SETGID", kept, "services drop to a group of their own"},
    Capability{CAP_SETUID, "SETUID", kept, "services drop to a user of their own"},
    Capability{CAP_SETPCAP, "SETPCAP", kept, "services give up even more, and never get more"},
    Capability{CAP_LINUX_IMMUTABLE, "LINUX_IMMUTABLE", dropped,
               "makes files that the host's administrator cannot remove"},
    Capability{CAP_NET_BIND_SERVICE, "NET_BIND_SERVICE", kept,
               "a web server listens on port 80 of its own network"},
    Capability{CAP_NET_BROADCAST, "NET_BROADCAST", dropped,
               "hears the netlink messages of other network namespaces (NETLINK_LISTEN_ALL_NSID)"},
    Capability{CAP_NET_ADMIN, "NET_ADMIN", dropped,
               "opens netfilter and its kind: CVE-2021-22555, CVE-2024-1086"},
    Capability{CAP_NET_RAW, "NET_RAW", dropped,
               "forges packets of others, and CVE-2020-14386; Docker keeps it"},
    Capability{CAP_IPC_LOCK, "IPC_LOCK", dropped, "pins memory of the host without a limit"},
    Capability{CAP_IPC_OWNER, "IPC_OWNER", dropped,
               "goes past the permissions of ipc objects; services need none of it"},
    Capability{CAP_SYS_MODULE, "SYS_MODULE", dropped, "loads code into the host's kernel"},
    Capability{CAP_SYS_RAWIO, "SYS_RAWIO", dropped, "reaches io ports and the memory of devices"},
    Capability{CAP_SYS_CHROOT, "SYS_CHROOT", kept,
               "leads nowhere: after pivot_root there is no other root to climb to"},
    Capability{CAP_SYS_PTRACE, "SYS_PTRACE", dropped,
               "reads and changes processes of every user inside"},
    Capability{CAP_SYS_PACCT, "SYS_PACCT", dropped, "switches process accounting on and off"},
    Capability{CAP_SYS_ADMIN, "SYS_ADMIN", dropped,
               "mounts and much more: the new root, and the door to most kernel holes"},
    Capability{CAP_SYS_BOOT, "SYS_BOOT", dropped, "restarts the machine or loads another kernel"},
    // exercise: table
    Capability{CAP_SYS_NICE, "SYS_NICE", dropped, "takes processor time from the host's programs"},
    Capability{CAP_SYS_RESOURCE, "SYS_RESOURCE", dropped, "lifts the limits set for the container"},
    Capability{CAP_SYS_TIME, "SYS_TIME", dropped, "sets the clock, and all share one"},
    Capability{CAP_SYS_TTY_CONFIG, "SYS_TTY_CONFIG", dropped,
               "reconfigures and hangs up terminals"},
    Capability{CAP_MKNOD, "MKNOD", dropped,
               "makes a node for the host's disk; /dev has all that is needed; Docker keeps it"},
    Capability{CAP_LEASE, "LEASE", dropped, "stalls others who open a file"},
    // end of exercise
    Capability{CAP_AUDIT_WRITE, "AUDIT_WRITE", dropped,
               "writes into the host's audit log, which has no namespace; Docker keeps it"},
    Capability{CAP_AUDIT_CONTROL, "AUDIT_CONTROL", dropped, "switches the host's audit log off"},
    Capability{CAP_SETFCAP, "SETFCAP", dropped,
               "leaves files that give powers to whoever runs them; Docker keeps it"},
    Capability{CAP_MAC_OVERRIDE, "MAC_OVERRIDE", dropped,
               "goes past a security module of the host"},
    Capability{CAP_MAC_ADMIN, "MAC_ADMIN", dropped, "configures a security module of the host"},
    Capability{CAP_SYSLOG, "SYSLOG", dropped, "shows the kernel's log and its addresses"},
    Capability{CAP_WAKE_ALARM, "WAKE_ALARM", dropped, "wakes the machine from its sleep"},
    Capability{CAP_BLOCK_SUSPEND, "BLOCK_SUSPEND", dropped, "keeps the machine from its sleep"},
    Capability{CAP_AUDIT_READ, "AUDIT_READ", dropped, "reads the host's audit log"},
    Capability{CAP_PERFMON, "PERFMON", dropped,
               "watches the kernel at work (Linux 5.8: newer than the series' list)"},
    Capability{CAP_BPF, "BPF", dropped,
               "loads programs into the kernel (Linux 5.8: newer than the series' list)"},
    Capability{CAP_CHECKPOINT_RESTORE, "CHECKPOINT_RESTORE", dropped,
               "chooses pids and opens others' mappings (Linux 5.9: newer than the series' list)"},
};

template <typename Condition>
std::uint64_t mask_where(Condition condition) {
  std::uint64_t mask = 0;
  for (const Capability& capability : table) {
    if (condition(capability)) mask |= capability_bit(capability.number);
  }
  return mask;
}

// Not std::toupper: that one asks the locale.
std::string upper_case(std::string text) {
  for (char& c : text) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return text;
}

}  // namespace

std::uint64_t default_capabilities() {
  return mask_where([](const Capability& capability) { return capability.by_default == kept; });
}

std::uint64_t mask_of(const std::string& name, const std::string& option) {
  const std::string asked = upper_case(name);
  const std::uint64_t mask = mask_where([&](const Capability& row) {
    return asked == "ALL" || asked == row.name || asked == "CAP_" + std::string{row.name};
  });
  if (mask != 0) return mask;
  throw UsageError{option, "'" + name + "' is no capability: see --list-capabilities"};
}

std::string capability_names(std::uint64_t mask) {
  std::string names;
  for (int number = 0; number < 64; ++number) {
    if ((mask & capability_bit(number)) == 0) continue;
    const auto row = std::ranges::find(table, number, &Capability::number);
    names += names.empty() ? "" : ", ";
    names += row != table.end() ? "CAP_" + std::string{row->name} : std::to_string(number);
  }
  return names.empty() ? "none" : names;
}

void print_capabilities() {
  for (const Capability& capability : table) {
    std::printf("%-8s CAP_%-19s %s\n", capability.by_default == kept ? "kept" : "dropped",
                capability.name.data(), capability.why.data());
  }
  std::printf("dropped  what the kernel has beyond these: nobody has weighed it yet\n");
}

}  // namespace tincan
