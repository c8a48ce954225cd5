// Entering the working directory, with a second look.
#include "10-init/workdir.hpp"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <climits>
#include <string_view>

#include "common/error.hpp"
#include "common/lookup.hpp"
#include "common/syscalls.hpp"

namespace tincan {
namespace {

std::string refusal(int number, const std::string& path) {
  const std::string stopped = lookup_hint(path, number);
  if (!stopped.empty()) return stopped + " in the container";
  switch (number) {
    case ENOENT:
      return "there is no such directory in the container, and none is ever created";
    case ELOOP:
      return "a link of /proc leads there, and such a link can lead out of the container";
    case EACCES:
      return "the command's user may not search it";
    default:
      return {};
  }
}

// The system call, not getcwd(3): that hides what the kernel says of a directory outside the root.
void require_inside(const std::string& path) {
  std::string where(PATH_MAX, '\0');
  check(syscall(SYS_getcwd, where.data(), where.size()), "getcwd");
  if (!where.starts_with('/'))
    throw Error{EXDEV, "enter --workdir", path, "it is outside the root"};
}

}  // namespace

void add_workdir_option(CommandLine& line, WorkdirOptions& options) {
  line.section("Working directory (chapter 10)");
  line.option("-w,--workdir", "DIR", "begin in this directory of the container",
              [&](const std::string& path) {
                if (!path.starts_with('/')) {
                  throw UsageError{"--workdir", "'" + path + "' is not an absolute path"};
                }
                options.path = path;
              });
}

void enter_workdir(const WorkdirOptions& options) {
  try {
    const unique_fd directory =
        sys::openat2(AT_FDCWD, options.path, O_PATH | O_DIRECTORY, RESOLVE_NO_MAGICLINKS);
    check(fchdir(directory.get()), "fchdir", options.path);
  } catch (const Error& error) {
    throw Error{error.number(), "enter --workdir", options.path,
                refusal(error.number(), options.path)};
  }
  require_inside(options.path);
}

}  // namespace tincan
