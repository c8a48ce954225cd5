// Unit tests of the limits: what is typed, what is written, and where; a host is laid out in a
// directory.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/sched.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

#include "09-cgroups/cgroup.hpp"
#include "09-cgroups/guard.hpp"
#include "09-cgroups/limits.hpp"
#include "09-cgroups/placement.hpp"
#include "common/error.hpp"
#include "common/files.hpp"
#include "common/log.hpp"

namespace tincan {
namespace {

namespace fs = std::filesystem;

// A directory that is gone at the end of the test, with files in it.
class FakeTree {
 public:
  FakeTree() {
    std::string pattern = fs::temp_directory_path() / "tincan-unit-XXXXXX";
    path_ = mkdtemp(pattern.data());
  }
  FakeTree(const FakeTree&) = delete;
  ~FakeTree() { fs::remove_all(path_); }

  std::string operator/(const std::string& name) const { return path_ + "/" + name; }
  void add(const std::string& name, const std::string& text) const {
    fs::create_directories(fs::path{*this / name}.parent_path());
    std::ofstream{*this / name} << text;
  }

 private:
  std::string path_;
};

MountInfo mount_of(const std::string& type, const std::string& point, const std::string& options) {
  MountInfo mount;
  mount.root = "/";
  mount.type = type;
  mount.mount_point = point;
  mount.super_options = options;
  return mount;
}

TEST(Sizes, AreBytesOrTimes1024) {
  EXPECT_EQ(parse_size("1", "-m", 1, UINT64_MAX), 1U);
  EXPECT_EQ(parse_size("512K", "-m", 1, UINT64_MAX), 524288U);
  EXPECT_EQ(parse_size("512M", "-m", 1, UINT64_MAX), 536870912U);
  EXPECT_EQ(parse_size("512k", "-m", 1, UINT64_MAX), 524288U);
  EXPECT_EQ(parse_size("512m", "-m", 1, UINT64_MAX), 536870912U);
  EXPECT_EQ(parse_size("1g", "-m", 1, UINT64_MAX), 1073741824U);
  EXPECT_EQ(parse_size("1G", "-m", 1, UINT64_MAX), 1073741824U);
  EXPECT_EQ(parse_size("17179869183G", "-m", 1, UINT64_MAX), 17179869183ULL << 30);
  EXPECT_EQ(parse_size("18446744073709551615", "-m", 1, UINT64_MAX), UINT64_MAX);
  EXPECT_EQ(parse_size("4K", "-m", 4096, 4096), 4096U);
}

TEST(Sizes, RefuseEverythingElse) {
  for (const char* text : {"",
                           "K",
                           "M",
                           "0",
                           "0K",
                           "-1",
                           "+1",
                           " 1",
                           "1 ",
                           "1 M",
                           "1.5G",
                           "1e3",
                           "0x10",
                           "01",
                           "01M",
                           "1MB",
                           "1Mi",
                           "1MM",
                           "1KM",
                           "1Mm",
                           "1mb",
                           "m",
                           "1T",
                           "1B",
                           "max",
                           "unlimited",
                           "18446744073709551616",
                           "17179869184G",
                           "99999999999G"}) {
    EXPECT_THROW(parse_size(text, "-m", 1, UINT64_MAX), UsageError) << text;
  }
  EXPECT_THROW(parse_size("3K", "-m", 4096, 1 << 20), UsageError);
  EXPECT_THROW(parse_size("2M", "-m", 4096, 1 << 20), UsageError);
  EXPECT_THROW(parse_size("1048577", "-m", 4096, 1 << 20), UsageError);
}

TEST(Processors, AreThousandths) {
  EXPECT_EQ(parse_cpus("0.5", "--cpus", 2), 500U);
  EXPECT_EQ(parse_cpus("0.01", "--cpus", 2), 10U);
  EXPECT_EQ(parse_cpus("0.125", "--cpus", 2), 125U);
  EXPECT_EQ(parse_cpus("1", "--cpus", 2), 1000U);
  EXPECT_EQ(parse_cpus("1.999", "--cpus", 2), 1999U);
  EXPECT_EQ(parse_cpus("2", "--cpus", 2), 2000U);
  EXPECT_EQ(parse_cpus("2.000", "--cpus", 2), 2000U);
  for (const char* text : {"",   "0",  "0.0", "0.009", "0.001",  "2.001", "3",   "-1",
                           "+1", ".5", "1.",  "1.2.3", "0.1234", "1e0",   "nan", "inf",
                           " 1", "1 ", "01",  "1,5",   "0x1",    "1.-1",  "1.+1"}) {
    EXPECT_THROW(parse_cpus(text, "--cpus", 2), UsageError) << text;
  }
}

TEST(Weights, MeanTheSameInBothVersions) {
  EXPECT_EQ(weight_of_shares(1024), 100U);
  EXPECT_EQ(weight_of_shares(256), 25U);  // the series' shares: a quarter of a peer's
  EXPECT_EQ(weight_of_shares(2), 1U);
  EXPECT_EQ(weight_of_shares(262144), 10000U);
  EXPECT_EQ(shares_of_weight(100), 1024U);
  EXPECT_EQ(shares_of_weight(25), 256U);
  EXPECT_EQ(shares_of_weight(1), 10U);
  EXPECT_EQ(shares_of_weight(10000), 102400U);
  EXPECT_EQ(LimitOptions{}.cpu_weight, weight_of_shares(256));
}

bool is_same_file(borrowed_fd fd, const std::string& path) {
  struct stat one {};
  struct stat other {};
  return fstat(fd.get(), &one) == 0 && stat(path.c_str(), &other) == 0 &&
         one.st_ino == other.st_ino;
}

// A file of processes that says something else at each look, as pipes can: while the first is read, the second takes its
// place.
class TwoLooks {
 public:
  TwoLooks(const FakeTree& tree, std::string first, std::string second)
      : writer_{[path = tree / "cgroup.procs", next = tree / "next", first, second] {
          check(mkfifo(next.c_str(), 0600), "mkfifo");
          unique_fd once = open_file(path, O_WRONLY);
          fs::rename(next, path);
          check(write(once.get(), first.data(), first.size()), "write", path);
          once.reset();
          const unique_fd again = open_file(path, O_WRONLY);
          fs::remove(path);  // so that the directory can be removed
          check(write(again.get(), second.data(), second.size()), "write", path);
        }} {}
  TwoLooks(const TwoLooks&) = delete;
  ~TwoLooks() { writer_.join(); }

