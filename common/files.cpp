// Reading and writing small files.
#include "common/files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>

#include "common/error.hpp"
#include "common/lookup.hpp"

namespace tincan {

unique_fd open_file(const std::string& path, int flags, mode_t mode) {
  return unique_fd{check(open(path.c_str(), flags | O_CLOEXEC, mode), "open", path)};
}

unique_fd open_text(const std::string& path) {
  struct stat status {};
  const int number = stat(path.c_str(), &status) == -1 ? errno : 0;
  if (number != 0) throw Error{number, "open", path, lookup_hint(path, number)};
  if (S_ISDIR(status.st_mode) || S_ISSOCK(status.st_mode) || S_ISBLK(status.st_mode)) {
    const int wrong_kind = S_ISDIR(status.st_mode) ? EISDIR : EINVAL;
    throw Error{wrong_kind, "open", path, "it is " + kind_of(status.st_mode) + ", not a file"};
  }
  return open_file(path, O_RDONLY | O_NOCTTY);
}

std::string read_all(borrowed_fd fd, const std::string& name) {
  return read_at_most(fd, name, std::string::npos);
}

std::string read_at_most(borrowed_fd fd, const std::string& name, std::size_t most) {
  std::string text;
  std::array<char, 4096> piece;
  while (true) {
    const ssize_t count = read(fd.get(), piece.data(), piece.size());
    if (count == -1 && errno == EINTR) continue;
    if (check(count, "read", name) == 0) return text;
    text.append(piece.data(), static_cast<std::size_t>(count));
    if (text.size() > most) throw Error{EFBIG, "read", name};
  }
}

std::string read_file(const std::string& path) {
  return read_all(open_file(path, O_RDONLY), path);
}

void write_file(const std::string& path, std::string_view text) {
  const unique_fd file = open_file(path, O_WRONLY);
  const ssize_t count = check(write(file.get(), text.data(), text.size()), "write", path);
  if (static_cast<std::size_t>(count) != text.size()) throw Error{EIO, "write", path};
}

bool exists(const std::string& path) {
  if (access(path.c_str(), F_OK) == 0) return true;
  if (errno == ENOENT || errno == ENOTDIR) return false;
  throw Error{errno, "access", path};
}

std::string read_link(const std::string& path) {
  std::string target(4096, '\0');
  const ssize_t length =
      check(readlink(path.c_str(), target.data(), target.size()), "readlink", path);
  target.resize(static_cast<std::size_t>(length));
  return target;
}

std::vector<std::string_view> split_at(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (!text.empty()) {
    const std::size_t end = text.find(separator);
    parts.push_back(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return parts;
}

}  // namespace tincan
