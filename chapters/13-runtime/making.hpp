// A container from a document, up to its gate: what `create` and `run` do. All that is opened and
// decided before there is a child is here; the steps are taken in the order that main.cpp shows.
//
//   Making making{options, Attached::no};
//   Launch launch{making.command()};
//   ...                                  // the steps
//   making.create(launch);               // the process waits at the gate
#pragma once

#include <memory>
#include <optional>
#include <string>
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
  /// Reads the document, takes the name, makes the groups, opens the mounts. Throws Error, and then
  /// nothing is left.
  Making(const Options& options, Attached attached);
  Making(const Making&) = delete;
  Making& operator=(const Making&) = delete;
  /// What is half made goes. The launch has to be gone by then, and its child with it.
  ~Making();

  const std::vector<std::string>& command() const { return can_->spec.command; }
  Can& can() { return *can_; }
  Outfit& outfit() { return outfit_; }
  const Entry& entry() const { return *entry_; }
  const Document& document() const { return document_; }
  const State& state() const { return state_; }

  /// Steps: into its groups; names and parameters of its namespaces; into its root, furnished; and
  /// the gate.
  void join_groups(Launch& launch);
  void set_up(Launch& launch);
  void move_in(Launch& launch);
  void wait_for_start(Launch& launch);

  /// Returns when the process waits at the gate.
  void create(Launch& launch);

 private:
  void begin(const std::string& id, const std::string& bundle);
  void make_groups();
  void limit_groups();
  void ask_systemd(const Launch& launch);
  void prepare_all();
  void fill_filter();
  Spec spec();
  void run_hooks_at(Launch& launch);
  void look_after(Launch& launch);
  std::string told_to_hooks() const;

  const Options& options_;
  Attached attached_;
  Document document_;
  unique_fd console_socket_;
  std::optional<Entry> entry_;
  State state_;
  Groups groups_;
  unique_fd birthplace_;
  unique_fd clocks_;  ///< the caller's
  std::vector<unique_fd> joined_;
  std::optional<Can> can_;
  MountList mounts_;
  Outfit outfit_;
  Gate gate_;
  std::optional<Console> console_;
  std::optional<TerminalLink> terminal_;
  std::unique_ptr<Attendant> hooks_;
  bool made_ = false;
};

/// Written beside `path` and renamed: whoever sees the file finds the number in it.
void write_pid_file(const std::string& path, pid_t pid);

/// The child is born in the v2 group, CLONE_INTO_CGROUP of clone(2), and joins those of v1.
void go_into(const Groups& groups, borrowed_fd birthplace, Launch& launch);

}  // namespace tincan::oci
