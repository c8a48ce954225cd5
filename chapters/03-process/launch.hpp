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
#include "03-process/watch.hpp"
#include "common/channel.hpp"

namespace tincan {

/// What a later chapter does on the launcher's side while the container runs.
class Attendant {
 public:
  Attendant() = default;
  Attendant(const Attendant&) = delete;
  Attendant& operator=(const Attendant&) = delete;
  virtual ~Attendant() = default;

  /// The child is made, and waits for "go".
  virtual void born(Watch&, const ChildProcess&) {}
  /// The child lent a descriptor: the first that wants it moves it away.
  virtual void take(unique_fd&) {}
  /// Isolation stands; the command comes next.
  virtual void begin(Watch&, const ChildProcess&) {}
  /// A signal came to the launcher, and was passed on. After SIGTSTP the launcher stops.
  virtual void hear(int) {}
  /// Every process of the child's has ended.
  virtual void end() {}
  /// Asked after that, and again after each round of the watch: is nothing left to be done?
  virtual bool is_done() { return true; }
};

class Launch {
 public:
  explicit Launch(std::vector<std::string> command) : command_{.words = std::move(command)} {}

  /// New namespaces for the child: CLONE_NEW* of clone(2), and their names for messages.
  void clone_into(std::uint64_t namespaces, std::string names) {
    namespaces_ = namespaces;
    namespace_names_ = std::move(names);
  }

  /// The control group that the child begins in: a directory of cgroup v2, which has to stay open.
  /// CLONE_INTO_CGROUP, Linux 5.7. -1: the launcher's own.
  void born_in(borrowed_fd group) { cgroup_ = group.get(); }

  /// What the parent does while the child waits. `name` says it in the log.
  void parent_does(std::string name, std::function<void()> step) {
    parent_steps_.push_back({std::move(name), std::move(step)});
  }
  /// What the child does after "go", before it becomes the command.
  void child_does(std::string name, std::function<void()> step) {
    child_steps_.push_back({std::move(name), std::move(step)});
  }

  /// Called in the order in which they were added. `attendant` has to outlive run().
  void attend(Attendant& attendant) { attendants_.push_back(&attendant); }
  /// The child makes a session of its own, setsid(2): what the launcher's terminal sends does not
  /// reach it, and is passed on too.
  void child_leaves_session() { own_session_ = true; }
  /// For a step of the child: the command's environment. PATH alone if it is never set.
  void set_environment(std::vector<std::string> variables) {
    command_.environment = std::move(variables);
  }
  /// Who says why an execve failed; see Command.
  void explain_exec_with(ExecHint hint) { command_.hint = std::move(hint); }

  /// For steps: the child as the parent holds it, and this side's end of the channel.
  const ChildProcess& child() const { return *child_; }
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
  void hear_from_child(Watch& watch, const SignalRelay& relay);
  void tell_attendants(Message& message, Watch& watch);
  void end_attendance(Watch& watch);
  void pass_on_signal(SignalRelay& relay);
  void stop_and_continue();
  Hearing hearing() const;

  [[noreturn]] void be_the_child() noexcept;
  [[noreturn]] void become_the_command();
  void wait_for_go();

  Command command_;
  std::uint64_t namespaces_ = 0;
  std::string namespace_names_;
  int cgroup_ = -1;
  std::vector<Step> parent_steps_;
  std::vector<Step> child_steps_;
  std::vector<Attendant*> attendants_;
  bool own_session_ = false;
  std::optional<Channel> channel_;
  std::optional<ChildProcess> child_;
};

}  // namespace tincan
