// Attacks on the capability sets, as the kernel reports them.
#include <fcntl.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <sstream>
#include <thread>
#include <vector>

#include "probe/probe.hpp"

namespace probe {
namespace {

struct Sets {
  std::uint64_t inheritable = 0;
  std::uint64_t permitted = 0;
  std::uint64_t effective = 0;
  std::uint64_t bounding = 0;
  std::uint64_t ambient = 0;
};

using Raw = std::array<__user_cap_data_struct, 2>;

Raw get() {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  Raw raw{};
  syscall(SYS_capget, &header, raw.data());
  return raw;
}

bool set(const Raw& raw) {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  return syscall(SYS_capset, &header, raw.data()) == 0;
}

std::uint64_t join(std::uint32_t low, std::uint32_t high) {
  return low | (std::uint64_t{high} << 32);
}

Sets sets() {
  const Raw raw = get();
  Sets all{.inheritable = join(raw[0].inheritable, raw[1].inheritable),
           .permitted = join(raw[0].permitted, raw[1].permitted),
           .effective = join(raw[0].effective, raw[1].effective)};
  for (unsigned long n = 0; n < 64; ++n) {
    const std::uint64_t bit = std::uint64_t{1} << n;
    if (prctl(PR_CAPBSET_READ, n, 0, 0, 0) == 1) all.bounding |= bit;
    if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, n, 0, 0) == 1) all.ambient |= bit;
  }
  return all;
}

std::string hex(std::uint64_t mask) {
  std::ostringstream text;
  text << std::hex << mask;
  return text.str();
}

std::uint64_t expected(const Facts& facts, const std::string& name) {
  return std::strtoull(facts[name].c_str(), nullptr, 16);
}

// "cap" and "bnd": what permitted and effective, and what the bounding set must be; the other two
// must be empty.
Outcome compare_all_sets(const Facts& facts) {
  const Sets found = sets();
  const std::string text = "inheritable " + hex(found.inheritable) + " permitted " +
                           hex(found.permitted) + " effective " + hex(found.effective) +
                           " bounding " + hex(found.bounding) + " ambient " + hex(found.ambient);
  const std::uint64_t held = expected(facts, "cap");
  const bool equal = found.inheritable == 0 && found.ambient == 0 && found.permitted == held &&
                     found.effective == held && found.bounding == expected(facts, "bnd");
  return equal ? blocked(text) : reached(text);
}

Outcome raise_effective(const Facts&) {
  Raw raw = get();
  raw[0].permitted |= 1U << CAP_SYS_ADMIN;
  raw[0].effective |= 1U << CAP_SYS_ADMIN;
  return set(raw) ? reached("CAP_SYS_ADMIN could be raised")
                  : blocked(failed("capset(CAP_SYS_ADMIN)"));
}

// Runs as a set-uid helper of root's: what it gained is what the bounding set let through.
Outcome gain_by_helper(const Facts& facts) {
  if (geteuid() != 0) return not_testable("the set-uid bit had no effect");
  const std::uint64_t gained = sets().permitted & ~expected(facts, "bnd");
  return gained == 0 ? blocked("the helper gained " + hex(sets().permitted))
                     : reached("the helper gained too much: " + hex(gained));
}

Outcome find_inheritable(const Facts&) {
  const Sets found = sets();
  return found.inheritable == 0 ? blocked("the inheritable set is empty")
                                : reached("inheritable: " + hex(found.inheritable));
}

Outcome find_ambient(const Facts&) {
  const Sets found = sets();
  return found.ambient == 0 ? blocked("the ambient set is empty")
                            : reached("ambient: " + hex(found.ambient));
}

// From CAP_PERFMON on: newer than the tutorials of 2016, and than whoever copies their lists.
Outcome find_newer(const Facts&) {
  const Sets found = sets();
  const std::uint64_t newer =
      (found.bounding | found.permitted | found.inheritable | found.ambient) >> CAP_PERFMON;
  return newer == 0 ? blocked("no capability from number 38 on is left")
                    : reached("left from number 38 on: " + hex(newer));
}

Outcome find_securebits(const Facts&) {
  const int bits = prctl(PR_GET_SECUREBITS, 0, 0, 0, 0);
  const int keep = prctl(PR_GET_KEEPCAPS, 0, 0, 0, 0);
  return bits == 0 && keep == 0 ? blocked("securebits are 0")
                                : reached("securebits are " + std::to_string(bits));
}

