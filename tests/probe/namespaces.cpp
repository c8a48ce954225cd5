// Attacks on what namespaces hide: processes, the host name, ipc objects, the cgroup's path.
#include <fcntl.h>
#include <mqueue.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <sstream>

#include "probe/probe.hpp"

namespace probe {
namespace {

Outcome signal_host_process(const Facts& facts) {
  const auto pid = static_cast<pid_t>(facts.number("pid"));
  if (kill(pid, 0) == 0) return reached("kill(" + facts["pid"] + ", 0) finds the host's process");
  const std::string evidence = failed("kill(" + facts["pid"] + ", 0)");
  if (syscall(SYS_pidfd_open, pid, 0) != -1)
    return reached("pidfd_open() opens the host's process");
  return blocked(evidence);
}

Outcome check_own_pid(const Facts&) {
  const std::string pid = std::to_string(getpid());
  // From chapter 10 on an init is process 1, and the command its only child.
  if (pid == "2" && getppid() == 1) return blocked("this is process 2, the child of process 1");
  return pid == "1" ? blocked("this is process 1")
                    : reached("this is process " + pid + " of the host");
}

// Sent by a child to the first process of the own namespace. Where that is the host's, it is asked
// for only. Who sends a signal learns nothing of it: a stopped process 1 would be seen in its
// state.
Outcome signal_first_process(const Facts&) {
  if (getpid() > 2) {
    return kill(1, 0) == 0 ? reached("kill(1, 0) finds the first process of the host")
                           : not_testable(failed("kill(1, 0)"));
  }
  const pid_t child = fork();
  if (child == 0) {
    const bool sent = kill(1, SIGSTOP) == 0 && kill(1, SIGKILL) == 0;
    _exit(sent ? 0 : 1);
  }
  int status = 0;
  waitpid(child, &status, 0);
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) return not_testable("kill(1) is refused");
  return slurp("/proc/1/stat").find(") T ") != std::string::npos
             ? reached("process 1 is stopped")
             : blocked("SIGSTOP and SIGKILL were sent to process 1, and it runs on");
}

// The mount table decides what /proc shows: a new pid namespace alone leaves the host's there.
Outcome find_host_proc(const Facts& facts) {
  const auto is_there = [](const std::string& path) { return access(path.c_str(), F_OK) == 0; };
  if (is_there("/proc/" + facts["pid"]))
    return reached("/proc shows the host's process " + facts["pid"]);
  std::array<char, 32> self{};
  const ssize_t length = readlink("/proc/self", self.data(), self.size() - 1);
  if (length == -1) return not_testable(failed("readlink(/proc/self)"));
  if (self.data() != std::to_string(getpid()))
    return reached("/proc belongs to another pid namespace");
  return blocked("/proc shows the own pid namespace");
}

Outcome change_hostname(const Facts&) {
  constexpr char name[] = "taken-over";
  if (sethostname(name, sizeof name - 1) == -1) return blocked(failed("sethostname()"));
  return attempted("sethostname() was allowed");
}

Outcome find_sysv_objects(const Facts& facts) {
  const auto key = static_cast<key_t>(facts.number("ipckey"));
  if (shmget(key, 0, 0) != -1) return reached("shmget() finds the host's segment");
  if (semget(key, 0, 0) != -1) return reached("semget() finds the host's semaphores");
  if (msgget(key, 0) != -1) return reached("msgget() finds the host's queue");
  return blocked(failed("shmget(), semget(), msgget()"));
}

Outcome find_message_queue(const Facts& facts) {
  const mqd_t queue = mq_open(facts["queue"].c_str(), O_RDONLY | O_CLOEXEC);
  return queue == -1 ? blocked(failed("mq_open()")) : reached("mq_open() opens the host's queue");
}

Outcome find_shared_memory_file(const Facts& facts) {
  const bool found = slurp("/dev/shm/" + facts["token"]) == facts["token"];
  return found ? reached("the host's file in /dev/shm was read")
               : blocked("the host's file is not in /dev/shm");
}

Outcome read_cgroup_path(const Facts&) {
  std::istringstream lines{slurp("/proc/self/cgroup")};
  std::string line;
  bool any = false;
  while (std::getline(lines, line)) {
    any = true;
    const std::string path = line.substr(line.find(':', line.find(':') + 1) + 1);
    if (path != "/") return reached("the host's path of this group: " + path);
  }
  return any ? blocked("every group is shown as /") : not_testable("/proc/self/cgroup is empty");
}

// Must still work: the name that was asked for.
Outcome check_hostname(const Facts& facts) {
  std::array<char, 65> name{};
  gethostname(name.data(), name.size());
  return facts["hostname"] == name.data() ? reached("the host name is " + facts["hostname"])
                                          : blocked(std::string{"the host name is "} + name.data());
}

constexpr std::array attacks{
    Attack{"NS-01", signal_host_process},     Attack{"NS-02", find_host_proc},
    Attack{"NS-03", check_own_pid},           Attack{"NS-04", change_hostname},
    Attack{"NS-05-SYSV", find_sysv_objects},  Attack{"NS-05-MQ", find_message_queue},
    Attack{"NS-06", find_shared_memory_file}, Attack{"NS-07", read_cgroup_path},
    Attack{"own-hostname", check_hostname},   Attack{"NS-15", signal_first_process},
};

}  // namespace

std::span<const Attack> namespace_attacks() {
  return attacks;
}

}  // namespace probe
