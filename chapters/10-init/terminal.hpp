// The command never holds the caller's terminal: whoever does can type into it (TIOCSTI: the bytes
// are read by the caller's shell when the container has ended), change its modes, or paste from it.
// With -t the command gets a terminal of its own, a pty(7) out of the container's /dev/pts;
// without, a pipe stands in for each of 0, 1, 2 that is a terminal. The launcher copies in between.
//
//   Stdio stdio = make_pipes(options);             // launcher, before the clone
//   TerminalLink link{options, stdio};             // it gives the caller's terminal back
//   launch.attend(link);
//   make_terminal(options, stdio, channel, uid);   // child, after /dev stands
//   take(stdio);                                   // child, before init is forked
#pragma once

#include <sys/types.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "03-process/launch.hpp"
#include "common/channel.hpp"
#include "common/command_line.hpp"
#include "common/unique_fd.hpp"

namespace tincan {

struct TerminalOptions {
  bool allocate = false;  ///< -t
  bool console = true;    ///< it is /dev/console too
};

void add_terminal_options(CommandLine& line, TerminalOptions& options);

/// -t connects two terminals, so standard input has to be one: Error (ENOTTY).
void require_terminal(const TerminalOptions& options);

/// For 0, 1 and 2 what is to stand there, and the launcher's end of it. Empty: what is there stays.
struct Stdio {
  std::array<unique_fd, 3> inner;
  std::array<unique_fd, 3> outer;
};

/// Without -t: a pipe for each terminal. By the launcher, whose user they are counted for, pipe(7)
/// pipe-user-pages-soft: made inside, they would be as small as the container's neighbours like.
Stdio make_pipes(const TerminalOptions& options);

/// With -t, in the child, after /dev was furnished and before anything else is attached there: a
/// pty for all three, whose master the parent takes over `channel`. `owner`: the user id, inside,
/// who may open it again (ttyname(3), /dev/stdout).
///
/// The slave is never opened by a path, which could be a symlink of the container's
/// (CVE-2025-52565), but asked of the master, ioctl_tty(2) TIOCGPTPEER, Linux 4.13. /dev/console
/// becomes a mount of it.
void make_terminal(const TerminalOptions& options, Stdio& stdio, Channel& channel, uid_t owner);

/// Puts them on 0, 1 and 2, dup2(2).
void take(Stdio& stdio);

/// Copies from one descriptor to another while the launcher waits. Never blocks on a reader that
/// is slow, so that signals and the other direction go on meanwhile.
class Flow {
 public:
  using MayRead = std::function<bool()>;

  /// From the caller's `from` to the command: `own` is closed when `from` is at its end. Read is
  /// only what the command asks for, and only while `may_read`: the rest is the caller's.
  Flow(int from, unique_fd own, MayRead may_read)
      : own_{std::move(own)}, from_{from}, to_{own_.get()}, may_read_{std::move(may_read)} {}
  /// From the command to the caller's `to`.
  Flow(unique_fd own, int to) : own_{std::move(own)}, from_{own_.get()}, to_{to} {}

  void attach(Watch& watch);
  /// To be asked when the command does not live any more: has all been copied that it left behind?
  bool is_done();

 private:
  bool to_command() const { return from_ == STDIN_FILENO; }
  bool reading() const {
    return !ended_ && buffer_.empty() && (!to_command() || (asked_for_ && may_read_()));
  }
  bool asking() const { return to_command() && !ended_ && !asked_for_; }
  bool writing() const { return !buffer_.empty(); }
  bool is_still_wanted();
  void read_some();
  void write_some();
  void give_up_writing();

  unique_fd own_;
  int from_;
  int to_;
  MayRead may_read_;
  std::string buffer_;
  bool asked_for_ = false;
  bool ended_ = false;
};

/// The launcher's side: the flows, the window size, and the raw mode of the caller's terminal,
/// which ends with this object, termios(3).
class TerminalLink : public Attendant {
 public:
  TerminalLink(const TerminalOptions& options, Stdio& stdio);
  ~TerminalLink() override { restore(); }

  void take(const std::string& name, unique_fd& descriptor) override;
  void begin(Watch& watch, const ChildProcess& child) override;
  void hear(int number) override;
  bool is_done() override;

 private:
  void connect_pty();
  void connect_pipes();
  bool may_read() const;
  void look_again_later(Watch& watch);
  void set_raw();
  void restore();

  const TerminalOptions& options_;
  Stdio& stdio_;
  unique_fd master_;
  std::deque<Flow> flows_;  // of a kind that does not move them: Watch holds on to them
  std::optional<termios> saved_;
  bool has_terminal_;     // on standard input
  bool keys_from_start_;  // the caller has set it so for the command
  unique_fd clock_;
};

}  // namespace tincan
