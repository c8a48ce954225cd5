// Unit tests of descriptors: whatever a step opens, for a moment even, closes on exec from the beginning. Opened without
// that it is refused here, by a filter; so a step that comes to its end has opened nothing so.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

#include "03-process/child_process.hpp"
#include "04-namespaces/namespaces.hpp"
#include "05-mounts/mounts.hpp"
#include "05-mounts/nodes.hpp"
#include "05-mounts/targets.hpp"
#include "06-user-namespace/reach.hpp"
#include "06-user-namespace/user_namespace.hpp"
#include "09-cgroups/cgroup.hpp"
#include "09-cgroups/guard.hpp"
#include "10-init/exec_failure.hpp"
#include "10-init/stop.hpp"
#include "10-init/terminal.hpp"
#include "common/files.hpp"
#include "tests/unit/refused.hpp"

namespace tincan {
namespace {

namespace fs = std::filesystem;

// `flag` is missing in this argument.
Rule without(const std::string& call, unsigned argument, std::uint32_t flag) {
  return {call, refused, {{argument, flag, 0}}};
}

// And what is made is new, and no link.
std::vector<Rule> only_closing_on_exec(std::vector<Rule> rules = {}) {
  rules.push_back({"openat", refused, {{2, O_CREAT | O_EXCL, O_CREAT}}});
  rules.push_back({"openat", refused, {{2, O_CREAT | O_NOFOLLOW, O_CREAT}}});
  rules.insert(rules.end(), {without("openat", 2, O_CLOEXEC),
                             {"open", refused},
                             without("open_tree", 2, OPEN_TREE_CLOEXEC),
                             without("fsopen", 1, FSOPEN_CLOEXEC),
                             without("fsmount", 1, FSMOUNT_CLOEXEC),
                             without("socket", 1, SOCK_CLOEXEC),
                             without("socketpair", 1, SOCK_CLOEXEC),
                             {"pipe", refused},
                             without("pipe2", 1, O_CLOEXEC),
                             without("eventfd2", 1, EFD_CLOEXEC),
                             without("signalfd4", 3, SFD_CLOEXEC),
                             without("timerfd_create", 1, TFD_CLOEXEC),
                             {"fcntl", refused, {{1, ~0U, F_DUPFD}}},
                             {"dup", refused},
                             {"ioctl", refused, {{1, ~0U, TIOCGPTPEER}, {2, O_CLOEXEC, 0}}}});
  return rules;
}

class ClosesOnExec : public testing::Test {
 protected:
  ClosesOnExec() {
    std::string name = fs::temp_directory_path() / "tincan-closes.XXXXXX";
    place_ = mkdtemp(name.data());
    for (const char* file : {"file", "pids.max", "cgroup.subtree_control"})
      std::ofstream{place_ / file} << "\n";
    fs::create_directories(place_ / "can" / "inside");
    std::ofstream{place_ / "can" / "inside" / "tasks"} << "\n";
  }
  ~ClosesOnExec() override { fs::remove_all(place_); }

  Item item(const std::string& kind, const fs::path& to, const std::string& from) const {
    return {{.kind = kind, .to = to}, {}, open_file(place_ / from, O_PATH)};
  }
  void look_up(const std::string& path) const { (void)explain_exec_failure(ENOEXEC, path); }

