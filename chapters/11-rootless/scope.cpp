// Asking by busctl(1), a program of systemd's own: where there is somebody to be asked, it is there
// too. A library for it (sd-bus) cannot be linked statically, and systemd-run(1) moves nobody but
// the program that it becomes, which would have to be this one.
#include "11-rootless/scope.hpp"

#include <fmt/core.h>
#include <poll.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "11-rootless/helper.hpp"
#include "common/error.hpp"
#include "common/files.hpp"
#include "common/log.hpp"
#include "common/unique_fd.hpp"

namespace tincan {
namespace {

constexpr auto asking = "ask for a control group";

// In the pid namespace that /proc shows, and in none below it: its status has one number, proc(5).
bool is_counted_here(const std::string& process) {
  const std::string status = read_file("/proc/" + process + "/status");
  constexpr std::string_view field = "\nNSpid:\t";
  const auto from = status.find(field);
  if (from == std::string::npos) return false;
  const std::string_view numbers = std::string_view{status}.substr(from + field.size());
  return numbers.substr(0, numbers.find('\n')).find('\t') == std::string_view::npos;
}

// Who moves processes by their number has to count them as we do: in another pid namespace the same
// number is somebody else.
bool counts_as_we_do(pid_t peer) {
  return peer > 0 && is_counted_here("self") && is_counted_here(std::to_string(peer));
}

// Not where a variable says: the bus of this user, sd-bus(3), and it answers.
std::string find_bus() {
  std::string path = fmt::format("/run/user/{}/bus", geteuid());
  const unique_fd fd{check(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket")};
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(static_cast<char*>(address.sun_path), sizeof address.sun_path - 1);
  check(connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), asking,
        path);
  ucred peer{};
  socklen_t size = sizeof peer;
  check(getsockopt(fd.get(), SOL_SOCKET, SO_PEERCRED, &peer, &size), asking, path);
  if (peer.uid != geteuid() || !counts_as_we_do(peer.pid)) throw Error{EREMOTE, asking, path};
  return path;
}

std::string make_scope_name() {
  std::uint64_t number = 0;
  check(getrandom(&number, sizeof number, 0), "getrandom");
  return fmt::format("tincan-{}-{:016x}.scope", getpid(), number);
}

// It has answered before it moves us.
void wait_until_in(const std::string& scope, const std::string& bus) {
  using clock = std::chrono::steady_clock;
  constexpr int pause_ms = 2;
  const auto deadline = clock::now() + std::chrono::seconds{5};
  while (read_file("/proc/self/cgroup").find("/" + scope + "\n") == std::string::npos) {
    if (clock::now() > deadline) throw Error{ETIME, asking, bus};
    (void)poll(nullptr, 0, pause_ms);
  }
}

std::string find_busctl() {
  std::string program = find_helper("busctl");
  if (program.empty()) throw Error{ENOENT, "find busctl", helper_directories()};
  return program;
}

}  // namespace

// StartTransientUnit, org.freedesktop.systemd1(5): a name, what to do if there is such a one, three
// properties (each a name, a type, a value), and no further units. busctl(1) takes all that as
// words.
void ask_for_scope() {
  const std::string bus = find_bus();
  const std::string scope = make_scope_name();
  const std::string words = fmt::format(
      "--address=unix:path={} --timeout=5 --quiet call "
      "org.freedesktop.systemd1 /org/freedesktop/systemd1 org.freedesktop.systemd1.Manager "
      "StartTransientUnit ssa(sv)a(sa(sv)) {} fail "
      "3 PIDs au 1 {} Delegate b true CollectMode s inactive-or-failed 0",
      bus, scope, getpid());
  const auto split = split_at(words, ' ');
  std::vector<std::string> command{split.begin(), split.end()};
  command.insert(command.begin(), find_busctl());
  const Answer answer = run_helper(command, {"LC_ALL=C"});
  if (answer.status != 0) {
    throw Error{
        0, asking, bus,
        fmt::format("busctl ends with {} and says: {}. To go on without any limit: --no-limits",
                    answer.status, answer.words)};
  }
  wait_until_in(scope, bus);
  log::debug("systemd has made {}", scope);
}

}  // namespace tincan
