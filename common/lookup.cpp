// The second look: part by part, as the kernel does it.
#include "common/lookup.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <system_error>
#include <vector>

namespace tincan {
namespace {

constexpr int most_links = 40;  // MAXSYMLINKS, path_resolution(7)
constexpr auto not_there = "is not there";

// Each beginning of `path` that is a path itself: of "/a//b/" they are "/a" and "/a//b".
std::vector<std::string> beginnings(const std::string& path) {
  std::vector<std::string> all;
  std::size_t end = 0;
  while ((end = path.find_first_not_of('/', end)) != std::string::npos) {
    end = std::min(path.find('/', end), path.size());
    all.push_back(path.substr(0, end));
  }
  return all;
}

std::string stop(const std::string& path, int number, int links);

// The rest of a sentence about the link `path`, which cannot be followed.
std::string about_link(const std::string& path, int number, int links) {
  if (number == ELOOP) return "a symlink that leads to itself or through too many";
  std::error_code unreadable;
  const std::string target = std::filesystem::read_symlink(path, unreadable);
  if (unreadable || links == 0) return {};
  const std::string from = target.starts_with('/') ? "" : path.substr(0, path.rfind('/') + 1);
  const std::string why = stop(from + target, number, links - 1);
  return why.empty() ? why : "a symlink to '" + target + "', which " + why;
}

// Why `part`, which was looked up in `directory`, is not found.
std::string about_part(const std::string& part, const std::string& directory, int number, int links,
                       bool last) {
  struct stat status {};
  if (lstat(part.c_str(), &status) == 0 && S_ISLNK(status.st_mode)) {
    const std::string link = about_link(part, number, links);
    if (link.empty()) return {};
    return last ? "is " + link : "lies behind '" + part + "', " + link;
  }
  if (number == ENOENT) return not_there;
  if (number != EACCES) return {};
  return "lies behind '" + directory + "', a directory that this user may not search";
}

std::string stop(const std::string& path, int number, int links) {
  std::string directory = path.starts_with('/') ? "/" : ".";
  for (const std::string& part : beginnings(path)) {
    const bool last = part.size() == path.size();
    struct stat status {};
    if (stat(part.c_str(), &status) == -1) {
      return errno == number ? about_part(part, directory, number, links, last) : std::string{};
    }
    if (number == ENOTDIR && !S_ISDIR(status.st_mode)) {
      return (last ? "" : "goes on behind '" + part + "', which ") + "is " +
             kind_of(status.st_mode) + ", not a directory";
    }
    directory = part;
  }
  return {};
}

}  // namespace

std::string kind_of(mode_t mode) {
  switch (mode & S_IFMT) {
    case S_IFREG:
      return "a file";
    case S_IFDIR:
      return "a directory";
    case S_IFCHR:
    case S_IFBLK:
      return "a device";
    case S_IFIFO:
      return "a named pipe";
    case S_IFSOCK:
      return "a socket";
    case S_IFLNK:
      return "a symlink";
    default:
      return "of no known kind";
  }
}

std::string lookup_fault(const std::string& path, int number) {
  const std::string why = stop(path, number, most_links);
  return why == not_there ? std::string{} : why;
}

std::string lookup_hint(const std::string& path, int number, const std::string& otherwise) {
  const std::string why = lookup_fault(path, number);
  return why.empty() ? otherwise : "it " + why;
}

}  // namespace tincan
