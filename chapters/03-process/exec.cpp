// The lookup and the execve.
#include "03-process/exec.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string_view>

#include "common/error.hpp"
#include "common/exit_status.hpp"
#include "common/files.hpp"
#include "common/lookup.hpp"
#include "common/way_on.hpp"

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
  return "/bin:/usr/bin";  // what execvp(3) takes where there is none, confstr(3) _CS_PATH
}

bool is_looked_up(const std::string& name) {
  return !name.empty() && name.find('/') == std::string::npos;
}

// The files that the command can mean, in the order of PATH. An empty part of it is the working
// directory, at its beginning and its end too: POSIX, "Other Environment Variables".
std::vector<std::string> candidates(const Command& command) {
  const std::string& name = command.words.front();
  if (!is_looked_up(name)) return {name};
  std::vector<std::string> paths;
  const std::string directories = std::string{search_path(command.environment)} + ":";
  for (const std::string_view directory : split_at(directories, ':')) {
    paths.push_back(directory.empty() ? name : std::string{directory} + "/" + name);
  }
  return paths;
}

// After these execvp(3) tries the next directory: there is no such file, or none for this user. It
// stops at ELOOP and ENAMETOOLONG, which one odd directory must not do.
bool leads_on(int number) {
  constexpr std::array errors{EACCES, ENOENT,    ENOTDIR, ESTALE,
                              ENODEV, ETIMEDOUT, ELOOP,   ENAMETOOLONG};
  return std::find(errors.begin(), errors.end(), number) != errors.end();
}

// EACCES of a file that nobody can see counts as there, as it does for execvp(3).
bool may_be_absent(int number, bool looked_up) {
  return number == ENOENT || number == ENOTDIR ||
         (looked_up && leads_on(number) && number != EACCES);
}

std::string absence(const Command& command, int number) {
  const std::string& name = command.words.front();
  std::string absent = "there is no such command in the container";
  const std::string advice = way_on(Where::command, name).sentence;
  if (!advice.empty()) return absent + ": " + advice;
  if (is_looked_up(name)) absent += "; PATH is " + std::string{search_path(command.environment)};
  for (const std::string& path : candidates(command)) {
    const std::string fault = lookup_fault(path, number);
    if (!fault.empty()) return absent.append("; ").append(path).append(" ").append(fault);
  }
  return absent;
}

}  // namespace

// exercise: cannot-be-executed
void execute(const Command& command) {
  const std::vector<char*> words = pointers_to(command.words);
  const std::vector<char*> environment = pointers_to(command.environment);
  const std::string& name = command.words.front();
  std::string found;  // the first that is there, or the one at which the search ends
  int fault = 0;
  int absent = 0;
  for (const std::string& path : candidates(command)) {
    execve(path.c_str(), words.data(), environment.data());
    const int number = errno;
    if (may_be_absent(number, is_looked_up(name)) && access(path.c_str(), F_OK) == -1) {
      absent = absent == 0 || absent == number ? number : ENOENT;
    } else if (found.empty() || !leads_on(number)) {
      found = path;
      fault = number;
    }
    if (!leads_on(number)) break;
  }
  if (found.empty())
    throw Error{absent, "execve", name, absence(command, absent), exit_status::not_found};
  throw Error{fault, "execve", found, command.hint(fault, found), exit_status::not_executable};
}
// end of exercise

}  // namespace tincan
