// The parts of a document, each read by a file of its own.
#pragma once

#include <string>
#include <vector>

#include "06-user-namespace/id_map.hpp"
#include "13-runtime/document.hpp"
#include "13-runtime/field.hpp"

namespace tincan::oci {

/// What the specification wants said goes to `warnings`.
Process process_of(const Field& process, std::vector<std::string>& warnings);
MountEntry mount_of(const Field& mount, const std::string& bundle);
Resources resources_of(const Field& resources);
Profile profile_of(const Field& seccomp, std::vector<std::string>& warnings);
IdMap map_of(const Field& mappings);

}  // namespace tincan::oci
