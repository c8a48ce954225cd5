// Unit tests of a list of mounts that is not the chapter's own: its order is the user's.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "05-mounts/furniture.hpp"
#include "05-mounts/mounts.hpp"
#include "common/error.hpp"
#include "common/files.hpp"
#include "common/unique_fd.hpp"

namespace tincan {
namespace {

namespace fs = std::filesystem;

// A root directory, and two others whose files are to be seen inside.
class Mounts : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = fs::temp_directory_path() / "tincan-mounts.XXXXXX";
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    place_ = name;
    for (const char* const directory : {"root/proc", "root/dev", "root/mnt", "one/sub", "two"}) {
      fs::create_directories(place_ / directory);
    }
    for (const char* const file : {"one/file", "two/file"}) std::ofstream{place_ / file} << file;
  }
  void TearDown() override { fs::remove_all(place_); }

  Mount bind(const std::string& from, const std::string& to) const {
    return {.kind = "bind", .to = to, .from = place_ / from};
  }

  // What the files say inside, or why there is no inside.
  std::string seen(const std::vector<Mount>& list, const std::vector<std::string>& files) const {
    std::array<int, 2> ends{};
    check(pipe2(ends.data(), O_CLOEXEC), "pipe2");
    const unique_fd out{ends[0]};
    unique_fd in{ends[1]};
    const pid_t child = check(fork(), "fork");
    if (child == 0) {
      const std::string text = inside(list, files);
      _exit(write(in.get(), text.data(), text.size()) == -1 ? 1 : 0);
    }
    in.reset();
    check(waitpid(child, nullptr, 0), "waitpid");
    std::array<char, 1000> text{};
    return {text.data(),
            static_cast<std::size_t>(check(read(out.get(), text.data(), text.size()), "read"))};
  }

 private:
  std::string inside(const std::vector<Mount>& list, const std::vector<std::string>& files) const {
    if (unshare(CLONE_NEWNS) == -1) return "no mount namespace";
    std::string text;
    try {
      make_mounts_private();
      Root root{open_source(place_ / "root")};
      Luggage luggage{open_all(list)};
      pack(root, luggage);
      make_furniture(luggage);
      move_into(root.mount);
      furnish(luggage);
      for (const std::string& file : files) text += read_file(file) + ";";
    } catch (const Error& error) {
      return error.what();
    }
    return text;
  }

  fs::path place_;
};

constexpr unsigned inert = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC;

TEST_F(Mounts, StandInTheOrderOfTheList) {
  // /proc last, memory below a bind, a bind in that memory, and one below the first.
  const std::vector<Mount> list{bind("one", "/mnt"),
                                {"tmpfs", "/mnt/sub", inert},
                                bind("two", "/mnt/sub/made/here"),
                                {"tmpfs", "/dev", inert},
                                bind("one/file", "/dev/shown/file"),
                                {"proc", "/proc", inert}};
  const std::string text = seen(list, {"/mnt/file", "/mnt/sub/made/here/file", "/dev/shown/file",
                                       "/dev/null", "/proc/self/comm"});
  if (text == "no mount namespace") GTEST_SKIP() << text;
  EXPECT_TRUE(text.starts_with("one/file;two/file;one/file;;")) << text;
  EXPECT_EQ(text.find("EBUSY"), std::string::npos) << text;
}

TEST_F(Mounts, CoverNoBindThatStandsAlready) {
  const std::vector<std::vector<Mount>> lists{
      {bind("two", "/mnt/sub"), bind("one", "/mnt")},
      {bind("two", "/mnt"), {"tmpfs", "/mnt", inert}},
      {{"tmpfs", "/mnt", inert}, bind("two", "/mnt/a/sub"), bind("one", "/mnt/a")},
      {{"tmpfs", "/mnt", inert}, bind("two", "/mnt/a/b"), {"tmpfs", "/mnt/a", inert}},
      {{"tmpfs", "/dev", inert}, bind("one/file", "/dev/null")},
      {{"proc", "/proc", inert}, {"tmpfs", "/proc/sys", inert}},
      {{"tmpfs", "/", inert}}};
  if (seen({}, {}) == "no mount namespace") GTEST_SKIP() << "no mount namespace";
  for (std::size_t i = 1; i < lists.size(); ++i) {
    EXPECT_NE(seen(lists[i], {}).find("EBUSY"), std::string::npos) << i << seen(lists[i], {});
  }
  // The place is not there before the bind that brings it.
  EXPECT_NE(seen(lists[0], {}).find("ENOENT"), std::string::npos) << seen(lists[0], {});
}

TEST_F(Mounts, OfAKindThatIsNoneAreRefused) {
  if (seen({}, {}) == "no mount namespace") GTEST_SKIP() << "no mount namespace";
  EXPECT_NE(seen({{"nonefs", "/mnt", inert}}, {}).find("ENODEV"), std::string::npos);
}

}  // namespace
}  // namespace tincan
