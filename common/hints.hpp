// Why a step is likely to have failed on this host, and what to do: one table for the launchers'
// messages, so that "EPERM" never stands alone.
//
//   likely_cause("clone3", EPERM)   // "making these namespaces takes CAP_SYS_ADMIN: run as
//   root..."
#pragma once

#include <string_view>

namespace tincan {

/// The sentence for `operation` (its beginning decides: "mount proc" finds "mount proc" before
/// "mount") failing with the errno value `number`. Empty when the table knows nothing.
std::string_view likely_cause(std::string_view operation, int number);

}  // namespace tincan
