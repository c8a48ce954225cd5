// `process`: who and what is started.
#include <linux/ioprio.h>
#include <linux/sched.h>
#include <sched.h>

#include <array>
#include <utility>

#include "07-capabilities/capability_table.hpp"
#include "10-init/environment.hpp"
#include "13-runtime/parts.hpp"
#include "common/error.hpp"

namespace tincan::oci {
namespace {

constexpr std::array<std::pair<std::string_view, int>, 16> limit_names{{
    {"RLIMIT_AS", RLIMIT_AS},
    {"RLIMIT_CORE", RLIMIT_CORE},
    {"RLIMIT_CPU", RLIMIT_CPU},
    {"RLIMIT_DATA", RLIMIT_DATA},
    {"RLIMIT_FSIZE", RLIMIT_FSIZE},
    {"RLIMIT_LOCKS", RLIMIT_LOCKS},
    {"RLIMIT_MEMLOCK", RLIMIT_MEMLOCK},
    {"RLIMIT_MSGQUEUE", RLIMIT_MSGQUEUE},
    {"RLIMIT_NICE", RLIMIT_NICE},
    {"RLIMIT_NOFILE", RLIMIT_NOFILE},
    {"RLIMIT_NPROC", RLIMIT_NPROC},
    {"RLIMIT_RSS", RLIMIT_RSS},
    {"RLIMIT_RTPRIO", RLIMIT_RTPRIO},
    {"RLIMIT_RTTIME", RLIMIT_RTTIME},
    {"RLIMIT_SIGPENDING", RLIMIT_SIGPENDING},
    {"RLIMIT_STACK", RLIMIT_STACK},
}};

constexpr std::array<std::pair<std::string_view, std::uint32_t>, 6> scheduling_policies{{
    {"SCHED_OTHER", SCHED_OTHER},
    {"SCHED_BATCH", SCHED_BATCH},
    {"SCHED_IDLE", SCHED_IDLE},
    {"SCHED_FIFO", SCHED_FIFO},
    {"SCHED_RR", SCHED_RR},
    {"SCHED_DEADLINE", SCHED_DEADLINE},
}};

// The two for utilisation clamps need values that the specification has no field for.
constexpr std::array<std::pair<std::string_view, std::uint64_t>, 5> scheduling_flags{{
    {"SCHED_FLAG_RESET_ON_FORK", SCHED_FLAG_RESET_ON_FORK},
    {"SCHED_FLAG_RECLAIM", SCHED_FLAG_RECLAIM},
    {"SCHED_FLAG_DL_OVERRUN", SCHED_FLAG_DL_OVERRUN},
    {"SCHED_FLAG_KEEP_POLICY", SCHED_FLAG_KEEP_POLICY},
    {"SCHED_FLAG_KEEP_PARAMS", SCHED_FLAG_KEEP_PARAMS},
}};

constexpr std::array<std::pair<std::string_view, int>, 3> io_classes{{
    {"IOPRIO_CLASS_RT", IOPRIO_CLASS_RT},
    {"IOPRIO_CLASS_BE", IOPRIO_CLASS_BE},
    {"IOPRIO_CLASS_IDLE", IOPRIO_CLASS_IDLE},
}};

// "ALL" is a word of our command line, and no capability.
std::uint64_t capability_of(const std::string& name) {
  if (!name.starts_with("CAP_") || name == "CAP_ALL") return 0;
  try {
    return mask_of(name, {});
  } catch (const UsageError&) {
    return 0;
  }
}

// config.md: what cannot be mapped to a relevant kernel interface is a warning.
std::uint64_t set_of(const Field& names, std::vector<std::string>& warnings) {
  std::uint64_t set = 0;
  for (const std::string& name : names.texts()) {
    const std::uint64_t bit = capability_of(name);
    if (bit == 0)
      warnings.push_back(names.place() + ": '" + name.substr(0, 64) +
                         "' is no capability, and left out");
    set |= bit;
  }
  return set;
}

// Of what the kernel cannot give by itself, capabilities(7), less is given, and it is said.
void restrict(std::uint64_t& set, std::uint64_t most, const Field& place, const char* to,
              std::vector<std::string>& warnings) {
  if ((set & ~most) != 0) {
    warnings.push_back(place.place() + ": " + capability_names(set & ~most) + " left out, as " +
                       to);
  }
  set &= most;
}

CapabilitySets sets_of(const Field& names, std::vector<std::string>& warnings) {
  CapabilitySets sets{.inheritable = set_of(names["inheritable"], warnings),
                      .permitted = set_of(names["permitted"], warnings),
                      .effective = set_of(names["effective"], warnings),
                      .bounding = set_of(names["bounding"], warnings),
                      .ambient = set_of(names["ambient"], warnings)};
  restrict(sets.effective, sets.permitted, names["effective"], "it is not permitted", warnings);
  restrict(sets.inheritable, sets.bounding, names["inheritable"], "it is not in the bounding set",
           warnings);
  restrict(sets.ambient, sets.permitted & sets.inheritable, names["ambient"],
           "it is not permitted and inheritable", warnings);
  return sets;
}

std::vector<Rlimit> limits_of(const Field& limits) {
  std::vector<Rlimit> all;
  for (const Field& limit : limits.elements()) {
    Rlimit one{limit["type"].required().one_of(limit_names), limit["type"].text()};
    one.value.rlim_cur = *limit["soft"].required().number<rlim_t>();
    one.value.rlim_max = *limit["hard"].required().number<rlim_t>();
    if (one.value.rlim_cur > one.value.rlim_max)
      limit.refuse("the soft limit is above the hard one");
    for (const Rlimit& other : all) {
      if (other.resource == one.resource) limit["type"].refuse("two limits for " + one.name);
    }
    all.push_back(one);
  }
  return all;
}

std::optional<Scheduler> scheduler_of(const Field& scheduler) {
  if (!scheduler.given()) return std::nullopt;
  Scheduler wanted{.policy = scheduler["policy"].required().one_of(scheduling_policies)};
  wanted.nice = scheduler["nice"].number<std::int32_t>().value_or(0);
  wanted.priority = scheduler["priority"].number<std::uint32_t>().value_or(0);
  wanted.runtime = scheduler["runtime"].number<std::uint64_t>().value_or(0);
  wanted.deadline = scheduler["deadline"].number<std::uint64_t>().value_or(0);
  wanted.period = scheduler["period"].number<std::uint64_t>().value_or(0);
  for (const Field& flag : scheduler["flags"].elements()) {
    wanted.flags |= flag.one_of(scheduling_flags);
  }
  return wanted;
}

std::optional<int> io_priority_of(const Field& priority) {
  if (!priority.given()) return std::nullopt;
  const int level = priority["priority"].number<int>().value_or(0);
  return IOPRIO_PRIO_VALUE(priority["class"].required().one_of(io_classes), level);
}

// A list of processors, cpuset(7): what the kernel will read. Whether they are there, it knows.
std::string processors_of(const Field& list) {
  if (list.text().find_first_not_of("0123456789,- ") == std::string::npos) return list.text();
  list.refuse(list.shown_value() + " is no list of processors: 0-3,7");
}

void require_variables(const Field& environment) {
  for (const Field& one : environment.elements()) {
    if (one.text().find('=') == std::string::npos || one.text().starts_with('=')) {
      one.refuse(one.shown_value() + " is not NAME=VALUE");
    }
  }
}

void read_user(const Field& user, Process& process) {
  process.user.uid = user["uid"].number<uid_t>().value_or(0);
  process.user.gid = user["gid"].number<gid_t>().value_or(0);
  process.umask = user["umask"].number<mode_t>();
  for (const Field& group : user["additionalGids"].elements()) {
    process.additional_gids.push_back(*group.number<gid_t>());
  }
}

void read_command(const Field& field, Process& process) {
  process.args = field["args"].required().texts();
  if (process.args.empty() || process.args.front().empty()) {
    field["args"].refuse("there is no command in it");
  }
  require_variables(field["env"]);
  process.env = field["env"].texts();
  process.cwd = field["cwd"].required().text();
  if (!process.cwd.starts_with('/'))
    field["cwd"].refuse(field["cwd"].shown_value() + " is no absolute path");
  process.terminal = field["terminal"].yes();
  if (!field["consoleSize"].given()) return;
  process.console_size = {field["consoleSize"]["height"].number<std::uint16_t>().value_or(0),
                          field["consoleSize"]["width"].number<std::uint16_t>().value_or(0)};
}

}  // namespace

Process process_of(const Field& field, std::vector<std::string>& warnings) {
  Process process;
  read_command(field.required(), process);
  read_user(field["user"], process);
  process.capabilities = sets_of(field["capabilities"], warnings);
  process.no_new_privileges = field["noNewPrivileges"].yes();
  process.apparmor_profile = field["apparmorProfile"].text();
  process.rlimits = limits_of(field["rlimits"]);
  process.oom_score_adj = field["oomScoreAdj"].number<int>();
  process.scheduler = scheduler_of(field["scheduler"]);
  process.io_priority = io_priority_of(field["ioPriority"]);
  process.first_cpus = processors_of(field["execCPUAffinity"]["initial"]);
  process.last_cpus = processors_of(field["execCPUAffinity"]["final"]);
  return process;
}

}  // namespace tincan::oci
