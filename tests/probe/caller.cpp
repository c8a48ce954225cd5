// probe caller [STEP...] -- COMMAND ARGS...
//
// Plays a person at a terminal: runs COMMAND with a new pty as its controlling terminal, copies
// what the terminal shows to standard output, and takes the steps one after the other:
//   expect:TEXT   wait until TEXT is shown        send:TEXT     type TEXT
//   size:ROWSxCOLUMNS   resize the window         kill:NUMBER   send COMMAND a signal
//   fill                  type until nothing more is taken; adds a line, how many bytes that were
//   rest:MILLISECONDS     neither read nor type
//   unread:MILLISECONDS   the same, and by then COMMAND has to have ended
//   modes                 set the terminal's modes as they were, as a shell does when a job stops
// At the end it adds two lines, what is left of the terminal's input ("typed: 0 bytes") and whether
// its modes are as they were ("modes: same"), and returns COMMAND's status; 98 after 25 seconds.
#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <fstream>
#include <stdexcept>
#include <string>

#include "probe/probe.hpp"

namespace probe {
namespace {

constexpr int patience_ms = 25'000;  // twice that is still less than a mutant's minute
constexpr int out_of_patience = 98;

long need(long returned, const char* step) {
  if (returned == -1) throw std::runtime_error{std::string{step} + ": " + std::strerror(errno)};
  return returned;
}

long now_ms() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000 + now.tv_nsec / 1'000'000;
}

int number(const std::string& text) {
  return static_cast<int>(std::strtol(text.c_str(), nullptr, 10));
}

// What hangs, and where: a process and all below it, with the signals that wait for it.
std::string tree(const std::string& pid) {
  const std::string process = "/proc/" + pid;
  std::string found = "\n" + pid;
  std::ifstream status{process + "/status"};
  for (std::string line; std::getline(status, line);) {
    for (const char* field : {"Name:", "State:", "SigPnd:", "ShdPnd:"}) {
      if (line.starts_with(field)) found += "  " + line;
    }
  }
  std::string at;
  std::getline(std::ifstream{process + "/wchan"}, at);
  found += "  in " + at;
  std::ifstream children{process + "/task/" + pid + "/children"};
  for (std::string child; children >> child;) found += tree(child);
  return found;
}

class Caller {
 public:
  explicit Caller(char** command) {
    master_ = static_cast<int>(
        need(posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK), "posix_openpt"));
    need(unlockpt(master_), "unlockpt");
    slave_ = static_cast<int>(
        need(ioctl(master_, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC), "TIOCGPTPEER"));
    const winsize size{24, 80, 0, 0};
    need(ioctl(master_, TIOCSWINSZ, &size), "TIOCSWINSZ");
    need(tcgetattr(slave_, &before_), "tcgetattr");
    pid_ = static_cast<pid_t>(need(fork(), "fork"));
    if (pid_ == 0) become(command);
    pidfd_ = static_cast<int>(need(syscall(SYS_pidfd_open, pid_, 0), "pidfd_open"));
  }

  void take(const std::string& step) {
    const auto colon = step.find(':');
    const std::string verb = step.substr(0, colon);
    const std::string rest = colon == std::string::npos ? "" : step.substr(colon + 1);
    if (verb == "expect") return expect(rest);
    if (verb == "send") return (void)need(write(master_, rest.data(), rest.size()), "write");
    if (verb == "kill") return (void)need(kill(pid_, number(rest)), "kill");
    if (verb == "fill") return fill();
    if (verb == "unread") return wait_unread(number(rest));
    if (verb == "rest") return (void)poll(nullptr, 0, number(rest));
    if (verb == "size") return resize(rest);
    if (verb == "modes") return (void)need(tcsetattr(slave_, TCSANOW, &before_), "tcsetattr");
    throw std::runtime_error{"no such step: " + step};
  }

