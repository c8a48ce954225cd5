// The table, and looking through a document by it.
#include "13-runtime/fields.hpp"

#include <algorithm>
#include <array>

#include "common/error.hpp"
#include "common/printable.hpp"

namespace tincan::oci {
namespace {

constexpr std::uint64_t most_id = 4294967294;  // -1 is no id
constexpr std::uint64_t most_32 = UINT32_MAX;
constexpr std::uint64_t most_63 = INT64_MAX;
constexpr std::uint64_t most_64 = UINT64_MAX;

constexpr FieldRow done(Shape shape, std::string_view path, std::string_view how,
                        std::string_view like = {}) {
  return {path, shape, Fate::done, how, 0, 0, like};
}
constexpr FieldRow object(std::string_view path, std::string_view how, std::string_view like = {}) {
  return done(Shape::object, path, how, like);
}
constexpr FieldRow list(std::string_view path, std::string_view how, std::string_view like = {}) {
  return done(Shape::list, path, how, like);
}
constexpr FieldRow map(std::string_view path, std::string_view how) {
  return done(Shape::map, path, how);
}
constexpr FieldRow text(std::string_view path, std::string_view how) {
  return done(Shape::text, path, how);
}
constexpr FieldRow texts(std::string_view path, std::string_view how) {
  return done(Shape::texts, path, how);
}
constexpr FieldRow yes_no(std::string_view path, std::string_view how) {
  return done(Shape::yes_no, path, how);
}
constexpr FieldRow number(std::string_view path, std::int64_t least, std::uint64_t most,
                          std::string_view how) {
  return {path, Shape::number, Fate::done, how, least, most};
}
constexpr FieldRow refused(Shape shape, std::string_view path, std::string_view why) {
  return {path, shape, Fate::refused, why, INT64_MIN, UINT64_MAX};
}
constexpr FieldRow ignored(Shape shape, std::string_view path, std::string_view why) {
  return {path, shape, Fate::ignored, why, INT64_MIN, UINT64_MAX};
}

constexpr std::string_view selinux = "SELinux: not supported";
constexpr std::string_view other_system = "for another system";

constexpr std::array table{
    object("", "the document"),
    text("ociVersion", "any 1.x"),

    object("process", "the command"),
    yes_no("process.terminal", "a pty of the container's own"),
    object("process.consoleSize", "`TIOCSWINSZ`"),
    number("process.consoleSize.height", 0, 65535, "rows"),
    number("process.consoleSize.width", 0, 65535, "columns"),
    object("process.user", "who it is inside"),
    number("process.user.uid", 0, most_id, "setresuid(2), read back"),
    number("process.user.gid", 0, most_id, "setresgid(2), read back"),
    number("process.user.umask", 0, 0777, "umask(2); 022 if it is not given"),
    list("process.user.additionalGids", "setgroups(2), and no other groups"),
    number("process.user.additionalGids[]", 0, most_id, "one of them"),
    ignored(Shape::text, "process.user.username", other_system),
    texts("process.args", "execve(2); a first without a `/` is looked up in the container's PATH"),
    ignored(Shape::text, "process.commandLine", other_system),
    texts("process.env", "as it stands there; HOME is added where it is missing"),
    text("process.cwd", "entered as the command's user; made if it is not there"),
    object("process.capabilities", "five sets as given; one that is not given is empty"),
    texts("process.capabilities.bounding", "PR_CAPBSET_DROP, read back"),
    texts("process.capabilities.permitted", "capset(2), read back"),
    texts("process.capabilities.effective", "capset(2), read back"),
    texts("process.capabilities.inheritable", "capset(2), read back"),
    texts("process.capabilities.ambient", "PR_CAP_AMBIENT, read back"),
    list("process.rlimits", "prlimit(2)"),
    text("process.rlimits[].type", "`RLIMIT_NOFILE` and its fifteen relatives"),
    number("process.rlimits[].soft", 0, most_64, "18446744073709551615 is no limit"),
    number("process.rlimits[].hard", 0, most_64, "the same"),
    yes_no("process.noNewPrivileges", "PR_SET_NO_NEW_PRIVS"),
    text("process.apparmorProfile", "for execve(2); an error where there is no AppArmor"),
    number("process.oomScoreAdj", -1000, 1000, "`/proc/PID/oom_score_adj`"),
    refused(Shape::text, "process.selinuxLabel", selinux),
    object("process.scheduler", "sched_setattr(2)"),
    text("process.scheduler.policy", "`SCHED_OTHER`, `BATCH`, `IDLE`, `FIFO`, `RR`, `DEADLINE`"),
    number("process.scheduler.nice", -20, 19, "for `SCHED_OTHER` and `SCHED_BATCH`"),
    number("process.scheduler.priority", 0, 99, "for `SCHED_FIFO` and `SCHED_RR`"),
    texts("process.scheduler.flags", "`SCHED_FLAG_*` that the kernel has"),
    number("process.scheduler.runtime", 0, most_63, "nanoseconds, for `SCHED_DEADLINE`"),
    number("process.scheduler.deadline", 0, most_63, "the same"),
    number("process.scheduler.period", 0, most_63, "the same"),
    object("process.ioPriority", "ioprio_set(2)"),
    text("process.ioPriority.class", "`IOPRIO_CLASS_RT`, `BE`, `IDLE`"),
    number("process.ioPriority.priority", 0, 7, "the level in it"),
    object("process.execCPUAffinity", "sched_setaffinity(2), of `exec`"),
    text("process.execCPUAffinity.initial", "until the process is in the group"),
    text("process.execCPUAffinity.final", "from then on"),

    object("root", "pivot_root(2)"),
    text("root.path", "in the bundle, if it is not absolute"),
    yes_no("root.readonly", "as soon as everything in it stands"),
    text("hostname", "sethostname(2); an error in a shared uts namespace"),
    text("domainname", "setdomainname(2); an error in a shared uts namespace"),

    list("mounts", "made detached, then attached inside, in their order"),
    text("mounts[].destination", "made if it is not there"),
    text("mounts[].type", "whatever fsopen(2) has; `bind`; `cgroup` is what the machine has"),
    text("mounts[].source", "of a bind: opened once, before anything is made"),
    texts("mounts[].options",
          "all of the specification but `remount`, and what the file system takes"),
    list("mounts[].uidMappings", "MOUNT_ATTR_IDMAP", "linux.uidMappings"),
    list("mounts[].gidMappings", "MOUNT_ATTR_IDMAP", "linux.uidMappings"),

    object("hooks", "programs of the host, with the state on standard input"),
    list("hooks.prestart", "like createRuntime"),
    text("hooks.prestart[].path", "absolute"),
    texts("hooks.prestart[].args", "the first is its name"),
    texts("hooks.prestart[].env", "and nothing else"),
    number("hooks.prestart[].timeout", 1, 86400, "seconds; then SIGKILL, and it has failed"),
    list("hooks.createRuntime", "before pivot_root(2), in the runtime's namespaces",
         "hooks.prestart"),
    list("hooks.createContainer", "before pivot_root(2), in the container's namespaces",
         "hooks.prestart"),
    list("hooks.startContainer", "at `start`, inside", "hooks.prestart"),
    list("hooks.poststart", "when the command runs", "hooks.prestart"),
    list("hooks.poststop", "by `delete`", "hooks.prestart"),
    map("annotations", "kept, and given to hooks"),
    text("annotations.*", "any text"),

    object("linux", "what only Linux has"),
    list("linux.namespaces", "clone3(2), unshare(2), setns(2)"),
    text("linux.namespaces[].type",
         "`pid`, `network`, `mount`, `ipc`, `uts`, `user`, `cgroup`, `time`"),
    text("linux.namespaces[].path", "to join; its kind is asked of the kernel"),
    list("linux.uidMappings", "`/proc/PID/uid_map`"),
    number("linux.uidMappings[].containerID", 0, most_id, "the first inside"),
    number("linux.uidMappings[].hostID", 0, most_id, "the first outside"),
    number("linux.uidMappings[].size", 1, most_32, "how many"),
    list("linux.gidMappings", "`/proc/PID/gid_map`", "linux.uidMappings"),
    map("linux.timeOffsets", "`/proc/PID/timens_offsets`"),
    object("linux.timeOffsets.*", "`monotonic` or `boottime`"),
    number("linux.timeOffsets.*.secs", INT64_MIN, most_63, "seconds"),
    number("linux.timeOffsets.*.nanosecs", 0, 999'999'999, "nanoseconds"),
    list("linux.devices", "nodes, beside the six that every container has"),
    text("linux.devices[].path", "absolute"),
    text("linux.devices[].type", "`c`, `u`, `b`, `p`"),
    number("linux.devices[].major", 0, most_32, "of the device"),
    number("linux.devices[].minor", 0, most_32, "of the device"),
    number("linux.devices[].fileMode", 0, 07777 | 0170000, "0666 if it is not given"),
    number("linux.devices[].uid", 0, most_id, "inside"),
    number("linux.devices[].gid", 0, most_id, "inside"),
    text("linux.cgroupsPath", "kept to the letter"),
    object("linux.resources", "files of the control group"),
    list("linux.resources.devices", "a program on v2; devices.allow, devices.deny on v1"),
    yes_no("linux.resources.devices[].allow", "or not"),
    text("linux.resources.devices[].type", "`a`, `b`, `c`"),
    number("linux.resources.devices[].major", -1, most_32, "all if it is not given, or -1"),
    number("linux.resources.devices[].minor", -1, most_32, "all if it is not given, or -1"),
    text("linux.resources.devices[].access", "of `r`, `w`, `m`"),
    object("linux.resources.memory", "memory"),
    number("linux.resources.memory.limit", -1, most_63, "memory.max"),
    number("linux.resources.memory.reservation", -1, most_63, "memory.low; v1: soft_limit"),
    number("linux.resources.memory.swap", -1, most_63, "memory.swap.max, less the memory"),
    refused(Shape::number, "linux.resources.memory.kernel", "no kernel since 5.16 has this limit"),
    refused(Shape::number, "linux.resources.memory.kernelTCP", "v2 has no such limit"),
    number("linux.resources.memory.swappiness", 0, 100, "v1 alone has it"),
    yes_no("linux.resources.memory.disableOOMKiller", "v1 alone has it"),
    yes_no("linux.resources.memory.useHierarchy", "every kernel since 5.11 does; false is refused"),
    yes_no("linux.resources.memory.checkBeforeUpdate", "`update` looks at memory.current"),
    object("linux.resources.cpu", "cpu, cpuset"),
    number("linux.resources.cpu.shares", 0, 262144, "cpu.weight, converted"),
    number("linux.resources.cpu.quota", -1, most_63, "cpu.max"),
    number("linux.resources.cpu.burst", 0, most_63, "cpu.max.burst"),
    number("linux.resources.cpu.period", 0, 1'000'000, "cpu.max"),
    number("linux.resources.cpu.realtimeRuntime", -1, most_63, "v1 alone has it"),
    number("linux.resources.cpu.realtimePeriod", 0, most_63, "v1 alone has it"),
    text("linux.resources.cpu.cpus", "cpuset.cpus"),
    text("linux.resources.cpu.mems", "cpuset.mems"),
    number("linux.resources.cpu.idle", 0, 1, "cpu.idle"),
    object("linux.resources.blockIO", "io"),
    number("linux.resources.blockIO.weight", 0, 1000, "io.bfq.weight, or io.weight"),
    refused(Shape::number, "linux.resources.blockIO.leafWeight", "no kernel since 5.0 has it"),
    list("linux.resources.blockIO.weightDevice", "io.bfq.weight"),
    number("linux.resources.blockIO.weightDevice[].major", 0, most_32, "of a disk"),
    number("linux.resources.blockIO.weightDevice[].minor", 0, most_32, "of a disk"),
    number("linux.resources.blockIO.weightDevice[].weight", 0, 1000, "10 to 1000; 0: none"),
    refused(Shape::number, "linux.resources.blockIO.weightDevice[].leafWeight",
            "no kernel since 5.0 has it"),
    list("linux.resources.blockIO.throttleReadBpsDevice", "io.max, rbps"),
    number("linux.resources.blockIO.throttleReadBpsDevice[].major", 0, most_32, "of a disk"),
    number("linux.resources.blockIO.throttleReadBpsDevice[].minor", 0, most_32, "of a disk"),
    number("linux.resources.blockIO.throttleReadBpsDevice[].rate", 0, most_64, "a second"),
    list("linux.resources.blockIO.throttleWriteBpsDevice", "io.max, wbps",
         "linux.resources.blockIO.throttleReadBpsDevice"),
    list("linux.resources.blockIO.throttleReadIOPSDevice", "io.max, riops",
         "linux.resources.blockIO.throttleReadBpsDevice"),
    list("linux.resources.blockIO.throttleWriteIOPSDevice", "io.max, wiops",
         "linux.resources.blockIO.throttleReadBpsDevice"),
    list("linux.resources.hugepageLimits", "hugetlb"),
    text("linux.resources.hugepageLimits[].pageSize", "`2MB`, `1GB`"),
    number("linux.resources.hugepageLimits[].limit", 0, most_64, "hugetlb.2MB.max"),
    object("linux.resources.network", "v1 alone has it"),
    number("linux.resources.network.classID", 0, most_32, "net_cls.classid"),
    list("linux.resources.network.priorities", "net_prio.ifpriomap"),
    text("linux.resources.network.priorities[].name", "of an interface"),
    number("linux.resources.network.priorities[].priority", 0, most_32, "for it"),
    object("linux.resources.pids", "pids"),
    number("linux.resources.pids.limit", -1, most_63, "pids.max"),
    map("linux.resources.rdma", "rdma.max"),
    object("linux.resources.rdma.*", "a device"),
    number("linux.resources.rdma.*.hcaHandles", 0, most_32, "hca_handle"),
    number("linux.resources.rdma.*.hcaObjects", 0, most_32, "hca_object"),
    map("linux.resources.unified", "files of v2, as they stand there"),
    text("linux.resources.unified.*", "what is written"),
    refused(Shape::object, "linux.intelRdt", "resctrl: not supported"),
    map("linux.sysctl", "`/proc/sys`, of the container's own namespaces only"),
    text("linux.sysctl.*", "what is written"),
    object("linux.seccomp", "seccomp(2), one program of our own making"),
    text("linux.seccomp.defaultAction", "`SCMP_ACT_*`"),
    number("linux.seccomp.defaultErrnoRet", 0, 4095, "for `ERRNO` and `TRACE`; EPERM if not given"),
    texts("linux.seccomp.architectures",
          "`X86_64`, `X86`, `X32`, `AARCH64`, `ARM`; others pass by"),
    texts("linux.seccomp.flags", "`SECCOMP_FILTER_FLAG_*`"),
    text("linux.seccomp.listenerPath", "is sent the listener"),
    text("linux.seccomp.listenerMetadata", "is sent with it"),
    list("linux.seccomp.syscalls", "rules"),
    texts("linux.seccomp.syscalls[].names", "those that no kernel we know has, are passed over"),
    text("linux.seccomp.syscalls[].action", "`SCMP_ACT_*`"),
    number("linux.seccomp.syscalls[].errnoRet", 0, 4095, "for `ERRNO` and `TRACE`"),
    list("linux.seccomp.syscalls[].args", "all of them have to hold"),
    number("linux.seccomp.syscalls[].args[].index", 0, 5, "of the argument"),
    number("linux.seccomp.syscalls[].args[].value", 0, most_64,
           "64 bits count, or 32 where the kernel takes an int"),
    number("linux.seccomp.syscalls[].args[].valueTwo", 0, most_64, "for `MASKED_EQ`"),
    text("linux.seccomp.syscalls[].args[].op", "`SCMP_CMP_*`"),
    text("linux.rootfsPropagation", "`private`, `slave`, `shared`, `unbindable`, and with an `r`"),
    texts("linux.maskedPaths", "an empty file or directory on top"),
    texts("linux.readonlyPaths", "a read-only mount of itself on top"),
    refused(Shape::text, "linux.mountLabel", selinux),
    object("linux.personality", "personality(2)"),
    text("linux.personality.domain", "`LINUX`, `LINUX32`"),
    texts("linux.personality.flags", "the specification has none: has to be empty"),
    refused(Shape::map, "linux.netDevices", "of 1.3: not supported"),
    refused(Shape::object, "linux.memoryPolicy", "of 1.3: not supported"),
    refused(Shape::object, "vm", "no machine is made here: not supported"),
    ignored(Shape::object, "solaris", other_system),
    ignored(Shape::object, "windows", other_system),
    ignored(Shape::object, "zos", other_system),
    ignored(Shape::object, "freebsd", other_system),
};

constexpr bool comes_first(const FieldRow& one, const FieldRow& other) {
  return one.path < other.path;
}

constexpr auto sorted = [] {
  auto rows = table;
  std::sort(rows.begin(), rows.end(), comes_first);
  return rows;
}();

const FieldRow* find(std::string_view path) {
  const auto row =
      std::lower_bound(sorted.begin(), sorted.end(), FieldRow{path, {}, {}, {}}, comes_first);
  return row != sorted.end() && row->path == path ? &*row : nullptr;
}

bool fits(const Value& value, Shape shape) {
  switch (shape) {
    case Shape::object:
    case Shape::map:
      return value.kind == Kind::object;
    case Shape::list:
    case Shape::texts:
      return value.kind == Kind::list;
    case Shape::text:
      return value.kind == Kind::text;
    case Shape::yes_no:
      return value.kind == Kind::yes_no;
    case Shape::number:
      return value.kind == Kind::number;
  }
  return false;
}

std::string_view name_of(Shape shape) {
  switch (shape) {
    case Shape::object:
    case Shape::map:
      return "object";
    case Shape::list:
    case Shape::texts:
      return "list";
    case Shape::text:
      return "text";
    case Shape::yes_no:
      return "true or false";
    case Shape::number:
      return "whole number";
  }
  return {};
}

bool in_range(const Value& value, const FieldRow& row) {
  if (!value.negative)
    return value.magnitude <= row.most &&
           (row.least <= 0 || value.magnitude >= static_cast<std::uint64_t>(row.least));
  return row.least < 0 && value.magnitude <= 0 - static_cast<std::uint64_t>(row.least);
}

// What a field that is not done may say: nothing.
bool asks_for_nothing(const Value& value) {
  switch (value.kind) {
    case Kind::null:
      return true;
    case Kind::yes_no:
      return !value.yes;
    case Kind::number:
      return value.magnitude == 0 || (value.negative && value.magnitude == 1);
    case Kind::fraction:
      return false;
    case Kind::text:
      return value.text.empty();
    case Kind::list:
    case Kind::object:
      return value.members.empty();
  }
  return false;
}

// One walk through a document. `path` is the table's, `place` the document's.
class Walk {
 public:
  explicit Walk(Findings& findings) : findings_{findings} {}

