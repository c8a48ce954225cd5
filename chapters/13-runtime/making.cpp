// What a container in the making needs, and the steps that only it has.
#include "13-runtime/making.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <utility>
#include <vector>

#include "11-rootless/ranges.hpp"
#include "13-runtime/attributes.hpp"
#include "13-runtime/filter.hpp"
#include "13-runtime/hooks.hpp"
#include "13-runtime/papers.hpp"
#include "13-runtime/recipe.hpp"
#include "13-runtime/resource_files.hpp"
#include "13-runtime/systemd.hpp"
#include "common/error.hpp"
#include "common/files.hpp"
#include "common/log.hpp"

namespace tincan::oci {
namespace {

// RFC 3339, with a fraction, as runc writes it.
std::string now() {
  timespec time{};
  clock_gettime(CLOCK_REALTIME, &time);
  std::tm parts{};
  gmtime_r(&time.tv_sec, &parts);
  std::array<char, 32> text{};
  (void)std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S", &parts);
  std::array<char, 16> fraction{};
  (void)std::snprintf(fraction.data(), fraction.size(), ".%09ldZ", time.tv_nsec);
  return std::string{text.data()} + fraction.data();
}

// The child stops in the middle, and the launcher runs what belongs there. By a pair of sockets:
// whoever is alone with it reads its end.
class Rendezvous : public Attendant {
 public:
  explicit Rendezvous(std::function<void()> work) : work_{std::move(work)} {
    std::array<int, 2> ends{};
    check(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()), "socketpair");
    launchers_.reset(ends[0]);
    childs_.reset(ends[1]);
  }

  /// In the child.
  void meet() {
    launchers_.reset();
    give_word(childs_);
    wait_for_word(childs_);
  }

  void born(Watch& watch, const ChildProcess&) override {
    childs_.reset();
    watch.add(
        launchers_, POLLIN, [this] { host(); }, [this] { return !met_; });
  }

 private:
  static void give_word(borrowed_fd end) {
    const char word = '1';
    check(send(end.get(), &word, 1, MSG_NOSIGNAL), "send", "between launcher and child");
  }
  static void wait_for_word(borrowed_fd end) {
    char word = 0;
    if (check(read(end.get(), &word, 1), "read", "between launcher and child") == 1) return;
    throw Error{EPIPE, "wait for hooks", {}, "the launcher has ended", 1};
  }

  // At its end the child has failed, which its channel says.
  void host() {
    met_ = true;
    char word = 0;
    if (read(launchers_.get(), &word, 1) != 1) return;
    work_();
    give_word(launchers_);
  }

  unique_fd launchers_;
  unique_fd childs_;
  std::function<void()> work_;
  bool met_ = false;
};

// Where a terminal is asked for, somebody has to hold its other end.
unique_fd open_console(const Options& options, const Process& process, Attached attached) {
  const bool given = !options.console_socket.empty();
  if (given && !process.terminal) {
    throw Error{0, "--console-socket", options.console_socket,
                "process.terminal is false: there is nothing to be sent", 1};
  }
  if (!given && process.terminal && attached == Attached::no) {
    throw Error{0, "process.terminal", "true",
                "nobody would hold the other end: --console-socket says who", 1};
  }
  return given ? connect_to(options.console_socket) : unique_fd{};
}

std::string hostname_here() {
  std::array<char, 65> name{};  // __NEW_UTS_LEN and its NUL
  check(gethostname(name.data(), name.size()), "gethostname");
  return name.data();
}

std::string whole(const std::string& bundle) {
  return std::filesystem::canonical(bundle);
}

std::string first_word(const Options& options) {
  if (options.words.size() == 1) return options.words.front();
  throw Error{0, options.command, {}, "it takes the name of a container, and no more", 1};
}

// Nothing is thrown: it is called while something is.
void undo(const Entry& entry, const std::vector<std::string>& groups) {
  try {
    remove_groups(groups);
    entry.remove();
  } catch (const std::exception& problem) {
    log::error("something is left, which `delete --force` removes: {}", problem.what());
  }
}

// Not root of a user namespace, who is somebody else on the machine.
bool is_roots_machine() {
  const IdSpans everybody{{0, UINT32_MAX}};
  return geteuid() == 0 && existing(read_file("/proc/self/uid_map")) == everybody;
}

bool has_limits(const Resources& resources) {
  return !files_of(resources, Version::v2).empty();
}

}  // namespace

