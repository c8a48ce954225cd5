// Unit tests of calls that are refused, or only pretend to have worked, to chapters 09 and 10: limits, guards, init and
// terminal.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "03-process/child_process.hpp"
#include "03-process/watch.hpp"
#include "09-cgroups/cgroup.hpp"
#include "09-cgroups/guard.hpp"
#include "09-cgroups/rlimits.hpp"
#include "10-init/environment.hpp"
#include "10-init/init.hpp"
#include "10-init/stop.hpp"
#include "10-init/terminal.hpp"
#include "10-init/workdir.hpp"
#include "common/files.hpp"
#include "common/log.hpp"
#include "tests/unit/refused.hpp"

namespace tincan {
namespace {

namespace fs = std::filesystem;

constexpr Comparison with(unsigned argument, std::uint32_t value) {
  return {argument, ~0U, value};
}
Rule no_prctl(int option) {
  return {"prctl", refused, {with(0, static_cast<std::uint32_t>(option))}};
}

// --- chapter 09 ---

TEST(RefusedEnd, ToAGuard) {
  const auto guards = [] { const Guard guard{[] { return std::string{}; }}; };
  for (const char* call : {"eventfd2", "pipe2", "pidfd_open", "clone3"}) {
    const std::string said = under({{call, refused}}, guards);
    EXPECT_EQ(said,
              std::string{call} == "eventfd2" ? "eventfd: EDOM" : call + std::string{": EDOM"});
  }
  // What it does to itself, it says to the launcher.
  const std::vector<Rule> its_own{{"rt_sigprocmask", refused, {with(0, SIG_SETMASK)}},
                                  {"setsid", refused},
                                  {"chdir", refused},
                                  no_prctl(PR_SET_NAME),
                                  {"openat", refused},
                                  {"close_range", refused}};
  for (const Rule& rule : its_own)
    EXPECT_EQ(under({rule}, guards), "start the guard: EDOM") << rule.name;
  expect_said({
      {{{"dup2", refused}, {"dup3", refused}}, guards, "start the guard: EDOM"},
      {{{"write", refused, {with(2, sizeof(pid_t))}}}, guards, "start the guard"},
      {{{"read", refused}}, guards, "read: EDOM"},
      {{{"uname", refused}}, guards, "done"},
  });
}

// A guard that is disturbed in its wait goes on waiting.
TEST(RefusedEnd, ToAGuardThatWaits) {
  const fs::path file = fs::temp_directory_path() / ("tincan-guarded." + std::to_string(getpid()));
  const auto watched = [&] {
    std::ofstream{file};
    Guard guard{[&] { return std::string{fs::remove(file) ? "" : "it is still there"}; }};
    (void)poll(nullptr, 0, 50);
    const bool there = fs::exists(file);
    guard.dismiss();
    tell(there ? "there" : "gone");
  };
  for (const int number : {EINTR, ENOMEM}) {
    const Action disturbed = refuse_with(number);
    EXPECT_EQ(
        under({{"poll", disturbed, {with(1, 2)}}, {"ppoll", disturbed, {with(1, 2)}}}, watched),
        "there");
  }
  // It has gone before it is waited for, or before the launcher has a descriptor of it.
  EXPECT_NE(under({{"poll", refused, {with(1, 2)}}, {"ppoll", refused, {with(1, 2)}}}, watched),
            "there");
  fs::remove(file);
}

class RefusedGroups : public testing::Test {
 protected:
  RefusedGroups() {
    std::string name = fs::temp_directory_path() / "tincan-groups.XXXXXX";
    place_ = mkdtemp(name.data());
    for (const char* file : {"pids.max", "cgroup.subtree_control"})
      std::ofstream{place_ / file} << "\n";
  }
  ~RefusedGroups() override { fs::remove_all(place_); }

