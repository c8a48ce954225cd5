// Attacks on the filter of system calls. Most are oracles: arguments for which the kernel itself
// would answer something else than a filter does, to root and to nobody alike. A call that the
// kernel refuses with EPERM anyway proves nothing here; those are tested on the filter's program.
#include <fcntl.h>
#include <linux/elf.h>
#include <linux/io_uring.h>
#include <linux/netlink.h>
#include <linux/sched.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <sched.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <memory>
#include <sstream>

#include "probe/probe.hpp"

namespace probe {
namespace {

// The newest calls have no name in Debian 12's headers; their numbers are the same everywhere.
constexpr long nr_fchmodat2 = 452;
constexpr long nr_statmount = 457;
constexpr long nr_listmount = 458;
constexpr long nr_lsm_get_self_attr = 459;
constexpr long nr_lsm_list_modules = 461;
constexpr long nr_file_getattr = 468;
constexpr long nr_listns = 470;

// One call that the kernel by itself answers with neither EPERM nor ENOSYS.
struct Oracle {
  const char* call;
  long number;
  std::array<long, 5> arguments;
};

bool filtered(long returned) {
  return returned == -1 && (errno == EPERM || errno == ENOSYS);
}

Outcome ask(std::span<const Oracle> oracles) {
  std::string answers;
  for (const Oracle& oracle : oracles) {
    const auto& a = oracle.arguments;
    errno = 0;
    const long returned = syscall(oracle.number, a[0], a[1], a[2], a[3], a[4], 0L);
    if (!filtered(returned)) {
      return reached(returned == -1 ? failed(oracle.call) + " is the kernel's own answer"
                                    : std::string{oracle.call} + " works");
    }
    answers += (answers.empty() ? "" : ", ") + failed(oracle.call);
  }
  return blocked(answers);
}

template <const auto& oracles>
Outcome ask_all(const Facts&) {
  return ask(oracles);
}

constexpr std::array keyrings{Oracle{"keyctl(9999)", SYS_keyctl, {9999}},
                              Oracle{"add_key(NULL)", SYS_add_key, {}},
                              Oracle{"request_key(NULL)", SYS_request_key, {}}};
constexpr std::array mounts{
    Oracle{"mount(NULL)", SYS_mount, {}}, Oracle{"umount2(NULL)", SYS_umount2, {}},
    Oracle{"fsconfig(-1)", SYS_fsconfig, {-1}}, Oracle{"open_tree(-1)", SYS_open_tree, {-1}},
    Oracle{"mount_setattr(-1)", SYS_mount_setattr, {-1, 0, 0x1000}}};
// UFFD_USER_MODE_ONLY, for which no sysctl and no capability is asked.
constexpr std::array faults{Oracle{"userfaultfd(USER_MODE_ONLY)", SYS_userfaultfd, {1}}};
constexpr std::array watchers{Oracle{"bpf(9999)", SYS_bpf, {9999}},
                              Oracle{"perf_event_open(NULL)", SYS_perf_event_open, {}}};
constexpr std::array reaching{Oracle{"pidfd_getfd(-1)", SYS_pidfd_getfd, {-1}},
                              Oracle{"process_madvise(-1)", SYS_process_madvise, {-1}}};
constexpr std::array nodes{
    Oracle{"get_mempolicy", SYS_get_mempolicy, {}}, Oracle{"set_mempolicy", SYS_set_mempolicy, {}},
    Oracle{"mbind", SYS_mbind, {}}, Oracle{"migrate_pages(NULL)", SYS_migrate_pages, {}},
    Oracle{"move_pages", SYS_move_pages, {}}};
constexpr std::array ring_calls{Oracle{"io_uring_setup(NULL)", SYS_io_uring_setup, {}},
                                Oracle{"io_uring_enter(-1)", SYS_io_uring_enter, {-1}},
                                Oracle{"io_uring_register(-1)", SYS_io_uring_register, {-1, 99}}};
constexpr std::array listings{Oracle{"statmount(NULL)", nr_statmount, {}},
                              Oracle{"listmount(NULL)", nr_listmount, {}},
                              Oracle{"listns(NULL)", nr_listns, {}}};
constexpr std::array newer{Oracle{"lsm_get_self_attr(NULL)", nr_lsm_get_self_attr, {}},
                           Oracle{"lsm_list_modules(NULL)", nr_lsm_list_modules, {}},
                           Oracle{"file_getattr(NULL)", nr_file_getattr, {}}};
constexpr std::array namespaces{Oracle{"unshare(0)", SYS_unshare, {}},
                                Oracle{"setns(-1)", SYS_setns, {-1}}};

// kcmp(2) of oneself works without any capability.
Outcome reach_into_processes(const Facts&) {
  const long self = getpid();
  const std::array kcmp{Oracle{"kcmp", SYS_kcmp, {self, self, 1}}};
  const Outcome compared = ask(kcmp);
  return compared.verdict == Verdict::reached ? compared : ask(reaching);
}

// --- is it there, in every thread? ---

std::string status_line(const std::string& path, const std::string& key) {
  std::istringstream lines{slurp(path)};
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with(key)) return line.substr(line.find_last_of("\t ") + 1);
  }
  return {};
}

