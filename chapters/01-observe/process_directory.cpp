// Reading below one /proc/PID, by its descriptor. See proc(5).
#include "01-observe/process_directory.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <memory>

#include "common/error.hpp"
#include "common/files.hpp"
#include "common/numbers.hpp"

namespace tincan::observation {
namespace {

using Directory = std::unique_ptr<DIR, int (*)(DIR*)>;

// The next entry that is a number; nothing at the end, or with errno set when reading failed: the
// process may end between two entries.
std::optional<std::uint64_t> next_number(DIR* directory) {
  errno = 0;
  while (const dirent* entry = readdir(directory)) {
    if (const auto number = parse_number(entry->d_name, 0, INT32_MAX)) return number;
  }
  return std::nullopt;
}

}  // namespace

pid_t own_pid() {
  std::array<char, 16> link{};
  const ssize_t length = readlink("/proc/self", link.data(), link.size());
  if (length == -1) throw Error{errno, "readlink", "/proc/self", "is /proc mounted here?"};
  const auto pid = parse_number({link.data(), static_cast<std::size_t>(length)}, 1, INT32_MAX);
  if (!pid) throw Error{EINVAL, "readlink", "/proc/self", "this is no /proc"};
  return static_cast<pid_t>(*pid);
}

ProcessDirectory::ProcessDirectory(pid_t pid) : pid_{pid} {
  const std::string number = std::to_string(pid);
  directory_.reset(open(("/proc/" + number).c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (directory_.ok()) return;
  throw Error{errno == ENOENT ? ESRCH : errno, "observe process", number,
              "no process has this number, or this /proc does not show it"};
}

Reading ProcessDirectory::read(const std::string& name) const {
  const unique_fd file{openat(directory_.get(), name.c_str(), O_RDONLY | O_CLOEXEC)};
  if (!file.ok()) return {{}, errno};
  try {
    return {read_all(file, name)};
  } catch (const Error& error) {
    return {{}, error.number()};
  }
}

Reading ProcessDirectory::link(const std::string& name) const {
  std::string target(4096, '\0');
  const ssize_t length = readlinkat(directory_.get(), name.c_str(), target.data(), target.size());
  if (length == -1) return {{}, errno};
  target.resize(static_cast<std::size_t>(length));
  return {target};
}

Reading ProcessDirectory::list(const std::string& name) const {
  unique_fd fd{openat(directory_.get(), name.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (!fd.ok()) return {{}, errno};
  const Directory directory{fdopendir(fd.get()), closedir};
  if (directory == nullptr) return {{}, errno};
  static_cast<void>(fd.release());  // closedir(3) closes it
  std::vector<std::uint64_t> numbers;
  while (const auto number = next_number(directory.get())) numbers.push_back(*number);
  if (errno != 0) return {{}, errno};
  std::sort(numbers.begin(), numbers.end());
  Reading reading;
  for (const std::uint64_t number : numbers) reading.text += std::to_string(number) + "\n";
  return reading;
}

FileIdentity ProcessDirectory::identify(const std::string& name) const {
  // AT_STATX_DONT_SYNC: the file may lie on a server that does not answer, and nobody should be able
  // to hang the observer that way.
  struct statx status {};
  const int flags = AT_STATX_DONT_SYNC | AT_NO_AUTOMOUNT;
  FileIdentity file;
  if (statx(directory_.get(), name.c_str(), flags, STATX_INO | STATX_UID, &status) == -1) {
    file.error = errno;
    return file;
  }
  file.device = std::to_string(status.stx_dev_major) + ":" + std::to_string(status.stx_dev_minor);
  file.inode = status.stx_ino;
  file.owner = status.stx_uid;
  return file;
}

}  // namespace tincan::observation
