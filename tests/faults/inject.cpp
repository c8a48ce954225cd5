// inject: runs a program and everything it starts, and at one system call of one of these processes
// does what a hostile world would: makes it fail, or kills the first process.
//
//   inject REPORT SECONDS list                          -- PROGRAM...   every call, in order, and on what
//   inject REPORT SECONDS fail ROLE NAME NTH ERRNO      -- PROGRAM...   the NTH call NAME of ROLE
//   inject REPORT SECONDS kill ROLE NAME NTH            -- PROGRAM...   kills 0 as ROLE enters it
//
// With "as ID" before list, fail or kill, PROGRAM is that user's, of the group with that number, and has no privilege.
// // Roles: 0 is the program, 0.2 the second process that it makes, 0.2.1 the first that this one
// makes. strace(1) counts the calls of every process alike, and so cannot say "the child's third
// close, and not the launcher's". What a process does after an execve is not looked at: then it is
// the command. REPORT gets one line an event: pid N, call ROLE NAME NTH ABOUT, exec ROLE, hit, status N,
// time (SECONDS are over), left process ROLE (two seconds after the end of 0, still there). See
// ptrace(2).
#include <elf.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

#include "faults/about.hpp"

namespace {

constexpr int grace_seconds = 2;

volatile std::sig_atomic_t time_is_over = 0;

void hear_alarm(int) {
  time_is_over = 1;
}

long require(long returned, const char* what) {
  if (returned != -1) return returned;
  throw std::runtime_error{std::string{what} + ": " + strerrorname_np(errno)};
}

std::string name_of(std::uint64_t number) {
  const std::unique_ptr<char, void (*)(void*)> name{
      seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, static_cast<int>(number)), std::free};
  return name ? std::string{name.get()} : "#" + std::to_string(number);
}

// From here on only the call `name` stops for the tracer, seccomp(2) SECCOMP_RET_TRACE: a stop
// takes its time on a busy machine, and a start makes a thousand calls. As root, so without
// no_new_privs.
void stop_only_at(const std::string& name) {
  const int number = seccomp_syscall_resolve_name(name.c_str());
  if (number < 0) throw std::runtime_error{"no such call: " + name};
  std::array program{
      sock_filter BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      sock_filter BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<unsigned>(number), 0, 1),
      sock_filter BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE),
      sock_filter BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  const sock_fprog filter{program.size(), program.data()};
  require(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &filter), "seccomp");
}

// What the call that `pid` has just entered is to be: none.
void skip_call(pid_t pid) {
#ifdef __x86_64__
  require(ptrace(PTRACE_POKEUSER, pid, offsetof(user_regs_struct, orig_rax), -1L), "skip the call");
#else
  int number = -1;
  iovec part{&number, sizeof number};
  require(ptrace(PTRACE_SETREGSET, pid, NT_ARM_SYSTEM_CALL, &part), "skip the call");
#endif
}

template <typename Change>
void change_registers(pid_t pid, const Change& change) {
  user_regs_struct registers{};
  iovec part{&registers, sizeof registers};
  require(ptrace(PTRACE_GETREGSET, pid, NT_PRSTATUS, &part), "read the registers");
  change(registers);
  require(ptrace(PTRACE_SETREGSET, pid, NT_PRSTATUS, &part), "write the registers");
}

// The first argument of a call that is entered, and the result of one that is left.
#ifdef __x86_64__
auto& argument(user_regs_struct& registers) {
  return registers.rdi;
}
auto& result(user_regs_struct& registers) {
  return registers.rax;
}
#else
auto& argument(user_regs_struct& registers) {
  return registers.regs[0];
}
auto& result(user_regs_struct& registers) {
  return registers.regs[0];
}
#endif

// What is to be done, and where.
struct Plan {
  enum class What { list, fail, kill };
  What what = What::list;
  std::string role;
  std::string name;
  int nth = 0;
  int error = 0;
  unsigned user = 0;
};

struct Tracee {
  std::string role;  // empty: its maker has not said yet who it is
  int made = 0;      // processes
  std::map<std::string, int> calls;
  bool is_command = false;
  bool fails_now = false;
  std::optional<std::uint64_t> wanted_break;  // of a brk that fails now
  std::string file_system;                    // that it makes
  bool waits = false;                         // has stopped for the first time, and has no role yet
};