// A grader's filter (tests/classroom/below_filter.cpp) does not count: one more is
// needed. The kernel says the number since Linux 5.9.
bool has_filter(const std::string& path) {
  return is_graded() ? status_line(path, "Seccomp_filters:") > "1"
                     : status_line(path, "Seccomp:") == "2";
}

Outcome find_task_without(const Facts&) {
  if (prctl(PR_GET_SECCOMP) == 0) return reached("this process has no filter");
  int tasks = 0;
  for (const auto& process : std::filesystem::directory_iterator{"/proc"}) {
    const std::string task = process.path() / "task";
    if (!std::filesystem::exists(task)) continue;
    for (const auto& thread : std::filesystem::directory_iterator{task}) {
      const std::string status = thread.path() / "status";
      if (!has_filter(status)) return reached(status + " shows no filter");
      ++tasks;
    }
  }
  return tasks > 0 ? blocked(std::to_string(tasks) + " tasks, each with a filter")
                   : not_testable("/proc shows no task");
}

// --- other ABIs ---

// What became of a child: how it exited, or the signal that ended it.
struct End {
  int status = -1;
  int signal = 0;
};

template <typename Act>
End end_of(Act act) {
  const pid_t pid = fork();
  if (pid == 0) _exit(act());
  int status = 0;
  waitpid(pid, &status, 0);
  if (WIFSIGNALED(status)) return {-1, WTERMSIG(status)};
  return {WEXITSTATUS(status), 0};
}

#if defined(__x86_64__)
// The same number means another call there: 310 is unshare(2) of i386.
long by_int_0x80(long number, long argument) {
  long returned = 0;
  asm volatile("int $0x80" : "=a"(returned) : "a"(number), "b"(argument) : "memory");
  return returned;
}

Outcome call_as_i386(const Facts&) {
  constexpr long i386_unshare = 310;
  const End end = end_of([] { return by_int_0x80(i386_unshare, CLONE_NEWUSER) == 0 ? 0 : 1; });
  if (end.signal == SIGSYS) return blocked("int 0x80: killed by SIGSYS");
  if (end.signal != 0) return not_testable("this kernel has no 32-bit calls");
  return end.status == 0 ? reached("unshare(CLONE_NEWUSER) by int 0x80 works")
                         : not_testable("unshare by int 0x80 was refused");
}

Outcome call_as_x32(const Facts&) {
  constexpr long x32_bit = 0x40000000;
  const End end = end_of([] { return syscall(x32_bit | SYS_getpid) == -1 ? 1 : 0; });
  if (end.signal == SIGSYS) return blocked("killed by SIGSYS");
  return end.status == 0 ? reached("getpid with the x32 bit works")
                         : not_testable("this kernel has no x32 calls");
}
#else
Outcome call_as_i386(const Facts&) {
  return not_testable("32-bit programs are the only door to another ABI on aarch64");
}
Outcome call_as_x32(const Facts&) {
  return not_testable("x32 is x86_64's");
}
#endif

// --- arguments ---

