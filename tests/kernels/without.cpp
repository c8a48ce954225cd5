// kernel-without CALL PROGRAM...             runs PROGRAM on a kernel that answers ENOSYS to CALL
// kernel-without user-namespaces PROGRAM...  on one that makes no more user namespaces
//
// So old kernels and narrow filters look from inside. The second puts PROGRAM into a user namespace
// that has all ids and a limit of 0, namespaces(7). As root; no_new_privs stays as it is.
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <stdexcept>
#include <string>
#include <utility>

namespace {

constexpr std::array calls{
    std::pair{"openat2", SYS_openat2},
    std::pair{"clone3", SYS_clone3},
    std::pair{"mount_setattr", SYS_mount_setattr},
    std::pair{"close_range", SYS_close_range},
    std::pair{"pidfd_open", SYS_pidfd_open},
    std::pair{"statx", SYS_statx},
};

long require(long returned, const char* what) {
  if (returned != -1) return returned;
  throw std::runtime_error{std::string{what} + ": " + strerrorname_np(errno)};
}

long number_of(const std::string& wanted) {
  for (const auto& [name, number] : calls) {
    if (wanted == name) return number;
  }
  throw std::runtime_error{"cannot take this away: " + wanted};
}

void take_away(long number) {
  std::array program{
      sock_filter BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      sock_filter BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<unsigned>(number), 0, 1),
      sock_filter BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
      sock_filter BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  const sock_fprog filter{program.size(), program.data()};
  require(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &filter), "seccomp");
  if (syscall(number, -1, -1, -1, -1, -1, -1) != -1 || errno != ENOSYS) {
    throw std::runtime_error{"the call is still there"};
  }
}

void write(const std::string& path, const std::string& text) {
  std::ofstream file{path};
  file << text << std::flush;
  if (!file) throw std::runtime_error{"write " + path + ": " + strerrorname_np(errno)};
}

// The maps are written from outside, by a child that stays there. It answers by a byte, for SIGCHLD
// may be ignored, and then there is nothing to wait for.
void write_maps(const std::string& process, int line) {
  char byte = 0;
  if (read(line, &byte, 1) != 1) _exit(1);
  for (const char* map : {"/uid_map", "/gid_map"}) write(process + map, "0 0 4294967295\n");
  _exit(::write(line, "", 1) == 1 ? 0 : 1);
}

void take_user_namespaces_away() {
  std::array<int, 2> ends{};
  require(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()), "socketpair");
  const std::string self = "/proc/" + std::to_string(getpid());
  if (require(fork(), "fork") == 0) {
    close(ends[0]);
    write_maps(self, ends[1]);
  }
  close(ends[1]);
  require(unshare(CLONE_NEWUSER | CLONE_NEWNS), "unshare");
  require(::write(ends[0], "", 1), "write");
  char byte = 0;
  if (read(ends[0], &byte, 1) != 1) throw std::runtime_error{"the maps could not be written"};
  close(ends[0]);
  write("/proc/sys/user/max_user_namespaces", "0\n");
}

void run(char** argv) {
  const std::string what = argv[1];
  if (what == "user-namespaces") {
    take_user_namespaces_away();
  } else {
    take_away(number_of(what));
  }
  execv(argv[2], argv + 2);
  throw std::runtime_error{std::string{argv[2]} + ": " + strerrorname_np(errno)};
}

}  // namespace

int main(int argc, char** argv) {
  try {
    if (argc < 3) throw std::runtime_error{"see the top of without.cpp"};
    run(argv);
  } catch (const std::exception& error) {
    (void)std::fprintf(stderr, "kernel-without: %s\n", error.what());
  }
  return 99;
}
