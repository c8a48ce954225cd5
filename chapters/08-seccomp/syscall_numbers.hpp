// System calls by name and number. libseccomp knows both for every architecture, up to its own age;
// a small table has what came later, so that a name never silently means nothing.
//
//   syscall_number(AUDIT_ARCH_AARCH64, "openat")   // 56
//   syscall_number(AUDIT_ARCH_AARCH64, "open")     // nothing: this architecture has no such call
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace tincan {

/// AUDIT_ARCH_* of <linux/audit.h>, for the machine that this was built for.
std::uint32_t native_architecture();

/// "x86_64" or "aarch64".
std::string architecture_name(std::uint32_t architecture);

/// True if some architecture has a call of that name.
bool is_syscall(const std::string& name);

/// Nothing if the architecture does not have the call.
std::optional<std::uint32_t> syscall_number(std::uint32_t architecture, const std::string& name);

/// The number itself where the name is not known.
std::string syscall_name(std::uint32_t architecture, std::uint32_t number);

}  // namespace tincan