struct Pipe {
  int ends[2] = {-1, -1};
  Pipe() { (void)!pipe2(ends, O_CLOEXEC); }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  ~Pipe() {
    close(ends[0]);
    close(ends[1]);
  }
};

// On a pipe, where the kernel says ENOTTY.
Outcome try_ioctls(std::span<const unsigned long> requests) {
  const Pipe pipe;
  for (const unsigned long request : requests) {
    errno = 0;
    const long returned = syscall(SYS_ioctl, pipe.ends[0], request, 0);
    if (!filtered(returned)) return reached(failed("ioctl " + std::to_string(request)));
  }
  return blocked(failed("each ioctl"));
}

Outcome type_with_high_bits(const Facts&) {
  constexpr std::array<unsigned long, 3> requests{TIOCSTI | 1UL << 32, TIOCSTI | 1UL << 63,
                                                  TIOCSTI | 0xffffffffUL << 32};
  return try_ioctls(requests);
}

Outcome type_into_terminals(const Facts&) {
  constexpr std::array<unsigned long, 2> requests{TIOCSTI, TIOCLINUX};
  return try_ioctls(requests);
}

Outcome weaken_memory(const Facts&) {
  for (const unsigned long persona : {0UL + ADDR_NO_RANDOMIZE, 0UL + READ_IMPLIES_EXEC}) {
    const End end = end_of([=] { return personality(persona) == -1 ? 1 : 0; });
    if (end.status == 0) return reached("personality " + std::to_string(persona) + " works");
  }
  return blocked("two personalities are refused");
}

// --- new namespaces, by each door ---

// CLONE_SIGHAND without CLONE_VM is EINVAL, and found out before any capability is asked for.
Outcome clone_with_each_flag(const Facts&) {
  for (const long flag : {CLONE_NEWNS, CLONE_NEWCGROUP, CLONE_NEWUTS, CLONE_NEWIPC, CLONE_NEWUSER,
                          CLONE_NEWPID, CLONE_NEWNET}) {
    const long returned = syscall(SYS_clone, flag | CLONE_SIGHAND, 0, 0, 0, 0);
    if (returned == 0) _exit(0);
    if (!filtered(returned)) {
      return reached(failed("clone with " + std::to_string(flag)) + " is the kernel's own answer");
    }
  }
  return blocked("clone with each of seven flags: EPERM");
}

long clone3_with(std::uint64_t flags) {
  clone_args arguments{};
  arguments.flags = flags;
  arguments.exit_signal = SIGCHLD;
  const long pid = syscall(SYS_clone3, &arguments, sizeof arguments);
  if (pid == 0) _exit(0);
  return pid;
}

Outcome clone3_user_namespace(const Facts&) {
  const long pid = clone3_with(CLONE_NEWUSER);
  if (pid == -1) return blocked(failed("clone3(CLONE_NEWUSER)"));
  waitpid(static_cast<pid_t>(pid), nullptr, 0);
  return reached("clone3(CLONE_NEWUSER) works");
}

// What a nested user namespace is good for: the right to mount.
int mount_in_nested_namespace() {
  if (unshare(CLONE_NEWUSER | CLONE_NEWNS) == -1) return 1;
  return mount("none", "/", "tmpfs", 0, nullptr) == 0 ? 0 : 2;
}

Outcome nest_user_namespace(const Facts& facts) {
  const End end = end_of(mount_in_nested_namespace);
  if (end.status == 0) return reached("a nested user namespace can mount");
  if (end.status == 2) return reached("a nested user namespace was made");
  const long pid = syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0);
  if (pid == 0) _exit(0);
  if (pid > 0) return reached("clone(CLONE_NEWUSER) works");
  const Outcome other = clone3_user_namespace(facts);
  return other.verdict == Verdict::reached
             ? other
             : blocked("unshare, clone and clone3: " + other.evidence);
}

// --- io_uring does the call ---

// The two rings of one io_uring, mapped as io_uring_setup(2) lays them out.
struct Rings {
  int fd = -1;
  io_uring_params params{};
  std::uint8_t* shared = nullptr;  // both rings: IORING_FEAT_SINGLE_MMAP, Linux 5.4
  io_uring_sqe* entry = nullptr;