  fs::path place_;
};

TEST_F(RefusedGroups, ToWhoMakesThem) {
  const LimitOptions limits;
  const auto made = [&](Version version) {
    return [this, version, &limits] {
      const ControlGroups groups{{{version, place_, {Controller::pids}}}, limits, ""};
    };
  };
  const auto applied = [this] { apply({"pids.max", "64"}, place_); };
  const auto swap = [this] { apply({"is.not.there", "0", true}, place_); };
  const bool has_swap = split_at(read_file("/proc/swaps"), '\n').size() > 1;
  expect_said({
      {{{"getrandom", refused}}, made(Version::v1), "getrandom: EDOM"},
      {{{"mkdir", refused}, {"mkdirat", refused}}, made(Version::v1), "make control group: EDOM"},
      {{{"write", refused, {with(2, 5)}}},
       made(Version::v2),
       "turn on controllers: EDOM"},  // "+pids"
      {{{"openat", refused, {{2, O_ACCMODE, O_RDWR}}}}, applied, "limit: EDOM"},
      {{{"write", refused}}, applied, "limit: EDOM"},
      {{{"lseek", refused}}, applied, "limit: EDOM"},
      {{{"read", refused}}, applied, "read: EDOM"},
      {{{"write", pretended}},
       [this] {
         apply({"pids.max", "65"}, place_);
       },
       "limit"},  // and has something else
      {{{"uname", refused}}, applied, "done"},
      {{{"uname", refused}}, swap, has_swap ? "limit: ENOENT" : "done"},
  });
}

// Each limit by itself is read, and set.
TEST(RefusedEnd, ToWhoLimitsResources) {
  LimitOptions asked;
  asked.nofile = 100;
  asked.fsize = 4096;
  asked.cpu_time = 100;
  const auto limit = [&] { limit_resources(asked); };
  const std::vector<std::pair<__rlimit_resource, std::string>> always{
      {RLIMIT_NOFILE, "RLIMIT_NOFILE"},   {RLIMIT_SIGPENDING, "RLIMIT_SIGPENDING"},
      {RLIMIT_MEMLOCK, "RLIMIT_MEMLOCK"}, {RLIMIT_MSGQUEUE, "RLIMIT_MSGQUEUE"},
      {RLIMIT_RTPRIO, "RLIMIT_RTPRIO"},   {RLIMIT_NICE, "RLIMIT_NICE"}};
  // Of the two pointers of prlimit(2), the one that is not used is null.
  const auto refusal = [&](__rlimit_resource resource, unsigned unused) {
    const auto error =
        Trial{}.of({{"prlimit64", refused, {with(1, resource), with(unused, 0)}}}, limit);
    return error ? error->operation() + " " + error->object() : "done";
  };
  for (const auto& [resource, name] : always) {
    EXPECT_EQ(refusal(resource, 2), "getrlimit " + name);
    EXPECT_EQ(refusal(resource, 3).substr(0, 10 + name.size()), "setrlimit " + name);
  }
  EXPECT_EQ(refusal(RLIMIT_FSIZE, 3), "setrlimit RLIMIT_FSIZE 4096");
  EXPECT_EQ(refusal(RLIMIT_CPU, 3), "setrlimit RLIMIT_CPU 100");
  for (const auto resource : {RLIMIT_FSIZE, RLIMIT_CPU}) {
    EXPECT_EQ(under({{"prlimit64", refused, {with(1, resource)}}}, [] { limit_resources({}); }),
              "done");
  }
}

TEST(Resources, AreTheseSoftAndHard) {
  LimitOptions asked;
  asked.nofile = 100;
  asked.fsize = 4096;
  asked.cpu_time = 100;
  const auto shown = [](const LimitOptions& options, __rlimit_resource resource) {
    return under({{"uname", refused}}, [&] {
      limit_resources(options);
      rlimit is{};
      check(getrlimit(resource, &is), "getrlimit");
      tell(std::to_string(is.rlim_cur) + " " + std::to_string(is.rlim_max));
    });
  };
  EXPECT_EQ(shown(asked, RLIMIT_CPU), "100 101");
  EXPECT_EQ(shown(asked, RLIMIT_FSIZE), "4096 4096");
  EXPECT_EQ(shown(asked, RLIMIT_NOFILE), "100 100");
  rlimit callers{};
  check(getrlimit(RLIMIT_NOFILE, &callers), "getrlimit");
  const std::string files = std::to_string(std::min<rlim_t>(1024, callers.rlim_max));
  EXPECT_EQ(shown({}, RLIMIT_NOFILE), files + " " + files);
}

// --- chapter 10 ---

TEST(RefusedEnd, ToInit) {
  const auto ends = make_channel();
  const auto begins = [&] { leave_init_behind(ends.child); };
  const auto session = [] { make_session({.allocate = true}); };
  expect_said({
      {{{"close_range", refused}}, begins, "close_range: EDOM"},
      {{no_prctl(PR_SET_NAME)}, begins, "prctl: EDOM"},
      {{no_prctl(PR_SET_DUMPABLE)}, begins, "prctl: EDOM"},
      {{no_prctl(PR_SET_PDEATHSIG)}, begins, "prctl: EDOM"},
      {{{"rt_sigprocmask", refused}}, begins, "sigprocmask: EDOM"},
      {{{"setsid", refused}}, begins, "setsid: EDOM"},
      {{{"clone", refused}, {"clone3", refused}}, begins, "fork: EDOM"},
      {{{"setsid", refused}}, session, "setsid: EDOM"},
      {{{"ioctl", refused, {with(1, TIOCSCTTY)}}}, session, "ioctl: EDOM"},
      {{{"ioctl", refused, {with(1, TIOCSCTTY)}}}, [] { make_session({}); }, "done"},
  });
}

// A clock of a stop or of a start, watched: `child` is nobody, and ended or not.
template <typename Clock>
void run_down(const StopOptions& options) {
  log::set_level(log::Level::error);  // what it has to say is not the question
  ChildProcess nobody{1, unique_fd{}};
  nobody.let_go();
  Watch watch;
  Clock clock{options};
  clock.born(watch, nobody);
  clock.begin(watch, nobody);
  clock.hear(SIGTERM);
  watch.until([] { return false; });
}

TEST(RefusedEnd, ToClocks) {
  const StopOptions soon{.seconds = 0, .limit = 1};
  const auto stop = [&] { run_down<StopTimeout>(soon); };
  const auto limit = [&] { run_down<TimeLimit>(soon); };
  expect_said({
      {{{"timerfd_create", refused}}, stop, "timerfd_create: EDOM"},
      {{{"timerfd_create", refused}}, limit, "timerfd_create: EDOM"},
      {{{"timerfd_settime", refused}}, stop, "timerfd_settime: EDOM"},
      {{{"timerfd_settime", refused}}, limit, "timerfd_settime: EDOM"},
      {{{"timerfd_settime", refused}}, [] { StopTimeout{{}}.hear(SIGINT); }, "done"},
      {{{"read", refused}}, stop, "read: EDOM"},
      {{{"read", refused}}, limit, "read: EDOM"},
      {{{"pidfd_send_signal", refused}}, stop, "pidfd_send_signal: EDOM"},
      {{{"pidfd_send_signal", refused}}, limit, "pidfd_send_signal: EDOM"},
  });
}

TEST(RefusedEnd, ToWhoEntersTheWorkingDirectory) {
  const auto enters = [] { enter_workdir({.path = "/"}); };
  expect_said({
      {{{"openat2", refused}}, enters, "enter --workdir: EDOM"},
      {{{"fchdir", refused}}, enters, "enter --workdir: EDOM"},
      {{{"getcwd", refused}}, enters, "getcwd: EDOM"},
      {{{"getcwd", pretended}},
       enters,
       "enter --workdir: EXDEV"},  // it said nothing that begins with a slash
      {{{"uname", refused}}, enters, "done"},
      {{{"uname", refused}}, [] { make_environment({}, 0, false); }, "gethostname: EDOM"},
  });
}

// Who may go into a directory need not be able to read it.
TEST(RefusedEnd, ToWhoMayOnlyGoThere) {
  if (geteuid() != 0) GTEST_SKIP() << "changing ids takes root";
  std::string name = fs::temp_directory_path() / "tincan-workdir.XXXXXX";
  const fs::path place = mkdtemp(name.data());
  check(chmod(place.c_str(), 0711), "chmod");
  EXPECT_EQ(under({{"uname", refused}},
                  [&] {
                    check(setresuid(7, 7, 7), "setresuid");
                    enter_workdir({.path = place});
                  }),
            "done");
  fs::remove(place);
}

// A terminal of the test's own, on 0, 1 and 2 of who is tried.
class RefusedTerminal : public testing::Test {
 protected:
  RefusedTerminal() : master_{posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC)} {
    if (master_.ok() && unlockpt(master_.get()) == 0)
      slave_.reset(ioctl(master_.get(), TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC));
  }
  void SetUp() override {
    if (!slave_.ok()) GTEST_SKIP() << "no terminal can be had";
  }

