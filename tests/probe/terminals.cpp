// Attacks on the caller's terminal, on what init should do, and on where the command begins.
#include <dirent.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <ctime>
#include <sstream>

#include "probe/probe.hpp"

namespace probe {
namespace {

// What is typed here, the caller's shell reads when the container has ended.
bool type_into(int fd) {
  for (const char byte : {'#', '\n'}) {
    if (ioctl(fd, TIOCSTI, &byte) == -1) return false;
  }
  return true;
}

Outcome type_into_terminal(const Facts&) {
  std::string evidence;
  for (const int fd : {0, 1, 2}) {
    if (type_into(fd)) return attempted("TIOCSTI on descriptor " + std::to_string(fd));
    evidence = failed("TIOCSTI");
  }
  const int terminal = open("/dev/tty", O_RDWR | O_CLOEXEC);
  if (terminal == -1) return blocked(evidence + ", " + failed("open(/dev/tty)"));
  if (type_into(terminal)) return attempted("TIOCSTI on /dev/tty");
  return blocked(evidence);
}

Outcome open_controlling_terminal(const Facts&) {
  const int terminal = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
  return terminal == -1 ? blocked(failed("open(/dev/tty)")) : reached("/dev/tty opens");
}

// The numbers in /proc: the processes that can be seen.
template <typename Visit>
void for_each_process(Visit visit) {
  DIR* proc = opendir("/proc");
  if (proc == nullptr) return;
  while (const dirent* entry = readdir(proc)) {
    if (std::strtol(entry->d_name, nullptr, 10) > 0) visit("/proc/" + std::string{entry->d_name});
  }
  closedir(proc);
}

Outcome find_secret_in_any_environment(const Facts& facts) {
  std::string owner;
  for_each_process([&](const std::string& process) {
    if (slurp(process + "/environ").find(facts["token"]) != std::string::npos) owner = process;
  });
  return owner.empty() ? blocked("no process that can be seen has the secret in its environment")
                       : reached(owner + "/environ holds the secret");
}

// An init may have the command's words among its own: there, what the probe itself was told is none
// of its launcher's.
bool names_root(const std::string& process, const std::string& root) {
  std::istringstream words{slurp(process + "/cmdline")};
  for (std::string word; std::getline(words, word, '\0');) {
    if (process == "/proc/1" && word == "root=" + root) continue;
    if (word.find(root) != std::string::npos) return true;
  }
  return false;
}

// The launcher's arguments name directories of the host.
Outcome find_host_path_in_arguments(const Facts& facts) {
  std::string owner;
  for_each_process([&](const std::string& process) {
    if (process != "/proc/" + std::to_string(getpid()) && names_root(process, facts["root"])) {
      owner = process;
    }
  });
  return owner.empty() ? blocked("no command line shows the root's place on the host")
                       : reached(owner + "/cmdline shows " + facts["root"]);
}

int count_zombies() {
  int zombies = 0;
  for_each_process([&](const std::string& process) {
    if (slurp(process + "/stat").find(") Z ") != std::string::npos) ++zombies;
  });
  return zombies;
}

using Pipe = std::array<int, 2>;

// Until nobody can write to it any more.
void wait_for_end(const Pipe& pipe) {
  char byte = 0;
  (void)!read(pipe[0], &byte, 1);
}

// A child that makes a child and ends at once: the grandchild is an orphan. It ends when the gate
// is closed, and is alive until then.
void make_orphan(const Pipe& gate, const Pipe& alive) {
  const pid_t pid = fork();
  if (pid == 0) {
    if (fork() == 0) {
      close(gate[1]);
      wait_for_end(gate);
      close(alive[1]);
    }
    _exit(0);
  }
  waitpid(pid, nullptr, 0);
}

Outcome leave_zombies(const Facts&) {
  constexpr int orphans = 50;
  if (count_zombies() != 0) return not_testable("there are zombies already");
  Pipe gate{};
  Pipe alive{};
  for (Pipe* pipe : {&gate, &alive}) {
    if (pipe2(pipe->data(), O_CLOEXEC) == -1) return not_testable(failed("pipe2()"));
  }
  for (int i = 0; i < orphans; ++i) make_orphan(gate, alive);
  // All at once: of equal signals that wait the kernel keeps one.
  close(gate[1]);
  close(alive[1]);
  wait_for_end(alive);
  int zombies = count_zombies();
  for (int rounds = 0; zombies > 0 && rounds < 100; ++rounds) {
    const timespec moment{0, 10'000'000};
    nanosleep(&moment, nullptr);
    zombies = count_zombies();
  }
  return zombies == 0 ? blocked("50 orphans ended, no zombie is left")
                      : reached(std::to_string(zombies) + " of 50 orphans are zombies");
}

// The working directory that the launcher was talked into.
Outcome look_around_working_directory(const Facts& facts) {
  std::array<char, 4096> path{};
  if (syscall(SYS_getcwd, path.data(), path.size()) == -1) return blocked(failed("getcwd()"));
  const std::string where = path.data();
  for (const char* prefix : {".", "..", "../..", "../mnt"}) {
    if (canary_visible(facts, prefix)) return reached("the canary is there, from " + where);
  }
  if (slurp("../canary").find(facts["token"]) != std::string::npos) return reached("from " + where);
  if (!where.starts_with('/')) return reached("the working directory is " + where);
  return blocked("the working directory is " + where);
}

// An init holds what the launcher knew.
Outcome look_into_init(const Facts&) {
  if (getpid() == 1) return not_testable("this is process 1 itself");
  for (const char* path : {"/proc/1/environ", "/proc/1/mem", "/proc/1/maps"}) {
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd == -1) continue;
    close(fd);
    return reached(std::string{path} + " opens");
  }
  return blocked(failed("open(/proc/1/maps)"));
}

constexpr std::array attacks{
    Attack{"PTY-01", type_into_terminal},
    Attack{"PTY-TTY", open_controlling_terminal},
    Attack{"PTY-04", leave_zombies},
    Attack{"EX-02-PROC", find_secret_in_any_environment},
    Attack{"EX-ARGV", find_host_path_in_arguments},
    Attack{"MNT-05", look_around_working_directory},
    Attack{"closed-init", look_into_init},
};

}  // namespace

std::span<const Attack> terminal_attacks() {
  return attacks;
}

}  // namespace probe
