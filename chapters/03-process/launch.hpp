// Starting a command in a child, with three lists of steps: what is ready before the clone, what
// the parent does while the child waits, and what the child does after "go". A chapter adds lines.
//
//   Launch launch{run.command};
//   launch.child_does("leave the caller's groups", leave_groups);
//   return launch.run();                    // the exit status of the command
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "03-process/child_process.hpp"
#include "03-process/exec.hpp"
#include "common/channel.hpp"

namespace tincan {

class Launch {
 public:
  explicit Launch(std::vector<std::string> command) : command_{.words = std::move(command)} {}

  /// New namespaces for the child: CLONE_NEW* of clone(2), and their names for messages.
  void clone_into(std::uint64_t namespaces, std::string names) {
    namespaces_ = namespaces;
    namespace_names_ = std::move(names);
  }

  /// What the parent does while the child waits. `name` says it in the log.
  void parent_does(std::string name, std::function<void()> step) {
    parent_steps_.push_back({std::move(name), std::move(step)});
  }
  /// What the child does after "go", before it becomes the command.
  void child_does(std::string name, std::function<void()> step) {
    child_steps_.push_back({std::move(name), std::move(step)});
  }

  /// For steps: the child's pid as the parent sees it, and this side's end of the channel.
  pid_t child() const { return child_->pid(); }
  Channel& channel() { return *channel_; }

  /// Starts the child, waits for the command and returns its exit status: its own, or 128 + n if
  /// signal n ended it. Throws Error if the container could not be made or the command could not be
  /// executed; then the child is gone.
  int run();

 private:
  struct Step {
    std::string name;
    std::function<void()> run;
  };
  static void run_steps(const char* side, const std::vector<Step>& steps);

  void clone_child();
  int supervise(SignalRelay& relay);
  void hear_from_child(SignalRelay& relay);

  [[noreturn]] void be_the_child();
  [[noreturn]] void become_the_command();
  void wait_for_go();

  Command command_;
  std::uint64_t namespaces_ = 0;
  std::string namespace_names_;
  std::vector<Step> parent_steps_;
  std::vector<Step> child_steps_;
  std::optional<Channel> channel_;
  std::optional<ChildProcess> child_;
};

}  // namespace tincan
