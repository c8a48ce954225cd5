// Files that are written anew and renamed, and the lock on their directory.
#include "13-runtime/state.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>

#include "01-observe/proc_text.hpp"
#include "13-runtime/gate.hpp"
#include "13-runtime/groups.hpp"
#include "common/error.hpp"
#include "common/files.hpp"
#include "common/numbers.hpp"
#include "common/syscalls.hpp"

namespace tincan::oci {
namespace {

using Json = nlohmann::ordered_json;

constexpr auto state_file = "state.json";

Json to_json(const State& state) {
  return {{"ociVersion", state.version}, {"id", state.id},
          {"bundle", state.bundle},      {"root", state.root},
          {"created", state.created},    {"pid", state.pid},
          {"began", state.began},        {"boot", state.boot},
          {"groups", state.groups},      {"annotations", state.annotations}};
}

State from_json(const std::string& text) {
  const Json json = Json::parse(text);
  State state;
  json.at("ociVersion").get_to(state.version);
  json.at("id").get_to(state.id);
  json.at("bundle").get_to(state.bundle);
  json.at("root").get_to(state.root);
  json.at("created").get_to(state.created);
  json.at("pid").get_to(state.pid);
  json.at("began").get_to(state.began);
  json.at("boot").get_to(state.boot);
  json.at("groups").get_to(state.groups);
  json.at("annotations").get_to(state.annotations);
  return state;
}

std::string boot_id() {
  return std::string{observation::without_end(read_file("/proc/sys/kernel/random/boot_id"))};
}

// Fields of /proc/PID/stat, from the third on: the second is a name in brackets, and there may be
// brackets in it.
struct Moment {
  char state = 'X';
  std::uint64_t began = 0;
};

std::optional<Moment> moment_of(pid_t pid) {
  const std::string path = "/proc/" + std::to_string(pid) + "/stat";
  std::string text;
  try {
    text = read_file(path);
  } catch (const Error& error) {
    if (error.number() == ENOENT || error.number() == ESRCH) return std::nullopt;
    throw;
  }
  const std::size_t end = text.rfind(')');
  if (end == std::string::npos) return std::nullopt;
  const auto fields = split_at(std::string_view{text}.substr(end + 2), ' ');
  constexpr std::size_t began = 19;
  if (fields.size() <= began) return std::nullopt;
  return Moment{fields[0].front(), parse_number(fields[began], 0, UINT64_MAX).value_or(0)};
}

bool is_id(const std::string& id) {
  constexpr std::size_t longest = 255;
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '+' || c == '-' || c == '.';
  };
  return !id.empty() && id.size() <= longest && id != "." && id != ".." &&
         std::all_of(id.begin(), id.end(), fits);
}

[[noreturn]] void say_absent(const std::string& id) {
  throw Error{0, "container does not exist", id, "`list` says which there are", 1};
}

}  // namespace

std::string name_of(Status status) {
  switch (status) {
    case Status::creating:
      return "creating";
    case Status::created:
      return "created";
    case Status::running:
      return "running";
    case Status::paused:
      return "paused";
    case Status::stopped:
      break;
  }
  return "stopped";
}

std::string public_json(const State& state, Status status) {
  Json json{{"ociVersion", state.version}, {"id", state.id}, {"status", name_of(status)}};
  json["pid"] = status == Status::stopped ? 0 : state.pid;
  json["bundle"] = state.bundle;
  json["rootfs"] = state.root;
  json["created"] = state.created;
  json["owner"] = "root";
  if (!state.annotations.empty()) json["annotations"] = state.annotations;
  return json.dump(2);
}

std::string default_root() {
  const char* const runtime = std::getenv("XDG_RUNTIME_DIR");
  if (geteuid() != 0 && runtime != nullptr && *runtime == '/') {
    return std::string{runtime} + "/tincan";
  }
  return "/run/tincan";
}

void require_id(const std::string& id) {
  if (is_id(id)) return;
  throw Error{0, "invalid container ID format", "'" + id + "'",
              "letters, digits and _ + - . make one, 255 at most", 1};
}

Entry::Entry(std::string root, std::string id) : root_{std::move(root)}, id_{std::move(id)} {
  require_id(id_);
  path_ = root_ + "/" + id_;
}