  std::uint32_t& word(std::uint32_t offset) const {
    return *reinterpret_cast<std::uint32_t*>(shared + offset);
  }
};

void* map_ring(int fd, std::size_t size, off_t what) {
  return mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd, what);
}

bool map_rings(Rings& rings) {
  const auto& p = rings.params;
  const std::size_t size =
      std::max<std::size_t>(p.sq_off.array + p.sq_entries * sizeof(std::uint32_t),
                            p.cq_off.cqes + p.cq_entries * sizeof(io_uring_cqe));
  void* shared = map_ring(rings.fd, size, IORING_OFF_SQ_RING);
  void* entries = map_ring(rings.fd, sizeof(io_uring_sqe), IORING_OFF_SQES);
  rings.shared = static_cast<std::uint8_t*>(shared);
  rings.entry = static_cast<io_uring_sqe*>(entries);
  return shared != MAP_FAILED && entries != MAP_FAILED;
}

// socket(2) by the kernel's own hand: its descriptor, or a negative errno.
int socket_by_ring(Rings& rings, int family, int type, int protocol) {
  constexpr std::uint8_t op_socket = 45;  // IORING_OP_SOCKET, Linux 5.19
  *rings.entry = {};
  rings.entry->opcode = op_socket;
  rings.entry->fd = family;
  rings.entry->off = static_cast<std::uint64_t>(type);
  rings.entry->len = static_cast<std::uint32_t>(protocol);
  rings.word(rings.params.sq_off.array) = 0;
  rings.word(rings.params.sq_off.tail) = 1;
  if (syscall(SYS_io_uring_enter, rings.fd, 1, 1, IORING_ENTER_GETEVENTS, nullptr, 0) != 1) {
    return -errno;
  }
  return reinterpret_cast<io_uring_cqe*>(rings.shared + rings.params.cq_off.cqes)->res;
}

Outcome let_a_ring_call(const Facts&) {
  Rings rings;
  rings.fd = static_cast<int>(syscall(SYS_io_uring_setup, 1, &rings.params));
  if (rings.fd == -1) {
    const std::string why = failed("io_uring_setup");
    const Outcome shut = ask(ring_calls);
    return shut.verdict == Verdict::reached ? not_testable(why) : shut;
  }
  if (!map_rings(rings)) return not_testable(failed("mmap of the ring"));
  const int fd = socket_by_ring(rings, AF_NETLINK, SOCK_RAW, NETLINK_KOBJECT_UEVENT);
  return fd >= 0 ? reached("io_uring made a socket of the kernel's events")
                 : reached("there is a ring, though this socket failed: " + std::to_string(-fd));
}

// --- socket families ---

// The filter's answer is EAFNOSUPPORT, and so is the kernel's to what it does not have: any other
// answer comes from a family's own code.
bool opens(int family, int type, int protocol) {
  const int fd = socket(family, type, protocol);
  if (fd != -1) close(fd);
  return fd != -1 || errno != EAFNOSUPPORT;
}

// The number of a family that is there, or -1.
int find_odd_family() {
  for (int family = 0; family <= 50; ++family) {
    if (family == AF_UNIX || family == AF_INET || family == AF_INET6) continue;
    const int protocol = family == AF_NETLINK ? NETLINK_KOBJECT_UEVENT : 0;
    for (const int type : {SOCK_STREAM, SOCK_DGRAM, SOCK_RAW, SOCK_SEQPACKET}) {
      if (opens(family, type, protocol)) return family;
    }
  }
  return -1;
}

Outcome open_odd_sockets(const Facts&) {
  const int family = find_odd_family();
  if (family != -1) return reached("family " + std::to_string(family) + " is there");
  for (int protocol = 1; protocol < MAX_LINKS; ++protocol) {
    if (opens(AF_NETLINK, SOCK_RAW, protocol)) {
      return reached("netlink protocol " + std::to_string(protocol) + " is there");
    }
  }
  // The internet has no pairs: its own code says EOPNOTSUPP.
  for (const int pair_family : {AF_TIPC, AF_INET}) {
    int pair[2];
    if (socketpair(pair_family, SOCK_STREAM, 0, pair) == 0 || errno != EAFNOSUPPORT) {
      return reached(failed("socketpair of family " + std::to_string(pair_family)));
    }
  }
  return blocked("all families but three, and all of netlink but routes: EAFNOSUPPORT");
}

