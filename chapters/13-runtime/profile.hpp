// Which system calls a container may make, as a document says it: `linux.seccomp` of the OCI's
// config-linux.md. Plain data; filter.hpp makes the program.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "08-seccomp/policy.hpp"

namespace tincan::oci {

/// SCMP_CMP_*, seccomp_rule_add(3).
enum class Operator { not_equal, less, less_or_equal, equal, greater_or_equal, greater, masked };

struct ArgumentTest {
  unsigned index = 0;        ///< 0 to 5
  std::uint64_t value = 0;   ///< with `masked`: the mask
  std::uint64_t second = 0;  ///< with `masked`: what is left is to be this
  Operator op = Operator::equal;
};

/// `action` for each of the names, if all tests hold.
struct ProfileRule {
  std::vector<std::string> names;
  Action action;
  std::vector<ArgumentTest> all = {};
};

struct Profile {
  Action otherwise;
  std::vector<std::uint32_t> architectures = {};  ///< AUDIT_ARCH_*, the machine's own always
  bool x32 = false;                               ///< calls of that ABI are looked at, too
  unsigned flags = 0;                             ///< SECCOMP_FILTER_FLAG_*, seccomp(2)
  std::vector<ProfileRule> rules = {};
  std::string listener_path = {};  ///< a socket that is given the listener; empty: nobody asks
  std::string listener_metadata = {};
};

}  // namespace tincan::oci