  void through(const Value& value, const FieldRow& row, const std::string& place) {
    if (row.fate == Fate::ignored) return findings_.ignored.push_back(place);
    if (row.fate == Fate::refused && !asks_for_nothing(value)) refuse(place, std::string{row.how});
    if (!fits(value, row.shape))
      refuse(place, shown(value) + " is no " + std::string{name_of(row.shape)});
    if (row.fate == Fate::refused) return;
    const std::string below{row.like.empty() ? row.path : row.like};
    switch (row.shape) {
      case Shape::object:
        return through_object(value, below, place);
      case Shape::map:
        return through_map(value, below, place);
      case Shape::list:
        return through_list(value, below, place);
      case Shape::texts:
        return require_texts(value, place);
      case Shape::number:
        return require_range(value, row, place);
      case Shape::text:
      case Shape::yes_no:
        return;
    }
  }

 private:
  [[noreturn]] void refuse(const std::string& place, const std::string& problem) const {
    throw Error{0, findings_.file, {}, place.empty() ? problem : place + ": " + problem, 1};
  }

  static std::string join(const std::string& path, const std::string& name) {
    return path.empty() ? name : path + "." + name;
  }

  void through_object(const Value& value, const std::string& below, const std::string& place) {
    for (const Value& member : value.members) {
      const std::string here = join(place, printable(member.name.substr(0, 64)));
      const FieldRow* row = find(join(below, member.name));
      if (row == nullptr) {
        findings_.ignored.push_back(here);
      } else if (member.kind != Kind::null) {
        through(member, *row, here);
      }
    }
  }

