// The hostile host: a throw-away world in which everything that a careless launcher could leak is
// there to be leaked, and everything that a container could damage is watched. Without it half of
// the mistakes are invisible: a forgotten MS_PRIVATE shows only where mounts are shared.
//
//   World world = make_world();                 // namespaces, canaries, sockets, keys
//   const std::string before = fingerprint(world);
//   ... run the command ...
//   if (fingerprint(world) != before) ...       // it changed its host
#pragma once

#include <sys/types.h>

#include <map>
#include <stdexcept>
#include <string>
#include <vector>

namespace hostile {

/// What a probe may know about the host it attacks: names, numbers, secrets.
using Facts = std::map<std::string, std::string>;

struct World {
  Facts facts;
  std::string directory;  ///< what is on /mnt, if that is a directory on a disk
  pid_t sleeper = 0;      ///< a process of the host's, to be seen and signalled
  std::vector<int>
      descriptors;  ///< what keeps sockets and devices alive; never closed before the end
};

/// A step of the fixture failed: the test says nothing about its subject.
struct Broken : std::runtime_error {
  explicit Broken(const std::string& step);  ///< adds the text of errno
};

/// Throws Broken if `returned` is -1.
long need(long returned, const std::string& step);

/// Moves this process into namespaces of its own (mount, uts, ipc, net), cuts them off from the
/// real host, and plants the canaries there. All of it vanishes with the last process inside, but
/// for what end_world() removes.
World make_world();

/// Ends the sleeper, and removes the directory on a disk where /mnt was one.
void end_world(const World& world);

/// How the command is started, beyond the dirt that it always inherits.
struct Dirt {
  bool clean = false;         ///< none: for what must still work
  bool tame = false;          ///< SIGCHLD and the scheduler left alone: bwrap 0.8 and runc stumble
  bool closed_stdio = false;  ///< 0, 1 and 2 closed
  bool directory_stdin = false;  ///< the host's root directory as standard input
};

/// In the child, before exec: leaked descriptors, ignored and blocked signals, groups, keys,
/// secrets, priorities, everything that execve keeps.
void get_dirty(const World& world, const Dirt& dirt);

/// What the container must not change: mounts, host name, and the canary tree.
std::string fingerprint(const World& world);

}  // namespace hostile
