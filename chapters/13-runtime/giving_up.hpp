// What chapter 11 calls *give up* and *start*, as a document wants it: each thing is said there, and
// nothing is made up. With it stands whatever a container's first process and one that comes later
// have in common.
#pragma once

#include <sys/types.h>

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "03-process/launch.hpp"
#include "11-rootless/can.hpp"
#include "13-runtime/document.hpp"
#include "13-runtime/filter.hpp"
#include "common/unique_fd.hpp"

namespace tincan::oci {

/// What those steps need, and who outlives them.
struct Outfit {
  Process process = {};
  std::optional<unsigned long> personality = {};
  std::optional<ProfileFilter> filter = {};
  unsigned preserved = 0;
  bool to_a_socket = false;  ///< the terminal's master
  TerminalOptions terminal = {};
  unique_fd apparmor = {};
  unique_fd listener = {};       ///< to whoever is asked by the filter; see listener_json()
  std::string told_to_listener;  ///< with the listener; a process that knows its number writes it
  std::function<std::string(pid_t)> tell_listener = {};
};

/// The descriptors from 3 on that the command is to have. Throws Error (EBADF) if one is not open:
/// then a number would come to mean one of ours.
std::vector<int> preserved(unsigned count);

/// With the host's /proc still in view.
void open_what_is_needed(Launch& launch, Outfit& outfit);
/// With the container's files in view.
void make_standard_descriptors(Launch& launch, Can& can, Outfit& outfit);
/// From all powers to what the document leaves.
void give_up(Launch& launch, Can& can, Outfit& outfit);
/// What comes last.
void start(Launch& launch, Outfit& outfit);

}  // namespace tincan::oci
