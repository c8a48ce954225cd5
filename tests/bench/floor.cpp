// The floor: what the kernel alone takes for a container. One clone3(2) with seven namespaces, the
// id maps, a root of its own with a /proc, execve(2), and the wait. No option, no check of what
// was asked for, no limit, no filter, no explanation when something fails; a launcher that does all
// of it is measured against this.
//
//   floor DIRECTORY COMMAND...
#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace {

constexpr std::uint64_t seven_namespaces = CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWUTS |
                                           CLONE_NEWIPC | CLONE_NEWCGROUP | CLONE_NEWNET |
                                           CLONE_NEWUSER;

// Returns what a call returned, or ends the program.
long must(long returned, const char* what) {
  if (returned != -1) return returned;
  std::perror(what);
  _exit(125);
}

void write_map(long child, const char* file) {
  constexpr const char* map = "0 100000 65536\n";
  std::array<char, 64> path{};
  (void)std::snprintf(path.data(), path.size(), "/proc/%ld/%s", child, file);
  const auto fd = static_cast<int>(must(open(path.data(), O_WRONLY | O_CLOEXEC), file));
  must(write(fd, map, std::strlen(map)), file);
  must(::close(fd), file);
}

[[noreturn]] void become(int go, const char* root, char** command) {
  char byte = 0;
  must(read(go, &byte, 1), "read");
  must(setresgid(0, 0, 0), "setresgid");
  must(setresuid(0, 0, 0), "setresuid");
  must(mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr), "mount private");
  must(mount(root, root, nullptr, MS_BIND, nullptr), "mount bind");
  must(chdir(root), "chdir");
  must(mount("proc", "proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, nullptr), "mount proc");
  must(syscall(SYS_pivot_root, ".", "."), "pivot_root");
  must(umount2(".", MNT_DETACH), "umount2");
  execve(command[0], command, nullptr);
  must(-1, command[0]);
  std::abort();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) return 2;
  std::array<int, 2> go{};
  must(pipe2(go.data(), O_CLOEXEC), "pipe2");
  clone_args arguments{};
  arguments.flags = seven_namespaces;
  arguments.exit_signal = SIGCHLD;
  const long child = must(syscall(SYS_clone3, &arguments, sizeof arguments), "clone3");
  if (child == 0) become(go[0], argv[1], argv + 2);
  write_map(child, "uid_map");
  write_map(child, "gid_map");
  must(write(go[1], "", 1), "write");
  int status = 0;
  must(waitpid(static_cast<pid_t>(child), &status, 0), "waitpid");
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