class Tracer {
 public:
  Tracer(const Plan& plan, std::ostream& report) : plan_{plan}, report_{report} {}

  void run(pid_t first, unsigned seconds) {
    first_ = first;
    tracees_[first].role = "0";
    report_ << "pid " << first << "\n";
    alarm(seconds);
    while (wait_once()) {
    }
  }

 private:
  // False when nobody is left.
  bool wait_once() {
    int status = 0;
    const pid_t pid = waitpid(-1, &status, __WALL);
    if (time_is_over != 0) end_of_time();
    if (pid == -1) return errno == EINTR;
    if (WIFEXITED(status) || WIFSIGNALED(status)) {
      gone(pid, status);
    } else {
      stopped(pid, status);
    }
    return true;
  }

  void end_of_time() {
    time_is_over = 0;
    if (!first_gone_) report_ << "time\n";
    for (const auto& [pid, tracee] : tracees_) {
      if (first_gone_) report_ << "left process " << tracee.role << "\n";
      kill(pid, SIGKILL);
    }
  }

  void gone(pid_t pid, int status) {
    tracees_.erase(pid);
    if (pid != first_) return;
    first_gone_ = true;
    report_ << "status " << (WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status))
            << "\n";
    alarm(grace_seconds);
  }

  void stopped(pid_t pid, int status) {
    Tracee& tracee = tracees_[pid];
    const int signal = WSTOPSIG(status);
    const int event = status >> 16;
    if (tracee.role.empty()) {
      tracee.waits = true;
    } else if (signal == (SIGTRAP | 0x80)) {
      at_call(pid, tracee);
      go_on(pid, tracee, 0);
    } else if (event == PTRACE_EVENT_STOP && signal != SIGTRAP) {
      ptrace(PTRACE_LISTEN, pid, nullptr, nullptr);
    } else {
      if (event != 0) at_event(pid, tracee, event);
      go_on(pid, tracee, event == 0 ? signal : 0);
    }
  }

  // A tracee that was killed meanwhile makes this fail; its end is reported by itself.
  void go_on(pid_t pid, const Tracee& tracee, long signal) const {
    const bool lists = plan_.what == Plan::What::list && !tracee.is_command;
    ptrace(lists || tracee.fails_now ? PTRACE_SYSCALL : PTRACE_CONT, pid, nullptr, signal);
  }

  void at_event(pid_t pid, Tracee& tracee, int event) {
    if (event == PTRACE_EVENT_SECCOMP && first_runs_ && !tracee.is_command) {
      enter(pid, tracee, plan_.name, nullptr);
    }
    if (event == PTRACE_EVENT_EXEC) {
      tracee.is_command = pid != first_;
      first_runs_ = true;
      report_ << "exec " << tracee.role << "\n";
    }
    if (event != PTRACE_EVENT_FORK && event != PTRACE_EVENT_VFORK && event != PTRACE_EVENT_CLONE)
      return;
    unsigned long number = 0;
    if (ptrace(PTRACE_GETEVENTMSG, pid, nullptr, &number) == -1) return;
    const auto made = static_cast<pid_t>(number);
    Tracee& other = tracees_[made];
    other.role = tracee.role + "." + std::to_string(++tracee.made);
    other.is_command = tracee.is_command;
    if (other.waits) go_on(made, other, 0);
  }

  void at_call(pid_t pid, Tracee& tracee) {
    __ptrace_syscall_info info{};
    if (ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof info, &info) == -1) return;
    if (info.op == PTRACE_SYSCALL_INFO_ENTRY) {
      if (pid != first_ || first_runs_) enter(pid, tracee, name_of(info.entry.nr), info.entry.args);
    } else if (tracee.fails_now) {
      leave(pid, tracee);
    }
  }

  void leave(pid_t pid, Tracee& tracee) {
    tracee.fails_now = false;
    change_registers(pid, [&](user_regs_struct& registers) {
      if (!tracee.wanted_break) {
        result(registers) = static_cast<std::uint64_t>(-plan_.error);
      } else if (&argument(registers) != &result(registers)) {
        argument(registers) = *tracee.wanted_break;
      }
    });
  }

  // The kernel's brk, unlike the C library's, fails by returning the break as it was, brk(2): what
  // brk(0) does.
  static void ask_for_break(pid_t pid, Tracee& tracee) {
    change_registers(pid, [&](user_regs_struct& registers) {
      tracee.wanted_break = std::exchange(argument(registers), 0);
    });
  }

  // `arguments`: of the call, where they are asked for.
  void enter(pid_t pid, Tracee& tracee, const std::string& name, const std::uint64_t* arguments) {
    const int nth = ++tracee.calls[name];
    if (plan_.what == Plan::What::list) {
      const std::string about = inject::about(pid, name, arguments, tracee.file_system);
      report_ << "call " << tracee.role << " " << name << " " << nth << " " << about << "\n";
      return;
    }
    if (tracee.role != plan_.role || name != plan_.name || nth != plan_.nth) return;
    report_ << "hit\n";
    if (plan_.what == Plan::What::kill) return kill_first();
    tracee.fails_now = true;
    if (name == "brk") return ask_for_break(pid, tracee);
    // A close(2) that fails has closed all the same.
    if (name != "close") skip_call(pid);
  }

  // Whoever is in its call stays there until the first process is gone for good.
  void kill_first() {
    kill(first_, SIGKILL);
    int status = 0;
    while (waitpid(first_, &status, __WALL) != -1 && !WIFSIGNALED(status)) {
    }
    gone(first_, status);
  }

  const Plan& plan_;
  std::ostream& report_;
  pid_t first_ = -1;
  bool first_runs_ = false;  // has become the program
  bool first_gone_ = false;
  std::map<pid_t, Tracee> tracees_;
};

