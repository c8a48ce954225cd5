// A container from a document, up to its gate: what `create` and `run` do.
//
//   Making making{options, Attached::no};
//   making.create();                    // the process waits at the gate
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "03-process/launch.hpp"
#include "10-init/terminal.hpp"
#include "11-rootless/can.hpp"
#include "13-runtime/console.hpp"
#include "13-runtime/document.hpp"
#include "13-runtime/gate.hpp"
#include "13-runtime/giving_up.hpp"
#include "13-runtime/groups.hpp"
#include "13-runtime/mount_list.hpp"
#include "13-runtime/options.hpp"
#include "13-runtime/state.hpp"

namespace tincan::oci {

/// Does the caller stay with it, at its terminal?
enum class Attached { no, yes };

class Making {
 public:
  /// Reads the document, and takes the name. Throws Error, and then nothing is left.
  Making(const Options& options, Attached attached);
  Making(const Making&) = delete;
  Making& operator=(const Making&) = delete;
  /// What is half made goes.
  ~Making();

  /// Returns when the process waits at the gate.
  void create();
  /// After open_gate(): the command's exit status.
  int supervise() { return launch_->supervise(); }

  const Entry& entry() const { return *entry_; }
  const Document& document() const { return document_; }
  const State& state() const { return state_; }

 private:
  void make_groups();
  void prepare_all();
  void fill_filter();
  void add_steps();
  void add_parent_steps();
  void add_mount_steps();
  void add_hook_steps();
  void remember_child();
  std::string told_to_hooks() const;

  const Options& options_;
  Attached attached_;
  Document document_;
  unique_fd console_socket_;
  std::optional<Entry> entry_;
  State state_;
  Groups groups_;
  unique_fd birthplace_;
  std::vector<unique_fd> joined_;
  std::optional<Can> can_;
  MountList mounts_;
  Outfit outfit_;
  Gate gate_;
  std::optional<Console> console_;
  std::optional<TerminalLink> terminal_;
  std::unique_ptr<Attendant> hooks_;
  std::optional<Launch> launch_;
  bool made_ = false;
};

/// Written beside `path` and renamed: whoever sees the file finds the number in it.
void write_pid_file(const std::string& path, pid_t pid);

}  // namespace tincan::oci
