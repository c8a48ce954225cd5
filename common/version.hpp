// Which tincan this is.
//
//   std::puts(version());   // "tincan 0.1.0, commit 1f2e3d4c5b6a"
#pragma once

namespace tincan {

/// The version and the commit; "-changed" behind it if there was more than was committed, "unknown"
/// where neither git nor the archive said.
[[nodiscard]] const char* version();

}  // namespace tincan
