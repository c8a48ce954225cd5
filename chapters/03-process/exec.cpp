// The lookup and the execve.
#include "03-process/exec.hpp"

#include <unistd.h>

#include <string_view>

#include "common/error.hpp"
#include "common/exit_status.hpp"
#include "common/files.hpp"

namespace tincan {
namespace {

std::vector<char*> pointers_to(const std::vector<std::string>& words) {
  std::vector<char*> pointers;
  pointers.reserve(words.size() + 1);
  for (const std::string& word : words) pointers.push_back(const_cast<char*>(word.c_str()));
  pointers.push_back(nullptr);
  return pointers;
}

std::string_view search_path(const std::vector<std::string>& environment) {
  constexpr std::string_view key = "PATH=";
  for (const std::string_view variable : environment) {
    if (variable.starts_with(key)) return variable.substr(key.size());
  }
  return {};
}

std::vector<std::string> candidates(const Command& command) {
  const std::string& name = command.words.front();
  if (name.find('/') != std::string::npos) return {name};
  std::vector<std::string> paths;
  for (const std::string_view directory : split_at(search_path(command.environment), ':')) {
    paths.push_back(std::string{directory} + "/" + name);
  }
  return paths;
}

bool means_absent(int number) {
  return number == ENOENT || number == ENOTDIR;
}

}  // namespace

std::string exec_hint(int number, const std::string& /*path*/) {
  switch (number) {
    case ENOENT:
      return "it is there, but the loader or interpreter that it names is not";
    case ENOEXEC:
      return "it is no program, and a script needs a first line '#!/path/of/interpreter'";
    case EACCES:
      return "it is not executable, or its mount is noexec";
    default:
      return {};
  }
}

// exercise: cannot-be-executed
void execute(const Command& command) {
  const std::vector<char*> words = pointers_to(command.words);
  const std::vector<char*> environment = pointers_to(command.environment);
  for (const std::string& path : candidates(command)) {
    execve(path.c_str(), words.data(), environment.data());
    const int number = errno;
    if (!means_absent(number) || access(path.c_str(), F_OK) == 0) {
      throw Error{number, "execve", path, command.hint(number, path), exit_status::not_executable};
    }
  }
  throw Error{ENOENT, "execve", command.words.front(), "there is no such command in the container",
              exit_status::not_found};
}
// end of exercise

}  // namespace tincan
