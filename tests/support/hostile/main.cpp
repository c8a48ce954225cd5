// hostile [--clean] [--tame] [--closed-stdio] [--directory-stdin] -- COMMAND ARGS...
//
// Runs COMMAND on a hostile host, and says afterwards whether the host was changed: exit status 73
// and a line HOST-CHANGED with the first difference. 75 means that the fixture itself failed; any
// other status is the command's own. In the arguments, @facts@ becomes the list of all facts, and
// @name@ one of them; in the environment, each is TINCAN_FACT_name.
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <sstream>

#include "support/hostile/hostile.hpp"

namespace hostile {
namespace {

constexpr int host_changed = 73;
constexpr int fixture_broken = 75;

struct Order {
  Dirt dirt;
  std::vector<std::string> command;
};

Order read_order(int argc, char** argv) {
  Order order;
  const std::map<std::string, bool*> flags{{"--clean", &order.dirt.clean},
                                           {"--tame", &order.dirt.tame},
                                           {"--closed-stdio", &order.dirt.closed_stdio},
                                           {"--directory-stdin", &order.dirt.directory_stdin}};
  int i = 1;
  for (; i < argc && std::string{argv[i]} != "--"; ++i) {
    const std::string word = argv[i];
    if (!flags.contains(word)) throw Broken{"unknown flag " + word};
    *flags.at(word) = true;
  }
  order.command.assign(argv + std::min(i + 1, argc), argv + argc);
  if (order.command.empty()) throw Broken{"no command"};
  return order;
}

std::string substitute(std::string word, const Facts& facts) {
  for (const auto& [name, value] : facts) {
    const std::string mark = "@" + name + "@";
    for (auto at = word.find(mark); at != std::string::npos; at = word.find(mark)) {
      word.replace(at, mark.size(), value);
    }
  }
  return word;
}

std::vector<std::string> expand(const std::vector<std::string>& words, const Facts& facts) {
  std::vector<std::string> expanded;
  for (const std::string& word : words) {
    if (word != "@facts@") {
      expanded.push_back(substitute(word, facts));
      continue;
    }
    for (const auto& [name, value] : facts) expanded.emplace_back(name).append("=").append(value);
  }
  return expanded;
}

// For a grader (tests/classroom/below.cpp): what is asked, and for which promise, on a descriptor that
// the command does not get.
void say_what_is_asked(const std::vector<std::string>& words) {
  const char* number = std::getenv("TINCAN_ASKED");
  if (number == nullptr) return;
  const char* promise = std::getenv("TINCAN_PROMISE");
  std::string line = std::string{"ASKED\x1f"} + (promise == nullptr ? "" : promise);
  for (const std::string& word : words) line.append("\x1f").append(word);
  line += '\n';
  need(write(std::atoi(number), line.data(), line.size()), "say what is asked");
  need(fcntl(std::atoi(number), F_SETFD, FD_CLOEXEC), "fcntl");
  unsetenv("TINCAN_ASKED");
}

[[noreturn]] void become(const std::vector<std::string>& words) {
  std::vector<char*> pointers;
  pointers.reserve(words.size() + 1);
  for (const std::string& word : words) pointers.push_back(const_cast<char*>(word.c_str()));
  pointers.push_back(nullptr);
  execv(pointers[0], pointers.data());
  throw Broken{"exec " + words[0]};
}

int run_command(const World& world, const Order& order) {
  const auto pid = static_cast<pid_t>(need(fork(), "fork"));
  if (pid == 0) {
    for (const auto& [name, value] : world.facts) {
      setenv(("TINCAN_FACT_" + name).c_str(), value.c_str(), 1);
    }
    const auto words = expand(order.command, world.facts);
    say_what_is_asked(words);
    get_dirty(world, order.dirt);
    become(words);
  }
  int status = 0;
  while (waitpid(pid, &status, 0) == -1) {
    if (errno != EINTR) throw Broken{"waitpid"};
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

std::string first_difference(const std::string& before, const std::string& after) {
  std::istringstream old_lines{before};
  std::istringstream new_lines{after};
  std::string old_line;
  std::string new_line;
  do {
    if (!std::getline(old_lines, old_line)) old_line = "(nothing)";
    if (!std::getline(new_lines, new_line)) new_line = "(nothing)";
  } while (old_line == new_line && new_line != "(nothing)");
  return "was: " + old_line + "; is: " + new_line;
}

int run(int argc, char** argv) {
  const Order order = read_order(argc, argv);
  const World world = make_world();
  const std::string before = fingerprint(world);
  const int status = run_command(world, order);
  const std::string after = fingerprint(world);
  end_world(world);
  if (before == after) return status;
  std::printf("HOST-CHANGED %s\n", first_difference(before, after).c_str());
  return host_changed;
}

}  // namespace
}  // namespace hostile

int main(int argc, char** argv) {
  try {
    return hostile::run(argc, argv);
  } catch (const std::exception& error) {
    (void)std::fprintf(stderr, "hostile: the fixture failed: %s\n", error.what());
    return hostile::fixture_broken;
  }
}