  std::function<void()> at_terminal(const std::function<void()>& step) const {
    return [this, step] {
      for (const int fd : {0, 1, 2}) check(dup3(slave_.get(), fd, O_CLOEXEC), "dup3");
      step();
    };
  }
  std::function<void()> linked(bool allocate) const {
    return at_terminal([this, allocate] {
      const TerminalOptions options{.allocate = allocate};
      Stdio stdio;
      Watch watch;
      ChildProcess nobody{1, unique_fd{}};
      nobody.let_go();
      TerminalLink link{options, stdio};
      unique_fd master{dup(master_.get())};
      link.take("terminal", master);
      link.begin(watch, nobody);
    });
  }

  unique_fd master_;
  unique_fd slave_;
};

Rule no_fcntl(int command) {
  return {"fcntl", refused, {with(1, static_cast<std::uint32_t>(command))}};
}
Rule no_ioctl(std::uint32_t request) {
  return {"ioctl", refused, {with(1, request)}};
}

TEST_F(RefusedTerminal, ToPipes) {
  const auto pipes = at_terminal([] { make_pipes({}); });
  const auto joined = at_terminal([] {
    Stdio stdio = make_pipes({});
    tell(std::to_string(stdio.outer[0].ok() + stdio.outer[1].ok() + 2 * stdio.outer[2].ok()));
  });
  const auto blocking = at_terminal([] {
    const Stdio stdio = make_pipes({});
    std::string all;
    for (const std::size_t fd : {0U, 1U}) {
      all += (fcntl(stdio.inner[fd].get(), F_GETFL) & O_NONBLOCK) != 0 ? "n" : "b";
      all += (fcntl(stdio.outer[fd].get(), F_GETFL) & O_NONBLOCK) != 0 ? "n" : "b";
    }
    tell(all);
  });
  const auto taken = [] {
    Stdio stdio;
    stdio.inner[0] = open_file("/dev/null", O_RDONLY);
    take(stdio);
  };
  expect_said({
      {{{"pipe2", refused}}, pipes, "pipe2: EDOM"},
      {{{"fchmod", refused}}, pipes, "fchmod: EDOM"},
      {{no_fcntl(F_GETFL)}, pipes, "fcntl: EDOM"},
      {{no_fcntl(F_SETFL)}, pipes, "fcntl: EDOM"},
      {{no_fcntl(F_SETPIPE_SZ)}, pipes, "fcntl: EDOM"},
      {{no_fcntl(F_DUPFD_CLOEXEC)}, pipes, "fcntl: EDOM"},
      {{{"uname", refused}}, joined, "2"},
      {{{"uname", refused}}, blocking, "bnbn"},
      {{{"pipe2", refused}}, at_terminal([] { make_pipes({.allocate = true}); }), "done"},
      {{{"dup2", refused}, {"dup3", refused}}, taken, "dup2: EDOM"},
  });
}

// One terminal, and not the caller's, on each of the three.
TEST(Terminal, StandsOnInputOutputAndErrors) {
  const std::string said = under({{"uname", refused}}, [] {
    auto ends = make_channel();
    ends.parent.send_go();  // the answer, in advance
    Stdio stdio;
    make_terminal({.allocate = true, .console = false}, stdio, ends.child, getuid());
    std::string all;
    for (const unique_fd& inner : stdio.inner) {
      struct stat status {};
      // Its master is closed by now, so it would not say that it is one.
      const bool is_it = fstat(inner.get(), &status) == 0 && S_ISCHR(status.st_mode);
      all += is_it ? std::to_string(status.st_rdev) + " " : "none ";
    }
    const std::string first = all.substr(0, all.find(' ') + 1);
    tell(all == first + first + first && first != "none " ? "one" : all);
  });
  if (said.starts_with("open: ")) GTEST_SKIP() << "no terminal can be had: " << said;
  EXPECT_EQ(said, "one");
}

TEST_F(RefusedTerminal, ToTheLauncher) {
  // How modes are asked for and set depends on the C library.
  constexpr std::uint32_t get2 = 0x802c542a;
  constexpr std::uint32_t set2 = 0x402c542b;
  expect_said({
      {{no_fcntl(F_GETFL)}, linked(true), "fcntl: EDOM"},
      {{no_fcntl(F_SETFL)}, linked(true), "fcntl: EDOM"},
      {{no_fcntl(F_DUPFD_CLOEXEC)}, linked(true), "fcntl: EDOM"},
      {{no_ioctl(TCSETS), no_ioctl(set2)}, linked(true), "tcsetattr: EDOM"},
      {{{"timerfd_create", refused}}, linked(false), "timerfd_create: EDOM"},
      {{{"timerfd_settime", refused}}, linked(false), "timerfd_settime: EDOM"},
      {{{"timerfd_create", refused}}, linked(true), "done"},
      {{no_ioctl(TCGETS), no_ioctl(get2)},
       at_terminal([] { require_terminal({.allocate = true}); }),
       "connect a terminal (-t): ENOTTY"},
      {{no_ioctl(TCGETS), no_ioctl(get2)}, at_terminal([] { require_terminal({}); }), "done"},
  });
}

}  // namespace
}  // namespace tincan
