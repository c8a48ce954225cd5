// The exit statuses that every binary keeps to. They are the shell's and those of env(1), so that
// a script can tell "the container failed" from "the command in it failed".
//
//   return exit_status::not_found;         // 127, as a shell would say it
#pragma once

namespace tincan::exit_status {

inline constexpr int usage = 2;             ///< the command line makes no sense
inline constexpr int container = 125;       ///< the container could not be made; nothing ran
inline constexpr int not_executable = 126;  ///< the command is there, but cannot be executed
inline constexpr int not_found = 127;       ///< no such command
inline constexpr int signal_base = 128;     ///< 128 + n: the command died of signal n

}  // namespace tincan::exit_status
