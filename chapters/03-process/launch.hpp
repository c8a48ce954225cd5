// Starting a command in a child, with three lists of steps: what is ready before the clone, what
// the parent does while the child waits, and what the child does after "go". A chapter adds lines.
//
//   Launch launch{run.command};
//   launch.child_does("leave the caller's groups", leave_groups);
//   return launch.run();                    // the exit status of the command
#pragma once

#include <linux/sched.h>
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
  /// The child lent a descriptor of that name: who wants it moves it away.
  virtual void take(const std::string&, unique_fd&) {}
  /// Isolation stands; the command comes next.
  virtual void begin(Watch&, const ChildProcess&) {}
  /// A signal came to the launcher, and was passed on. After SIGTSTP the launcher stops.
  virtual void hear(int) {}
  /// Every process of the child's has ended.
  virtual void end() {}
  /// Asked after that, and again after each round of the watch: is nothing left to be done?
  virtual bool is_done() { return true; }
};

/// What becomes of the child when the launcher ends.
enum class Lifetime { launchers, own };

class Launch {
 public:
  explicit Launch(std::vector<std::string> command) : command_{.words = std::move(command)} {}

  /// New namespaces for the child: CLONE_NEW* of clone(2), and their names for messages.
  void clone_into(std::uint64_t namespaces, std::string names) {
    request_.flags |= namespaces;
    namespace_names_ = std::move(names);
    if ((namespaces & CLONE_NEWPID) != 0) hearing_ = Hearing::but_no_stop;
  }
  /// What else clone3(2) is asked for.
  clone_args& request() { return request_; }

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
  /// How the child hears what the launcher's terminal sends, once it has left that session.
  void child_hears(Hearing hearing) { hearing_ = hearing; }
  /// With a life of its own it needs the launcher until create() has returned.
  void child_lives(Lifetime lifetime) { lifetime_ = lifetime; }
  /// For a step of the child: the command's environment. PATH alone if it is never set.
  void set_environment(std::vector<std::string> variables) {
    command_.environment = std::move(variables);
  }
  /// Who says why an execve failed; see Command.
  void explain_exec_with(ExecHint hint) { command_.hint = std::move(hint); }

  /// For steps: the child as the parent holds it, and this side's end of the channel.
  const ChildProcess& child() const { return *child_; }
  Channel& channel() { return *channel_; }

  /// Starts the child, and returns when it has become the command. Throws Error if the container
  /// could not be made or the command could not be executed; then the child is gone.
  void create();
  /// Waits for the command and returns its exit status: its own, or 128 + n if signal n ended it.
  int supervise();
  /// Both.
  int run() {
    create();
    return supervise();
  }

 private:
  struct Step {
    std::string name;
    std::function<void()> run;
  };
  static void run_steps(const char* side, const std::vector<Step>& steps);

  void clone_child();
  void hear_from_child();
  void tell_attendants(Message& message);
  void end_attendance();
  void pass_on_signal();

  [[noreturn]] void be_the_child() noexcept;
  [[noreturn]] void become_the_command();
  void wait_for_go();

  Command command_;
  clone_args request_{};
  std::string namespace_names_;
  std::vector<Step> parent_steps_;
  std::vector<Step> child_steps_;
  std::vector<Attendant*> attendants_;
  Hearing hearing_ = Hearing::itself;
  Lifetime lifetime_ = Lifetime::launchers;
  std::optional<SignalRelay> relay_;
  Watch watch_;
  std::optional<Channel> channel_;
  std::optional<ChildProcess> child_;
};

/// The kernel kills this process when the one that made it dies, PR_SET_PDEATHSIG(2const). Asked for
/// after all steps, because a change of user or group ids clears it. Until then `channel`, to the
/// launcher, tells: at its end before "go", and once more here.
void die_with_launcher(const Channel& channel);

}  // namespace tincan
