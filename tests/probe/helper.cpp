// A copy of this program in the place of newuidmap(1) or newgidmap(1), set-uid as they are: it
// writes down what of its caller's it has inherited, and becomes the real one.
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <sstream>
#include <string>

#include "probe/probe.hpp"

namespace probe {
namespace {

// On the hostile host: the real ones, and what is written down.
constexpr const char* real_ones = "/mnt/helpers/real/";
constexpr const char* record = "/mnt/helpers/seen";

std::string link_of(const std::string& path) {
  std::string target(4096, '\0');
  const ssize_t length = readlink(path.c_str(), target.data(), target.size());
  target.resize(length == -1 ? 0 : static_cast<std::size_t>(length));
  return target;
}

std::string open_descriptors() {
  std::string found;
  DIR* directory = opendir("/proc/self/fd");
  for (const dirent* entry = nullptr; (entry = readdir(directory)) != nullptr;) {
    const int fd = std::atoi(entry->d_name);  // NOLINT(cert-err34-c)
    if (fd <= STDERR_FILENO || fd == dirfd(directory)) continue;
    found += " descriptor " + std::to_string(fd) + " to " +
             link_of("/proc/self/fd/" + std::string{entry->d_name});
  }
  closedir(directory);
  if (link_of("/proc/self/fd/0") != "/dev/null") found += " standard input";
  return found;
}

std::string changed_signals() {
  std::string found;
  std::istringstream status{slurp("/proc/self/status")};
  for (std::string line; std::getline(status, line);) {
    const bool counts = line.starts_with("SigBlk:") || line.starts_with("SigIgn:");
    if (counts && line.find_first_not_of('0', 8) != std::string::npos) found += " " + line;
  }
  return found;
}

std::string inherited() {
  std::string found = open_descriptors() + changed_signals();
  // How many, and not which: they go into the log of a test.
  int variables = 0;
  while (environ[variables] != nullptr) ++variables;
  if (variables > 0) found += " " + std::to_string(variables) + " variables";
  if (const std::string directory = link_of("/proc/self/cwd"); directory != "/") {
    found += " the working directory " + directory;
  }
  if (const mode_t mask = umask(022); mask != 022) found += " the umask " + std::to_string(mask);
  return found.empty() ? " nothing" : found;
}

const char* base_of(const char* name) {
  const char* slash = std::strrchr(name, '/');
  return slash == nullptr ? name : slash + 1;
}

}  // namespace

bool is_called_as_helper(const char* name) {
  const std::string base = base_of(name);
  return base == "newuidmap" || base == "newgidmap";
}

int play_helper(char** words) {
  const std::string name = base_of(words[0]);
  const std::string line = name + " has inherited" + inherited() + "\n";
  const int fd = open(record, O_WRONLY | O_APPEND | O_CLOEXEC);
  if (fd == -1 || write(fd, line.data(), line.size()) == -1) return 99;
  const std::string real = real_ones + name;
  execv(real.c_str(), words);
  return 99;
}

}  // namespace probe
