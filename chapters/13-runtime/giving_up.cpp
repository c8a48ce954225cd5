// The steps of earlier chapters, and of attributes.hpp, in an order that works.
#include "13-runtime/giving_up.hpp"

#include <fcntl.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <numeric>
#include <string>

#include "03-process/clean_start.hpp"
#include "05-mounts/furniture.hpp"
#include "06-user-namespace/user.hpp"
#include "07-capabilities/capabilities.hpp"
#include "07-capabilities/capability_table.hpp"
#include "10-init/init.hpp"
#include "10-init/terminal.hpp"
#include "13-runtime/attributes.hpp"
#include "13-runtime/console.hpp"
#include "13-runtime/executable.hpp"
#include "common/capability_sets.hpp"
#include "common/error.hpp"
#include "common/files.hpp"
#include "common/log.hpp"

namespace tincan::oci {
namespace {

// A change from user 0 to another takes all capabilities away; which are to outlast it, is chosen
// from what is left: PR_SET_KEEPCAPS(2const).
void become_user_with(const Process& process) {
  const bool has_some = process.user.uid != 0 && process.capabilities.permitted != 0;
  if (has_some) check(prctl(PR_SET_KEEPCAPS, 1), "prctl", "PR_SET_KEEPCAPS");
  become_user(process.user);
  if (has_some) check(prctl(PR_SET_KEEPCAPS, 0), "prctl", "PR_SET_KEEPCAPS");
}

void load_filter_of(const Outfit& outfit) {
  if (!outfit.filter) return;
  const unique_fd listener = load(*outfit.filter);
  if (listener.ok()) send_descriptor(outfit.listener, listener, outfit.told_to_listener);
}

void let_through(const std::vector<int>& kept) {
  for (const int fd : kept) check(fcntl(fd, F_SETFD, 0), "fcntl", std::to_string(fd));
}

// Nobody can be given what we do not have. Less than was asked for is no hole, and it is said.
void leave_what_is_not_ours(CapabilitySets& sets) {
  const Capabilities own = own_capabilities();
  std::uint64_t held = 0;
  for (cap_value_t number = 0; number < 64; ++number) {
    if (has_capability(own, CAP_PERMITTED, number)) held |= capability_bit(number);
  }
  const std::uint64_t missing = sets.permitted & ~held;
  if (missing != 0) log::warn("not ours to give: {}", capability_names(missing));
  for (std::uint64_t* const set :
       {&sets.inheritable, &sets.permitted, &sets.effective, &sets.bounding, &sets.ambient}) {
    *set &= held;
  }
}

}  // namespace

std::vector<int> preserved(unsigned count) {
  std::vector<int> kept(count);
  std::iota(kept.begin(), kept.end(), STDERR_FILENO + 1);
  for (const int fd : kept) check(fcntl(fd, F_GETFD), "--preserve-fds", std::to_string(fd));
  return kept;
}

void open_what_is_needed(Launch& launch, Outfit& outfit) {
  launch.child_does("open the file for the profile",
                    [&] { outfit.apparmor = open_profile_file(outfit.process); });
  if (!outfit.listener.ok()) return;
  launch.child_does("write what the listener is told", [&] {
    // The host's /proc knows this process by the host's number.
    outfit.told_to_listener = outfit.tell_listener(std::stoi(read_link("/proc/self")));
  });
}

void make_standard_descriptors(Launch& launch, Can& can, Outfit& outfit) {
  launch.child_does("make the standard descriptors", [&] {
    outfit.terminal.console = outfit.terminal.console && !exists("/dev/console");
    make_terminal(outfit.terminal, can.stdio, launch.channel(), outfit.process.user.uid);
  });
}

// Who may gain privileges later has to load the filter while it has CAP_SYS_ADMIN; who may not,
// loads it as the very last.
void give_up(Launch& launch, Can& can, Outfit& outfit) {
  Process& process = outfit.process;
  launch.child_does("set the environment",
                    [&] { launch.set_environment(environment_of(process)); });
  launch.child_does("set umask and personality", [&] {
    check(personality(outfit.personality.value_or(PER_LINUX)), "personality");
    set_umask(process);
  });
  launch.child_does("enter the working directory", [&] { enter_cwd(process); });
  launch.child_does("set the scheduling", [&] { set_scheduling(process); });
  launch.child_does("take the standard descriptors", [&] { take(can.stdio); });
  launch.child_does("make a session", [&] { make_session(outfit.terminal); });
  launch.child_does("reset the signals", reset_signals);
  launch.child_does("set the groups", [&] { set_groups(process); });
  launch.child_does("look at what can be given",
                    [&] { leave_what_is_not_ours(process.capabilities); });
  if (!process.no_new_privileges) {
    launch.child_does("load the filter", [&] { load_filter_of(outfit); });
  }
  launch.child_does("limit the capabilities",
                    [&] { limit_capabilities(process.capabilities.bounding); });
  launch.child_does("become the user", [&] { become_user_with(process); });
  launch.child_does("raise the ambient set", [&] { raise_ambient(process.capabilities); });
  launch.child_does("keep the capabilities",
                    [&] { keep_capabilities(process.capabilities, !process.no_new_privileges); });
  launch.child_does("limit the resources", [&] { set_limits(process); });
  launch.child_does("look for the command",
                    [&] { require_executable(process.args.front(), environment_of(process)); });
  launch.child_does("set the profile", [&] { set_apparmor_profile(process, outfit.apparmor); });
}

void start(Launch& launch, Outfit& outfit) {
  launch.child_hears(Hearing::from_us);
  launch.child_does("let execve close all but what is preserved", [&] {
    close_descriptors_on_exec();
    let_through(preserved(outfit.preserved));
  });
  if (outfit.process.no_new_privileges) {
    launch.child_does("load the filter", [&] { load_filter_of(outfit); });
  }
}

}  // namespace tincan::oci
