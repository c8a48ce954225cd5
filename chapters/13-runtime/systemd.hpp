// Where systemd looks after control groups, groups that it does not know are a nuisance: it may move
// what is in them, and an administrator sees nothing of them. So engines ask for a unit of its, a
// scope (systemd.scope(5)), with the container in it: `--systemd-cgroup`. What is in a scope that is
// delegated, systemd leaves alone; the scope's own files it does not: the container is in a group
// below.
//
//   const Unit unit = unit_of("machine.slice:libpod:1f2e", "1f2e");
//   ask_for(unit, child.pid());          // and the child is in it
#pragma once

#include <sys/types.h>

#include <string>

namespace tincan::oci {

struct Unit {
  std::string slice;
  std::string scope;
};

/// Of `linux.cgroupsPath` as engines write it then, SLICE:PREFIX:NAME; PREFIX-NAME.scope in SLICE.
/// Empty: tincan-ID.scope in system.slice. Throws Error for any other.
Unit unit_of(const std::string& path, const std::string& id);

/// Asks with busctl(1), and returns when `pid` is in the scope. Throws Error with what it said.
void ask_for(const Unit& unit, pid_t pid);

}  // namespace tincan::oci
