// Reading below one /proc/PID, by its descriptor. See proc(5).
#include "01-observe/process_directory.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <memory>

#include "common/error.hpp"
#include "common/files.hpp"

namespace tincan {

ProcessDirectory::ProcessDirectory(pid_t pid) : pid_{pid} {
  const std::string path = "/proc/" + std::to_string(pid);
  directory_.reset(open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!directory_.ok()) throw Error{ESRCH, "observe process", std::to_string(pid)};
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
  const std::unique_ptr<DIR, int (*)(DIR*)> directory{fdopendir(fd.release()), closedir};
  if (directory == nullptr) return {{}, errno};
  std::vector<int> numbers;
  while (const dirent* entry = readdir(directory.get())) {
    if (entry->d_name[0] != '.')
      numbers.push_back(std::atoi(entry->d_name));  // NOLINT(cert-err34-c)
  }
  std::sort(numbers.begin(), numbers.end());
  Reading reading;
  for (const int number : numbers) reading.text += std::to_string(number) + "\n";
  return reading;
}

}  // namespace tincan