  fs::path place_;
};

TEST_F(ClosesOnExec, WhatChapters03To06Open) {
  const auto hold_self = [](const auto& step) {
    ChildProcess self{getpid(), sys::pidfd_open(getpid())};
    self.let_go();
    step(self);
  };
  const UserNamespace users{.uids = {{0, 0, 1}}, .gids = {{0, 0, 1}}};
  expect_said({
      {only_closing_on_exec(), [] { make_channel(); }, "done"},
      {only_closing_on_exec(), [] { SignalRelay{Hearing::itself}; }, "done"},
      {only_closing_on_exec(), [] { read_file("/proc/self/stat"); }, "done"},
      {only_closing_on_exec(), [] { read_all(open_text("/proc/self/stat"), ""); }, "done"},
      {only_closing_on_exec({{"ioctl", pretended, {{1, ~0U, 0x8914}}}}),
       [] { bring_loopback_up({}); }, "done"},
      {only_closing_on_exec(), [this] { open_all({{.kind = "bind", .to = "/", .from = place_}}); },
       "done"},
      {only_closing_on_exec({{"move_mount", pretended}}),
       [this] {
         Targets targets;
         targets.put(item("tmpfs", place_ / "can", "."));
         targets.put(item("bind", place_ / "new" / "place", "file"));
       },
       "done"},
      {only_closing_on_exec(),
       [this] {
         require_closed({place_, open_file(place_, O_PATH)});
       },
       "done"},
      {only_closing_on_exec(),
       [this] {
         require_closed({place_ / "file", open_file(place_ / "file", O_PATH)});
       },
       "done"},
      {only_closing_on_exec(), [] { is_privileged(); }, "done"},
      {only_closing_on_exec({{"mount_setattr", pretended}}),
       [&] { hold_self([&](const ChildProcess& self) { idmap_root(users, self, 0); }); }, "done"},
  });
}

TEST_F(ClosesOnExec, WhatTakesRootToOpen) {
  if (geteuid() != 0) GTEST_SKIP() << "mounts take root";
  const auto packed = [] {
    Root root{open_source("/")};
    Luggage luggage;
    pack(root, luggage);
  };
  if (under({{"uname", refused}}, packed) != "done") GTEST_SKIP() << "root may not mount here";
  EXPECT_EQ(under(only_closing_on_exec(), packed), "done");
}

TEST_F(ClosesOnExec, WhatChapters08To10Open) {
  const LimitOptions limits;
  const Place v1{Version::v1, place_, {Controller::pids}};
  expect_said({
      {only_closing_on_exec(), [] { const Guard guard{[] { return std::string{}; }}; }, "done"},
      {only_closing_on_exec(),
       [this] {
         apply({"pids.max", "64"}, place_);
       },
       "done"},
      {only_closing_on_exec(),
       [this] {
         ControlGroups({{Version::v2, place_, {}}}, "can");
       },
       "done"},
      {only_closing_on_exec(), [&] { ControlGroups({v1}, "can").join(); }, "done"},
      // What stops it is not the first descriptor.
      {only_closing_on_exec({{"mkdir", refused}, {"mkdirat", refused}}),
       [&] {
         const ControlGroups groups{{{Version::v2, place_, {Controller::pids}}}, limits, ""};
       },
       "make control group: EDOM"},
      {only_closing_on_exec(), [] { StopTimeout{{}}; }, "done"},
      {only_closing_on_exec(), [] { TimeLimit{{}}; }, "done"},
      {only_closing_on_exec(), [this] { look_up(place_ / "file"); }, "done"},
  });
}

TEST_F(ClosesOnExec, WhatIsOpenedForATerminal) {
  const unique_fd master{posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC)};
  if (sanitized) GTEST_SKIP() << "a sanitizer opens what it likes";
  if (!master.ok() || unlockpt(master.get()) == -1) GTEST_SKIP() << "no terminal can be had";
  const unique_fd slave{ioctl(master.get(), TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC)};
  const auto linked = [&](bool allocate) {
    return [&, allocate] {
      for (const int fd : {0, 1, 2}) check(dup3(slave.get(), fd, O_CLOEXEC), "dup3");
      const TerminalOptions options{.allocate = allocate};
      Stdio stdio = make_pipes(options);
      Watch watch;
      ChildProcess nobody{1, unique_fd{}};
      nobody.let_go();
      TerminalLink link{options, stdio};
      unique_fd again{fcntl(master.get(), F_DUPFD_CLOEXEC, 0)};
      link.take("terminal", again);
      link.begin(watch, nobody);
    };
  };
  EXPECT_EQ(under(only_closing_on_exec(), linked(true)), "done");
  EXPECT_EQ(under(only_closing_on_exec(), linked(false)), "done");
}

}  // namespace
}  // namespace tincan
