// How a runtime says what went wrong: a sentence on standard error, for people and conmon; a line in
// the log that the engine has named, for containerd and Docker; exit status 1.
//
//   return reporting(options, [&] { ...; return 0; });
#pragma once

#include <functional>
#include <string>

#include "13-runtime/options.hpp"
#include "common/error.hpp"

namespace tincan::oci {

/// Reads the command line, opens the log, runs `body`, and returns its exit status; or, if any of
/// that throws, 1. The log is opened before anything of a container's is looked at: from inside, its
/// name could lead anywhere.
int reporting(int argc, char** argv, const std::function<int(const Options&)>& body);

/// The message. Of a command that could not be executed in runc's words, which engines read to find
/// out whether it is 126 or 127: `exec: "x": executable file not found in $PATH`.
std::string message_of(const Error& error);

}  // namespace tincan::oci