// The groups stay those of this process.
void become(unsigned id) {
  require(setresgid(id, id, id), "setresgid");
  require(setresuid(id, id, id), "setresuid");
}

// The program, held until this process has it on the line.
pid_t start(const Plan& plan, char** program) {
  int ends[2];
  require(pipe2(ends, O_CLOEXEC), "pipe2");
  const pid_t pid = fork();
  if (pid == 0) {
    char byte = 0;
    if (read(ends[0], &byte, 1) != 1) _exit(99);
    if (plan.what != Plan::What::list) stop_only_at(plan.name);
    if (plan.user != 0) become(plan.user);
    execv(program[0], program);
    _exit(99);
  }
  require(pid, "fork");
  const long options = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK |
                       PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC | PTRACE_O_TRACESECCOMP;
  require(ptrace(PTRACE_SEIZE, pid, nullptr, options), "PTRACE_SEIZE");
  require(ptrace(PTRACE_INTERRUPT, pid, nullptr, nullptr), "PTRACE_INTERRUPT");
  require(write(ends[1], "", 1), "write");
  close(ends[0]);
  close(ends[1]);
  return pid;
}

int number(const char* text) {
  return static_cast<int>(std::strtol(text, nullptr, 10));
}

// Moves `words` to the program's.
Plan read_plan(char**& words) {
  Plan plan;
  if (std::strcmp(*words, "as") == 0) {
    plan.user = static_cast<unsigned>(number(words[1]));
    words += 2;
  }
  const std::string what = *words++;
  plan.what = what == "fail"   ? Plan::What::fail
              : what == "kill" ? Plan::What::kill
                               : Plan::What::list;
  if (plan.what != Plan::What::list) {
    plan.role = *words++;
    plan.name = *words++;
    plan.nth = number(*words++);
  }
  if (plan.what == Plan::What::fail) plan.error = number(*words++);
  if (std::strcmp(*words++, "--") != 0) throw std::runtime_error{"see the top of inject.cpp"};
  return plan;
}

int run(char** argv) {
  char** words = argv + 3;
  const Plan plan = read_plan(words);
  std::ofstream report{argv[1]};
  if (!report) throw std::runtime_error{"cannot write the report"};
  struct sigaction action {};
  action.sa_handler = hear_alarm;
  require(sigaction(SIGALRM, &action, nullptr), "sigaction");
  // Orphans come here, so that nobody is missed.
  require(prctl(PR_SET_CHILD_SUBREAPER, 1), "PR_SET_CHILD_SUBREAPER");
  Tracer{plan, report}.run(start(plan, words), static_cast<unsigned>(number(argv[2])));
  return report.flush() ? 0 : 99;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    if (argc < 6) throw std::runtime_error{"see the top of inject.cpp"};
    return run(argv);
  } catch (const std::exception& error) {
    (void)std::fprintf(stderr, "inject: %s\n", error.what());
    return 99;
  }
}
