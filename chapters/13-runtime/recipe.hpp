// From a document to what chapters 03 to 12 do: the part of it that is a Spec; and the steps for
// what no chapter before had.
//
//   Can can = prepare(oci::spec_of(document));
#pragma once

#include "11-rootless/spec.hpp"
#include "13-runtime/document.hpp"

namespace tincan::oci {

/// What a Spec can say: command, namespaces that are new, user, capability sets, hostname, root,
/// working directory, maps where there is one for both kinds of ids. Limits, groups, mounts,
/// environment and filter are not in it. No init: the command is process 1.
Spec spec_of(const Document& document);

/// The same of a process that comes into a running container.
Spec spec_of(const Process& process);

}  // namespace tincan::oci
