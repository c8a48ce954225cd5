// Unit tests of covers, where the root directory changes under the container that is being made.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "05-mounts/furniture.hpp"
#include "05-mounts/mounts.hpp"
#include "12-devices/covers.hpp"
#include "common/error.hpp"
#include "common/files.hpp"
#include "common/unique_fd.hpp"

namespace tincan {
namespace {

namespace fs = std::filesystem;

std::pair<unique_fd, unique_fd> make_pipe() {
  std::array<int, 2> ends{};
  check(pipe2(ends.data(), O_CLOEXEC), "pipe2");
  return {unique_fd{ends[0]}, unique_fd{ends[1]}};
}

void say(const unique_fd& in, const std::string& text) {
  check(write(in.get(), text.data(), text.size()), "write");
}

std::string hear(const unique_fd& out) {
  std::array<char, 1000> text{};
  return {text.data(),
          static_cast<std::size_t>(check(read(out.get(), text.data(), text.size()), "read"))};
}

// In a mount namespace of its own: the root is furnished, somebody outside does to its directory what
// he likes, and then it is covered. Returns how many bytes the first file of each place has.
class Covered : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = fs::temp_directory_path() / "tincan-covers.XXXXXX";
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    root_ = name;
    for (const char* const place : {"proc", "sys", "dev", "etc"})
      fs::create_directory(root_ / place);
    std::ofstream{root_ / "etc/motd"} << "here";
  }
  void TearDown() override { fs::remove_all(root_); }

  template <typename Act>
  std::string after(const Act& act, const std::vector<Cover>& covers,
                    const std::vector<std::string>& files) const {
    const auto [ready_out, ready_in] = make_pipe();
    const auto [go_out, go_in] = make_pipe();
    const pid_t child = check(fork(), "fork");
    if (child == 0) {
      say(ready_in, inside(covers, files, ready_in, go_out));
      _exit(0);
    }
    std::string text = hear(ready_out);
    if (text == "furnished") {
      act();
      say(go_in, "go");
      text = hear(ready_out);
    }
    check(waitpid(child, nullptr, 0), "waitpid");
    return text;
  }

  const fs::path& root() const { return root_; }

 private:
  std::string inside(const std::vector<Cover>& covers, const std::vector<std::string>& files,
                     const unique_fd& ready, const unique_fd& go) const {
    if (unshare(CLONE_NEWNS) == -1) return "no mount namespace";
    try {
      make_mounts_private();
      Root root{open_source(root_)};
      Luggage luggage{open_all(mounts_of({}))};
      pack(root, luggage);
      make_furniture(luggage);
      move_into(root.mount);
      furnish(luggage);
      say(ready, "furnished");
      hear(go);
      cover(covers, root.mount, luggage);
    } catch (const Error& error) {
      return error.what();
    }
    std::string text;
    for (const std::string& file : files) {
      text += (exists(file) ? std::to_string(read_file(file).size()) : "none") + ";";
    }
    return text;
  }

  fs::path root_;
};

TEST_F(Covered, AreTheMountsWhereverTheyStandByNow) {
  const std::vector<Cover> covers{{"/proc/version"}, {"/sys/firmware"}};
  const std::string still = after([] {}, covers, {"/proc/version"});
  if (still == "no mount namespace") GTEST_SKIP() << still;
  EXPECT_EQ(still, "0;");
  // From here the directory is no mount point, and can be moved with what stands on it there.
  const auto exchange = [&] {
    fs::rename(root() / "proc", root() / "moved");
    fs::create_directory(root() / "proc");
    std::ofstream{root() / "proc/version"} << "posing";
  };
  EXPECT_EQ(after(exchange, covers, {"/moved/version", "/proc/version"}), "0;6;");
}

TEST_F(Covered, AreNotLedAstrayByLinks) {
  const auto link = [&] {
    fs::rename(root() / "etc", root() / "moved");
    fs::create_symlink("/moved", root() / "etc");
  };
  const std::string text = after(link, {{"/etc/motd"}}, {"/moved/motd"});
  if (text == "no mount namespace") GTEST_SKIP() << text;
  EXPECT_NE(text.find("cover /etc/motd: ELOOP"), text.npos) << text;
}

TEST_F(Covered, MayLackWhatIsOptional) {
  const std::vector<Cover> optional{{"/proc/none", CoverKind::nothing, true},
                                    {"/sys/none/a*/b", CoverKind::nothing, true},
                                    {"/sys/devices/system/cpu/cpu*/none", CoverKind::nothing, true},
                                    {"/etc/motd"}};
  const std::string text = after([] {}, optional, {"/etc/motd"});
  if (text == "no mount namespace") GTEST_SKIP() << text;
  EXPECT_EQ(text, "0;");
  EXPECT_NE(after([] {}, {{"/proc/none"}}, {}).find("cover /proc/none: ENOENT"), text.npos);
}

TEST_F(Covered, OfAStarAreAllThatThereAre) {
  const std::string cpus = "/sys/devices/system/cpu/";
  const Cover each{cpus + "cpu*/topology", CoverKind::nothing, true};
  const std::string text = after([] {}, {each}, {cpus + "cpu0/topology/core_id", cpus + "online"});
  if (text == "no mount namespace") GTEST_SKIP() << text;
  EXPECT_TRUE(text.starts_with("none;")) << text;
  EXPECT_FALSE(text.ends_with("none;")) << text;
}

}  // namespace
}  // namespace tincan
