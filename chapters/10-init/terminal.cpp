// The two sides of the terminal: the pty or the pipes in the child, the copying in the launcher.
#include "10-init/terminal.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdint>

#include "common/call_timeout.hpp"
#include "common/error.hpp"
#include "common/files.hpp"
#include "common/log.hpp"
#include "common/syscalls.hpp"

namespace tincan {
namespace {

constexpr int sigpipe_status = exit_status::signal_base + SIGPIPE;
constexpr auto master_name = "terminal";
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
  if (access("/dev/console", F_OK) == 0) {
    throw Error{EBUSY, "make", "/dev/console", "with -t it is the terminal: -a cannot go there"};
  }
  const unique_fd place = open_file("/dev/console", O_CREAT | O_EXCL | O_NOFOLLOW, 0600);
  sys::move_mount(sys::open_tree(slave, "", OPEN_TREE_CLONE | AT_EMPTY_PATH), place,
                  "on /dev/console");
}

void do_not_block(borrowed_fd fd) {
  const int flags = check(fcntl(fd.get(), F_GETFL), "fcntl", "F_GETFL");
  check(fcntl(fd.get(), F_SETFL, flags | O_NONBLOCK), "fcntl", "F_SETFL");
}

// A pipe with room for one page can be written, as poll(2) has it, when it is empty, and not
// before: so the launcher takes no second line from the terminal as long as the command has not
// read the first.
void hold_one_piece_only(borrowed_fd pipe) {
  check(fcntl(pipe.get(), F_SETPIPE_SZ, 1), "fcntl", "F_SETPIPE_SZ");
}

void make_pipe(int fd, Stdio& stdio) {
  std::array<int, 2> ends{};
  check(pipe2(ends.data(), O_CLOEXEC), "pipe2");
  const auto i = static_cast<std::size_t>(fd);
  const bool input = fd == STDIN_FILENO;
  stdio.inner[i].reset(ends[input ? 0 : 1]);
  stdio.outer[i].reset(ends[input ? 1 : 0]);
  // Whoever the command is, it may open it again; to all others there is no way.
  check(fchmod(stdio.inner[i].get(), 0666), "fchmod", "standard descriptor");
  do_not_block(stdio.outer[i]);
  if (input) hold_one_piece_only(stdio.outer[i]);
}

// A read or write that poll(2) foresaw may block all the same: a terminal with room for one byte,
// another reader who was faster. No longer than this, in milliseconds.
constexpr int longest_wait = 20;

bool try_again(ssize_t count) {
  return count == -1 && (errno == EAGAIN || errno == EINTR);
}

// Line by line, ICANON of termios(3), and not key by key.
bool reads_lines(int fd) {
  termios modes{};
  return tcgetattr(fd, &modes) == -1 || (modes.c_lflag & ICANON) != 0;
}

// Or at a terminal that is not our session's, or is gone: whoever reads that is not stopped.
bool in_foreground() {
  const pid_t foreground = tcgetpgrp(STDIN_FILENO);
  return foreground == -1 || foreground == getpgrp();
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

Stdio make_pipes(const TerminalOptions& options) {
  Stdio stdio;
  for (const int fd : standard) {
    if (options.allocate || !terminal_on(fd)) continue;
    if (fd == STDERR_FILENO && errors_join_output()) {
      stdio.inner[STDERR_FILENO] = copy_of(stdio.inner[STDOUT_FILENO]);
    } else {
      make_pipe(fd, stdio);
    }
  }
  return stdio;
}

void make_terminal(const TerminalOptions& options, Stdio& stdio, Channel& channel, uid_t owner) {
  if (!options.allocate) return;
  // guard: /dev and /dev/pts are our own file systems, and Targets has kept them free
  const unique_fd master = open_file("/dev/pts/ptmx", O_RDWR | O_NOCTTY | O_NOFOLLOW);
  int unlocked = 0;
  check(ioctl(master.get(), TIOCSPTLCK, &unlocked), "ioctl", "TIOCSPTLCK");
  unique_fd slave{check(ioctl(master.get(), TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC), "ioctl",
                        "TIOCGPTPEER")};
  check(fchown(slave.get(), owner, static_cast<gid_t>(-1)), "fchown", "terminal");
  resemble_callers(slave);
  if (options.console) make_console(slave);
  channel.lend_descriptor(master, master_name);
  stdio.inner = {copy_of(slave), copy_of(slave), std::move(slave)};
}

void take(Stdio& stdio) {
  for (const int fd : standard) {
    unique_fd& wanted = stdio.inner[static_cast<std::size_t>(fd)];
    if (wanted.ok()) check(dup2(wanted.get(), fd), "dup2", std::to_string(fd));
    wanted.reset();
  }
}

void Flow::attach(Watch& watch) {
  watch.add(
      from_, POLLIN, [this] { read_some(); }, [this] { return reading(); });
  watch.add(
      to_, POLLOUT, [this] { write_some(); }, [this] { return writing() || asking(); });
}

// One page: after POLLOUT a pipe takes that much without blocking, pipe(7).
void Flow::read_some() {
  // Poll(2) has waited for long, perhaps.
  if (to_command() && !is_still_wanted()) return;
  std::array<char, 4096> piece;
  std::optional<CallTimeout> limit;
  if (to_command()) limit.emplace(longest_wait);
  const ssize_t count = read(from_, piece.data(), piece.size());
  if (try_again(count)) return;
  // A master reads EIO when no slave is open any more, pty(7): the end, as 0 is.
  ended_ = count <= 0;
  if (ended_ && to_command()) own_.reset();  // the command's end of file
  if (!ended_) buffer_.assign(piece.data(), static_cast<std::size_t>(count));
}

// Whether what is typed now is meant for the command. If nobody holds the other end any more it is
// not, nor will be.
bool Flow::is_still_wanted() {
  pollfd reader{to_, 0, 0};
  if (poll(&reader, 1, 0) == 1 && (reader.revents & POLLERR) != 0) give_up_writing();
  return reading();
}

void Flow::write_some() {
  asked_for_ = buffer_.empty();
  if (asked_for_) return;
  std::optional<CallTimeout> limit;
  if (!to_command()) limit.emplace(longest_wait);
  const ssize_t count = write(to_, buffer_.data(), buffer_.size());
  if (try_again(count)) return;
  if (count == -1 && (to_command() || isatty(own_.get()) == 0)) return give_up_writing();
  // Nobody sees the output any more: end as a program does that writes into a closed pipe.
  if (count == -1) throw Error{errno, "write", "standard output", {}, sigpipe_status};
  buffer_.erase(0, static_cast<std::size_t>(count));
}

// The other side is told by the pipe's end: SIGPIPE, if it goes on writing.
void Flow::give_up_writing() {
  buffer_.clear();
  ended_ = true;
  own_.reset();
}

bool Flow::is_done() {
  if (to_command()) return true;
  if (!ended_ && !writing()) read_some();
  return !writing();
}

TerminalLink::TerminalLink(const TerminalOptions& options, Stdio& stdio)
    : options_{options},
      stdio_{stdio},
      has_terminal_{terminal_on(STDIN_FILENO)},
      keys_from_start_{has_terminal_ && in_foreground() && !reads_lines(STDIN_FILENO)} {}

void TerminalLink::take(const std::string& name, unique_fd& descriptor) {
  if (name != master_name) return;
  do_not_block(descriptor);
  master_ = std::move(descriptor);
}

void TerminalLink::begin(Watch& watch, const ChildProcess&) {
  if (options_.allocate) {
    connect_pty();
  } else {
    connect_pipes();
  }
  for (Flow& flow : flows_) flow.attach(watch);
  look_again_later(watch);
}

void TerminalLink::connect_pty() {
  set_raw();
  flows_.emplace_back(STDIN_FILENO, copy_of(master_), [] { return true; });
  flows_.emplace_back(copy_of(master_), STDOUT_FILENO);
}

void TerminalLink::connect_pipes() {
  for (const int fd : standard) {
    const auto i = static_cast<std::size_t>(fd);
    // The command's ends: as long as we held them, there would be no end of file.
    stdio_.inner[i].reset();
    if (!stdio_.outer[i].ok()) continue;
    if (fd == STDIN_FILENO) {
      flows_.emplace_back(fd, std::move(stdio_.outer[i]), [this] { return may_read(); });
    } else {
      flows_.emplace_back(std::move(stdio_.outer[i]), fd);
    }
  }
}

// In the background, reading would stop us (SIGTTIN), though the command may not want to read. And
// who has switched from lines to single keys since the beginning is another program at this
// terminal (less(1), behind a pipe of ours), which means to read them itself.
bool TerminalLink::may_read() const {
  return !has_terminal_ || (in_foreground() && (reads_lines(STDIN_FILENO) || keys_from_start_));
}

// Nothing tells when that changes: four times a second we ask.
void TerminalLink::look_again_later(Watch& watch) {
  if (options_.allocate || !has_terminal_) return;
  clock_.reset(check(timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC), "timerfd_create"));
  constexpr timespec quarter{0, 250'000'000};
  const itimerspec every{quarter, quarter};
  check(timerfd_settime(clock_.get(), 0, &every, nullptr), "timerfd_settime");
  watch.add(
      clock_, POLLIN,
      [this] {
        std::uint64_t expirations = 0;
        check(read(clock_.get(), &expirations, sizeof expirations), "read", "timerfd");
      },
      [this] { return !may_read(); });
}

void TerminalLink::hear(int number) {
  winsize size{};
  if (number == SIGTSTP) restore();
  if (!options_.allocate || !master_.ok()) return;
  if (number == SIGWINCH && ioctl(STDIN_FILENO, TIOCGWINSZ, &size) == 0) {
    (void)ioctl(master_.get(), TIOCSWINSZ, &size);
  }
  // After a stop and "fg" the shell has set its own modes.
  if (number == SIGCONT && !flows_.empty()) set_raw();
}

bool TerminalLink::is_done() {
  return std::all_of(flows_.begin(), flows_.end(), [](Flow& flow) { return flow.is_done(); });
}

void TerminalLink::set_raw() {
  termios modes{};
  check(tcgetattr(STDIN_FILENO, &modes), "tcgetattr");
  if (!saved_) saved_ = modes;
  cfmakeraw(&modes);
  check(tcsetattr(STDIN_FILENO, TCSANOW, &modes), "tcsetattr");
}

// At once: to wait for the output to drain (TCSADRAIN) may be to wait for ever. From the background
// it would stop us, and there the modes are somebody else's.
void TerminalLink::restore() {
  if (saved_ && in_foreground() && tcsetattr(STDIN_FILENO, TCSANOW, &*saved_) == -1) {
    log::error("the terminal could not be restored: stty sane");
  }
  saved_.reset();
}

}  // namespace tincan
