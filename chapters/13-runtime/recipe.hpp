// From a document to what chapters 04 to 11 do: the part of it that is a Spec.
//
//   Spec spec = oci::spec_of(document);
//   const auto held = oci::open_namespaces(document, spec);   // as long as the spec
//   Can can = prepare(spec);
//   oci::take_maps(document, can.ids);
#pragma once

#include <vector>

#include "11-rootless/ids.hpp"
#include "11-rootless/spec.hpp"
#include "13-runtime/document.hpp"
#include "common/unique_fd.hpp"

namespace tincan::oci {

/// What a Spec can say: command, hostname, namespaces that are new, root, the map. Limits, groups,
/// mounts, user, capabilities, environment and filter are not in it. There is no init: the command is
/// process 1.
Spec spec_of(const Document& document);

/// The same of a process that comes into a running container.
Spec spec_of(const Process& process);

/// Those that the document wants joined, opened and added to `spec`: before anything is made. Throws
/// Error for what is no namespace of its type, and for one that is the caller's own, where the
/// document sets kernel parameters or a hostname in it: they would be the host's.
std::vector<unique_fd> open_namespaces(const Document& document, Spec& spec);

/// A document can have one map for users and another for groups; a Spec has one for both.
void take_maps(const Document& document, Ids& ids);

}  // namespace tincan::oci