// --- what the kernel does on somebody's behalf ---

struct Socket {
  int family;
  int type;
  int protocol;
};

// Most are modules, loaded when the first socket is asked for, or are looked for in vain each time.
// SOCK_PACKET of the internet is AF_PACKET; a type that does not exist is looked for too.
constexpr int mptcp = 262;
constexpr int l2tp = 115;
constexpr std::array odd_protocols{Socket{AF_INET, SOCK_STREAM, mptcp},
                                   Socket{AF_INET6, SOCK_STREAM, mptcp},
                                   Socket{AF_INET, SOCK_DGRAM, IPPROTO_UDPLITE},
                                   Socket{AF_INET6, SOCK_DGRAM, IPPROTO_UDPLITE},
                                   Socket{AF_INET, SOCK_DGRAM, l2tp},
                                   Socket{AF_INET, SOCK_SEQPACKET, IPPROTO_SCTP},
                                   Socket{AF_INET6, SOCK_SEQPACKET, IPPROTO_SCTP},
                                   Socket{AF_INET, SOCK_DCCP, IPPROTO_DCCP},
                                   Socket{AF_INET, SOCK_RDM, 0},
                                   Socket{AF_INET, 0, 0},
                                   Socket{AF_INET6, SOCK_SEQPACKET | SOCK_CLOEXEC, 0},
                                   Socket{AF_INET, SOCK_PACKET, 0}};

Outcome open_odd_protocols(const Facts&) {
  for (const Socket& it : odd_protocols) {
    errno = 0;
    const int fd = socket(it.family, it.type, it.protocol);
    if (fd != -1) close(fd);
    // The filter's answer; where a type is not there at all, the kernel has another one.
    if (fd == -1 && errno == EPROTONOSUPPORT) continue;
    const std::string what = "socket " + std::to_string(it.family) + ", " +
                             std::to_string(it.type) + ", " + std::to_string(it.protocol);
    return reached(fd == -1 ? failed(what) + " is the kernel's own answer" : what + " is there");
  }
  return blocked(std::to_string(odd_protocols.size()) + " protocols and types: EPROTONOSUPPORT");
}

Outcome set_line_discipline(const Facts&) {
  constexpr std::array<unsigned long, 2> requests{TIOCSETD, TIOCSETD | 1UL << 32};
  return try_ioctls(requests);
}

// On a pipe, where the kernel says ENOTTY.
Outcome ask_for_bridges(const Facts&) {
  constexpr std::array<unsigned long, 8> requests{SIOCGIFBR,   SIOCSIFBR,   SIOCBRADDBR,
                                                  SIOCBRDELBR, SIOCBRADDIF, SIOCBRDELIF,
                                                  SIOCGIFVLAN, SIOCSIFVLAN};
  const Pipe pipe;
  for (const unsigned long request : requests) {
    errno = 0;
    const long returned = syscall(SYS_ioctl, pipe.ends[0], request | 1UL << 32, 0);
    if (returned != -1 || errno != ENOPKG) {
      return reached(failed("ioctl " + std::to_string(request)));
    }
  }
  return blocked("eight requests for bridges and virtual LANs: ENOPKG");
}

// Of no descriptor, where the kernel says EBADF.
Outcome give_tcp_ciphers(const Facts&) {
  constexpr int ao_add_key = 38;
  for (const int option : {TCP_ULP, TCP_MD5SIG, TCP_MD5SIG_EXT, ao_add_key}) {
    errno = 0;
    if (setsockopt(-1, IPPROTO_TCP, option, nullptr, 0) != -1 || errno != ENOPROTOOPT) {
      return reached(failed("TCP option " + std::to_string(option)));
    }
  }
  return blocked("four options of TCP: ENOPROTOOPT");
}