  void through_map(const Value& value, const std::string& below, const std::string& place) {
    const FieldRow* row = find(below + ".*");
    for (const Value& member : value.members) {
      if (row != nullptr) through(member, *row, join(place, printable(member.name.substr(0, 64))));
    }
  }

  // In a list of numbers an element has a row; in one of objects, what is in them has.
  void through_list(const Value& value, const std::string& below, const std::string& place) {
    const std::string each = below + "[]";
    const FieldRow* row = find(each);
    const FieldRow element{each, Shape::object, Fate::done, {}};
    for (std::size_t i = 0; i < value.members.size(); ++i) {
      through(value.members[i], row != nullptr ? *row : element,
              place + "[" + std::to_string(i) + "]");
    }
  }

  void require_texts(const Value& value, const std::string& place) const {
    for (std::size_t i = 0; i < value.members.size(); ++i) {
      const Value& one = value.members[i];
      if (one.kind != Kind::text)
        refuse(place + "[" + std::to_string(i) + "]", shown(one) + " is no text");
    }
  }

  void require_range(const Value& value, const FieldRow& row, const std::string& place) const {
    if (in_range(value, row)) return;
    refuse(place, shown(value) + " is not from " + std::to_string(row.least) + " to " +
                      std::to_string(row.most));
  }

  Findings& findings_;
};

}  // namespace

std::span<const FieldRow> fields() {
  return table;
}

void look_through(const Value& value, std::string_view path, Findings& findings) {
  Walk{findings}.through(value, *find(path), {});
}

std::string fields_as_table() {
  std::string page = "| field | | how |\n| --- | --- | --- |\n";
  for (const FieldRow& row : table) {
    if (row.path.empty()) continue;
    const std::string_view fate = row.fate == Fate::done      ? "done"
                                  : row.fate == Fate::refused ? "**refused**"
                                                              : "ignored";
    page += "| `" + std::string{row.path} + "` | " + std::string{fate} + " | " +
            std::string{row.how} + " |\n";
  }
  return page;
}

}  // namespace tincan::oci
