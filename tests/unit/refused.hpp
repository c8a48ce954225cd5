// What a step ends with when a system call of its is refused, or only pretends to have worked: tried in a child,
// under a filter of chapter 08. That answers before the kernel looks at arguments and privileges, so most of it takes
// no root, and does nothing to the host.
//
//   under({{"chdir", refused}}, reset_file_defaults);                            // "chdir: EDOM"
//   under({{"prctl", pretended, {{0, ~0U, PR_CAPBSET_DROP}}}}, [] { ... });      // says that it was done
#pragma once

#include <gtest/gtest.h>
#include <linux/sched.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "08-seccomp/compile.hpp"
#include "08-seccomp/seccomp.hpp"
#include "08-seccomp/syscall_numbers.hpp"
#include "common/channel.hpp"
#include "common/error.hpp"
#include "common/syscalls.hpp"

namespace tincan {

/// With a number that no call here gives by itself.
constexpr Action refused = refuse_with(EDOM);
/// It returns 0, and nothing was done.
constexpr Action pretended{SECCOMP_RET_ERRNO};

/// What the step says, by way of an Error without a number.
[[noreturn]] inline void tell(const std::string& text) {
  throw Error{0, text};
}

class Trial {
 public:
  Trial()
      : said_{static_cast<char*>(
            mmap(nullptr, room, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0))} {}
  Trial(const Trial&) = delete;
  ~Trial() { munmap(said_, room); }

  /// What `step` threw.
  std::optional<Error> of(const std::vector<Rule>& rules, const std::function<void()>& step) const {
    clone_args request{};
    int pidfd = -1;
    request.flags = CLONE_PIDFD;
    request.pidfd = reinterpret_cast<std::uintptr_t>(&pidfd);
    request.exit_signal = SIGCHLD;
    (void)std::fflush(stdout);  // or the child writes it too
    if (sys::clone3(request, "a trial") == 0) be_the_child({allow, rules}, step);
    const unique_fd child{pidfd};
    pollfd end{child.get(), POLLIN, 0};
    const bool ended = poll(&end, 1, longest_ms) == 1;
    (void)sys::pidfd_send_signal(child, SIGKILL);
    waitid(P_PIDFD, static_cast<id_t>(child.get()), nullptr, WEXITED);
    if (!ended) return Error{0, "hangs"};
    std::uint32_t size = 0;
    std::memcpy(&size, said_, sizeof size);
    if (size == 0) return Error{0, "died"};
    return decode_failure({said_ + sizeof size, size - 1});
  }

 private:
  static constexpr std::size_t room = 16384;
  static constexpr int longest_ms = 8000;

  [[noreturn]] void be_the_child(const Policy& policy, const std::function<void()>& step) const {
    try {
      load(compile(policy, native_architecture()));
      step();
      say("");
    } catch (const Error& error) {
      say(encode_failure(error));
    } catch (const std::exception& error) {
      say(encode_failure(Error{0, error.what()}));
    }
    _exit(0);
  }

  // Root keeps no_new_privs as it was.
  static void load(const Program& program) {
    try {
      load_filter(program);
    } catch (const Error& error) {
      if (error.number() != EACCES) throw;
      check(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "prctl");
      load_filter(program);
    }
  }

  // The length, and one more, so that nothing at all is told from nothing to say.
  void say(const std::string& text) const {
    const auto size = static_cast<std::uint32_t>(text.size() + 1);
    std::memcpy(said_ + sizeof size, text.data(), text.size());
    std::memcpy(said_, &size, sizeof size);
  }

  char* said_;
};

/// The same in short: "operation: ERRNO", what it told, or "done".
inline std::string under(const std::vector<Rule>& rules, const std::function<void()>& step) {
  const auto error = Trial{}.of(rules, step);
  if (!error) return "done";
  return error->operation() + (error->number() == 0 ? "" : ": " + errno_name(error->number()));
}

/// A step, the calls that are refused to it, and what it has to say.
struct Refusal {
  std::vector<Rule> rules;
  std::function<void()> step;
  std::string says;
};

/// A sanitizer writes into a pipe of its own, to find out what is memory.
#ifdef __SANITIZE_ADDRESS__
constexpr bool sanitized = true;
#elif defined(__clang__)
constexpr bool sanitized = __has_feature(address_sanitizer);
#else
constexpr bool sanitized = false;
#endif

inline bool is_for_the_sanitizer(const std::vector<Rule>& rules) {
  return sanitized && std::any_of(rules.begin(), rules.end(), [](const Rule& rule) {
           return rule.name == "write" || rule.name.starts_with("pipe");
         });
}

inline void expect_said(const std::vector<Refusal>& table) {
  for (std::size_t row = 0; row < table.size(); ++row) {
    if (is_for_the_sanitizer(table[row].rules)) continue;
    EXPECT_EQ(under(table[row].rules, table[row].step), table[row].says) << "row " << row;
  }
}

}  // namespace tincan
