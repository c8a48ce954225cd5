// The two sides of the terminal: the pty or the pipes in the child, the copying in the launcher.
#include "10-init/terminal.hpp"

#include <fcntl.h>
#include <linux/openat2.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>

#include "05-mounts/mounts.hpp"
#include "common/error.hpp"
#include "common/files.hpp"
#include "common/log.hpp"
#include "common/syscalls.hpp"

namespace tincan {
namespace {

constexpr int sigpipe_status = exit_status::signal_base + SIGPIPE;
constexpr std::array standard{STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO};

// The device of the terminal on `fd`; nothing if there is none.
std::optional<dev_t> terminal_on(int fd) {
  struct stat status {};
  if (isatty(fd) == 0 || fstat(fd, &status) == -1) return std::nullopt;
  return status.st_rdev;
}

// Output and errors on one terminal share a pipe, or they would arrive in another order.
bool errors_join_output() {
  const auto output = terminal_on(STDOUT_FILENO);
  return output && output == terminal_on(STDERR_FILENO);
}

unique_fd copy_of(borrowed_fd fd) {
  return unique_fd{check(fcntl(fd.get(), F_DUPFD_CLOEXEC, 0), "fcntl", "F_DUPFD_CLOEXEC")};
}

void give_to(borrowed_fd fd, uid_t owner) {
  check(fchown(fd.get(), owner, static_cast<gid_t>(-1)), "fchown", "standard descriptor");
}

// Modes and size of the caller's terminal, before the launcher makes it raw: a program that asks
// for its size at once gets the right one.
void resemble_callers(borrowed_fd slave) {
  termios modes{};
  winsize size{};
  if (tcgetattr(STDIN_FILENO, &modes) == 0) (void)tcsetattr(slave.get(), TCSANOW, &modes);
  if (ioctl(STDIN_FILENO, TIOCGWINSZ, &size) == 0) (void)ioctl(slave.get(), TIOCSWINSZ, &size);
}

// O_EXCL: whatever may lie there, no symlink is followed and no file is taken over.
void make_console(borrowed_fd slave) {
  const unique_fd place = open_file("/dev/console", O_CREAT | O_EXCL | O_NOFOLLOW, 0600);
  attach(sys::open_tree(slave, "", OPEN_TREE_CLONE | AT_EMPTY_PATH), "/dev/console",
         RESOLVE_NO_SYMLINKS);
}

Stdio make_pty(Channel& channel, uid_t owner) {
  // guard: /dev and /dev/pts are our own file systems, and nothing has been added yet
  const unique_fd master = open_file("/dev/pts/ptmx", O_RDWR | O_NOCTTY | O_NOFOLLOW);
  int unlocked = 0;
  check(ioctl(master.get(), TIOCSPTLCK, &unlocked), "ioctl", "TIOCSPTLCK");
  unique_fd slave{check(ioctl(master.get(), TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC), "ioctl",
                        "TIOCGPTPEER")};
  give_to(slave, owner);
  resemble_callers(slave);
  make_console(slave);
  channel.send_descriptor(master);
  return {copy_of(slave), copy_of(slave), std::move(slave)};
}

// The command's end of a new pipe; the other goes to the launcher.
unique_fd make_pipe(int fd, Channel& channel, uid_t owner) {
  std::array<int, 2> ends{};
  check(pipe2(ends.data(), O_CLOEXEC), "pipe2");
  unique_fd reader{ends[0]};
  unique_fd writer{ends[1]};
  give_to(reader, owner);
  channel.send_descriptor(fd == STDIN_FILENO ? writer : reader);
  return fd == STDIN_FILENO ? std::move(reader) : std::move(writer);
}

Stdio make_pipes(Channel& channel, uid_t owner) {
  Stdio stdio;
  for (const int fd : standard) {
    if (!terminal_on(fd)) continue;
    const auto i = static_cast<std::size_t>(fd);
    const bool joined = fd == STDERR_FILENO && errors_join_output();
    stdio[i] = joined ? copy_of(stdio[STDOUT_FILENO]) : make_pipe(fd, channel, owner);
  }
  return stdio;
}

void do_not_block(borrowed_fd fd) {
  const int flags = check(fcntl(fd.get(), F_GETFL), "fcntl", "F_GETFL");
  check(fcntl(fd.get(), F_SETFL, flags | O_NONBLOCK), "fcntl", "F_SETFL");
}

}  // namespace

void add_terminal_options(CommandLine& line, TerminalOptions& options) {
  line.section("Terminal (chapter 10)");
  line.flag("-t,--tty", "give the command a terminal of its own", [&] { options.allocate = true; });
}

void require_terminal(const TerminalOptions& options) {
  if (!options.allocate || terminal_on(STDIN_FILENO)) return;
  throw Error{ENOTTY, "connect a terminal (-t)", "standard input",
              "-t takes a terminal on standard input; in a script or a pipe, leave it out"};
}

Stdio make_stdio(const TerminalOptions& options, Channel& channel, uid_t owner) {
  return options.allocate ? make_pty(channel, owner) : make_pipes(channel, owner);
}

void take(Stdio& stdio) {
  for (const int fd : standard) {
    unique_fd& wanted = stdio[static_cast<std::size_t>(fd)];
    if (wanted.ok()) check(dup2(wanted.get(), fd), "dup2", std::to_string(fd));
    wanted.reset();
  }
}

void Flow::attach(Watch& watch) {
  watch.add(
      from_, POLLIN, [this] { read_some(); }, [this] { return reading(); });
  watch.add(
      to_, POLLOUT, [this] { write_some(); }, [this] { return writing(); });
}

// One page: after POLLOUT a pipe takes that much without blocking, pipe(7).
void Flow::read_some() {
  std::array<char, 4096> piece;
  const ssize_t count = read(from_, piece.data(), piece.size());
  if (count == -1 && (errno == EAGAIN || errno == EINTR)) return;
  // A master reads EIO when no slave is open any more, pty(7): the end, as 0 is.
  ended_ = count <= 0;
  if (ended_ && to_command()) own_.reset();  // the command's end of file
  if (!ended_) buffer_.assign(piece.data(), static_cast<std::size_t>(count));
}

void Flow::write_some() {
  const ssize_t count = write(to_, buffer_.data(), buffer_.size());
  if (count == -1 && (errno == EAGAIN || errno == EINTR)) return;
  if (count == -1 && to_command()) {
    buffer_.clear();  // it does not read any more
    ended_ = true;
    return;
  }
  // Nobody sees the output any more: end as a program does that writes into a closed pipe.
  if (count == -1) throw Error{errno, "write", "standard output", {}, sigpipe_status};
  buffer_.erase(0, static_cast<std::size_t>(count));
}

void Flow::drain() {
  while (!to_command() && !ended_) {
    while (writing()) write_some();
    read_some();
    if (!writing()) return;
  }
}

void TerminalLink::take(unique_fd& descriptor) {
  do_not_block(descriptor);
  received_.push_back(std::move(descriptor));
}

void TerminalLink::begin(Watch& watch, const ChildProcess&) {
  if (options_.allocate) {
    connect_pty();
  } else {
    connect_pipes();
  }
  for (Flow& flow : flows_) flow.attach(watch);
}

void TerminalLink::connect_pty() {
  set_raw();
  flows_.emplace_back(STDIN_FILENO, copy_of(received_.at(0)));
  flows_.emplace_back(copy_of(received_.at(0)), STDOUT_FILENO);
}

void TerminalLink::connect_pipes() {
  std::size_t next = 0;
  for (const int fd : standard) {
    const bool joined = fd == STDERR_FILENO && errors_join_output();
    if (!terminal_on(fd) || joined) continue;
    unique_fd end = std::move(received_.at(next++));
    if (fd == STDIN_FILENO) {
      flows_.emplace_back(fd, std::move(end));
    } else {
      flows_.emplace_back(std::move(end), fd);
    }
  }
}

void TerminalLink::hear(int number) {
  winsize size{};
  if (!options_.allocate || received_.empty()) return;
  if (number == SIGWINCH && ioctl(STDIN_FILENO, TIOCGWINSZ, &size) == 0) {
    (void)ioctl(received_.front().get(), TIOCSWINSZ, &size);
  }
  // After a stop and "fg" the shell has set its own modes.
  if (number == SIGCONT && saved_) set_raw();
}

void TerminalLink::end() {
  for (Flow& flow : flows_) flow.drain();
}

void TerminalLink::set_raw() {
  termios modes{};
  check(tcgetattr(STDIN_FILENO, &modes), "tcgetattr");
  if (!saved_) saved_ = modes;
  cfmakeraw(&modes);
  check(tcsetattr(STDIN_FILENO, TCSANOW, &modes), "tcsetattr");
}

void TerminalLink::restore() {
  if (saved_ && tcsetattr(STDIN_FILENO, TCSADRAIN, &*saved_) == -1) {
    log::error("the terminal could not be restored: stty sane");
  }
  saved_.reset();
}

}  // namespace tincan