Outcome hold_secret_memory(const Facts&) {
  const long fd = syscall(SYS_memfd_secret, 0);
  if (fd == -1) return blocked(failed("memfd_secret"));
  close(static_cast<int>(fd));
  return reached("memfd_secret works, and as long as it is held the machine cannot hibernate");
}

// How many processes this machine has ever started, the kernel's helpers among them.
long processes_started() {
  const std::string text = slurp("/proc/stat");
  const auto at = text.find("\nprocesses ");
  return at == std::string::npos ? -1 : std::strtol(text.c_str() + at + 11, nullptr, 10);
}

void ask_for_module(int protocol) {
  close(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, protocol));
  close(socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, 0));
}

// The line discipline has no number that any module has.
void ask_for_line_discipline() {
  const int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
  const int strange = 25;
  ioctl(master, TIOCSETD, &strange);
  close(master);
}

// All that a number can ask for: every type and protocol, and every request that is a socket's.
void ask_for_everything() {
  for (const int family : {AF_UNIX, AF_INET, AF_INET6}) {
    for (int type = 0; type <= SOCK_PACKET; ++type) {
      for (int protocol = 0; protocol <= mptcp; ++protocol) close(socket(family, type, protocol));
    }
    const int fd = socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    for (unsigned long request = 0x8900; request < 0x8c00; ++request) {
      std::array<char, 256> nothing{};
      ioctl(fd, request, nothing.data());
    }
    close(fd);
  }
}

// The first line of /proc/modules is the newest.
std::string newest_module() {
  const std::string modules = slurp("/proc/modules");
  return modules.substr(0, modules.find(' '));
}

// What is not there is looked for each time, by a modprobe(8) outside of every control group. What
// is there is loaded once, and stays: that is tried only where the other was refused.
Outcome make_host_look_for_modules(const Facts&) {
  constexpr int times = 20;
  constexpr int nobodys = 199;
  if (processes_started() == -1) return not_testable("/proc/stat cannot be read");
  const std::array<void (*)(), 2> ways{[] { ask_for_module(nobodys); }, ask_for_line_discipline};
  for (const auto way : ways) {
    const long before = processes_started();
    for (int i = 0; i < times; ++i) way();
    const long started = processes_started() - before;
    // Others start processes too, but not in such a short time.
    if (started >= times) return reached("the kernel started " + std::to_string(started));
  }
  const std::string before = newest_module();
  ask_for_everything();
  return newest_module() == before ? blocked("no process was started for it, and no module came")
                                   : reached("there is a new module, " + newest_module());
}

// --- a tracer changes the call ---

#if defined(__x86_64__)
bool exchange_call(pid_t pid, long number, long argument) {
  user_regs_struct registers{};
  if (ptrace(PTRACE_GETREGS, pid, nullptr, &registers) == -1) return false;
  registers.orig_rax = static_cast<unsigned long long>(number);
  registers.rdi = static_cast<unsigned long long>(argument);
  return ptrace(PTRACE_SETREGS, pid, nullptr, &registers) == 0;
}
#else
bool exchange_call(pid_t pid, long number, long argument) {
  constexpr int call_registers = 0x404;  // NT_ARM_SYSTEM_CALL
  int call = static_cast<int>(number);
  iovec part{&call, sizeof call};
  if (ptrace(PTRACE_SETREGSET, pid, call_registers, &part) == -1) return false;
  user_regs_struct registers{};
  iovec all{&registers, sizeof registers};
  if (ptrace(PTRACE_GETREGSET, pid, NT_PRSTATUS, &all) == -1) return false;
  registers.regs[0] = static_cast<unsigned long long>(argument);
  return ptrace(PTRACE_SETREGSET, pid, NT_PRSTATUS, &all) == 0;
}
#endif

// Says getppid(2); its exit status is the errno that came of it.
[[noreturn]] void be_traced() {
  if (ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) == -1) _exit(255);
  (void)raise(SIGSTOP);
  errno = 0;
  const long returned = syscall(SYS_getppid);
  _exit(returned == -1 ? errno : 0);
}

