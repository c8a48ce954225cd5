// exec, of a process that a file or a command line describes.
#include "13-runtime/entering.hpp"

#include <fcntl.h>
#include <sched.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "06-user-namespace/user.hpp"
#include "07-capabilities/capability_table.hpp"
#include "10-init/terminal.hpp"
#include "11-rootless/can.hpp"
#include "13-runtime/attributes.hpp"
#include "13-runtime/console.hpp"
#include "13-runtime/document.hpp"
#include "13-runtime/giving_up.hpp"
#include "13-runtime/groups.hpp"
#include "13-runtime/making.hpp"
#include "13-runtime/papers.hpp"
#include "13-runtime/recipe.hpp"
#include "13-runtime/state.hpp"
#include "common/error.hpp"
#include "common/files.hpp"

namespace tincan::oci {
namespace {

struct Kind {
  const char* name;
  std::uint64_t flag;
};
constexpr std::array kinds{Kind{"user", CLONE_NEWUSER},     Kind{"ipc", CLONE_NEWIPC},
                           Kind{"uts", CLONE_NEWUTS},       Kind{"net", CLONE_NEWNET},
                           Kind{"pid", CLONE_NEWPID},       Kind{"mnt", CLONE_NEWNS},
                           Kind{"cgroup", CLONE_NEWCGROUP}, Kind{"time", CLONE_NEWTIME}};

// A container that runs, as it was found.
struct Found {
  State state = {};
  Document document = {};
  unique_fd process = {};
};

Found find(const Options& options) {
  if (options.words.empty()) {
    throw Error{0, "exec", {}, "it takes the name of a container", 1};
  }
  const Entry entry = Entry::look(options.root, options.words.front());
  const auto state = entry.read();
  const Status status = status_of(entry, state);
  if (status != Status::running && status != Status::created) {
    throw Error{0, "cannot exec in a " + name_of(status) + " container", entry.id(), {}, 1};
  }
  Found found{*state, parse_document(entry.read_file("config.json"), state->bundle), {}};
  found.process = process_of(*state);
  if (!found.process.ok()) throw Error{ESRCH, "container not running", entry.id(), {}, 1};
  return found;
}

void add_capabilities(Process& process, const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    const std::uint64_t mask = mask_of(name, "--cap");
    process.capabilities.bounding |= mask;
    process.capabilities.permitted |= mask;
    process.capabilities.effective |= mask;
  }
}

// As the first one is, but for what the command line says.
Process process_from_line(const Options& options, Process process) {
  if (options.words.size() < 2) {
    throw Error{0, "exec", {}, "it takes a command, or --process", 1};
  }
  process.args.assign(options.words.begin() + 1, options.words.end());
  process.terminal = options.terminal;
  process.env.insert(process.env.end(), options.env.begin(), options.env.end());
  if (!options.user.empty()) process.user = parse_user(options.user, "--user");
  if (!options.cwd.empty()) process.cwd = options.cwd;
  process.no_new_privileges = process.no_new_privileges || options.no_new_privileges;
  add_capabilities(process, options.capabilities);
  return process;
}

Process wanted(const Options& options, const Document& document) {
  return options.process.empty() ? process_from_line(options, document.process)
                                 : read_process(options.process);
}

ino_t number_of(borrowed_fd file) {
  struct stat status {};
  check(fstat(file.get(), &status), "fstat", "namespace");
  return status.st_ino;
}

// Those that are not the caller's own. By way of the process's directory in /proc, which is held: it
// cannot come to mean another one.
std::vector<unique_fd> open_namespaces(const Found& found, Spec& spec) {
  const std::string path = "/proc/" + std::to_string(found.state.pid);
  const unique_fd directory = open_file(path, O_PATH | O_DIRECTORY);
  if (!process_of(found.state).ok()) throw Error{ESRCH, "container not running", {}, {}, 1};
  std::vector<unique_fd> open;
  for (const Kind& kind : kinds) {
    const std::string name = std::string{"ns/"} + kind.name;
    unique_fd file{openat(directory.get(), name.c_str(), O_RDONLY | O_CLOEXEC)};
    if (!file.ok() && errno == ENOENT) continue;
    check(file.get(), "open", path + "/" + name);
    // guard: the caller's /proc, which is the host's
    if (number_of(file) == number_of(open_file("/proc/self/" + name, O_RDONLY))) continue;
    spec.joined.push_back({kind.flag, file});
    open.push_back(std::move(file));
  }
  return open;
}

struct Parts {
  const Options& options;
  Found found;
  Outfit outfit = {};
  Groups groups = {};
  unique_fd socket = {};
  std::vector<unique_fd> namespaces = {};
};

// Whoever is asked about the container's calls is asked about those of one that comes later, too.
void fill_filter(const Found& found, Outfit& outfit) {
  const Profile& profile = *found.document.seccomp;
  outfit.filter = compile(profile);
  if (profile.listener_path.empty()) return;
  outfit.listener = connect_to(profile.listener_path);
  outfit.tell_listener = [state = public_json(found.state, Status::running),
                          metadata = profile.listener_metadata](pid_t pid) {
    return listener_json(pid, metadata, state);
  };
}

Parts collect(const Options& options) {
  Parts parts{options, find(options)};
  parts.outfit.process = wanted(options, parts.found.document);
  const Process& process = parts.outfit.process;
  parts.outfit.personality = parts.found.document.personality;
  parts.outfit.preserved = options.preserved;
  parts.outfit.terminal = {.allocate = process.terminal, .console = false};
  (void)preserved(options.preserved);
  if (!options.console_socket.empty()) parts.socket = connect_to(options.console_socket);
  if (process.terminal && options.detach && !parts.socket.ok()) {
    throw Error{0, "exec", "with a terminal, detached", "--console-socket says who is to have it",
                1};
  }
  if (parts.found.document.seccomp) fill_filter(parts.found, parts.outfit);
  parts.groups = groups_of(parts.found.state.pid, groups_in(parts.found.state.groups));
  return parts;
}

Can prepare_to_join(Parts& parts) {
  Spec spec = spec_of(parts.outfit.process);
  spec.init = false;
  spec.namespaces.own = 0;
  spec.moves_in = false;
  spec.groups = FoundGroups{};
  spec.clean.keep_groups = true;
  spec.policy = std::nullopt;
  spec.lifetime = parts.options.detach ? Lifetime::own : Lifetime::launchers;
  spec.terminal = parts.outfit.terminal;
  spec.terminal.allocate = spec.terminal.allocate && !parts.socket.ok();
  parts.namespaces = open_namespaces(parts.found, spec);
  Can can = prepare(std::move(spec));
  if (parts.options.detach) can.stdio = {};
  return can;
}

void add_steps(Launch& launch, Can& can, Parts& parts) {
  const Process& process = parts.outfit.process;
  launch.child_does("join the control groups of v1", [&] { join(parts.groups); });
  launch.child_does("run on the processors", [&] { run_on(process.last_cpus); });
  enter(launch, can);
  launch.parent_does("raise limits", [&] {
    raise_limits(process, launch.child());
    set_oom_score(process, launch.child());
  });
  open_what_is_needed(launch, parts.outfit);
  make_standard_descriptors(launch, can, parts.outfit);
  give_up(launch, can, parts.outfit);
  start(launch, parts.outfit);
}

}  // namespace

int enter_and_run(const Options& options) {
  Parts parts = collect(options);
  Can can = prepare_to_join(parts);
  const unique_fd group = birthplace(parts.groups);
  run_on(parts.outfit.process.first_cpus);
  Launch launch{can.spec.command};
  if (group.ok()) {
    launch.request().flags |= CLONE_INTO_CGROUP;
    launch.request().cgroup = static_cast<std::uint64_t>(group.get());
  }
  add_steps(launch, can, parts);
  Console console{std::move(parts.socket), parts.outfit.process.console_size};
  TerminalLink link{can.spec.terminal, can.stdio};
  if (!options.console_socket.empty()) launch.attend(console);
  if (options.console_socket.empty() && !options.detach) launch.attend(link);
  launch.create();
  write_pid_file(options.pid_file, launch.child().pid());
  return options.detach ? 0 : launch.supervise();
}

}  // namespace tincan::oci
