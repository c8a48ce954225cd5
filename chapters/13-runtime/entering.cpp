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

}  // namespace

Entering::Entering(const Options& options) : options_{options} {
  find();
  fill_outfit();
  (void)preserved(options.preserved);
  if (!options.console_socket.empty()) socket_ = connect_to(options.console_socket);
  if (outfit_.process.terminal && options.detach && !socket_.ok()) {
    throw Error{0, "exec", "with a terminal, detached", "--console-socket says who is to have it",
                1};
  }
  groups_ = groups_of(state_.pid, groups_in(state_.groups));
  birthplace_ = birthplace(groups_);
  can_.emplace(prepare(spec()));
  if (options.detach) can_->stdio = {};
}

void Entering::find() {
  if (options_.words.empty()) {
    throw Error{0, "exec", {}, "it takes the name of a container", 1};
  }
  const Entry entry = Entry::look(options_.root, options_.words.front());
  const auto state = entry.read();
  const Status status = status_of(entry, state);
  if (status != Status::running && status != Status::created) {
    throw Error{0, "cannot exec in a " + name_of(status) + " container", entry.id(), {}, 1};
  }
  state_ = *state;
  document_ = parse_document(entry.read_file("config.json"), state_.bundle);
}

void Entering::fill_outfit() {
  outfit_.process = wanted(options_, document_);
  outfit_.personality = document_.personality;
  outfit_.preserved = options_.preserved;
  outfit_.terminal = {.allocate = outfit_.process.terminal, .console = false};
  if (document_.seccomp) fill_filter();
}

// Whoever is asked about the container's calls is asked about those of one that comes later, too.
void Entering::fill_filter() {
  const Profile& profile = *document_.seccomp;
  outfit_.filter = compile(profile);
  if (profile.listener_path.empty()) return;
  outfit_.listener = connect_to(profile.listener_path);
  outfit_.tell_listener = [this, &profile](pid_t pid) {
    return listener_json(pid, profile.listener_metadata, public_json(state_, Status::running));
  };
}

// Those that are not the caller's own. By way of the process's directory in /proc, which is held: it
// cannot come to mean another one.
void Entering::open_namespaces(Spec& spec) {
  const std::string path = "/proc/" + std::to_string(state_.pid);
  const unique_fd directory = open_file(path, O_PATH | O_DIRECTORY);
  if (!process_of(state_).ok()) throw Error{ESRCH, "container not running", state_.id, {}, 1};
  for (const Kind& kind : kinds) {
    const std::string name = std::string{"ns/"} + kind.name;
    unique_fd file{openat(directory.get(), name.c_str(), O_RDONLY | O_CLOEXEC)};
    if (!file.ok() && errno == ENOENT) continue;
    check(file.get(), "open", path + "/" + name);
    // guard: the caller's /proc, which is the host's
    if (number_of(file) == number_of(open_file("/proc/self/" + name, O_RDONLY))) continue;
    spec.joined.push_back({kind.flag, file});
    namespaces_.push_back(std::move(file));
  }
}

Spec Entering::spec() {
  Spec spec = spec_of(outfit_.process);
  spec.moves_in = false;
  spec.groups = FoundGroups{};
  spec.clean.keep_groups = true;
  spec.lifetime = options_.detach ? Lifetime::own : Lifetime::launchers;
  spec.terminal = outfit_.terminal;
  spec.terminal.allocate = spec.terminal.allocate && !socket_.ok();
  open_namespaces(spec);
  return spec;
}

void Entering::join_groups(Launch& launch) {
  run_on(outfit_.process.first_cpus);
  go_into(groups_, birthplace_, launch);
  launch.child_does("run on the processors", [this] { run_on(outfit_.process.last_cpus); });
}

void Entering::set_up(Launch& launch) {
  launch.parent_does("raise limits", [this, &launch] {
    raise_limits(outfit_.process, launch.child());
    set_oom_score(outfit_.process, launch.child());
  });
  open_what_is_needed(launch, outfit_);
  make_standard_descriptors(launch, *can_, outfit_);
}

int Entering::run(Launch& launch) {
  if (socket_.ok()) {
    launch.attend(console_.emplace(std::move(socket_), outfit_.process.console_size));
  } else if (!options_.detach) {
    launch.attend(link_.emplace(can_->spec.terminal, can_->stdio));
  }
  launch.create();
  write_pid_file(options_.pid_file, launch.child().pid());
  return options_.detach ? 0 : launch.supervise();
}

}  // namespace tincan::oci