  int finish() {
    while (!ended_) wait_for_more();
    while (show_some()) {
    }
    int waiting = 0;
    ioctl(slave_, FIONREAD, &waiting);
    termios after{};
    tcgetattr(slave_, &after);
    const bool same = before_.c_iflag == after.c_iflag && before_.c_oflag == after.c_oflag &&
                      before_.c_cflag == after.c_cflag && before_.c_lflag == after.c_lflag;
    std::printf("\ntyped: %d bytes\nmodes: %s\n", waiting, same ? "same" : "changed");
    int status = 0;
    waitpid(pid_, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }

 private:
  [[noreturn]] void become(char** command) const {
    setsid();
    ioctl(slave_, TIOCSCTTY, 0);
    for (const int fd : {0, 1, 2}) dup2(slave_, fd);
    execv(command[0], command);
    _exit(127);
  }

  void expect(const std::string& text) {
    while (shown_.find(text) == std::string::npos) {
      if (ended_) throw std::runtime_error{"it ended without showing: " + text};
      wait_for_more();
    }
    shown_.erase(0, shown_.find(text) + text.size());
  }

  void wait_unread(int milliseconds) {
    pollfd end{pidfd_, POLLIN, 0};
    if (poll(&end, 1, milliseconds) == 1) return;
    kill(pid_, SIGKILL);
    throw std::runtime_error{"it waits for somebody to read"};
  }

  // A fifth of a second without room: whoever reads the other end does not read any more.
  void fill() {
    const std::string piece(4096, 'x');
    pollfd room{master_, POLLOUT, 0};
    long filled = 0;
    ssize_t count = 0;
    while (poll(&room, 1, 200) > 0 && (count = write(master_, piece.data(), piece.size())) > 0) {
      filled += count;
    }
    std::printf("\nfilled: %ld\n", filled);
  }

  void resize(const std::string& text) const {
    const std::size_t times = std::min(text.find('x'), text.size() - 1);
    const winsize size{static_cast<unsigned short>(number(text)),
                       static_cast<unsigned short>(number(text.substr(times + 1))), 0, 0};
    need(ioctl(master_, TIOCSWINSZ, &size), "TIOCSWINSZ");
  }

  void wait_for_more() {
    const long left = deadline_ - now_ms();
    std::array<pollfd, 2> waiting{{{master_, POLLIN, 0}, {pidfd_, POLLIN, 0}}};
    if (left <= 0 || poll(waiting.data(), waiting.size(), static_cast<int>(left)) == 0) {
      const std::string processes = tree(std::to_string(pid_));
      kill(pid_, SIGKILL);
      throw std::runtime_error{"25 seconds are over" + processes + "\nshown last: " + shown_};
    }
    ended_ = waiting[1].revents != 0;
    while (show_some()) {
    }
  }

  bool show_some() {
    std::array<char, 4096> piece;
    const ssize_t count = read(master_, piece.data(), piece.size());
    if (count <= 0) return false;
    shown_.append(piece.data(), static_cast<std::size_t>(count));
    (void)std::fwrite(piece.data(), 1, static_cast<std::size_t>(count), stdout);
    return true;
  }

  int master_ = -1;
  int slave_ = -1;
  int pidfd_ = -1;
  pid_t pid_ = -1;
  termios before_{};
  std::string shown_;
  bool ended_ = false;
  long deadline_ = now_ms() + patience_ms;
};

}  // namespace

int play_caller(int count, char** words) {
  int steps = 0;
  while (steps < count && std::string{words[steps]} != "--") ++steps;
  if (steps + 1 >= count) throw std::runtime_error{"caller: no command"};
  Caller caller{words + steps + 1};
  try {
    for (int i = 0; i < steps; ++i) caller.take(words[i]);
    return caller.finish();
  } catch (const std::exception& error) {
    std::printf("\ncaller: %s\n", error.what());
    return out_of_patience;
  }
}

}  // namespace probe
