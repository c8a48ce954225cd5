// A start as clean as a container's command has it (chapter 03), for programs on this side.
#include "11-rootless/helper.hpp"

#include <fcntl.h>
#include <linux/sched.h>
#include <sys/types.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdint>
#include <exception>
#include <string_view>

#include "03-process/child_process.hpp"
#include "03-process/clean_start.hpp"
#include "03-process/exec.hpp"
#include "common/error.hpp"
#include "common/exit_status.hpp"
#include "common/files.hpp"
#include "common/syscalls.hpp"
#include "common/unique_fd.hpp"

namespace tincan {
namespace {

constexpr std::array<std::string_view, 3> directories{"/usr/bin", "/bin", "/run/wrappers/bin"};
constexpr unsigned seconds_at_most = 20;  // it may have to ask a server who the caller is
constexpr std::size_t most_words = 4096;

void take_descriptors(borrowed_fd output) {
  // guard: the host's, before there is a container
  const unique_fd nothing = open_file("/dev/null", O_RDONLY);
  check(dup2(nothing.get(), STDIN_FILENO), "dup2", "/dev/null");
  for (const int fd : {STDOUT_FILENO, STDERR_FILENO}) check(dup2(output.get(), fd), "dup2");
  close_descriptors_on_exec();
}

// Beyond this function stands the launcher's code, in a copy of the launcher.
[[noreturn]] void become_helper(const Command& command, borrowed_fd output) noexcept {
  try {
    // exercise: inherits
    take_descriptors(output);
    reset_file_defaults();
    reset_signals();
    alarm(seconds_at_most);  // stays across execve(2), and nobody's signal mask is in its way
    execute(command);
    // end of exercise
  } catch (const std::exception& error) {
    const std::string_view words = error.what();
    (void)!write(STDERR_FILENO, words.data(), words.size());
  }
  _exit(exit_status::not_found);
}

std::string in_one_line(const std::string& text) {
  std::string line;
  for (const std::string_view part : split_at(text, '\n')) {
    if (!part.empty()) line.append(line.empty() ? "" : "; ").append(part);
  }
  return line;
}

ChildProcess clone_helper(const Command& command, borrowed_fd output) {
  int pidfd = -1;
  clone_args request{};
  request.flags = CLONE_PIDFD;
  request.pidfd = reinterpret_cast<std::uintptr_t>(&pidfd);
  request.exit_signal = SIGCHLD;
  const pid_t pid = sys::clone3(request, command.words.front());
  if (pid == 0) become_helper(command, output);
  return ChildProcess{pid, unique_fd{pidfd}};
}

}  // namespace

// exercise: planted
std::string find_helper(const std::string& name) {
  for (const std::string_view directory : directories) {
    std::string path{directory};
    path.append("/").append(name);
    if (exists(path)) return path;
  }
  return {};
}
// end of exercise

std::string helper_directories() {
  std::string text;
  for (const std::string_view directory : directories) {
    text.append(text.empty() ? "" : ", ").append(directory);
  }
  return text;
}

Answer run_helper(const std::vector<std::string>& words,
                  const std::vector<std::string>& environment) {
  // SIGCHLD may have been ignored by whoever started us; then no child could be waited for.
  (void)std::signal(SIGCHLD, SIG_DFL);
  std::array<int, 2> ends{};
  check(pipe2(ends.data(), O_CLOEXEC), "pipe2");
  const unique_fd reader{ends[0]};
  unique_fd writer{ends[1]};
  ChildProcess helper = clone_helper({.words = words, .environment = environment}, writer);
  writer.reset();
  Answer answer;
  answer.words = in_one_line(read_at_most(reader, words.front(), most_words));
  answer.status = helper.wait();
  return answer;
}

}  // namespace tincan
