// The error type: how a message is put together.
#include "common/error.hpp"

#include <cstring>
#include <utility>

#include "common/hints.hpp"

namespace tincan {
namespace {

std::string compose(const std::string& operation, const std::string& object, int number,
                    const std::string& hint) {
  std::string message = operation;
  if (!object.empty()) message += " " + object;
  if (number != 0) {
    message += ": " + errno_name(number) + " (" + std::generic_category().message(number) + ")";
  }
  if (!hint.empty()) message += ": " + hint;
  return message;
}

}  // namespace

std::string errno_name(int number) {
  // strerrorname_np is glibc's own, since 2.32.
  const char* name = strerrorname_np(number);
  return name != nullptr ? name : "E?" + std::to_string(number);
}

Error::Error(int number, std::string operation, std::string object, std::string hint, int status)
    : std::system_error{number, std::generic_category()},
      operation_{std::move(operation)},
      object_{std::move(object)},
      hint_{hint.empty() ? std::string{likely_cause(operation_, number)} : std::move(hint)},
      status_{status},
      message_{compose(operation_, object_, number, hint_)} {}

UsageError::UsageError(std::string option, std::string problem)
    : Error{0, std::move(option), {}, std::move(problem), exit_status::usage} {}

}  // namespace tincan
