// StartTransientUnit of org.freedesktop.systemd1(5), as chapter 11 calls it for an ordinary user.
#include "13-runtime/systemd.hpp"

#include <fmt/core.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <string_view>
#include <vector>

#include "11-rootless/helper.hpp"
#include "common/error.hpp"
#include "common/files.hpp"

namespace tincan::oci {
namespace {

// Letters that a unit's name may have, systemd.unit(5): none of them is a blank, so that they can be
// words of a command.
bool is_unit_part(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view{":-_.\\@"}.find(c) != std::string_view::npos;
  });
}

[[noreturn]] void refuse(const std::string& path) {
  throw Error{0, "linux.cgroupsPath", path, "for systemd it has three parts, SLICE:PREFIX:NAME", 1};
}

void wait_until_in(const Unit& unit, pid_t pid) {
  using clock = std::chrono::steady_clock;
  constexpr int pause_ms = 2;
  const std::string path = "/proc/" + std::to_string(pid) + "/cgroup";
  const auto deadline = clock::now() + std::chrono::seconds{10};
  while (read_file(path).find("/" + unit.scope + "\n") == std::string::npos) {
    if (clock::now() > deadline) throw Error{ETIME, "wait for systemd", unit.scope, {}, 1};
    (void)poll(nullptr, 0, pause_ms);
  }
}

std::string which_bus() {
  return geteuid() == 0 ? std::string{"--system"}
                        : fmt::format("--address=unix:path=/run/user/{}/bus", geteuid());
}

}  // namespace

Unit unit_of(const std::string& path, const std::string& id) {
  if (path.empty()) return {"system.slice", "tincan-" + id + ".scope"};
  const auto parts = split_at(path, ':');
  if (parts.size() != 3 || !is_unit_part(path) || parts[2].empty()) refuse(path);
  const std::string slice{parts[0].empty() ? "system.slice" : parts[0]};
  if (!slice.ends_with(".slice")) refuse(path);
  const std::string prefix = parts[1].empty() ? "" : std::string{parts[1]} + "-";
  return {slice, prefix + std::string{parts[2]} + ".scope"};
}

// A name, what to do if there is such a one, properties (each a name, a type, a value), and no
// further units.
void ask_for(const Unit& unit, pid_t pid) {
  const std::string program = find_helper("busctl");
  if (program.empty()) throw Error{ENOENT, "find busctl", helper_directories(), {}, 1};
  const std::string words = fmt::format(
      "{} {} --timeout=10 --quiet call "
      "org.freedesktop.systemd1 /org/freedesktop/systemd1 org.freedesktop.systemd1.Manager "
      "StartTransientUnit ssa(sv)a(sa(sv)) {} fail "
      "5 PIDs au 1 {} Delegate b true DefaultDependencies b false CollectMode s "
      "inactive-or-failed Slice s {} 0",
      program, which_bus(), unit.scope, pid, unit.slice);
  const auto split = split_at(words, ' ');
  const Answer answer = run_helper({split.begin(), split.end()}, {"LC_ALL=C"});
  if (answer.status != 0) {
    throw Error{0, "ask systemd for", unit.scope,
                fmt::format("busctl ends with {} and says: {}", answer.status, answer.words), 1};
  }
  wait_until_in(unit, pid);
}

}  // namespace tincan::oci
