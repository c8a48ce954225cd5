// The recipe of a container that waits for its start.
#include "13-runtime/making.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <utility>
#include <vector>

#include "11-rootless/map_helpers.hpp"
#include "13-runtime/attributes.hpp"
#include "13-runtime/filter.hpp"
#include "13-runtime/hooks.hpp"
#include "13-runtime/papers.hpp"
#include "13-runtime/recipe.hpp"
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

void wait_for_word(borrowed_fd event) {
  std::uint64_t count = 0;
  check(read(event.get(), &count, sizeof count), "read", "eventfd");
}

void give_word(borrowed_fd event) {
  const std::uint64_t one = 1;
  check(write(event.get(), &one, sizeof one), "write", "eventfd");
}

// The child stops in the middle, and the launcher runs what belongs there.
class Rendezvous : public Attendant {
 public:
  explicit Rendezvous(std::function<void()> work)
      : here_{check(eventfd(0, EFD_CLOEXEC), "eventfd")},
        done_{check(eventfd(0, EFD_CLOEXEC), "eventfd")},
        work_{std::move(work)} {}

  /// In the child.
  void meet() const {
    give_word(here_);
    wait_for_word(done_);
  }

  void born(Watch& watch, const ChildProcess&) override {
    watch.add(here_, POLLIN, [this] {
      wait_for_word(here_);
      work_();
      give_word(done_);
    });
  }

 private:
  unique_fd here_;
  unique_fd done_;
  std::function<void()> work_;
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
  state_.id = id;
  state_.bundle = bundle;
  state_.root = document_.root;
  state_.created = now();
  state_.annotations = document_.annotations;
}

// The process first: it is the launch's, which kills it if it was not let go.
Making::~Making() {
  if (made_) return;
  launch_.reset();
  try {
    remove_groups(state_.groups);
    if (entry_) entry_->remove();
  } catch (const std::exception& problem) {
    log::error("something is left, which `delete --force` removes: {}", problem.what());
  }
}

void Making::create() {
  entry_->write_file("config.json", document_.text);
  make_groups();
  prepare_all();
  add_steps();
  launch_->create();
  write_pid_file(options_.pid_file, state_.pid);
  made_ = true;
}

// Written down before they are made: who finds the file can remove them.
void Making::make_groups() {
  if (options_.manager == Manager::nobody) return entry_->write(state_);
  groups_ = groups_for(document_.cgroups_path, state_.id);
  state_.groups = directories_of(groups_);
  entry_->write(state_);
  make(groups_);
  limit(groups_, document_.resources);
  rule_devices(groups_, document_.resources);
  birthplace_ = birthplace(groups_);
}

void Making::prepare_all() {
  outfit_.process = document_.process;
  outfit_.personality = document_.personality;
  outfit_.preserved = options_.preserved;
  outfit_.terminal.allocate = document_.process.terminal;
  if (document_.seccomp) fill_filter();
  Spec spec = spec_of(document_);
  spec.moves_in = false;
  spec.groups = FoundGroups{};
  spec.clean.keep_groups = true;
  spec.policy = std::nullopt;
  spec.lifetime = Lifetime::own;
  spec.terminal.allocate = document_.process.terminal && !console_socket_.ok();
  // Its own uts namespace keeps the caller's name, if the document gives none.
  if (spec.namespaces.hostname.empty()) spec.namespaces.hostname = hostname_here();
  joined_ = open_namespaces(document_, spec);
  can_.emplace(prepare(std::move(spec)));
  take_maps(document_, can_->ids);
  if (attached_ == Attached::no) can_->stdio = {};
  mounts_ = open_mounts(document_);
  if (can_->ids.users.packer == Packer::launcher) pack(mounts_, can_->ids.users);
  gate_ = make_gate(*entry_);
  prepare_clocks(document_);
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

void Making::remember_child() {
  remember_process(state_, launch_->child().pid());
  entry_->write(state_);
}

void Making::add_parent_steps() {
  launch_->parent_does("idmap the mounts", [this] { idmap(mounts_, launch_->child()); });
  launch_->parent_does("raise limits", [this] {
    raise_limits(document_.process, launch_->child());
    set_oom_score(document_.process, launch_->child());
  });
  launch_->parent_does("write down which process it is", [this] { remember_child(); });
}

void Making::add_mount_steps() {
  if (can_->ids.users.packer == Packer::child) {
    launch_->child_does("pack", [this] { pack_again(mounts_, can_->ids.users); });
  }
  launch_->child_does("make the file systems", [this] { make_file_systems(mounts_); });
  add_hook_steps();
  launch_->child_does("move into the root", [this] { move_into(mounts_.root.mount); });
  launch_->child_does("attach the mounts", [this] { attach(mounts_); });
  make_standard_descriptors(*launch_, *can_, outfit_);
  launch_->child_does("close up", [this] { close_up(mounts_); });
}

void Making::add_hook_steps() {
  const Hooks& hooks = document_.hooks;
  if (!hooks.prestart.empty() || !hooks.create_runtime.empty()) {
    auto meeting = std::make_unique<Rendezvous>([this, &hooks] {
      run_hooks(hooks.prestart, "prestart", told_to_hooks());
      run_hooks(hooks.create_runtime, "createRuntime", told_to_hooks());
    });
    launch_->attend(*meeting);
    launch_->child_does("wait for hooks", [rendezvous = meeting.get()] { rendezvous->meet(); });
    hooks_ = std::move(meeting);
  }
  if (hooks.create_container.empty()) return;
  launch_->child_does("run hooks", [this, &hooks] {
    // guard: the host's /proc, which knows this process by the host's number
    state_.pid = std::stoi(read_link("/proc/self"));
    run_hooks(hooks.create_container, "createContainer", told_to_hooks());
  });
}

void Making::add_steps() {
  launch_.emplace(can_->spec.command);
  Launch& launch = *launch_;
  if (birthplace_.ok()) {
    launch.request().flags |= CLONE_INTO_CGROUP;
    launch.request().cgroup = static_cast<std::uint64_t>(birthplace_.get());
  }
  launch.child_does("join the control groups of v1", [this] { join(groups_); });
  enter(launch, *can_);
  add_parent_steps();
  launch.child_does("set host and domain name", [this] { set_names(document_); });
  launch.child_does("set kernel parameters", [this] { set_kernel_parameters(document_); });
  open_what_is_needed(launch, outfit_);
  add_mount_steps();
  give_up(launch, *can_, outfit_);
  launch.child_does("wait at the gate", [this] {
    std::vector<int> kept = preserved(outfit_.preserved);
    if (outfit_.listener.ok()) kept.push_back(outfit_.listener.get());
    wait_at(gate_, launch_->channel(), kept);
  });
  launch.child_does("run hooks", [this] {
    state_.pid = getpid();
    run_hooks(document_.hooks.start_container, "startContainer",
              public_json(state_, Status::created));
  });
  start(launch, outfit_);
  if (console_socket_.ok()) {
    launch.attend(console_.emplace(std::move(console_socket_), document_.process.console_size));
  } else if (attached_ == Attached::yes) {
    launch.attend(terminal_.emplace(can_->spec.terminal, can_->stdio));
  }
}

}  // namespace tincan::oci