void write_pid_file(const std::string& path, pid_t pid) {
  if (path.empty()) return;
  const std::string fresh = path + ".new";
  {
    const unique_fd file = open_file(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, 0644);
    const std::string text = std::to_string(pid);
    check(write(file.get(), text.data(), text.size()), "write", fresh);
  }
  check(std::rename(fresh.c_str(), path.c_str()), "rename", path);
}

void go_into(const Groups& groups, borrowed_fd birthplace, Launch& launch) {
  if (birthplace.get() >= 0) {
    launch.request().flags |= CLONE_INTO_CGROUP;
    launch.request().cgroup = static_cast<std::uint64_t>(birthplace.get());
  }
  launch.child_does("join the control groups of v1", [&groups] { join(groups); });
}

Making::Making(const Options& options, Attached attached) : options_{options}, attached_{attached} {
  const std::string id = first_word(options);
  require_id(id);
  const std::string bundle = whole(options.bundle);
  document_ = read_bundle(open_file(bundle, O_RDONLY | O_DIRECTORY), bundle);
  for (const std::string& path : document_.ignored) log::debug("ignored: {}", path);
  for (const std::string& sentence : document_.warnings) log::warn("{}", sentence);
  console_socket_ = open_console(options, document_.process, attached);
  (void)preserved(options.preserved);
  entry_.emplace(Entry::make(options.root, id));
  try {
    begin(id, bundle);
  } catch (...) {
    undo(*entry_, state_.groups);
    throw;
  }
}

// Written down before anything is made: who finds the file can remove the groups.
void Making::begin(const std::string& id, const std::string& bundle) {
  state_.id = id;
  state_.bundle = bundle;
  state_.root = document_.root;
  state_.created = now();
  state_.annotations = document_.annotations;
  if (options_.manager == Manager::files) {
    groups_ = groups_for(document_.cgroups_path, id);
    state_.groups = directories_of(groups_);
  }
  entry_->write_file("config.json", document_.text);
  entry_->write(state_);
  if (options_.manager == Manager::files) make_groups();
  prepare_all();
}

Making::~Making() {
  if (!made_) undo(*entry_, state_.groups);
}

void Making::create(Launch& launch) {
  look_after(launch);
  launch.create();
  gate_ = {};  // a lock is held by whoever has a copy of its descriptor
  write_pid_file(options_.pid_file, state_.pid);
  made_ = true;
}

// Whoever is root of a user namespace alone may have no group to divide. Where nothing is limited,
// nothing is lost then; and it is said.
void Making::make_groups() {
  try {
    make(groups_);
    limit_groups();
    birthplace_ = birthplace(groups_);
  } catch (const Error& error) {
    const bool refused =
        error.number() == EACCES || error.number() == EPERM || error.number() == EROFS;
    if (!refused || is_roots_machine()) throw;
    if (has_limits(document_.resources)) throw;
    log::warn("it has no control group of its own: {}", error.what());
    groups_.clear();
  }
}

void Making::limit_groups() {
  limit(groups_, document_.resources);
  if (is_roots_machine()) rule_devices(groups_, document_.resources);
}

void Making::ask_systemd(const Launch& launch) {
  const pid_t pid = launch.child().pid();
  ask_for(unit_of(document_.cgroups_path, state_.id), pid);
  groups_ = group_below(pid);
  state_.groups = directories_of(groups_);
  entry_->write(state_);
  limit_groups();
}

Spec Making::spec() {
  Spec spec = spec_of(document_);
  spec.moves_in = false;
  spec.groups = FoundGroups{};
  spec.clean.keep_groups = true;
  spec.lifetime = Lifetime::own;
  spec.terminal.allocate = document_.process.terminal && !console_socket_.ok();
  // Its own uts namespace keeps the caller's name, if the document gives none.
  if (spec.namespaces.hostname.empty()) spec.namespaces.hostname = hostname_here();
  joined_ = open_namespaces(document_, spec);
  return spec;
}

