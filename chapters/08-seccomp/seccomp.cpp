// Choosing, checking and loading the filter.
#include "08-seccomp/seccomp.hpp"

#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdio>

#include "08-seccomp/policy_file.hpp"
#include "08-seccomp/print_program.hpp"
#include "08-seccomp/syscall_numbers.hpp"
#include "common/error.hpp"

namespace tincan {
namespace {

// What Launch still does after the last step, down to saying why something failed.
constexpr std::array launch_calls{Call{"prctl", {{{0, ~0U, PR_SET_PDEATHSIG}, {1, ~0U, SIGKILL}}}},
                                  Call{"recvfrom"}, Call{"sendmsg", {{{2, ~0U, MSG_NOSIGNAL}}}},
                                  Call{"execve"}, Call{"exit_group"}};

// A policy that refuses them makes a start that ends in an error, or never ends.
void require_allowed(const Policy& policy, std::span<const Call> calls) {
  for (const Call& call : calls) {
    if (!may_allow(policy, call)) {
      throw UsageError{"--seccomp", "the policy forbids '" + std::string{call.name} +
                                        "', without which the command cannot be started"};
    }
  }
}

}  // namespace

void add_seccomp_options(CommandLine& line, SeccompOptions& options) {
  line.section("System calls (chapter 08)");
  line.option("--seccomp", "POLICY",
              "default: an allow list; series: the posts' deny list; none; or a FILE of rules",
              [&](const std::string& policy) { options.policy = policy; });
  line.flag("--dump-seccomp", "print the filter as the kernel gets it, in words",
            [&] { options.dump = true; });
  line.not_both("--dump-seccomp", "--list-capabilities", "each prints, and runs nothing");
  line.only_with("--allow-new-privs", "--seccomp none", "a filter takes no_new_privs");
}

std::optional<Policy> choose_policy(const SeccompOptions& options,
                                    const CapabilityOptions& capabilities) {
  if (options.policy == "none") return std::nullopt;
  if (options.policy == "series") return series_policy();
  if (options.policy == "default") return default_policy(capabilities_to_keep(capabilities));
  return read_policy(options.policy, "--seccomp");
}

Filter make_filter(const std::optional<Policy>& policy, std::span<const Call> still_called) {
  if (!policy) return std::nullopt;
  require_allowed(*policy, launch_calls);
  require_allowed(*policy, still_called);
  return compile(*policy, native_architecture());
}

void print_filter(const std::optional<Policy>& policy, std::span<const Call> still_called) {
  const Filter filter = make_filter(policy, still_called);
  const std::string text =
      filter ? print_program(*filter, native_architecture()) : "there is no filter\n";
  (void)std::fputs(text.c_str(), stdout);
}

void load_filter(const Filter& filter) {
  if (!filter) return;
  // exercise: load
  Program program = *filter;
  const sock_fprog loaded{static_cast<unsigned short>(program.size()), program.data()};
  const long other = check(
      syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &loaded), "seccomp");
  if (other != 0) {
    throw Error{EBUSY, "seccomp", "thread " + std::to_string(other), "it has a filter of its own"};
  }
  // end of exercise
}

}  // namespace tincan
