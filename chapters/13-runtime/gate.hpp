// The gate: between `create` and `start` the container's own process waits, all made and all given
// up, for another process to say "go". It stands behind a socket with a name in the state directory.
//
// A fifo would do for the word. A socket can do what a fifo cannot: the connection is closed by
// execve(2), so whoever says "go" learns whether the command has become the process, which is its
// end; or why not, which are words before it.
//
// As long as the process waits, it holds the lock on a file beside the socket: open(2) by who may,
// and flock(2). The kernel lets go of it with the execve, or with the process's end, whichever
// comes first and whoever was killed. So nobody has to write down that a container has started.
//
//   const Gate gate = make_gate(entry);                                        // before the clone
//   launch.child_does("wait at the gate", [&] { wait_at(gate, launch.channel()); });
//   open_gate(entry);                                                          // who starts it
#pragma once

#include <vector>

#include "13-runtime/state.hpp"
#include "common/channel.hpp"
#include "common/unique_fd.hpp"

namespace tincan::oci {

struct Gate {
  unique_fd socket;
  unique_fd waiting;  ///< the file to be locked
};

Gate make_gate(const Entry& entry);

/// Says on `channel` that all stands, and closes it: the launcher may go. Nothing of the caller's is
/// left to be seen in /proc by then: arguments and environment are wiped, and no descriptor is open
/// but 0, 1, 2, the gate and `kept`. Then waits for whoever comes, and `channel` is the one to them.
void wait_at(const Gate& gate, Channel& channel, const std::vector<int>& kept);

/// Returns when the command runs. Throws its Error if it does not.
void open_gate(const Entry& entry);

/// Where the process of a container is, before the gate, at it, or past it.
enum class Passage { before, waiting, past };
Passage passage(borrowed_fd directory);

}  // namespace tincan::oci