void Making::prepare_all() {
  outfit_.process = document_.process;
  outfit_.personality = document_.personality;
  outfit_.preserved = options_.preserved;
  outfit_.terminal.allocate = document_.process.terminal;
  if (document_.seccomp) fill_filter();
  can_.emplace(prepare(spec()));
  take_maps(document_, can_->ids);
  if (attached_ == Attached::no) can_->stdio = {};
  mounts_ = open_mounts(document_);
  if (can_->ids.users.packer == Packer::launcher) pack(mounts_, can_->ids.users);
  gate_ = make_gate(*entry_);
  clocks_ = prepare_clocks(document_);
}

void Making::join_groups(Launch& launch) {
  go_into(groups_, birthplace_, launch);
  if (options_.manager == Manager::systemd) {
    launch.parent_does("ask systemd for a unit", [this, &launch] { ask_systemd(launch); });
  }
}

void Making::set_up(Launch& launch) {
  launch.parent_does("go back to the caller's clocks", [this] { leave_clocks(clocks_); });
  launch.parent_does("idmap the mounts", [this, &launch] { idmap(mounts_, launch.child()); });
  launch.parent_does("raise limits", [this, &launch] {
    raise_limits(document_.process, launch.child());
    set_oom_score(document_.process, launch.child());
  });
  launch.parent_does("write down which process it is", [this, &launch] {
    remember_process(state_, launch.child().pid());
    entry_->write(state_);
  });
  launch.child_does("set the names", [this] { set_names(document_); });
  launch.child_does("set kernel parameters", [this] { set_kernel_parameters(document_); });
  open_what_is_needed(launch, outfit_);
}

void Making::move_in(Launch& launch) {
  if (can_->ids.users.packer == Packer::child) {
    launch.child_does("pack", [this] { pack_again(mounts_, can_->ids.users); });
  }
  launch.child_does("make the file systems", [this] { make_file_systems(mounts_); });
  run_hooks_at(launch);
  launch.child_does("move into the root", [this] { move_into(mounts_.root.mount); });
  launch.child_does("attach the mounts", [this] { attach(mounts_); });
  make_standard_descriptors(launch, *can_, outfit_);
  launch.child_does("close up", [this] { close_up(mounts_); });
}

void Making::fill_filter() {
  const Profile& profile = *document_.seccomp;
  outfit_.filter = compile(profile);
  if (profile.listener_path.empty()) return;
  outfit_.listener = connect_to(profile.listener_path);
  outfit_.tell_listener = [this, &profile](pid_t pid) {
    state_.pid = pid;
    return listener_json(pid, profile.listener_metadata, told_to_hooks());
  };
}

std::string Making::told_to_hooks() const {
  return public_json(state_, Status::creating);
}

// Those of the runtime's namespaces are run by the launcher, while the child waits for them.
void Making::run_hooks_at(Launch& launch) {
  const Hooks& hooks = document_.hooks;
  if (!hooks.prestart.empty() || !hooks.create_runtime.empty()) {
    auto meeting = std::make_unique<Rendezvous>([this, &hooks] {
      run_hooks(hooks.prestart, "prestart", told_to_hooks());
      run_hooks(hooks.create_runtime, "createRuntime", told_to_hooks());
    });
    launch.attend(*meeting);
    launch.child_does("wait for hooks", [rendezvous = meeting.get()] { rendezvous->meet(); });
    hooks_ = std::move(meeting);
  }
  if (hooks.create_container.empty()) return;
  launch.child_does("run hooks", [this, &hooks] {
    // guard: the host's /proc, which knows this process by the host's number
    state_.pid = std::stoi(read_link("/proc/self"));
    run_hooks(hooks.create_container, "createContainer", told_to_hooks());
  });
}

void Making::wait_for_start(Launch& launch) {
  launch.child_does("wait at the gate", [this, &launch] {
    std::vector<int> kept = preserved(outfit_.preserved);
    if (outfit_.listener.ok()) kept.push_back(outfit_.listener.get());
    wait_at(gate_, launch.channel(), kept);
  });
  if (document_.hooks.start_container.empty()) return;
  launch.child_does("run hooks", [this] {
    state_.pid = getpid();
    run_hooks(document_.hooks.start_container, "startContainer",
              public_json(state_, Status::created));
  });
}

void Making::look_after(Launch& launch) {
  if (console_socket_.ok()) {
    launch.attend(console_.emplace(std::move(console_socket_), document_.process.console_size));
  } else if (attached_ == Attached::yes) {
    launch.attend(terminal_.emplace(can_->spec.terminal, can_->stdio));
  }
}

}  // namespace tincan::oci
