// The one error type: what was tried, on what, the errno, why that is likely, what to do.
//
//   check(mount(...), "mount proc", "/proc");   // throws Error if the call returned -1
//   throw Error{ENOTDIR, "open root", path};    // the hint comes from hints.cpp
//   throw UsageError{"--uid", "'12x' is not a decimal number"};
#pragma once

#include <cerrno>
#include <string>
#include <string_view>
#include <system_error>

#include "common/exit_status.hpp"

namespace tincan {

/// The name of an errno value as the man pages write it ("EPERM"); "E?" with the number if the C
/// library does not know it.
std::string errno_name(int number);

/// Everything that can go wrong after the command line was understood.
class Error : public std::system_error {
 public:
  /// `number`: an errno value, or 0 when no system call failed. `operation`: what was tried, named
  /// after its system call. `object`: on what; may be empty. `hint`: likely cause and remedy; when
  /// empty, the table in hints.cpp is asked. `status`: the exit status this leads to.
  Error(int number, std::string operation, std::string object = {}, std::string hint = {},
        int status = exit_status::container);

  const char* what() const noexcept override { return message_.c_str(); }
  int number() const { return code().value(); }
  const std::string& operation() const { return operation_; }
  const std::string& object() const { return object_; }
  const std::string& hint() const { return hint_; }
  int status() const { return status_; }

 private:
  std::string operation_;
  std::string object_;
  std::string hint_;
  int status_;
  std::string message_;
};

/// The command line makes no sense: exit status 2, and a pointer to --help.
class UsageError : public Error {
 public:
  /// `option`: as the user typed it, "--uid"; `problem`: a sentence about the value.
  UsageError(std::string option, std::string problem);
};

/// Passes on what a system call returned, or throws Error with the current errno if that was -1.
template <typename Number>
Number check(Number returned, std::string_view operation, std::string_view object = {}) {
  if (returned == -1) throw Error{errno, std::string{operation}, std::string{object}};
  return returned;
}

}  // namespace tincan
