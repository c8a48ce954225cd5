// What one command leaves to the next that looks after the same container: a directory each, in the
// state directory, and in it
//
//   state.json     who it is and where its process is; written anew and renamed, so it is never half
//   config.json    the document that it was made from
//   start.sock     where it waits (gate.hpp)
//   waiting        locked by the container's process as long as it waits
//
// There is no daemon that could remember. Whatever is killed at whatever moment, and after the
// machine was switched off in between, the next command looks at these files and at the kernel, and
// knows what there is. A process is believed to be the one that was written down only if it began at
// the same moment, for numbers of processes come again.
//
//   Entry entry = Entry::make(options.root, "web");     // locked, until it goes
//   entry.write(state);
//   const Status status = status_of(entry, state);
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "common/unique_fd.hpp"

namespace tincan::oci {

/// The statuses of runtime.md, and `paused`, which runc has added.
enum class Status { creating, created, running, paused, stopped };
std::string name_of(Status status);

struct State {
  std::string version = "1.2.0";
  std::string id = {};
  std::string bundle = {};
  std::string root = {};                 ///< the root directory, on the host
  std::string created = {};              ///< when, RFC 3339, UTC
  pid_t pid = 0;                         ///< 0: there is none yet
  std::uint64_t began = 0;               ///< when that process began, proc_pid_stat(5), field 22
  std::string boot = {};                 ///< and since which start of the machine that is counted
  std::vector<std::string> groups = {};  ///< the directories of its control groups
  std::map<std::string, std::string> annotations = {};
};

/// As `state` prints it, and as hooks are given it: "State" in runtime.md.
std::string public_json(const State& state, Status status);

/// --root if nobody says another: of root, and of an ordinary user.
std::string default_root();

/// Throws Error for a name that is none: it becomes that of a directory.
void require_id(const std::string& id);

/// A container's directory.
class Entry {
 public:
  /// A new one, locked. What a command that was killed has left half made goes first. Throws Error
  /// (EEXIST) if there is such a container.
  static Entry make(const std::string& root, const std::string& id);
  /// Locked: one command at a time changes a container. Throws Error (ENOENT).
  static Entry open(const std::string& root, const std::string& id);
  /// To look only. A hook may do that while a command that has called it holds the lock.
  static Entry look(const std::string& root, const std::string& id);

  const std::string& id() const { return id_; }
  const std::string& path() const { return path_; }
  borrowed_fd directory() const { return directory_; }

  /// Nothing: whoever made it was killed before it could say anything.
  std::optional<State> read() const;
  void write(const State& state) const;
  /// A file in it, new: written beside it and renamed.
  void write_file(const std::string& name, const std::string& text) const;
  std::string read_file(const std::string& name) const;
  /// Is there a file of that name?
  bool has(const std::string& name) const;
  void remove_file(const std::string& name) const;
  void remove() const;
  /// Is another command at work on it?
  bool is_locked_by_another() const;

 private:
  Entry(std::string root, std::string id);
  void open_directory();
  bool lock();
  bool is_gone() const;

  std::string root_;
  std::string id_;
  std::string path_;
  unique_fd directory_;
  bool locked_ = false;
};

/// Those that are there, sorted by name.
std::vector<std::string> ids_in(const std::string& root);

/// Puts into `state` which process it is.
void remember_process(State& state, pid_t pid);
/// That process; not ok() if it has ended.
unique_fd process_of(const State& state);

/// What the files and the kernel say.
Status status_of(const Entry& entry, const std::optional<State>& state);

}  // namespace tincan::oci
