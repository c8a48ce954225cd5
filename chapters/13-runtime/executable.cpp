// The search of execvp(3), without the execution.
#include "13-runtime/executable.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string_view>

#include "common/error.hpp"
#include "common/exit_status.hpp"
#include "common/files.hpp"

namespace tincan::oci {
namespace {

std::string path_in(const std::vector<std::string>& environment) {
  constexpr std::string_view key = "PATH=";
  for (const std::string_view variable : environment) {
    if (variable.starts_with(key)) return std::string{variable.substr(key.size())};
  }
  return "/bin:/usr/bin";  // confstr(3), _CS_PATH
}

std::vector<std::string> candidates(const std::string& name, const std::string& path) {
  if (name.empty() || name.find('/') != std::string::npos) return {name};
  std::vector<std::string> all;
  for (const std::string_view directory : split_at(path + ":", ':')) {
    all.push_back((directory.empty() ? "" : std::string{directory} + "/") + name);
  }
  return all;
}

// 0: nothing speaks against it.
int fault_of(const std::string& path) {
  struct stat status {};
  if (stat(path.c_str(), &status) == -1) return errno;
  if (!S_ISREG(status.st_mode)) return EACCES;
  return faccessat(AT_FDCWD, path.c_str(), X_OK, AT_EACCESS) == 0 ? 0 : errno;
}

}  // namespace

void require_executable(const std::string& name, const std::vector<std::string>& environment) {
  const std::string path = path_in(environment);
  std::string forbidden;
  for (const std::string& one : candidates(name, path)) {
    const int fault = fault_of(one);
    if (fault == 0) return;
    if (fault == EACCES && forbidden.empty()) forbidden = one;
  }
  if (!forbidden.empty()) {
    throw Error{EACCES, "execve", forbidden, "the command's user may not execute it",
                exit_status::not_executable};
  }
  const bool looked_up = name.find('/') == std::string::npos;
  throw Error{ENOENT, "execve", name,
              looked_up ? "its PATH is " + path : "there is no such file in the container",
              exit_status::not_found};
}

}  // namespace tincan::oci
