// Documents in JSON: a Spec to be filled from, and what one process leaves to the next that looks
// after the same container.
#pragma once

#include <sched.h>
#include <sys/types.h>

#include <array>
#include <cstdint>
#include <map>
#include <string>

#include "11-rootless/spec.hpp"
#include "common/unique_fd.hpp"

namespace tincan::seams {

/// The document `path`: {"command": [...], "root": "...", ...}. What it does not name is as in
/// Spec. Throws UsageError for a key that means nothing here.
Spec read_spec(const std::string& path);

/// A kind of namespace, and its file in /proc/PID/ns.
struct Kind {
  std::string name;
  std::uint64_t flag;
};
inline const std::array kinds{Kind{"uts", CLONE_NEWUTS},  Kind{"pid", CLONE_NEWPID},
                              Kind{"ipc", CLONE_NEWIPC},  Kind{"net", CLONE_NEWNET},
                              Kind{"mnt", CLONE_NEWNS},   Kind{"cgroup", CLONE_NEWCGROUP},
                              Kind{"user", CLONE_NEWUSER}};

/// /proc/PID/ns/NAME; the number by which the kernel tells namespaces apart.
std::string path_of(const std::string& process, const Kind& kind);
ino_t number_of(const std::string& process, const Kind& kind);
ino_t number_of(borrowed_fd file);

struct State {
  pid_t pid = 0;
  FoundGroups groups = {};
  std::map<std::string, ino_t> namespaces = {};  ///< by Kind::name
  std::string others = {};                       ///< more processes that are in some of them
};

void write_state(const State& state, const std::string& path);
State read_state(const std::string& path);

}  // namespace tincan::seams
