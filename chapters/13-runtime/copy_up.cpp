// One directory after the other.
#include "13-runtime/copy_up.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <memory>
#include <string>
#include <vector>

#include "common/error.hpp"

namespace tincan::oci {
namespace {

constexpr int most_levels = 256;  // each holds two descriptors

struct Close {
  void operator()(DIR* stream) const { closedir(stream); }
};

unique_fd open_in(borrowed_fd directory, const std::string& name, int flags) {
  return unique_fd{
      check(openat(directory.get(), name.c_str(), flags | O_NOFOLLOW | O_CLOEXEC), "open", name)};
}

std::vector<std::string> names_in(borrowed_fd directory) {
  unique_fd own = open_in(directory, ".", O_RDONLY | O_DIRECTORY);
  const std::unique_ptr<DIR, Close> stream{fdopendir(own.get())};
  if (!stream) throw Error{errno, "fdopendir"};
  (void)own.release();
  std::vector<std::string> names;
  errno = 0;  // the end and an error look alike otherwise, readdir(3)
  while (const dirent* entry = readdir(stream.get())) {
    const std::string name = entry->d_name;
    if (name != "." && name != "..") names.push_back(name);
    errno = 0;
  }
  if (errno != 0) throw Error{errno, "readdir"};
  return names;
}

void take_over(borrowed_fd to, const struct stat& status, const std::string& name) {
  check(fchown(to.get(), status.st_uid, status.st_gid), "fchown", name);
  check(fchmod(to.get(), status.st_mode & 07777), "fchmod", name);
  const std::array<timespec, 2> times{status.st_atim, status.st_mtim};
  check(futimens(to.get(), times.data()), "futimens", name);
}

void copy_file(borrowed_fd from, borrowed_fd to, const std::string& name) {
  const unique_fd source = open_in(from, name, O_RDONLY | O_NONBLOCK | O_NOCTTY);
  struct stat status {};
  check(fstat(source.get(), &status), "fstat", name);
  if (!S_ISREG(status.st_mode)) return;  // exchanged since it was looked at
  const unique_fd copy{check(
      openat(to.get(), name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600),
      "create", name)};
  while (check(sendfile(copy.get(), source.get(), nullptr, 1 << 20), "copy", name) != 0) {
  }
  take_over(copy, status, name);
}

void copy_link(borrowed_fd from, borrowed_fd to, const std::string& name) {
  std::array<char, PATH_MAX> target{};
  const ssize_t length = check(
      readlinkat(from.get(), name.c_str(), target.data(), target.size() - 1), "readlink", name);
  const std::string text{target.data(), static_cast<std::size_t>(length)};
  check(symlinkat(text.c_str(), to.get(), name.c_str()), "symlink", name);
}

void copy_level(borrowed_fd from, borrowed_fd to, int levels);

void copy_directory(borrowed_fd from, borrowed_fd to, const std::string& name, int levels) {
  if (levels == most_levels)
    throw Error{ELOOP, "copy up", name, "more than 256 directories in each other", 1};
  const unique_fd source = open_in(from, name, O_RDONLY | O_DIRECTORY);
  check(mkdirat(to.get(), name.c_str(), 0700), "mkdir", name);
  const unique_fd copy = open_in(to, name, O_RDONLY | O_DIRECTORY);
  copy_level(source, copy, levels + 1);
  struct stat status {};
  check(fstat(source.get(), &status), "fstat", name);
  take_over(copy, status, name);
}

void copy_level(borrowed_fd from, borrowed_fd to, int levels) {
  for (const std::string& name : names_in(from)) {
    struct stat status {};
    check(fstatat(from.get(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW), "fstatat", name);
    if (S_ISDIR(status.st_mode)) copy_directory(from, to, name, levels);
    if (S_ISREG(status.st_mode)) copy_file(from, to, name);
    if (S_ISLNK(status.st_mode)) copy_link(from, to, name);
  }
}

}  // namespace

void copy_up(borrowed_fd from, borrowed_fd to) {
  const unique_fd source = open_in(from, ".", O_RDONLY | O_DIRECTORY);
  const unique_fd target = open_in(to, ".", O_RDONLY | O_DIRECTORY);
  copy_level(source, target, 0);
}

}  // namespace tincan::oci