 private:
  std::thread writer_;
};

// Was a child of ours killed when the group was removed, which it was in at the first look, and at the
// second according to `still`?
bool is_killed(bool still) {
  const FakeTree tree;
  const pid_t child = fork();
  if (child == 0) {
    while (true) pause();
  }
  const std::string line = std::to_string(child) + "\n";
  check(mkfifo((tree / "cgroup.procs").c_str(), 0600), "mkfifo");
  {
    const TwoLooks looks{tree, line, still ? line : "\n"};
    EXPECT_TRUE(remove_group(tree / ""));
  }
  kill(child, SIGTERM);
  int status = 0;
  waitpid(child, &status, 0);
  return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
}

// The number may mean another process by then.
TEST(Groups, WhoHasLeftBetweenTwoLooksIsNotKilled) {
  EXPECT_FALSE(is_killed(false));
  EXPECT_TRUE(is_killed(true));
}

TEST(Groups, AreFoundAgainByPlaceAndName) {
  const FakeTree tree;
  tree.add("v2/can/memory.events", "oom_kill 3\n");
  tree.add("v2/can/inside/cgroup.procs", "");
  tree.add("v1/can/inside/tasks", "");
  const std::vector<Place> places{{Version::v2, tree / "v2", {Controller::memory}},
                                  {Version::v1, tree / "v1", {Controller::pids}}};
  {
    ControlGroups groups{places, "can"};
    clone_args request{};
    request.flags = CLONE_NEWUTS;
    groups.be_birthplace_of(request);
    EXPECT_EQ(request.flags, CLONE_NEWUTS | CLONE_INTO_CGROUP);
    EXPECT_TRUE(is_same_file(static_cast<int>(request.cgroup), tree / "v2/can/inside"));
    EXPECT_EQ(groups.memory_use()->killed, 3U);
    groups.join();
  }
  EXPECT_EQ(read_file(tree / "v1/can/inside/tasks"), "0");
  EXPECT_TRUE(fs::exists(tree / "v2/can"));
}

TEST(Groups, AreRemovedFromTheDeepestUp) {
  const FakeTree tree;
  for (const char* group : {"can/inside/a/b", "can/inside/c", "can/d"})
    fs::create_directories(tree / group);
  EXPECT_TRUE(remove_group(tree / "can"));
  EXPECT_FALSE(fs::exists(tree / "can"));
  EXPECT_TRUE(remove_group(tree / "can"));
}

// Other lines begin alike, and what is no number is none.
TEST(Groups, WhatBecameOfThemStandsInLines) {
  const FakeTree tree;
  tree.add(
      "v2/can/memory.events",
      "low 0\nunder_oom 9\noom_kill_disable 7\noom_kill 3x\noom_kill x\noom_kill 5\noom_kill 6\n");
  tree.add("v2/can/inside/cgroup.procs", "");
  tree.add("v2/can/memory.peak", "12x\n");
  tree.add("v2/can/pids.events", "max 2\n");
  tree.add("v2/can/inside/pids.events", "maximum 9\nmax 4\n");
  const ControlGroups groups =
      ControlGroups({{Version::v2, tree / "v2", {Controller::memory, Controller::pids}}}, "can");
  EXPECT_EQ(groups.memory_use()->killed, 5U);
  EXPECT_EQ(groups.memory_use()->peak, std::nullopt);
  EXPECT_EQ(groups.refused_processes(), 4U);
  tree.add("v2/can/memory.peak", "12\n");
  tree.add("v2/can/pids.events", "max 6\n");
  EXPECT_EQ(groups.memory_use()->peak, 12U);
  EXPECT_EQ(groups.refused_processes(), 6U);
  fs::remove(tree / "v2/can/memory.peak");
  EXPECT_EQ(groups.memory_use()->peak, std::nullopt);
}

// On v1 the last process was killed in the group itself, and the most was counted above.
TEST(Groups, OnV1AreAskedInOtherFiles) {
  const FakeTree tree;
  tree.add("v1/can/inside/memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill 2\n");
  tree.add("v1/can/memory.max_usage_in_bytes", "4096\n");
  ControlGroups groups{{{Version::v1, tree / "v1", {Controller::memory}}}, "can"};
  EXPECT_EQ(groups.memory_use()->killed, 2U);
  EXPECT_EQ(groups.memory_use()->peak, 4096U);
  EXPECT_EQ(groups.refused_processes(), 0U);
  EXPECT_EQ(ControlGroups({}, "can").memory_use().has_value(), false);
}

TEST(Groups, NoChildIsBornInThoseOfV1) {
  clone_args request{};
  ControlGroups{}.be_birthplace_of(request);
  ControlGroups{{{Version::v1, "/", {Controller::memory}}}, ""}.be_birthplace_of(request);
  EXPECT_EQ(request.flags, 0U);
}

Guard::Undo removing(const std::string& file) {
  return [file] { return std::string{fs::remove(file) ? "" : "it is still there"}; };
}

TEST(Guards, UndoWhatTheyAreToldAtTheEnd) {
  const FakeTree tree;
  tree.add("one", "");
  tree.add("two", "");
  {
    const Guard guard{removing(tree / "one")};
    EXPECT_TRUE(fs::exists(tree / "one"));
  }
  EXPECT_FALSE(fs::exists(tree / "one"));
  {
    Guard guard{removing(tree / "two")};
    guard.dismiss();
  }
  EXPECT_TRUE(fs::exists(tree / "two"));
}

// A launcher with a guard is killed, after `word` to it. Is the file gone?
bool is_undone_after(void (*word)(Guard&)) {
  const FakeTree tree;
  tree.add("file", "");
  const pid_t launcher = fork();
  if (launcher == 0) {
    Guard guard{removing(tree / "file")};
    word(guard);
    kill(getpid(), SIGKILL);
  }
  waitpid(launcher, nullptr, 0);
  for (int i = 0; i < 100 && fs::exists(tree / "file"); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds{5});
  }
  return !fs::exists(tree / "file");
}

TEST(Guards, UndoItWhenTheLauncherIsKilledUnlessTheyWereDismissed) {
  EXPECT_TRUE(is_undone_after([](Guard&) {}));
  EXPECT_FALSE(is_undone_after([](Guard& guard) { guard.dismiss(); }));
}

TEST(Guards, SayWhatIsLeft) {
  log::start("unit-tests", log::Level::error);
  testing::internal::CaptureStderr();
  {
    const Guard guard{[] { return std::string{"it is still there"}; }};
  }
  EXPECT_NE(testing::internal::GetCapturedStderr().find("it is still there"), std::string::npos);
}

std::string written(Version version, const LimitOptions& limits) {
  std::string text;
  for (const Controller controller : controllers_for(limits)) {
    for (const Setting& setting : settings(version, controller, limits, "8:0")) {
      text += setting.file + "=" + setting.value + "\n";
    }
  }
  return text;
}

TEST(Limits, AreTheseFiles) {
  LimitOptions limits;
  limits.memory = (64 << 20) + 1;  // whole pages only
  limits.cpus = 500;
  limits.io_write = 1 << 20;
  EXPECT_EQ(written(Version::v2, limits),
            "memory.max=67108864\nmemory.swap.max=0\nmemory.oom.group=1\npids.max=64\n"
            "cpu.max=50000 100000\ncpu.weight=25\nio.max=8:0 rbps=max wbps=1048576\n");
  EXPECT_EQ(written(Version::v1, limits),
            "memory.limit_in_bytes=67108864\nmemory.memsw.limit_in_bytes=67108864\npids.max=64\n"
            "cpu.cfs_period_us=100000\ncpu.cfs_quota_us=50000\ncpu.shares=256\n"
            "blkio.throttle.write_bps_device=8:0 1048576\n");
  limits = {};
  limits.memory.reset();
  limits.pids.reset();
  limits.cpu_weight.reset();
  EXPECT_EQ(written(Version::v2, limits), "");
}

TEST(Limits, TakeTheControllersThatTheyNeed) {
  using All = std::vector<Controller>;
  LimitOptions limits;
  limits.memory.reset();
  limits.pids.reset();
  EXPECT_EQ(controllers_for(limits), All{Controller::cpu});
  limits.cpus = 500;
  limits.cpu_weight.reset();
  EXPECT_EQ(controllers_for(limits), All{Controller::cpu});
  limits.cpus.reset();
  EXPECT_TRUE(controllers_for(limits).empty());
  limits.io_read = 1 << 20;
  EXPECT_EQ(controllers_for(limits), All{Controller::io});
  limits = {};
  EXPECT_EQ(controllers_for(limits), (All{Controller::memory, Controller::pids, Controller::cpu}));
}

TEST(Limits, AreOfControllersWithNames) {
  for (const Version version : {Version::v1, Version::v2}) {
    EXPECT_EQ(name(version, Controller::memory), "memory");
    EXPECT_EQ(name(version, Controller::pids), "pids");
    EXPECT_EQ(name(version, Controller::cpu), "cpu");
  }
  EXPECT_EQ(name(Version::v1, Controller::io), "blkio");
  EXPECT_EQ(name(Version::v2, Controller::io), "io");
}

TEST(Places, V2IsTheGroupAboveOurs) {
  const FakeTree tree;
  tree.add("a/cgroup.procs", "");
  tree.add("a/b/cgroup.procs", "");
  tree.add("a/cgroup.controllers", "cpu memory pids\n");
  const CgroupHost host{"0::/a/b\n", {mount_of("cgroup2", tree / "", "rw")}};
  const auto places = find_places({Controller::memory, Controller::cpu}, host);
  ASSERT_EQ(places.size(), 1U);
  EXPECT_EQ(places[0].version, Version::v2);
  EXPECT_EQ(fs::path{places[0].parent}.lexically_normal(), fs::path{tree / "a"});
  EXPECT_EQ(places[0].controllers.size(), 2U);
  EXPECT_THROW(find_places({Controller::io}, host), Error);
}

TEST(Places, TheRootGroupIsItsOwnParent) {
  const FakeTree tree;
  tree.add("v2/cgroup.procs", "");
  tree.add("v2/cgroup.controllers", "memory\n");
  const CgroupHost host{"0::/\n", {mount_of("cgroup2", tree / "v2", "rw")}};
  const auto places = find_places({Controller::memory}, host);
  ASSERT_EQ(places.size(), 1U);
  EXPECT_EQ(places[0].parent, tree / "v2");
}

TEST(Places, WhatV2LacksIsTakenFromV1) {
  const FakeTree tree;
  tree.add("v2/cgroup.procs", "");
  tree.add("v2/cgroup.controllers", "hugetlb\n");
  tree.add("cpu/x/cgroup.procs", "");
  tree.add("cpu/cgroup.procs", "");  // not where memory is
  tree.add("memory/cgroup.procs", "");
  const CgroupHost host{
      "4:memory:/\n3:cpu,cpuacct:/x\n1:name=systemd:/\n0::/\n",
      {mount_of("cgroup", tree / "cpu", "rw,cpu,cpuacct"),
       mount_of("cgroup", tree / "memory", "rw,memory"), mount_of("cgroup2", tree / "v2", "rw")}};
  const auto places = find_places({Controller::memory, Controller::cpu}, host);
  ASSERT_EQ(places.size(), 3U);
  EXPECT_EQ(places[0].parent, tree / "v2");
  EXPECT_TRUE(places[0].controllers.empty());
  EXPECT_EQ(places[1].parent, tree / "memory");
  EXPECT_EQ(places[2].parent, tree / "cpu/x");
  EXPECT_THROW(find_places({Controller::pids}, host), Error);
}

TEST(Places, AControllerThatIsNowhereIsNamed) {
  const auto said = [](const CgroupHost& host) {
    try {
      find_places({Controller::io}, host);
    } catch (const Error& error) {
      return std::string{error.what()};
    }
    return std::string{"found"};
  };
  const FakeTree tree;
  tree.add("v2/cgroup.procs", "");
  tree.add("v2/cgroup.controllers", "pids\n");
  const CgroupHost v2{"0::/\n", {mount_of("cgroup2", tree / "v2", "rw")}};
  EXPECT_NE(
      said(v2).find("find the controller io: " + (tree / "v2/cgroup.controllers does not list it")),
      std::string::npos)
      << said(v2);
  EXPECT_NE(said({"", {}}).find(
                "find the controller io: no control group is mounted here with it. To go on"),
            std::string::npos)
      << said({"", {}});
}

TEST(Places, ControllersThatShareAHierarchyShareAGroup) {
  const FakeTree tree;
  tree.add("both/cgroup.procs", "");
  const CgroupHost host{"2:memory,pids:/\n", {mount_of("cgroup", tree / "both", "rw,memory,pids")}};
  const auto places = find_places({Controller::memory, Controller::pids}, host);
  ASSERT_EQ(places.size(), 1U);
  EXPECT_EQ(places[0].controllers.size(), 2U);
}

TEST(Places, AMountThatShowsAPartOrIsCoveredIsSeenThrough) {
  const FakeTree tree;
  tree.add("part/cgroup.procs", "");
  MountInfo part = mount_of("cgroup", tree / "part", "rw,pids");
  part.root = "/docker/1";
  const MountInfo covered = mount_of("cgroup", tree / "covered", "rw,pids");
  EXPECT_EQ(find_places({Controller::pids}, {"1:pids:/docker/1\n", {covered, part}})[0].parent,
            tree / "part");
  EXPECT_THROW(find_places({Controller::pids}, {"1:pids:/other\n", {covered, part}}), Error);
  EXPECT_THROW(find_places({Controller::pids}, {"", {part}}), Error);
}

TEST(Settings, AreReadBack) {
  const FakeTree tree;
  tree.add("pids.max", "9\n");
  EXPECT_NO_THROW(apply({"pids.max", "64"}, tree / ""));
  tree.add("io.max", "8:0 rbps=1 wbps=max riops=max\n");
  EXPECT_NO_THROW(apply({"io.max", "8:0 rbps=1 wbps=max"}, tree / ""));
  // Takes everything and keeps nothing, like memory.kmem.limit_in_bytes.
  fs::create_symlink("/dev/null", tree / "forgets");
  EXPECT_THROW(apply({"forgets", "64"}, tree / ""), Error);
  EXPECT_THROW(apply({"is.not.there", "64"}, tree / ""), Error);
}

}  // namespace
}  // namespace tincan
