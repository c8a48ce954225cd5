// probe ID [name=value ...]    tries the attack ID, prints one line: VERDICT ID evidence
// probe each ID,ID,... [...]   the same for several, one after the other: "RAN", then a line each;
//                              +ID in a child, for what would change what the next one looks at
// probe list                   the ids
// probe exit N | segv | hold   ends with status N, by a signal, or not at all: for the launcher's
// tests
// probe ids                    the effective user and group id
// probe hold-on                the same, deaf to all signals but SIGKILL
// probe filter-of PID          prints the filter that a process has, on the host: see filter.cpp
// probe bomb N | hog N | burn  takes N processes, N MiB, two seconds of a processor
// probe fill-pipes N           has N pipes, and holds
// probe pipe-sizes             says how much standard output and a new pipe hold
// probe send-descriptors N     has N descriptors on their way in a socket, and holds
// newuidmap, newgidmap ...     plays one of these, see helper.cpp
// probe caller ...             plays a person at a terminal, see caller.cpp
#include <fcntl.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <sstream>
#include <stdexcept>
#include <vector>

#include "probe/probe.hpp"

namespace probe {
namespace {

std::vector<Attack> all_attacks() {
  std::vector<Attack> all;
  for (const auto topic :
       {inheritance_attacks(), namespace_attacks(), network_attacks(), mount_attacks(),
        device_attacks(), cover_attacks(), user_attacks(), capability_attacks(), power_attacks(),
        terminal_attacks(), seccomp_attacks(), resource_attacks()}) {
    all.insert(all.end(), topic.begin(), topic.end());
  }
  return all;
}

const char* name_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::blocked:
      return "BLOCKED";
    case Verdict::reached:
      return "REACHED";
    case Verdict::not_testable:
      return "NOT-TESTABLE";
    case Verdict::attempted:
      return "ATTEMPTED";
  }
  return "?";
}

int try_attack(const std::string& id, const Facts& facts) {
  for (const Attack& attack : all_attacks()) {
    if (id != attack.id) continue;
    const Outcome outcome = attack.attempt(facts);
    std::printf("%s %s %s\n", name_of(outcome.verdict), id.c_str(), outcome.evidence.c_str());
    print_seal(id, id + facts.words(), outcome.verdict);
    return static_cast<int>(outcome.verdict);
  }
  throw std::runtime_error{"no such attack: " + id};
}

// In a child of its own. Where a filter has forbidden to make one, nothing is said of it.
void try_apart(const std::string& id, const Facts& facts) {
  (void)std::fflush(stdout);
  const pid_t child = fork();
  if (child == 0) {
    try_attack(id, facts);
    (void)std::fflush(stdout);
    _exit(0);
  }
  waitpid(child, nullptr, 0);
}

int try_each(const std::string& ids, const Facts& facts) {
  std::printf("RAN\n");
  std::istringstream words{ids};
  for (std::string id; std::getline(words, id, ',');) {
    id.starts_with('+') ? try_apart(id.substr(1), facts) : (void)try_attack(id, facts);
  }
  return 0;
}

int list() {
  for (const Attack& attack : all_attacks()) std::printf("%s\n", attack.id);
  return 0;
}

[[noreturn]] void hold() {
  std::printf("holding\n");
  (void)std::fflush(stdout);
  while (true) pause();
}

// Holds against every signal that can be ignored, and against the death of its parent.
[[noreturn]] void hold_on() {
  for (int number = 1; number < NSIG; ++number) (void)std::signal(number, SIG_IGN);
  prctl(PR_SET_PDEATHSIG, 0);
  setsid();
  hold();
}

// clone(2) with CLONE_FS: the command's chdir() and umask() are the launcher's (CVE-2013-1858 was
// of this kind).
int launch_carelessly(char** command) {
  const long pid = syscall(SYS_clone, CLONE_FS | SIGCHLD, nullptr, nullptr, nullptr, nullptr);
  if (pid == 0) {
    execv(command[0], command);
    _exit(127);
  }
  int status = 0;
  waitpid(static_cast<pid_t>(pid), &status, 0);
  return WEXITSTATUS(status);
}