// Whoever may write there would decide what is started, and as whom.
void Entry::open_directory() {
  directory_.reset(::open(path_.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!directory_.ok() && errno == ENOENT) say_absent(id_);
  check(directory_.get(), "open", path_);
  struct stat status {};
  check(fstat(directory_.get(), &status), "fstat", path_);
  if (status.st_uid != geteuid() || (status.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
    throw Error{EPERM, "use the state directory", path_, "others may write there", 1};
  }
}

// A directory that was removed while this waited for its lock has no name any more.
bool Entry::is_gone() const {
  struct stat held {};
  check(fstat(directory_.get(), &held), "fstat", path_);
  return held.st_nlink == 0;
}

// Whoever has it, has it for as long as hooks take: ten seconds here, then somebody is told.
bool Entry::lock() {
  constexpr int rounds = 500;
  constexpr int pause_ms = 20;
  for (int round = 0; round < rounds; ++round) {
    locked_ = flock(directory_.get(), LOCK_EX | LOCK_NB) == 0;
    if (locked_) return !is_gone();
    if (errno != EWOULDBLOCK && errno != EINTR) throw Error{errno, "flock", path_};
    (void)poll(nullptr, 0, pause_ms);
  }
  throw Error{EBUSY, "lock", path_, "another command is at work on this container", 1};
}

// Asked by a description of its own: a lock belongs to that, and to all its copies.
bool Entry::is_locked_by_another() const {
  if (locked_) return false;
  const unique_fd own{openat(directory_.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  check(own.get(), "open", path_);
  if (flock(own.get(), LOCK_SH | LOCK_NB) == 0) return false;
  if (errno == EWOULDBLOCK) return true;
  throw Error{errno, "flock", path_};
}

Entry Entry::make(const std::string& root, const std::string& id) {
  Entry entry{root, id};
  std::filesystem::create_directories(root);
  if (mkdir(entry.path_.c_str(), 0700) == -1) {
    if (errno != EEXIST) throw Error{errno, "mkdir", entry.path_};
    entry.open_directory();
    const bool mine = !entry.is_locked_by_another() && entry.lock();
    const auto state = mine ? entry.read() : std::nullopt;
    if (!mine || (state && state->pid != 0)) {
      throw Error{0, "container with given ID already exists", id, "`delete` removes it", 1};
    }
    if (state) remove_groups(state->groups);
  } else {
    entry.open_directory();
    if (!entry.lock()) say_absent(id);
  }
  return entry;
}

Entry Entry::open(const std::string& root, const std::string& id) {
  Entry entry = look(root, id);
  if (!entry.lock()) say_absent(id);
  return entry;
}

Entry Entry::look(const std::string& root, const std::string& id) {
  Entry entry{root, id};
  entry.open_directory();
  return entry;
}

std::optional<State> Entry::read() const {
  if (!has(state_file)) return std::nullopt;
  try {
    return from_json(read_file(state_file));
  } catch (const Json::exception& problem) {
    throw Error{EBADMSG, "read", path_ + "/" + state_file, problem.what(), 1};
  }
}

void Entry::write(const State& state) const {
  write_file(state_file, to_json(state).dump());
}

void Entry::write_file(const std::string& name, const std::string& text) const {
  const std::string fresh = name + ".new";
  const int fd = openat(directory_.get(), fresh.c_str(),
                        O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
  const unique_fd file{check(fd, "open", path_ + "/" + fresh)};
  std::string_view rest = text;
  while (!rest.empty()) {
    const ssize_t count = check(::write(file.get(), rest.data(), rest.size()), "write", path_);
    rest.remove_prefix(static_cast<std::size_t>(count));
  }
  check(renameat(directory_.get(), fresh.c_str(), directory_.get(), name.c_str()), "rename",
        path_ + "/" + name);
}

std::string Entry::read_file(const std::string& name) const {
  const int fd = openat(directory_.get(), name.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
  return read_all(unique_fd{check(fd, "open", path_ + "/" + name)}, name);
}

bool Entry::has(const std::string& name) const {
  if (faccessat(directory_.get(), name.c_str(), F_OK, AT_SYMLINK_NOFOLLOW) == 0) return true;
  if (errno == ENOENT) return false;
  throw Error{errno, "access", path_ + "/" + name};
}

void Entry::remove_file(const std::string& name) const {
  if (unlinkat(directory_.get(), name.c_str(), 0) == 0 || errno == ENOENT) return;
  throw Error{errno, "unlink", path_ + "/" + name};
}

// state.json is the last that goes: as long as it is there, the next command can go on.
void Entry::remove() const {
  std::vector<std::string> names;
  for (const auto& file : std::filesystem::directory_iterator{path_}) {
    if (file.path().filename() != state_file) names.push_back(file.path().filename());
  }
  names.emplace_back(state_file);
  for (const std::string& name : names) remove_file(name);
  check(rmdir(path_.c_str()), "rmdir", path_);
}

std::vector<std::string> ids_in(const std::string& root) {
  std::vector<std::string> ids;
  std::error_code none;
  for (const auto& entry : std::filesystem::directory_iterator{root, none}) {
    const std::string name = entry.path().filename();
    if (entry.is_directory() && is_id(name)) ids.push_back(name);
  }
  std::sort(ids.begin(), ids.end());
  return ids;
}

void remember_process(State& state, pid_t pid) {
  const auto moment = moment_of(pid);
  if (!moment) throw Error{ESRCH, "look at the container's process", std::to_string(pid)};
  state.pid = pid;
  state.began = moment->began;
  state.boot = boot_id();
}

// Held first, and then looked at: what is held cannot change its number.
unique_fd process_of(const State& state) {
  if (state.pid == 0 || state.boot != boot_id()) return {};
  unique_fd held = sys::pidfd_open(state.pid);
  if (!held.ok()) return {};
  const auto moment = moment_of(state.pid);
  const bool alive = moment && moment->state != 'Z' && moment->state != 'X';
  return alive && moment->began == state.began ? std::move(held) : unique_fd{};
}

Status status_of(const Entry& entry, const std::optional<State>& state) {
  if (!state || state->pid == 0) {
    return entry.is_locked_by_another() ? Status::creating : Status::stopped;
  }
  if (!process_of(*state).ok()) return Status::stopped;
  switch (passage(entry.directory())) {
    case Passage::before:
      return Status::creating;
    case Passage::waiting:
      return Status::created;
    case Passage::past:
      break;
  }
  return is_frozen(state->groups) ? Status::paused : Status::running;
}

}  // namespace tincan::oci