Outcome gain_identity(const Facts&) {
  return geteuid() == 0 ? reached("a set-uid program made it root")
                        : blocked("it stays user " + std::to_string(geteuid()));
}

std::string security_lines(const std::string& path) {
  std::istringstream lines{slurp(path)};
  std::string kept;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("Cap") || line.starts_with("NoNewPrivs")) kept += line + "\n";
  }
  return kept;
}

Outcome compare_tasks(const Facts&) {
  const std::string first = security_lines("/proc/1/status");
  if (first.empty()) return not_testable("/proc/1/status cannot be read");
  int tasks = 0;
  for (const auto& task : std::filesystem::directory_iterator{"/proc/1/task"}) {
    if (security_lines(task.path().string() + "/status") != first) {
      return reached("task " + task.path().filename().string() + " differs");
    }
    ++tasks;
  }
  return blocked(std::to_string(tasks) + " task, all the same");
}

// What a launcher with threads would do: the raw call changes the calling thread alone. (As process
// 1 of some pid namespace.)
Outcome compare_tasks_of_a_careless_one(const Facts& facts) {
  std::thread other{[] {
    while (true) pause();
  }};
  other.detach();
  set(Raw{});
  return compare_tasks(facts);
}

// The figures of /proc/self/stat by their numbers in proc(5), from 3 on: a name may hold anything.
std::vector<unsigned long long> own_figures() {
  const std::string text = slurp("/proc/self/stat");
  std::istringstream words{text.substr(std::min(text.rfind(')') + 4, text.size()))};
  std::vector<unsigned long long> figures(4);
  for (std::string word; words >> word;) {
    figures.push_back(std::strtoull(word.c_str(), nullptr, 10));
  }
  figures.resize(53);
  return figures;
}

// As they are; but for the program that /proc/self/exe names. The permission is asked for before
// the kernel sees that the old one is still mapped, which is EBUSY.
Outcome pose_as_another_program(const Facts&) {
  const auto it = own_figures();
  prctl_mm_map map{};
  map.start_code = it[26], map.end_code = it[27], map.start_stack = it[28];
  map.start_data = it[45], map.end_data = it[46], map.start_brk = map.brk = it[47];
  map.arg_start = it[48], map.arg_end = it[49], map.env_start = it[50], map.env_end = it[51];
  map.exe_fd = static_cast<std::uint32_t>(open("/proc/self/exe", O_RDONLY | O_CLOEXEC));
  if (prctl(PR_SET_MM, PR_SET_MM_MAP, &map, sizeof map, 0) == 0 || errno == EBUSY) {
    return reached("PR_SET_MM may give the process another program's name");
  }
  if (errno != EPERM) return not_testable(failed("PR_SET_MM_MAP"));
  const std::string answer = failed("PR_SET_MM_MAP");
  return prctl(PR_SET_MM, PR_SET_MM_EXE_FILE, map.exe_fd, 0, 0) == 0 || errno != EPERM
             ? reached(failed("PR_SET_MM_EXE_FILE"))
             : blocked(answer + ", " + failed("PR_SET_MM_EXE_FILE"));
}

// Where the filter does not take it anyway.
Outcome find_new_privileges(const Facts&) {
  return prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1 ? blocked("no_new_privs is set")
                                                     : reached("no_new_privs is not set");
}

constexpr std::array attacks{
    Attack{"CAP-01", compare_all_sets},
    Attack{"CAP-02", raise_effective},
    Attack{"CAP-03", gain_by_helper},
    Attack{"CAP-04", find_inheritable},
    Attack{"CAP-05", find_ambient},
    Attack{"CAP-06", find_newer},
    Attack{"CAP-07", find_securebits},
    Attack{"CAP-11", gain_identity},
    Attack{"CAP-12", compare_tasks},
    Attack{"CAP-12-THREADS", compare_tasks_of_a_careless_one},
    Attack{"CAP-13", pose_as_another_program},
    Attack{"no-new-privs", find_new_privileges},
};

}  // namespace

std::span<const Attack> capability_attacks() {
  return attacks;
}

}  // namespace probe
