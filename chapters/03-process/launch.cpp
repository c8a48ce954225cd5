// The start of a container: clone, handshake, steps, exec, and the wait for the end.
#include "03-process/launch.hpp"

#include <poll.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <csignal>
#include <exception>

#include "common/error.hpp"
#include "common/log.hpp"
#include "common/syscalls.hpp"

namespace tincan {

void Launch::create() {
  // SIGCHLD may have been ignored by whoever started us; then no child could be waited for.
  (void)std::signal(SIGCHLD, SIG_DFL);
  relay_.emplace(hearing_);
  clone_child();
  run_steps("parent", parent_steps_);
  channel_->send_go();
  watch_.add(relay_->fd(), POLLIN, [this] { pass_on_signal(); });
  for (Attendant* attendant : attendants_) attendant->born(watch_, *child_);
  hear_from_child();
  if (lifetime_ == Lifetime::own) child_->let_go();
}

void Launch::clone_child() {
  ChannelPair ends = make_channel();
  int pidfd = -1;
  request_.flags |= CLONE_PIDFD;
  request_.pidfd = reinterpret_cast<std::uintptr_t>(&pidfd);
  request_.exit_signal = SIGCHLD;
  const pid_t pid = sys::clone3(
      request_, namespace_names_.empty() ? "" : "with new namespaces: " + namespace_names_);
  // Each side keeps one end only: the end of file on it is how the other side's death is heard.
  if (pid == 0) {
    ends.parent.close();
    channel_.emplace(std::move(ends.child));
    be_the_child();
  }
  // Our signals wait in the relay now: nothing may keep us from looking there.
  log::limit_waiting();
  child_.emplace(pid, unique_fd{pidfd});
  channel_.emplace(std::move(ends.parent));
  log::debug("child {} is made", pid);
}

void Launch::run_steps(const char* side, const std::vector<Step>& steps) {
  for (const Step& step : steps) {
    log::debug("{}: {}", side, step.name);
    step.run();
  }
}

int Launch::supervise() {
  watch_.until_readable(child_->pidfd());
  const int status = child_->wait();
  end_attendance();
  log::debug("the command ended with status {}", status);
  return status;
}

// The command's last words may take a while to be read; signals are heard meanwhile.
void Launch::end_attendance() {
  for (Attendant* attendant : attendants_) attendant->end();
  for (Attendant* attendant : attendants_) {
    watch_.until([&] { return attendant->is_done(); });
  }
}

void Launch::pass_on_signal() {
  const int number = relay_->pass_on(*child_, hearing_);
  for (Attendant* attendant : attendants_) attendant->hear(number);
  if (!SignalRelay::is_stop(number)) return;
  SignalRelay::stop(number);
  sys::pidfd_send_signal(child_->pidfd(), SIGCONT);
  for (Attendant* attendant : attendants_) attendant->hear(SIGCONT);
}

// Reads messages until the child's end is closed. That is the execve of the command if "ready" came
// before, and a failure if not.
void Launch::hear_from_child() {
  bool ready = false;
  while (true) {
    watch_.until_readable(channel_->fd());
    auto message = channel_->receive();
    if (!message) break;
    if (message->kind == Message::Kind::failure) throw Error{*message->error};
    tell_attendants(*message);
    ready = ready || message->kind == Message::Kind::ready;
  }
  if (ready) return;
  const int status = child_->wait();
  end_attendance();
  if (relay_->explains(status))
    throw Error{EINTR, "start the command", {}, "a signal came", status};
  const std::string what = "the child ended with status " + std::to_string(status);
  throw Error{0, "start the command", {}, what + " before it was ready"};
}

void Launch::tell_attendants(Message& message) {
  unique_fd lent;
  if (message.kind == Message::Kind::descriptor)
    lent = channel_->take_descriptor(child_->pidfd(), message.descriptor);
  for (Attendant* attendant : attendants_) {
    if (lent.ok()) attendant->take(message.name, lent);
    if (message.kind == Message::Kind::ready) attendant->begin(watch_, *child_);
  }
}

// Beyond this function stands the launcher's code, in a copy of the launcher: whatever is thrown,
// also by the report of what was thrown, nothing but _exit(2) follows.
void Launch::be_the_child() noexcept {
  int status = exit_status::container;
  try {
    try {
      become_the_command();
    } catch (const Error& error) {
      status = error.status();
      channel_->send_failure(error);
    } catch (const std::exception& error) {
      channel_->send_failure(Error{0, "start the command", {}, error.what()});
    }
  } catch (...) {
    _exit(status);  // end of file and a status tell the launcher enough
  }
  _exit(status);
}

void Launch::become_the_command() {
  wait_for_go();
  run_steps("child", child_steps_);
  if (lifetime_ == Lifetime::launchers) die_with_launcher(*channel_);
  channel_->send_ready();
  execute(command_);
}

// Until "go" the child does nothing: maps and groups are not in place. End of file instead of "go":
// the parent is dead, and nobody is left to report to.
void Launch::wait_for_go() {
  const auto message = channel_->receive();
  if (!message || message->kind != Message::Kind::go) _exit(exit_status::container);
}

void die_with_launcher(const Channel& channel) {
  check(prctl(PR_SET_PDEATHSIG, SIGKILL), "prctl", "PR_SET_PDEATHSIG");
  if (channel.peer_gone()) _exit(exit_status::container);
}

}  // namespace tincan
