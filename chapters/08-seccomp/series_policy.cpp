// The deny list of the series' seventh post, as data. Its rules are mended: the posts used the
// value of TIOCSTI as its own mask, which also refused TIOCGWINSZ and FIONREAD. What it leaves open
// is left open: the tests go round it by four ways, and that is what chapter 08 is about.
#include <sys/ioctl.h>
#include <sys/stat.h>

#include <sched.h>
#include <cerrno>

#include "08-seccomp/policy.hpp"

namespace tincan {
namespace {

constexpr Action refused = refuse_with(EPERM);

Rule never(const char* name) {
  return {name, refused};
}
Rule never_with_bits(const char* name, unsigned argument, std::uint32_t bits) {
  return {name, refused, {{argument, bits, bits}}};
}

}  // namespace

Policy series_policy() {
  return {allow,
          {
              // A session keyring goes along whatever the namespaces.
              never("keyctl"),
              never("add_key"),
              never("request_key"),
              // Memory of NUMA nodes: slows others down.
              never("mbind"),
              never("migrate_pages"),
              never("move_pages"),
              never("set_mempolicy"),
              // Stops the kernel in the middle of a copy: helps whoever exploits a bug in it.
              never("userfaultfd"),
              // Looks into the kernel.
              never("perf_event_open"),
              // A set-uid or set-group-id program left behind for a user of the host.
              never_with_bits("chmod", 1, S_ISUID),
              never_with_bits("chmod", 1, S_ISGID),
              never_with_bits("fchmod", 1, S_ISUID),
              never_with_bits("fchmod", 1, S_ISGID),
              never_with_bits("fchmodat", 2, S_ISUID),
              never_with_bits("fchmodat", 2, S_ISGID),
              // A user namespace, and all capabilities in it.
              never_with_bits("unshare", 0, CLONE_NEWUSER),
              never_with_bits("clone", 0, CLONE_NEWUSER),
              // Typing into the caller's terminal.
              {"ioctl", refused, {{1, 0xffffffff, TIOCSTI}}},
          }};
}

}  // namespace tincan