// keyctl(2) of a number that is none, for which the kernel says EOPNOTSUPP.
Outcome exchange_calls(const Facts&) {
  const pid_t pid = fork();
  if (pid == 0) be_traced();
  int status = 0;
  waitpid(pid, &status, 0);
  if (!WIFSTOPPED(status)) return not_testable("ptrace cannot be used");
  ptrace(PTRACE_SYSCALL, pid, nullptr, nullptr);
  waitpid(pid, &status, 0);
  const bool exchanged = WIFSTOPPED(status) && exchange_call(pid, SYS_keyctl, 9999);
  const std::string why = failed("exchanging the call");
  ptrace(PTRACE_CONT, pid, nullptr, nullptr);
  waitpid(pid, &status, 0);
  if (!exchanged || !WIFEXITED(status)) return not_testable(why);
  errno = WEXITSTATUS(status);
  const std::string answer = failed("getppid, made keyctl(9999) by a tracer");
  return errno == EPERM || errno == ENOSYS ? blocked(answer) : reached(answer);
}

// --- set-uid files: four ways, of which the posts' list knows one ---

std::string scratch(const char* name) {
  return std::string{"/tmp/"} + name + std::to_string(getpid());
}

Outcome look_for_set_uid(const std::string& path, const std::string& how) {
  struct stat found {};
  const bool there = stat(path.c_str(), &found) == 0 && (found.st_mode & S_ISUID) != 0;
  unlink(path.c_str());
  return there ? reached(how + " made a set-uid file") : blocked(failed(how));
}

std::string plain_file() {
  std::string path = scratch("plain");
  close(open(path.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0755));
  errno = 0;
  return path;
}

Outcome set_uid_by_chmod(const Facts&) {
  const std::string path = plain_file();
  (void)!chmod(path.c_str(), 04755);
  return look_for_set_uid(path, "chmod");
}

Outcome set_uid_by_fchmodat2(const Facts&) {
  const std::string path = plain_file();
  const long returned = syscall(nr_fchmodat2, AT_FDCWD, path.c_str(), 04755, 0);
  if (returned == -1 && errno == ENOSYS) {
    unlink(path.c_str());
    return not_testable("this kernel has no fchmodat2");
  }
  return look_for_set_uid(path, "fchmodat2");
}

Outcome set_uid_by_open(const Facts&) {
  const std::string path = scratch("opened");
  close(open(path.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 04755));
  return look_for_set_uid(path, "open");
}

Outcome set_uid_by_mknod(const Facts&) {
  const std::string path = scratch("made");
  (void)!mknod(path.c_str(), S_IFREG | 04755, 0);
  return look_for_set_uid(path, "mknod");
}

// --- what must still work ---

void* nothing(void*) {
  return nullptr;
}

bool thread_starts() {
  pthread_t thread{};
  return pthread_create(&thread, nullptr, nothing, nullptr) == 0 &&
         pthread_join(thread, nullptr) == 0;
}

bool child_runs() {
  return end_of([] { return 42; }).status == 42;
}

// Both were refused by the posts' rule for TIOCSTI.
bool terminal_has_a_size() {
  const int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
  winsize size{};
  const bool sized = master != -1 && ioctl(master, TIOCGWINSZ, &size) == 0;
  close(master);
  return sized;
}

bool pipe_has_a_fill() {
  const Pipe pipe;
  int waiting = -1;
  return ioctl(pipe.ends[0], FIONREAD, &waiting) == 0 && waiting == 0;
}

bool socket_opens(int family, int type, int protocol) {
  const int fd = socket(family, type | SOCK_CLOEXEC, protocol);
  if (fd == -1) return false;
  close(fd);
  return true;
}

bool descriptors_wait() {
  const std::array fds{epoll_create1(EPOLL_CLOEXEC), eventfd(0, EFD_CLOEXEC),
                       inotify_init1(IN_CLOEXEC), memfd_create("work", MFD_CLOEXEC)};
  bool all = true;
  for (const int fd : fds) {
    all = all && fd != -1;
    close(fd);
  }
  return all;
}

bool numbers_are_random() {
  std::array<char, 8> bytes{};
  return getrandom(bytes.data(), bytes.size(), 0) == static_cast<ssize_t>(bytes.size());
}

