// Where a container that is made waits for the word of another process: a socket with a name, and
// behind it the container's own first process.
//
//   const unique_fd gate = make_gate(directory);                                // before the clone
//   launch.child_does("wait at the gate", [&] { wait_at(gate, launch.channel()); });
//   open_gate(directory);                                                       // who starts it
#pragma once

#include <string>

#include "common/channel.hpp"
#include "common/unique_fd.hpp"

namespace tincan::seams {

unique_fd make_gate(const std::string& directory);

/// Says on `channel` that all stands, and closes it: the launcher may go. Then waits for whoever
/// comes, and `channel` is the one to them.
void wait_at(borrowed_fd gate, Channel& channel);

/// Returns when the command runs. Throws its Error if it does not.
void open_gate(const std::string& directory);

}  // namespace tincan::seams
