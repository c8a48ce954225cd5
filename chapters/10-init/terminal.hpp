// The command never holds the caller's terminal: whoever does can type into it (TIOCSTI: the bytes
// are read by the caller's shell when the container has ended), change its modes, or paste from it.
// With -t the command gets a terminal of its own, a pty(7) out of the container's /dev/pts;
// without, a pipe stands in for each of 0, 1, 2 that is a terminal. The launcher copies in between.
//
//   TerminalLink link{options};        // in the launcher: it gives the caller's terminal back
//   launch.attend(link);
//   Stdio stdio = make_stdio(options, channel, uid);   // in the child, once /dev stands
//   take(stdio);                                       // in the child, before init is forked
#pragma once

#include <sys/types.h>
#include <termios.h>

#include <array>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "03-process/launch.hpp"
#include "common/channel.hpp"
#include "common/command_line.hpp"
#include "common/unique_fd.hpp"

namespace tincan {

struct TerminalOptions {
  bool allocate = false;  ///< -t
};

void add_terminal_options(CommandLine& line, TerminalOptions& options);

/// -t connects two terminals, so standard input has to be one: Error (ENOTTY).
void require_terminal(const TerminalOptions& options);

/// What is to stand on 0, 1 and 2; empty: what stands there may stay.
using Stdio = std::array<unique_fd, 3>;

/// In the child, after /dev was furnished and before anything else is attached there. Sends the
/// launcher's ends over `channel`: the pty's master, or one pipe end for each terminal in the order
/// 0, 1, 2. `owner`: the user id, inside, who may open them again (ttyname(3), /dev/stdout).
///
/// The slave is never opened by a path, which could be a symlink of the container's
/// (CVE-2025-52565), but asked of the master, ioctl_tty(2) TIOCGPTPEER, Linux 4.13. /dev/console
/// becomes a mount of it.
Stdio make_stdio(const TerminalOptions& options, Channel& channel, uid_t owner);

/// Puts them on 0, 1 and 2, dup2(2).
void take(Stdio& stdio);

/// Copies from one descriptor to another while the launcher waits. Never blocks on a reader that
/// is slow, so that signals and the other direction go on meanwhile.
class Flow {
 public:
  /// From the caller's `from` to the command: `own` is closed when `from` is at its end.
  Flow(int from, unique_fd own) : own_{std::move(own)}, from_{from}, to_{own_.get()} {}
  /// From the command to the caller's `to`.
  Flow(unique_fd own, int to) : own_{std::move(own)}, from_{own_.get()}, to_{to} {}

  void attach(Watch& watch);
  /// Copies what the command has left behind; to be called when it does not live any more.
  void drain();

 private:
  bool to_command() const { return from_ == STDIN_FILENO; }
  bool reading() const { return !ended_ && buffer_.empty(); }
  bool writing() const { return !buffer_.empty(); }
  void read_some();
  void write_some();

  unique_fd own_;
  int from_;
  int to_;
  std::string buffer_;
  bool ended_ = false;
};

/// The launcher's side: the flows, the window size, and the raw mode of the caller's terminal,
/// which ends with this object, termios(3).
class TerminalLink : public Attendant {
 public:
  explicit TerminalLink(const TerminalOptions& options) : options_{options} {}
  ~TerminalLink() override { restore(); }

  void take(unique_fd& descriptor) override;
  void begin(Watch& watch, const ChildProcess& child) override;
  void hear(int number) override;
  void end() override;

 private:
  void connect_pty();
  void connect_pipes();
  void set_raw();
  void restore();

  const TerminalOptions& options_;
  std::vector<unique_fd> received_;
  std::deque<Flow> flows_;  // of a kind that does not move them: Watch holds on to them
  std::optional<termios> saved_;
};

}  // namespace tincan
