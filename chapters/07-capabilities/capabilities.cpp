// Setting the five capability sets, securebits and no_new_privs, and reading them back.
#include "07-capabilities/capabilities.hpp"

#include <sys/capability.h>
#include <sys/prctl.h>

#include "07-capabilities/capability_table.hpp"
#include "common/capability_sets.hpp"
#include "common/error.hpp"

namespace tincan {
namespace {

// PR_CAPBSET_READ fails for the first number that the kernel does not know: what this code knows is
// not asked. The sets have 64 bits.
bool kernel_has(cap_value_t number) {
  return number < 64 && cap_get_bound(number) != -1;
}

std::uint64_t mask_of_flag(const Capabilities& sets, cap_flag_t flag) {
  std::uint64_t mask = 0;
  for (cap_value_t number = 0; number < 64; ++number) {
    if (has_capability(sets, flag, number)) mask |= capability_bit(number);
  }
  return mask;
}

CapabilitySets read_back() {
  const Capabilities sets = own_capabilities();
  CapabilitySets found{.inheritable = mask_of_flag(sets, CAP_INHERITABLE),
                       .permitted = mask_of_flag(sets, CAP_PERMITTED),
                       .effective = mask_of_flag(sets, CAP_EFFECTIVE)};
  for (cap_value_t number = 0; kernel_has(number); ++number) {
    if (cap_get_bound(number) == CAP_SET) found.bounding |= capability_bit(number);
    if (cap_get_ambient(number) == CAP_SET) found.ambient |= capability_bit(number);
  }
  return found;
}

void require_equal(const char* set, std::uint64_t found, std::uint64_t wanted) {
  if (found == wanted) return;
  throw Error{EPERM, "keep capabilities in the", std::string{set} + " set",
              "wanted " + capability_names(wanted) + "; missing are " +
                  capability_names(wanted & ~found) + ", too many are " +
                  capability_names(found & ~wanted)};
}

void require_prctl(int option, int wanted, const char* name) {
  const int found = check(prctl(option, 0, 0, 0, 0), "prctl", name);
  if (found != wanted) throw Error{EPERM, name, "is " + std::to_string(found)};
}

void fill(const Capabilities& sets, cap_flag_t flag, std::uint64_t mask) {
  for (cap_value_t number = 0; number < 64; ++number) {
    if ((mask & capability_bit(number)) == 0 || !kernel_has(number)) continue;
    check(cap_set_flag(sets.get(), flag, 1, &number, CAP_SET), "cap_set_flag");
  }
}

// The ambient set can hold nothing that is not inheritable: that goes by itself.
void set_capabilities(const CapabilitySets& wanted) {
  const Capabilities sets{cap_init()};
  if (!sets) throw Error{errno, "cap_init"};
  fill(sets, CAP_INHERITABLE, wanted.inheritable);
  fill(sets, CAP_PERMITTED, wanted.permitted);
  fill(sets, CAP_EFFECTIVE, wanted.effective);
  const std::uint64_t missing = wanted.permitted & ~mask_of_flag(own_capabilities(), CAP_PERMITTED);
  check(cap_set_proc(sets.get()), "capset", capability_names(missing));
}

// All names of one option, as a mask. ALL counts apart: single names have the last word.
struct Request {
  std::uint64_t all = 0;
  std::uint64_t single = 0;
};

Request collect(const std::vector<std::string>& names, const std::string& option) {
  const std::uint64_t everything = mask_of("ALL", option);
  Request request;
  for (const std::string& name : names) {
    const std::uint64_t mask = mask_of(name, option);
    std::uint64_t& part = mask == everything ? request.all : request.single;
    if ((part & mask) != 0) throw UsageError{option, "'" + name + "' is named twice"};
    part |= mask;
  }
  return request;
}

}  // namespace

void add_capability_options(CommandLine& line, CapabilityOptions& options) {
  line.section("Capabilities (chapter 07)");
  line.repeatable("--cap-add", "NAME", "let root inside keep this capability too, or ALL",
                  [&](const std::string& name) { options.add.push_back(name); });
  line.repeatable("--cap-drop", "NAME", "take this capability from root inside too, or ALL",
                  [&](const std::string& name) { options.drop.push_back(name); });
  line.flag("--allow-new-privs", "let set-uid programs inside work (no_new_privs stays off)",
            [&] { options.new_privileges = true; });
  line.flag("--list-capabilities", "print what is kept and what is dropped, and why",
            [&] { options.list = true; });
}

std::uint64_t capabilities_to_keep(const CapabilityOptions& options) {
  // exercise: last-word
  const Request add = collect(options.add, "--cap-add");
  const Request drop = collect(options.drop, "--cap-drop");
  const std::uint64_t both = (add.single & drop.single) | (add.all & drop.all);
  if (both != 0) {
    throw UsageError{"--cap-add", "and --cap-drop both name " +
                                      (add.all & drop.all ? "ALL" : capability_names(both))};
  }
  const std::uint64_t base = drop.all != 0 ? 0 : default_capabilities() | add.all;
  return (base | add.single) & ~drop.single;
  // end of exercise
}

CapabilitySets sets_for(std::uint64_t kept, const User& user) {
  const std::uint64_t held = user.uid == 0 ? kept : 0;
  return {.permitted = held, .effective = held, .bounding = kept};
}

ReadOnly read_only_with(const CapabilitySets& sets) {
  const bool may_remount = (sets.bounding & capability_bit(CAP_SYS_ADMIN)) != 0;
  return may_remount ? ReadOnly::can_be_undone : ReadOnly::holds;
}

void limit_capabilities(std::uint64_t kept) {
  check(cap_set_secbits(0), "prctl", "PR_SET_SECUREBITS");
  for (cap_value_t number = 0; kernel_has(number); ++number) {
    if ((kept & capability_bit(number)) != 0) continue;
    check(cap_drop_bound(number), "prctl PR_CAPBSET_DROP",
          capability_names(capability_bit(number)));
  }
}

void keep_capabilities(const CapabilitySets& sets, bool new_privileges) {
  set_capabilities(sets);
  // exercise: new-privileges
  if (!new_privileges) {
    check(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "prctl", "PR_SET_NO_NEW_PRIVS");
  }
  const CapabilitySets found = read_back();
  require_equal("inheritable", found.inheritable, sets.inheritable);
  require_equal("permitted", found.permitted, sets.permitted);
  require_equal("effective", found.effective, sets.effective);
  require_equal("bounding", found.bounding, sets.bounding);
  require_equal("ambient", found.ambient, sets.ambient);
  require_prctl(PR_GET_SECUREBITS, 0, "securebits");
  require_prctl(PR_GET_NO_NEW_PRIVS, new_privileges ? 0 : 1, "no_new_privs");
  // end of exercise
}

}  // namespace tincan
