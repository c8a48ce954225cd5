// fork, execve, and a wait that ends.
#include "13-runtime/hooks.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <string_view>

#include "03-process/child_process.hpp"
#include "03-process/clean_start.hpp"
#include "common/error.hpp"
#include "common/exit_status.hpp"
#include "common/log.hpp"
#include "common/syscalls.hpp"

namespace tincan::oci {
namespace {

// A file in memory: a pipe would hold no more than 64 KiB, and nobody may ever read it.
unique_fd file_with(const std::string& text) {
  unique_fd file{check(memfd_create("state", MFD_CLOEXEC), "memfd_create", "state")};
  std::string_view rest = text;
  while (!rest.empty()) {
    const ssize_t count = check(write(file.get(), rest.data(), rest.size()), "write", "state");
    rest.remove_prefix(static_cast<std::size_t>(count));
  }
  check(lseek(file.get(), 0, SEEK_SET), "lseek", "state");
  return file;
}

std::vector<char*> pointers_to(const std::vector<std::string>& words) {
  std::vector<char*> pointers;
  for (const std::string& word : words) pointers.push_back(const_cast<char*>(word.c_str()));
  pointers.push_back(nullptr);
  return pointers;
}

[[noreturn]] void become(const Hook& hook, borrowed_fd state) noexcept {
  try {
    // They have to outlive the pointers to them.
    const std::vector<std::string> args = hook.args.empty() ? std::vector{hook.path} : hook.args;
    const std::vector<char*> words = pointers_to(args);
    const std::vector<char*> environment = pointers_to(hook.env);
    reset_signals();
    check(dup2(state.get(), STDIN_FILENO), "dup2");
    sys::close_range_on_exec(STDERR_FILENO + 1);
    execve(hook.path.c_str(), words.data(), environment.data());
  } catch (const std::exception&) {
    _exit(exit_status::container);
  }
  _exit(errno == ENOENT ? exit_status::not_found : exit_status::not_executable);
}

void wait_for(const Hook& hook, ChildProcess& child, const std::string& moment) {
  constexpr int second = 1000;
  pollfd end{child.pidfd().get(), POLLIN, 0};
  const int limit = hook.timeout ? static_cast<int>(*hook.timeout) * second : -1;
  int ready = 0;
  do {
    ready = poll(&end, 1, limit);
  } while (ready == -1 && errno == EINTR);
  // Its owner kills it.
  if (ready == 0) throw Error{ETIMEDOUT, moment + " hook", hook.path, {}, 1};
  const int status = child.wait();
  if (status == 0) return;
  throw Error{0, moment + " hook", hook.path, "it ended with status " + std::to_string(status), 1};
}

void run_hook(const Hook& hook, const std::string& moment, borrowed_fd state) {
  log::debug("{} hook: {}", moment, hook.path);
  int pidfd = -1;
  clone_args request{};
  request.flags = CLONE_PIDFD;
  request.pidfd = reinterpret_cast<std::uintptr_t>(&pidfd);
  request.exit_signal = SIGCHLD;
  const pid_t pid = sys::clone3(request, "a hook");
  if (pid == 0) become(hook, state);
  ChildProcess child{pid, unique_fd{pidfd}};
  wait_for(hook, child, moment);
}

}  // namespace

void run_hooks(const std::vector<Hook>& hooks, const std::string& moment,
               const std::string& state) {
  for (const Hook& hook : hooks) run_hook(hook, moment, file_with(state));
}

void run_hooks_and_go_on(const std::vector<Hook>& hooks, const std::string& moment,
                         const std::string& state) {
  for (const Hook& hook : hooks) {
    try {
      run_hook(hook, moment, file_with(state));
    } catch (const Error& error) {
      log::warn("{}", error.what());
    }
  }
}

}  // namespace tincan::oci
