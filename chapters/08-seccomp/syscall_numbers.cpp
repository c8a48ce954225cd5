// The names and numbers of system calls, from libseccomp and from a table of newer ones.
#include "08-seccomp/syscall_numbers.hpp"

#include <linux/audit.h>
#include <seccomp.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <memory>
#include <string_view>

namespace tincan {
namespace {

struct NewerCall {
  std::string_view name;
  std::uint32_t number;  // since Linux 5.1, from 424 on, the same on all architectures

  [[nodiscard]] bool is_on(std::uint32_t architecture) const {
    return number >= 424 || architecture == AUDIT_ARCH_X86_64;
  }
};

// What the oldest libseccomp that this builds with (2.5.3) may not know.
constexpr std::array newer{
    NewerCall{"uretprobe", 335},         NewerCall{"uprobe", 336},
    NewerCall{"cachestat", 451},         NewerCall{"fchmodat2", 452},
    NewerCall{"map_shadow_stack", 453},  NewerCall{"futex_wake", 454},
    NewerCall{"futex_wait", 455},        NewerCall{"futex_requeue", 456},
    NewerCall{"statmount", 457},         NewerCall{"listmount", 458},
    NewerCall{"lsm_get_self_attr", 459}, NewerCall{"lsm_set_self_attr", 460},
    NewerCall{"lsm_list_modules", 461},  NewerCall{"mseal", 462},
    NewerCall{"setxattrat", 463},        NewerCall{"getxattrat", 464},
    NewerCall{"listxattrat", 465},       NewerCall{"removexattrat", 466},
    NewerCall{"open_tree_attr", 467},    NewerCall{"file_getattr", 468},
    NewerCall{"file_setattr", 469},      NewerCall{"listns", 470},
    NewerCall{"rseq_slice_yield", 471},
};

// libseccomp's own name for an architecture is the kernel's.
static_assert(SCMP_ARCH_X86_64 == AUDIT_ARCH_X86_64);
static_assert(SCMP_ARCH_AARCH64 == AUDIT_ARCH_AARCH64);

struct Free {
  void operator()(char* text) const {
    std::free(text);  // NOLINT(cppcoreguidelines-owning-memory): malloc(3)ed by libseccomp
  }
};

const NewerCall* find_newer(std::string_view name) {
  const auto* found =
      std::find_if(newer.begin(), newer.end(), [&](const auto& call) { return call.name == name; });
  return found == newer.end() ? nullptr : found;
}

}  // namespace

std::uint32_t native_architecture() {
#if defined(__x86_64__)
  return AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
  return AUDIT_ARCH_AARCH64;
#else
#error "tincan knows x86_64 and aarch64"
#endif
}

std::string architecture_name(std::uint32_t architecture) {
  return architecture == AUDIT_ARCH_X86_64 ? "x86_64" : "aarch64";
}

// For a call that other architectures have, libseccomp has a number below -1.
bool is_syscall(const std::string& name) {
  return find_newer(name) != nullptr ||
         seccomp_syscall_resolve_name(name.c_str()) != __NR_SCMP_ERROR;
}

std::optional<std::uint32_t> syscall_number(std::uint32_t architecture, const std::string& name) {
  if (const NewerCall* call = find_newer(name)) {
    return call->is_on(architecture) ? std::optional{call->number} : std::nullopt;
  }
  const int number = seccomp_syscall_resolve_name_arch(architecture, name.c_str());
  return number < 0 ? std::nullopt : std::optional{static_cast<std::uint32_t>(number)};
}

std::string syscall_name(std::uint32_t architecture, std::uint32_t number) {
  for (const NewerCall& call : newer) {
    if (call.number == number && call.is_on(architecture)) return std::string{call.name};
  }
  // guard: a null pointer means a number without a name
  const std::unique_ptr<char, Free> name{
      seccomp_syscall_resolve_num_arch(architecture, static_cast<int>(number))};
  return name ? name.get() : std::to_string(number);
}

}  // namespace tincan