bool pair_is_made() {
  int ends[2] = {-1, -1};
  const bool made = socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0;
  close(ends[0]);
  close(ends[1]);
  return made;
}

// Options have numbers of their own at each level: this one is TCP_MD5SIG_EXT at another.
bool multicast_has_an_interface() {
  const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  const in_addr any{};
  const bool set = setsockopt(fd, IPPROTO_IP, IP_MULTICAST_IF, &any, sizeof any) == 0;
  close(fd);
  return set;
}

struct Need {
  const char* what;
  bool (*met)();
};

constexpr std::array needs{
    Need{"a thread", thread_starts},
    Need{"a child", child_runs},
    Need{"a terminal's size", terminal_has_a_size},
    Need{"FIONREAD", pipe_has_a_fill},
    Need{"AF_UNIX", [] { return socket_opens(AF_UNIX, SOCK_STREAM, 0); }},
    Need{"AF_INET", [] { return socket_opens(AF_INET, SOCK_DGRAM, 0); }},
    Need{"AF_INET6", [] { return socket_opens(AF_INET6, SOCK_STREAM, 0); }},
    Need{"TCP by its name", [] { return socket_opens(AF_INET, SOCK_STREAM, IPPROTO_TCP); }},
    Need{"UDP by its name",
         [] { return socket_opens(AF_INET6, SOCK_DGRAM | SOCK_NONBLOCK, IPPROTO_UDP); }},
    Need{"IP_MULTICAST_IF", multicast_has_an_interface},
    Need{"NETLINK_ROUTE", [] { return socket_opens(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE); }},
    Need{"socketpair", pair_is_made},
    Need{"epoll, eventfd, inotify, memfd", descriptors_wait},
    Need{"getrandom", numbers_are_random},
    Need{"personality", [] { return personality(0xffffffff) != -1; }},
    Need{"personality 32", [] { return personality(PER_LINUX32) != -1 && personality(0) != -1; }},
};

Outcome do_ordinary_things(const Facts&) {
  for (const Need& need : needs) {
    errno = 0;
    if (!need.met()) return blocked(failed(need.what));
  }
  return reached(std::to_string(needs.size()) + " ordinary things work");
}

constexpr std::array attacks{
    Attack{"SEC-01", find_task_without},      Attack{"SEC-03", call_as_i386},
    Attack{"SEC-03-X32", call_as_x32},        Attack{"SEC-04", type_with_high_bits},
    Attack{"SEC-05", do_ordinary_things},     Attack{"SEC-06", clone3_user_namespace},
    Attack{"SEC-07", clone_with_each_flag},   Attack{"SEC-08", ask_all<mounts>},
    Attack{"SEC-08-NS", ask_all<namespaces>}, Attack{"SEC-09", let_a_ring_call},
    Attack{"SEC-10", ask_all<keyrings>},      Attack{"SEC-11", ask_all<faults>},
    Attack{"SEC-12", ask_all<watchers>},      Attack{"SEC-13", reach_into_processes},
    Attack{"SEC-14", weaken_memory},          Attack{"SEC-15", ask_all<nodes>},
    Attack{"SEC-16", type_into_terminals},    Attack{"SEC-17", open_odd_sockets},
    Attack{"SEC-18-CHMOD", set_uid_by_chmod}, Attack{"SEC-18-FCHMODAT2", set_uid_by_fchmodat2},
    Attack{"SEC-18-OPEN", set_uid_by_open},   Attack{"SEC-18-MKNOD", set_uid_by_mknod},
    Attack{"SEC-19", ask_all<newer>},         Attack{"NS-11", ask_all<listings>},
    Attack{"USER-07", nest_user_namespace},   Attack{"SEC-22", open_odd_protocols},
    Attack{"SEC-23", set_line_discipline},    Attack{"SEC-24", ask_for_bridges},
    Attack{"SEC-25", give_tcp_ciphers},       Attack{"SEC-26", hold_secret_memory},
    Attack{"SEC-27", exchange_calls},         Attack{"SEC-28", make_host_look_for_modules},
};

}  // namespace

std::span<const Attack> seccomp_attacks() {
  return attacks;
}

}  // namespace probe
