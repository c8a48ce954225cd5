// The filter of system calls: made before the clone, loaded by the child as its last step.
//
//   SeccompOptions options;
//   add_seccomp_options(line, options);                  // --seccomp, --dump-seccomp
//   Filter filter = make_filter(choose_policy(options, capabilities));
//   launch.child_does("load the filter", [&] { load_filter(filter); });
#pragma once

#include <optional>
#include <span>
#include <string>

#include "07-capabilities/capabilities.hpp"
#include "08-seccomp/compile.hpp"
#include "08-seccomp/policy.hpp"
#include "common/command_line.hpp"

namespace tincan {

struct SeccompOptions {
  std::string policy = "default";  ///< series, default, none, or a file's path
  bool dump = false;               ///< print the program, and run nothing
};

/// Nothing: no filter is wanted.
using Filter = std::optional<Program>;

void add_seccomp_options(CommandLine& line, SeccompOptions& options);

/// Nothing: none is wanted. Throws UsageError for a file that is none. Beside a filter there are no
/// new privileges: the kernel takes none from who could still win some, unless they are there.
std::optional<Policy> choose_policy(const SeccompOptions& options,
                                    const CapabilityOptions& capabilities);

/// The program for this machine. `still_called`: what a later chapter calls after load_filter().
/// Throws UsageError for a policy that forbids it, or what Launch itself still needs.
Filter make_filter(const std::optional<Policy>& policy, std::span<const Call> still_called = {});

/// The same on standard output, in words.
void print_filter(const std::optional<Policy>& policy, std::span<const Call> still_called = {});

/// seccomp(2) with SECCOMP_FILTER_FLAG_TSYNC: for every thread of this process, and whatever comes
/// from it. There is no way back. Takes no_new_privs. Throws Error.
void load_filter(const Filter& filter);

}  // namespace tincan
