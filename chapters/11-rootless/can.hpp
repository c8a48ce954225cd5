// Making a container, in four segments: enter, move in, give up, start. Each adds steps to a
// Launch, in the order of docs/order.md; can.cpp says at its top what each must not do. A program
// puts its own steps between them, and leaves out what it does not need: a second process in a
// running container enters (by joining), gives up and starts.
//
//   Can can = prepare(spec);
//   Launch launch{can.spec.command};
//   enter(launch, can);
//   move_in(launch, can);
//   give_up(launch, can);
//   start(launch, can);
//   return launch.run();
#pragma once

#include "03-process/launch.hpp"
#include "05-mounts/mounts.hpp"
#include "07-capabilities/capabilities.hpp"
#include "08-seccomp/seccomp.hpp"
#include "09-cgroups/cgroup.hpp"
#include "10-init/terminal.hpp"
#include "11-rootless/ids.hpp"
#include "11-rootless/spec.hpp"

namespace tincan {

/// What is decided and opened before there is a child, and what steps hand to each other.
struct Can {
  Spec spec;
  Ids ids = {};
  Root root = {};
  Luggage luggage = {};
  Filter filter = {};
  ControlGroups groups = {};
  Stdio stdio = {};
};

/// Before the clone: what must be right, or open, before there is a child. Throws UsageError for a
/// spec that contradicts itself, and Error for what cannot be had; then nothing is left.
Can prepare(Spec spec);

/// Groups, namespaces, maps, and mounts that are the container's alone: with all powers, and the
/// host's files in view.
void enter(Launch& launch, Can& can);

/// The root, furnished, with all that was added.
void move_in(Launch& launch, Can& can);

/// From all powers to almost none; the environment, the standard descriptors. At its end the
/// process may wait, as long as need be: what it has left is what the command will have, but for
/// the filter.
void give_up(Launch& launch, Can& can);

/// A step of the last: the ambient set of this process, before keep_capabilities(), which leaves of
/// it what is inheritable. What is not permitted cannot be ambient: Error (EPERM).
void raise_ambient(const CapabilitySets& wanted);

/// The filter, init, the session. After it comes nothing but the command.
void start(Launch& launch, Can& can);

}  // namespace tincan
