// Unit tests of calls that are refused to what all chapters share, and to chapters 03 and 04: whichever it is, who makes
// it says so, and does not go on.
#include <fcntl.h>
#include <grp.h>
#include <gtest/gtest.h>
#include <linux/mount.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <sys/capability.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdio>

#include "03-process/child_process.hpp"
#include "03-process/clean_start.hpp"
#include "03-process/host_check.hpp"
#include "03-process/launch.hpp"
#include "03-process/watch.hpp"
#include "04-namespaces/hostname.hpp"
#include "04-namespaces/namespaces.hpp"
#include "05-mounts/mounts.hpp"
#include "common/capability_sets.hpp"
#include "common/files.hpp"
#include "common/outer_edge.hpp"
#include "tests/unit/refused.hpp"

namespace tincan {
namespace {

constexpr Comparison with(unsigned argument, std::uint32_t value) {
  return {argument, ~0U, value};
}

TEST(Refused, ToTheChannel) {
  auto ends = make_channel();
  expect_said({
      {{{"socketpair", refused}}, [] { make_channel(); }, "socketpair: EDOM"},
      {{{"sendmsg", refused}}, [&] { ends.parent.send_go(); }, "send message: EDOM"},
      {{{"recvmsg", refused}}, [&] { ends.parent.receive(); }, "receive message: EDOM"},
      // A peer that died is heard once more; what is no peer's death, at once.
      {{{"recvmsg", refuse_with(ECONNRESET)}},
       [&] { ends.parent.receive(); },
       "receive message: ECONNRESET"},
      {{{"recvfrom", refuse_with(ECONNRESET)}},
       [&] { tell(ends.parent.peer_gone() ? "gone" : "there"); },
       "gone"},
      {{{"recvfrom", refused}}, [&] { tell(ends.parent.peer_gone() ? "gone" : "there"); }, "there"},
  });
}

TEST(UniqueFd, NumberZeroIsClosedToo) {
  EXPECT_EQ(under({{"uname", refused}},
                  [] {
                    unique_fd{STDIN_FILENO}.reset();
                    tell(fcntl(STDIN_FILENO, F_GETFD) == -1 ? "closed" : "open");
                  }),
            "closed");
}

TEST(Refused, ToFiles) {
  expect_said({
      {{{"openat", refused}}, [] { read_file("/proc/self/stat"); }, "open: EDOM"},
      {{{"read", refused}}, [] { read_file("/proc/self/stat"); }, "read: EDOM"},
      {{{"write", refused}}, [] { write_file("/dev/null", "x"); }, "write: EDOM"},
      {{{"write", pretended}}, [] { write_file("/dev/null", "x"); }, "write: EIO"},
      {{{"readlink", refused}, {"readlinkat", refused}},
       [] { read_link("/proc/self"); },
       "readlink: EDOM"},
      {{{"access", refused}, {"faccessat", refused}}, [] { exists("/"); }, "access: EDOM"},
      {{{"capget", refused}}, [] { own_capabilities(); }, "cap_get_proc: EDOM"},
      {{}, [] { has_capability(own_capabilities(), CAP_EFFECTIVE, 64); }, "cap_get_flag: EINVAL"},
  });
}

// What was printed and cannot be written is a failure, and not the status of the body; what the call said is told.
TEST(Refused, ToAPrinter) {
  if (sanitized) GTEST_SKIP() << "a sanitizer writes, too";
  const auto prints = [] {
    std::array<int, 2> ends{};
    check(pipe2(ends.data(), O_CLOEXEC), "pipe2");
    check(dup3(ends[1], STDERR_FILENO, 0), "dup3");
    const int status = outer_edge("test", [] {
      std::printf("words");
      return 7;
    });
    std::array<char, 1000> said{};
    check(read(ends[0], said.data(), said.size() - 1), "read");
    const std::string text{said.data()};
    tell(std::to_string(status) + text.substr(text.find(": ")));
  };
  EXPECT_EQ(under({{"write", refused, {with(0, STDOUT_FILENO)}}}, prints),
            "125: write standard output: EDOM (Numerical argument out of domain)\n");
  EXPECT_EQ(under({{"write", refused}},
                  [] { tell(std::to_string(outer_edge("test", [] { return 7; }))); }),
            "7");
}

TEST(Refused, ToTheCallsThatHaveNoFunctionInTheLibrary) {
  clone_args request{};
  const mount_attr attributes{};
  const sys::FileSystemOption option{"size", "1"};
  const Rule no_file{"access", refuse_with(ENOENT)};
  const Rule no_file_at{"faccessat", refuse_with(ENOENT)};
  expect_said({
      {{{"clone3", refused}}, [&] { sys::clone3(request, ""); }, "clone3: EDOM"},
      {{{"pidfd_send_signal", refused}},
       [] { sys::pidfd_send_signal(-1, 0); },
       "pidfd_send_signal: EDOM"},
      {{{"pidfd_send_signal", refuse_with(ESRCH)}}, [] { sys::pidfd_send_signal(-1, 0); }, "done"},
      {{{"pidfd_getfd", refused}}, [] { sys::pidfd_getfd(-1, 0); }, "pidfd_getfd: EDOM"},
      {{{"close_range", refused}}, [] { sys::close_range_on_exec(3); }, "close_range: EDOM"},
      {{{"close_range", refused}}, [] { sys::close_all_but({}); }, "close_range: EDOM"},
      // Below what is kept, between, and above.
      {{{"close_range", refused, {with(1, 8)}}},
       [] {
         sys::close_all_but({12, 9});
       },
       "close_range: EDOM"},
      {{{"close_range", refused, {with(0, 10), with(1, 11)}}},
       [] {
         sys::close_all_but({12, 9});
       },
       "close_range: EDOM"},
      {{{"close_range", refused, {with(0, 13), with(1, ~0U)}}},
       [] {
         sys::close_all_but({12, 9});
       },
       "close_range: EDOM"},
      // And nothing between neighbours.
      {{{"close_range", refused, {with(0, 4)}}, {"close_range", refused, {with(0, 3)}}},
       [] {
         sys::close_all_but({3, 4});
       },
       "done"},
      {{{"keyctl", refused}}, sys::join_new_session_keyring, "keyctl: EDOM"},
      // None in this kernel: that is so if there is no list of them, and only then.
      {{{"keyctl", refused}, no_file}, sys::join_new_session_keyring, "keyctl: EDOM"},
      {{{"keyctl", refuse_with(ENOSYS)}, no_file, no_file_at},
       sys::join_new_session_keyring,
       "done"},
      {{{"keyctl", refuse_with(ENOSYS)}, {"access", refused}, {"faccessat", refused}},
       sys::join_new_session_keyring,
       "keyctl: ENOSYS"},
      {{{"pivot_root", refused}}, [] { sys::pivot_root("/", "/"); }, "pivot_root: EDOM"},
      {{{"openat2", refused}}, [] { sys::openat2(AT_FDCWD, "/", O_PATH, 0); }, "openat2: EDOM"},
      {{{"open_tree", refused}}, [] { sys::open_tree(AT_FDCWD, "/", 0); }, "open_tree: EDOM"},
      {{{"mount_setattr", refused}},
       [&] { sys::mount_setattr(-1, 0, attributes); },
       "mount_setattr: EDOM"},
      {{{"move_mount", refused}}, [] { sys::move_mount(-1, -1, ""); }, "move_mount: EDOM"},
      {{{"fsopen", refused}}, [] { sys::fsopen("tmpfs"); }, "mount tmpfs: EDOM"},
      {{{"fsconfig", refused}},
       [&] { sys::fsconfig_string(-1, "tmpfs", option); },
       "mount tmpfs: EDOM"},
      {{{"fsconfig", refused}}, [] { sys::fsmount(-1, "tmpfs", 0); }, "mount tmpfs: EDOM"},
      {{{"fsconfig", pretended}, {"fsmount", refused}},
       [] { sys::fsmount(-1, "tmpfs", 0); },
       "mount tmpfs: EDOM"},
  });
}

// A limit of a resource that nobody may set stays; where it is not what was wanted, nothing runs.
std::string left_at(rlim_t hard) {
  return hard == 0 ? "done" : "setrlimit: EPERM";
}

TEST(Refused, ToACleanStart) {
  const CleanStartOptions leave{};
  rlimit core{};
  check(getrlimit(RLIMIT_CORE, &core), "getrlimit");
  const Rule no_groups{"setgroups", refuse_with(EPERM)};
  const Rule no_limit{"prlimit64", refuse_with(EPERM), {with(3, 0)}};
  const auto with_a_pipe = [] {
    std::array<int, 2> ends{};
    check(pipe2(ends.data(), 0), "pipe2");
    check(dup3(ends[0], STDIN_FILENO, 0), "dup3");
    secure_standard_descriptors();
  };
  const auto without_input = [] {
    ::close(STDIN_FILENO);
    secure_standard_descriptors();
  };
  expect_said({
      {{{"fchmod", refused}}, with_a_pipe, "fchmod: EDOM"},
      {{{"fchmod", refuse_with(EPERM)}}, with_a_pipe, "done"},  // it is somebody else's
      {{{"openat", refused}}, without_input, "open: EDOM"},
      {{{"setgroups", refused}}, [&] { leave_groups(leave); }, "setgroups: EDOM"},
      {{{"setgroups", refused}}, [] { leave_groups({.keep_groups = true}); }, "done"},
      {{no_groups, {"getgroups", refused}}, [&] { leave_groups(leave); }, "getgroups: EDOM"},
      {{{"keyctl", refused}}, join_own_keyring, "keyctl: EDOM"},
      {{{"sched_getscheduler", refused}},
       give_up_privileged_scheduling,
       "sched_getscheduler: EDOM"},
      {{{"getpriority", refused}, {"setpriority", refused}},
       give_up_privileged_scheduling,
       "setpriority: EDOM"},
      {{{"ioprio_get", refused}}, give_up_privileged_scheduling, "ioprio_get: EDOM"},
      {{{"openat", refused}}, give_up_privileged_scheduling, "open: EDOM"},
      {{{"personality", refused}}, reset_personality, "personality: EDOM"},
      {{{"chdir", refused}}, reset_file_defaults, "chdir: EDOM"},
      {{{"prlimit64", refused, {with(3, 0)}}}, forbid_core_dumps, "setrlimit: EDOM"},
      {{no_limit}, forbid_core_dumps, left_at(core.rlim_max)},
      {{no_limit, {"prlimit64", refused}}, forbid_core_dumps, "getrlimit: EDOM"},
      {{{"rt_sigprocmask", refused}}, reset_signals, "sigprocmask: EDOM"},
      {{{"close_range", refused}}, close_descriptors_on_exec, "close_range: EDOM"},
  });
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    EXPECT_EQ(under({{"uname", refused}},
                    [fd] {
                      ::close(fd);
                      secure_standard_descriptors();
                      tell((fcntl(fd, F_GETFL) & O_ACCMODE) == O_RDWR ? "filled" : "not filled");
                    }),
              "filled")
        << fd;
  }
  for (const std::uint32_t number : {1U, 32U, 33U, 64U}) {  // 32 and 33 are the C library's
    EXPECT_EQ(under({{"rt_sigaction", refused, {with(0, number)}}}, reset_signals),
              "rt_sigaction: EDOM")
        << number;
  }
}

// Where it is 0 already and cannot be raised, that is all there is; for any other reason nothing runs.
TEST(Refused, ToWhoHasNoCoreAtAll) {
  const auto without_core = [] {
    const rlimit none{0, 0};
    check(syscall(SYS_setrlimit, RLIMIT_CORE, &none), "before");  // not the call that is refused
    forbid_core_dumps();
  };
  EXPECT_EQ(under({{"prlimit64", refuse_with(EPERM), {with(3, 0)}}}, without_core), "done");
  EXPECT_EQ(under({{"prlimit64", refused, {with(3, 0)}}}, without_core), "setrlimit: EDOM");
}

// Who may not leave is asked where he is: in how many groups, and in which.
TEST(Refused, ToWhoAsksForItsGroups) {
  const Rule no_leaving{"setgroups", refuse_with(EPERM), {with(0, 0)}};
  const auto in_group = [](gid_t group) {
    return [group] {
      if (setgroups(1, &group) == -1) tell("no root");
      leave_groups({});
    };
  };
  if (under({no_leaving}, in_group(7)) == "no root") GTEST_SKIP() << "joining a group takes root";
  expect_said({
      {{no_leaving}, in_group(getegid() + 7), "setgroups: EPERM"},
      {{no_leaving}, in_group(getegid()), "done"},
      {{no_leaving, {"getgroups", refused, {with(0, 1)}}}, in_group(getegid()), "getgroups: EDOM"},
  });
}

TEST(Refused, ToWhoGivesUpWhatOnlyRootHas) {
  const auto real_time = [] {
    const sched_param one{1};
    if (sched_setscheduler(0, SCHED_FIFO, &one) == -1) tell("no real time");
    give_up_privileged_scheduling();
  };
  const std::string said =
      under({{"sched_setscheduler", refused, {with(1, SCHED_OTHER)}}}, real_time);
  if (said == "no real time") GTEST_SKIP() << said;
  EXPECT_EQ(said, "sched_setscheduler: EDOM");
  EXPECT_EQ(under({{"ioprio_set", refused, {with(2, 0)}}},
                  [] {
                    check(syscall(SYS_ioprio_set, 1, 0, 1 << 13), "before");
                    give_up_privileged_scheduling();
                  }),
            "ioprio_set: EDOM");
}

TEST(Refused, ToWhoHoldsAChild) {
  auto ends = make_channel();
  const auto held = [](const auto& step) {
    return [step] {
      ChildProcess nobody{1, unique_fd{}};
      nobody.let_go();
      step(nobody);
    };
  };
  expect_said({
      {{{"waitid", refused}}, held([](ChildProcess& child) { child.wait(); }), "waitid: EDOM"},
      {{{"rt_sigprocmask", refused}}, [] { SignalRelay{Hearing::itself}; }, "sigprocmask: EDOM"},
      {{{"signalfd4", refused}}, [] { SignalRelay{Hearing::itself}; }, "signalfd: EDOM"},
      {{{"read", refused}},
       held([](ChildProcess& child) {
         SignalRelay{Hearing::itself}.pass_on(child, Hearing::itself);
       }),
       "read: EDOM"},
      {{{"tgkill", refused}}, [] { SignalRelay::stop(SIGWINCH); }, "raise: EDOM"},
      {{{"rt_sigprocmask", refused, {with(0, SIG_UNBLOCK)}}},
       [] { SignalRelay::stop(SIGWINCH); },
       "sigprocmask: EDOM"},
      {{{"rt_sigprocmask", refused, {with(0, SIG_BLOCK)}}},
       [] { SignalRelay::stop(SIGWINCH); },
       "sigprocmask: EDOM"},
      {{{"prctl", pretended, {with(0, PR_SET_PDEATHSIG), with(1, SIGKILL)}}, {"prctl", refused}},
       [&] { die_with_launcher(ends.child); },
       "done"},
      {{{"prctl", refused, {with(0, PR_SET_PDEATHSIG)}}},
       [&] { die_with_launcher(ends.child); },
       "prctl: EDOM"},
  });
}

// A signal in between is no failure, and everything else is one.
TEST(Refused, ToWhoWatches) {
  const auto three_rounds = [] { Watch{}.until([rounds = 0]() mutable { return ++rounds > 3; }); };
  const auto poll_with = [](Action action) {
    return std::vector<Rule>{{"poll", action}, {"ppoll", action}};
  };
  EXPECT_EQ(under(poll_with(refuse_with(EINTR)), three_rounds), "done");
  EXPECT_EQ(under(poll_with(refuse_with(ENOMEM)), three_rounds), "poll: ENOMEM");
  EXPECT_EQ(under(poll_with(refused), three_rounds), "poll: EDOM");
}

TEST(Refused, ToTheHostChecks) {
  const auto both = [] {
    check_host_for_processes();
    check_host_for_mounts();
  };
  for (const std::string call : {"clone3", "pidfd_send_signal", "close_range", "open_tree",
                                 "move_mount", "fsopen", "openat2", "mount_setattr"}) {
    // What the kernel itself refuses to an ordinary user, whatever it is asked.
    const bool privilege = call == "move_mount" || call == "fsopen";
    EXPECT_EQ(under({{call, refuse_with(ENOSYS)}}, both), call + ": ENOSYS");
    EXPECT_EQ(under({{call, refuse_with(EPERM)}}, both), privilege ? "done" : call + ": EPERM");
    EXPECT_EQ(under({{call, refused}}, both), "done");
  }
  EXPECT_EQ(under({{"access", refused}, {"faccessat", refused}}, both),
            "find this process in: EDOM");
}

TEST(Namespaces, AreNamedInOneOrder) {
  EXPECT_EQ(names({}), "uts, pid, ipc, net, mount");
  EXPECT_EQ(names({.own = six_namespaces | CLONE_NEWUSER}), "uts, pid, ipc, net, mount, user");
  EXPECT_EQ(names({.own = CLONE_NEWIPC}), "ipc");
  EXPECT_EQ(names({.own = CLONE_NEWCGROUP}), "");
}

TEST(Refused, ToTheNamespaces) {
  const NamespaceOptions own{.hostname = "can"};
  const NamespaceOptions none{.own = 0};
  expect_said({
      {{{"getrandom", refused}}, [] { make_hostname(); }, "getrandom: EDOM"},
      {{{"sethostname", refused}}, [&] { set_hostname(own); }, "sethostname: EDOM"},
      {{{"sethostname", refused}}, [&] { set_hostname(none); }, "done"},
      {{{"socket", refused}}, [&] { bring_loopback_up(own); }, "socket: EDOM"},
      {{{"socket", refused}}, [&] { bring_loopback_up(none); }, "done"},
      {{{"ioctl", refused, {with(1, SIOCGIFFLAGS)}}},
       [&] { bring_loopback_up(own); },
       "ioctl SIOCGIFFLAGS: EDOM"},
      {{{"ioctl", refused, {with(1, SIOCSIFFLAGS)}}},
       [&] { bring_loopback_up(own); },
       "ioctl SIOCSIFFLAGS: EDOM"},
      {{{"unshare", refused}}, [&] { enter_cgroup_namespace(own); }, "unshare cgroup: EDOM"},
      {{{"unshare", refused}}, [&] { enter_cgroup_namespace(none); }, "done"},
      {{{"unshare", pretended, {with(0, CLONE_NEWCGROUP)}}, {"unshare", refused}},
       [&] { enter_cgroup_namespace(own); },
       "done"},
  });
}

}  // namespace
}  // namespace tincan
