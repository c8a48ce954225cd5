// What a container is to be, as an engine says it: the file config.json of an OCI bundle, read into
// plain data. Whoever has one of these need not know that there was JSON: every number is in its
// range, every name is one, every list is in order; and what this runtime does not do was refused
// by name. The specification: config.md and config-linux.md of opencontainers/runtime-spec, 1.2.
//
//   const oci::Document document = oci::read_bundle(directory, "/run/bundle");
//   for (const std::string& path : document.ignored) log::debug("ignored: {}", path);
//   Can can = prepare(oci::spec_of(document));   // recipe.hpp
#pragma once

#include <sys/resource.h>
#include <sys/types.h>

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "06-user-namespace/id_map.hpp"
#include "06-user-namespace/user.hpp"
#include "07-capabilities/capabilities.hpp"
#include "12-devices/covers.hpp"
#include "13-runtime/profile.hpp"
#include "13-runtime/resources.hpp"
#include "common/syscalls.hpp"
#include "common/unique_fd.hpp"

namespace tincan::oci {

struct Rlimit {
  int resource = 0;  ///< RLIMIT_*
  std::string name = {};
  rlimit value = {};
};

struct ConsoleSize {
  std::uint16_t rows = 0;
  std::uint16_t columns = 0;
};

/// sched_setattr(2).
struct Scheduler {
  std::uint32_t policy = 0;  ///< SCHED_*
  std::int32_t nice = 0;
  std::uint32_t priority = 0;
  std::uint64_t flags = 0;  ///< SCHED_FLAG_*
  std::uint64_t runtime = 0;
  std::uint64_t deadline = 0;
  std::uint64_t period = 0;
};

/// `process`, of a bundle or of `exec --process`.
struct Process {
  std::vector<std::string> args = {};  ///< one at least
  std::vector<std::string> env = {};   ///< NAME=VALUE
  std::string cwd = {};                ///< absolute
  bool terminal = false;
  std::optional<ConsoleSize> console_size = {};

  User user = {};
  std::vector<gid_t> additional_gids = {};
  std::optional<mode_t> umask = {};
  CapabilitySets capabilities = {};  ///< as given: what is not is empty
  bool no_new_privileges = false;
  std::string apparmor_profile = {};

  std::vector<Rlimit> rlimits = {};
  std::optional<int> oom_score_adj = {};
  std::optional<Scheduler> scheduler = {};
  std::optional<int> io_priority = {};  ///< as ioprio_set(2) takes it, class and level
  std::string first_cpus = {};  ///< of `exec`: where it may run until it is in the group, "0-3"
  std::string last_cpus = {};   ///< and from then on
};

enum class Idmapped { no, mount, tree };

/// One of `mounts`, its options taken apart.
struct MountEntry {
  std::string type;        ///< bind, or the name of a file system
  std::string to;          ///< absolute
  std::string from = {};   ///< of a bind: absolute; else what mountinfo shows
  bool recursive = false;  ///< rbind
  unsigned set = 0;        ///< MOUNT_ATTR_*, of the mount itself
  unsigned clear = 0;
  unsigned tree_set = 0;  ///< the same, of all that is mounted below it, too: rro
  unsigned tree_clear = 0;
  unsigned long propagation = 0;                 ///< MS_SHARED ..., with MS_REC; 0: private
  std::vector<std::string> switches = {};        ///< of the file system: sync, dirsync
  std::vector<sys::FileSystemOption> data = {};  ///< and with a value: mode=755
  bool copy_up = false;                          ///< tmpcopyup: what lay there lies in it, too
  bool follow = true;                            ///< false: src-nofollow
  Idmapped idmapped = Idmapped::no;
  IdMap uids = {};  ///< of idmapped; empty: the container's
  IdMap gids = {};

  bool is_bind() const { return type == "bind"; }
  bool is_cgroup() const { return type == "cgroup" || type == "cgroup2"; }
};

/// One of `linux.devices`: a node that is to be there.
struct DeviceNode {
  std::string path;
  mode_t kind = 0;  ///< S_IFCHR, S_IFBLK or S_IFIFO
  std::uint32_t major = 0;
  std::uint32_t minor = 0;
  mode_t mode = 0666;
  uid_t uid = 0;  ///< inside
  gid_t gid = 0;
};

/// One of `linux.namespaces`; those that are not listed are the caller's.
struct Namespace {
  std::uint64_t kind = 0;  ///< CLONE_NEW*
  std::string path = {};   ///< to join; empty: a new one
};

/// `linux.timeOffsets`: what the clocks of a time namespace are ahead, time_namespaces(7).
struct TimeOffset {
  std::string clock;  ///< monotonic, boottime
  std::int64_t seconds = 0;
  std::uint32_t nanoseconds = 0;
};

struct Hook {
  std::string path;  ///< absolute
  std::vector<std::string> args = {};
  std::vector<std::string> env = {};
  std::optional<unsigned> timeout = {};  ///< seconds, 1 at least
};

/// In the order in which they come.
struct Hooks {
  std::vector<Hook> prestart = {};
  std::vector<Hook> create_runtime = {};
  std::vector<Hook> create_container = {};  ///< in the container's namespaces, before pivot_root(2)
  std::vector<Hook> start_container = {};   ///< inside
  std::vector<Hook> poststart = {};
  std::vector<Hook> poststop = {};
};

using Strings = std::map<std::string, std::string>;

struct Document {
  std::string version = {};
  std::string text = {};  ///< the document itself, to be kept in the state directory
  Process process = {};
  std::string root = {};  ///< absolute, on the host
  bool root_read_only = false;
  std::string hostname = {};
  std::string domainname = {};
  std::vector<MountEntry> mounts = {};
  Hooks hooks = {};
  Strings annotations = {};

  std::vector<Namespace> namespaces = {};
  IdMap uids = {};
  IdMap gids = {};
  std::vector<TimeOffset> time_offsets = {};
  std::vector<DeviceNode> devices = {};
  std::string cgroups_path = {};
  Resources resources = {};
  unsigned long propagation = 0;  ///< of the root: MS_* with MS_REC; 0: nothing is said
  std::optional<Profile> seccomp = {};
  Strings sysctl = {};                            ///< "net.ipv4.ip_forward" to "1"
  std::vector<Cover> covers = {};                 ///< maskedPaths, then readonlyPaths
  std::optional<unsigned long> personality = {};  ///< personality(2)

  std::vector<std::string> ignored =
      {};  ///< the places of fields that mean nothing here: fields.hpp
  std::vector<std::string> warnings = {};  ///< sentences: what the specification wants said

  /// Nothing: the container shares the caller's.
  const Namespace* find(std::uint64_t kind) const;
  bool has_own(std::uint64_t kind) const;
};

/// config.json in `bundle`, of which messages speak as `name`, and which has to be absolute: paths
/// in the document are relative to it. Throws Error, exit status 1, with the JSON path of what is
/// wrong or not done here: "config.json: linux.resources.memory.limit: "x" is no number". Bounded:
/// 4 MiB of text, 64 levels.
Document read_bundle(borrowed_fd bundle, const std::string& name);

/// The same of a text: what a fuzzer and a test call.
Document parse_document(const std::string& text, const std::string& bundle);

/// The file of `exec --process`; `-` is standard input.
Process read_process(const std::string& path);
Process parse_process(const std::string& text, const std::string& name);

/// The file of `update --resources`; `-` is standard input.
Resources read_resources(const std::string& path);
Resources parse_resources(const std::string& text, const std::string& name);

}  // namespace tincan::oci
