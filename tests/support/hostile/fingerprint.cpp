// What of the host a container must leave as it was, in one string.
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <vector>

#include "support/hostile/hostile.hpp"

namespace hostile {
namespace {

std::string contents(const std::string& path) {
  const int fd = static_cast<int>(need(open(path.c_str(), O_RDONLY | O_CLOEXEC), path));
  std::string text;
  std::array<char, 65536> piece;
  ssize_t count = 0;
  while ((count = read(fd, piece.data(), piece.size())) > 0) {
    text.append(piece.data(), static_cast<std::size_t>(count));
  }
  close(fd);
  return text;
}

std::vector<std::string> names_in(const std::string& path) {
  std::vector<std::string> names;
  DIR* directory = opendir(path.c_str());
  if (directory == nullptr) throw Broken{path};
  while (const dirent* entry = readdir(directory)) names.emplace_back(entry->d_name);
  closedir(directory);
  std::sort(names.begin(), names.end());
  return names;
}

// Every name below `path` with type, mode, owner, size; and the text of small files.
void describe(const std::string& path, std::string& text) {
  struct stat status {};
  need(lstat(path.c_str(), &status), path);
  text += path + " " + std::to_string(status.st_mode) + " " + std::to_string(status.st_uid) + " " +
          std::to_string(status.st_size) + "\n";
  if (S_ISREG(status.st_mode) && status.st_size < 4096) text += contents(path);
  if (!S_ISDIR(status.st_mode) || path.ends_with("/proc")) return;
  for (const std::string& name : names_in(path)) {
    if (name != "." && name != "..") describe(std::string{path}.append("/").append(name), text);
  }
}

}  // namespace

std::string fingerprint(const World& world) {
  std::array<char, 256> hostname{};
  need(gethostname(hostname.data(), hostname.size()), "gethostname");
  std::string text =
      std::string{"hostname "} + hostname.data() + "\n" + contents("/proc/self/mountinfo");
  describe("/mnt", text);
  for (const int fd : world.descriptors) text += std::to_string(fcntl(fd, F_GETFD)) + "\n";
  return text;
}

}  // namespace hostile