// Two names change places until this process is killed: what a path means changes under a launcher
// that looks twice (CVE-2021-30465).
[[noreturn]] void swap_forever(const char* one, const char* other) {
  while (true) renameat2(AT_FDCWD, one, AT_FDCWD, other, RENAME_EXCHANGE);
}

// Uses up something, so many of it or for ever; -1 if `verb` is nothing of that.
int use_up(const std::string& verb, int argc, char** argv) {
  if (verb == "burn") return count_rounds();
  if (verb == "pipe-sizes") return print_pipe_sizes();
  if (argc != 3) return -1;
  const long many = std::strtol(argv[2], nullptr, 10);
  if (verb == "bomb") return bomb(many);
  if (verb == "hog") return hog(many);
  if (verb == "fill-pipes") return fill_pipes(many);
  if (verb == "send-descriptors") return send_descriptors(many);
  return -1;
}

// What is no attack, but helps a test, with words of its own; -1 if `verb` is nothing of that.
int help_the_test(const std::string& verb, int argc, char** argv) {
  if (verb == "filter-of" && argc == 3) {
    return print_filter_of(std::atoi(argv[2]));  // NOLINT(cert-err34-c)
  }
  if (verb == "caller") return play_caller(argc - 2, argv + 2);
  if (verb == "swap" && argc == 4) swap_forever(argv[2], argv[3]);
  if (verb == "careless" && argc > 2) return launch_carelessly(argv + 2);
  return use_up(verb, argc, argv);
}

int run(int argc, char** argv) {
  const std::string verb = argc > 1 ? argv[1] : "";
  if (is_called_as_helper(argv[0])) return play_helper(argv);
  if (verb == "list") return list();
  if (verb == "each" && argc > 2) return try_each(argv[2], Facts{argc - 3, argv + 3});
  if (verb == "exit" && argc == 3) return std::atoi(argv[2]);  // NOLINT(cert-err34-c)
  if (verb == "segv") {
    (void)std::signal(SIGSEGV, SIG_DFL);
    (void)std::raise(SIGSEGV);
  }
  if (verb == "hold") hold();
  if (verb == "ids") return std::printf("%u %u\n", geteuid(), getegid()) > 0 ? 0 : 1;
  if (verb == "hold-on") hold_on();
  if (const int status = help_the_test(verb, argc, argv); status != -1) return status;
  return try_attack(verb, Facts{argc - 2, argv + 2});
}

}  // namespace

std::string failed(const std::string& call) {
  return call + ": " + strerrorname_np(errno);
}

Facts::Facts(int count, char** words) {
  for (int i = 0; i < count; ++i) {
    const std::string word = words[i];
    const auto equals = word.find('=');
    if (equals == std::string::npos) throw std::runtime_error{"not name=value: " + word};
    values_[word.substr(0, equals)] = word.substr(equals + 1);
    words_.append("\x1f").append(word);
  }
}

const std::string& Facts::operator[](const std::string& name) const {
  const auto found = values_.find(name);
  if (found == values_.end()) throw std::runtime_error{"the fact is missing: " + name};
  return found->second;
}

long Facts::number(const std::string& name) const {
  return std::strtol((*this)[name].c_str(), nullptr, 10);
}

std::string slurp(const std::string& path) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd == -1) return {};
  std::string text;
  std::string piece(65536, '\0');
  ssize_t count = 0;
  while (text.size() < 1 << 20 && (count = read(fd, piece.data(), piece.size())) > 0) {
    text.append(piece, 0, static_cast<std::size_t>(count));
  }
  close(fd);
  return text;
}

bool canary_visible(const Facts& facts, const std::string& prefix) {
  return slurp(prefix + facts["canary"]).find(facts["token"]) != std::string::npos;
}

}  // namespace probe

int main(int argc, char** argv) {
  try {
    return probe::run(argc, argv);
  } catch (const std::exception& error) {
    (void)std::fprintf(stderr, "probe: %s\n", error.what());
    return 99;
  }
}
