// Why a step is likely to have failed on this host, and what to do: one table for the launchers'
// messages, for `make doctor` and for the tests' reasons, so that "EPERM" never stands alone.
//
//   likely_cause("clone3", EPERM);    // "making these namespaces takes CAP_SYS_ADMIN: run ..."
//   likely("clone3", EPERM).remedy;   // "run as root (sudo), ..."
#pragma once

#include <string>
#include <string_view>

namespace tincan {

/// Both parts are empty when the table knows nothing.
struct Likely {
  std::string_view cause;
  std::string_view remedy;
};

/// The row for `operation` (its beginning decides: "mount proc" finds "mount proc" before "mount")
/// failing with the errno value `number`.
Likely likely(std::string_view operation, int number);

/// The same as one sentence for a message. If the host is at fault, and not what was asked for, it
/// ends with a pointer to `make doctor`. Empty when the table knows nothing.
std::string likely_cause(std::string_view operation, int number);

}  // namespace tincan
