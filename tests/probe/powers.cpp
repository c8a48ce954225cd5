// Capabilities by effect: one harmless act for each, which works with it and not without it. To be
// tried as root of the host (--share user): in a user namespace the kernel refuses many of them
// whatever the sets say, and a forgotten drop would not show.
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/bpf.h>
#include <linux/fs.h>
#include <linux/netlink.h>
#include <linux/perf_event.h>
#include <linux/sched.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/fsuid.h>
#include <sys/ioctl.h>
#include <sys/klog.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/reboot.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <ctime>

#include "probe/probe.hpp"

namespace probe {
namespace {

// EPERM and EACCES mean that the capability is missing; that the kernel has no such thing at all
// means nothing, nor does it that there was no file to try it on; any other answer came after the
// check, and so passed it.
Outcome judge(long returned, const std::string& call) {
  constexpr std::array absent{ENOSYS, EOPNOTSUPP, EPROTONOSUPPORT, EAFNOSUPPORT, ENOTTY,
                              ENODEV, ENOENT,     ECONNREFUSED,    EBADF,        EROFS};
  if (returned != -1) return reached(call + " works");
  if (errno == EPERM || errno == EACCES) return blocked(failed(call));
  const bool unknown = std::find(absent.begin(), absent.end(), errno) != absent.end();
  return unknown ? not_testable(failed(call)) : reached(failed(call) + ", after the check");
}

// `act` in a child, so that the probe itself stays who it is: 0, or -1 with the child's errno.
template <typename Act>
long in_child(Act act) {
  const pid_t pid = fork();
  if (pid == 0) _exit(act() == -1 ? errno : 0);
  int status = 0;
  if (pid == -1 || waitpid(pid, &status, 0) == -1) return -1;
  errno = WEXITSTATUS(status);
  return errno == 0 ? 0 : -1;
}

// A process of user 1, until the end of the scope.
class Stranger {
 public:
  Stranger() {
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) == -1) return;
    pid_ = fork();
    if (pid_ == 0) {
      const char strange = setresuid(1, 1, 1) == 0 ? 1 : 0;
      (void)!write(ends[1], &strange, 1);
      while (true) pause();
    }
    char byte = 0;
    strange_ = read(ends[0], &byte, 1) == 1 && byte == 1;
    close(ends[0]);
    close(ends[1]);
  }
  Stranger(const Stranger&) = delete;
  ~Stranger() {
    // SIGKILL is refused without CAP_KILL: then it goes with the pid namespace.
    if (pid_ > 0 && kill(pid_, SIGKILL) == 0) waitpid(pid_, nullptr, 0);
  }
  pid_t pid() const { return pid_; }
  // False where there is no user 1, or nobody may become another user.
  bool is_strange() const { return strange_; }

 private:
  pid_t pid_ = -1;
  bool strange_ = false;
};

Outcome nobody_else() {
  return not_testable("there is no other user here that could be tried on");
}

constexpr const char* scratch = "/tmp/power";

// A fresh file of user `owner`, open for reading and writing; -1 if it cannot be made.
int make_file(uid_t owner, mode_t mode) {
  unlink(scratch);
  setfsuid(owner);
  const int fd = open(scratch, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  (void)fchmod(fd, mode);
  setfsuid(0);
  struct stat status {};
  return fstat(fd, &status) == 0 && status.st_uid == owner ? fd : -1;
}

Outcome use_chown(const Facts&) {
  return judge(fchown(make_file(0, 0644), 1, 1), "fchown(1, 1)");
}

Outcome use_dac_override(const Facts&) {
  make_file(0, 0);
  return judge(open(scratch, O_WRONLY | O_CLOEXEC), "open(a file of mode 0, O_WRONLY)");
}

Outcome use_dac_read_search(const Facts&) {
  // The struct ends in an array of no length: the handle itself comes behind it.
  alignas(file_handle) std::array<char, sizeof(file_handle) + MAX_HANDLE_SZ> room{};
  auto* handle = reinterpret_cast<file_handle*>(room.data());
  handle->handle_bytes = MAX_HANDLE_SZ;
  make_file(0, 0644);
  int mount = 0;
  if (name_to_handle_at(AT_FDCWD, scratch, handle, &mount, 0) == -1) {
    return not_testable(failed("name_to_handle_at()"));
  }
  const int root = open("/", O_RDONLY | O_CLOEXEC);
  return judge(open_by_handle_at(root, handle, O_RDONLY | O_CLOEXEC), "open_by_handle_at()");
}

Outcome use_fowner(const Facts&) {
  return judge(fchmod(make_file(1, 0644), 0600), "fchmod(another user's file)");
}

// Not refused but silently undone: the bit is cleared when the file's group is not the caller's.
Outcome use_fsetid(const Facts&) {
  const int fd = make_file(0, 0644);
  if (fchown(fd, 0, 1) == -1) return not_testable(failed("fchown()"));
  struct stat status {};
  if (fchmod(fd, 02755) == -1 || fstat(fd, &status) == -1) return not_testable(failed("fchmod()"));
  return (status.st_mode & S_ISGID) != 0 ? reached("a set-group-id bit for another group stays")
                                         : blocked("the set-group-id bit was cleared");
}

Outcome use_kill(const Facts&) {
  const Stranger stranger;
  if (!stranger.is_strange()) return nobody_else();
  return judge(kill(stranger.pid(), 0), "kill(another user's process, 0)");
}

Outcome use_setgid(const Facts&) {
  return judge(in_child([] { return setresgid(1, 1, 1); }), "setresgid(1)");
}

Outcome use_setuid(const Facts&) {
  return judge(in_child([] { return setresuid(1, 1, 1); }), "setresuid(1)");
}

Outcome use_setpcap(const Facts&) {
  return judge(in_child([] { return prctl(PR_CAPBSET_DROP, 0, 0, 0, 0); }), "PR_CAPBSET_DROP");
}

Outcome use_linux_immutable(const Facts&) {
  const int fd = make_file(0, 0644);
  int flags = FS_APPEND_FL;
  Outcome outcome = judge(ioctl(fd, FS_IOC_SETFLAGS, &flags), "ioctl(FS_IOC_SETFLAGS)");
  flags = 0;
  ioctl(fd, FS_IOC_SETFLAGS, &flags);
  return outcome;
}

Outcome use_net_bind_service(const Facts&) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(80);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  return judge(bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address),
               "bind(port 80)");
}

Outcome use_net_admin(const Facts&) {
  const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  ifreq request{};
  std::memcpy(request.ifr_name, "lo", 3);
  request.ifr_flags = IFF_UP;
  return judge(ioctl(fd, SIOCSIFFLAGS, &request), "ioctl(SIOCSIFFLAGS)");
}

Outcome use_net_raw(const Facts&) {
  return judge(socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_ICMP), "socket(SOCK_RAW)");
}

Outcome use_ipc_lock(const Facts&) {
  return judge(in_child([] {
                 const rlimit none{0, 0};
                 setrlimit(RLIMIT_MEMLOCK, &none);
                 static std::array<char, 4096> page;
                 return mlock(page.data(), page.size());
               }),
               "mlock() without a limit for it");
}

Outcome use_ipc_owner(const Facts&) {
  constexpr key_t key = 0x706f7765;
  in_child([] { return setresuid(1, 1, 1) == -1 ? -1 : shmget(key, 4096, IPC_CREAT); });
  const int id = shmget(key, 0, 0);
  if (id == -1) return nobody_else();
  const bool attached = reinterpret_cast<std::intptr_t>(shmat(id, nullptr, SHM_RDONLY)) != -1;
  const int number = errno;
  shmctl(id, IPC_RMID, nullptr);
  errno = number;
  return judge(attached ? 0 : -1, "shmat(another user's segment of mode 0)");
}

Outcome use_sys_module(const Facts&) {
  const long returned = syscall(SYS_delete_module, "no_such_module_of_tincan", O_NONBLOCK);
  if (errno == ENOENT) return reached("delete_module() looked for the module");
  return judge(returned, "delete_module()");
}

Outcome use_sys_rawio(const Facts&) {
  int block = 0;
  return judge(ioctl(make_file(0, 0644), FIBMAP, &block), "ioctl(FIBMAP)");
}

Outcome use_sys_chroot(const Facts&) {
  return judge(in_child([] { return chroot("/"); }), "chroot(/)");
}

Outcome use_sys_ptrace(const Facts&) {
  const Stranger stranger;
  if (!stranger.is_strange()) return nobody_else();
  char byte = 0;
  iovec here{&byte, 1};
  iovec there{const_cast<char*>(scratch), 1};
  return judge(process_vm_readv(stranger.pid(), &here, 1, &there, 1, 0),
               "process_vm_readv(another user's process)");
}

Outcome use_sys_pacct(const Facts&) {
  return judge(syscall(SYS_acct, 1L), "acct(a bad pointer)");
}

Outcome use_sys_admin(const Facts&) {
  std::array<char, 65> name{};
  gethostname(name.data(), name.size() - 1);
  return judge(sethostname(name.data(), std::strlen(name.data())), "sethostname(the same)");
}

Outcome use_sys_boot(const Facts&) {
  return judge(syscall(SYS_reboot, 0, 0, 0, nullptr), "reboot(bad magic numbers)");
}

Outcome use_sys_nice(const Facts&) {
  return judge(in_child([] {
                 const rlimit none{0, 0};
                 setrlimit(RLIMIT_NICE, &none);
                 return setpriority(PRIO_PROCESS, 0, getpriority(PRIO_PROCESS, 0) - 1);
               }),
               "setpriority(one better)");
}

// The hard limit takes it in the host's user namespace; in one of its own, that namespace's settings
// do.
Outcome use_sys_resource(const Facts&) {
  const long returned = in_child([] {
    rlimit limit{};
    getrlimit(RLIMIT_MSGQUEUE, &limit);
    ++limit.rlim_max;
    return setrlimit(RLIMIT_MSGQUEUE, &limit);
  });
  if (returned == 0) return reached("a hard limit was raised");
  return judge(open("/proc/sys/user/max_user_namespaces", O_WRONLY | O_CLOEXEC),
               "open(/proc/sys/user/max_user_namespaces, O_WRONLY)");
}

// A time zone that is none: refused after the check.
Outcome use_sys_time(const Facts&) {
  struct timezone zone {};
  zone.tz_minuteswest = 100000;
  return judge(syscall(SYS_settimeofday, nullptr, &zone), "settimeofday(no time, a bad zone)");
}

Outcome use_sys_tty_config(const Facts&) {
  return judge(in_child([] {
                 setsid();  // there is no terminal to hang up then
                 return vhangup();
               }),
               "vhangup()");
}

Outcome use_mknod(const Facts&) {
  unlink(scratch);
  return judge(mknod(scratch, S_IFCHR | 0600, makedev(1, 3)), "mknod(a character device)");
}

Outcome use_lease(const Facts&) {
  const int writable = make_file(1, 0644);
  if (writable == -1) return nobody_else();
  close(writable);
  const int fd = open(scratch, O_RDONLY | O_CLOEXEC);
  const int returned = fcntl(fd, F_SETLEASE, F_RDLCK);
  if (returned == -1 && errno == EINVAL) return not_testable(failed("fcntl(F_SETLEASE)"));
  return judge(returned, "fcntl(another user's file, F_SETLEASE)");
}

// A filter may answer EINVAL in the kernel's place (Docker's and podman's do): the kernel itself
// has no such answer here.
Outcome no_audit_socket() {
  const std::string why = failed("socket(NETLINK_AUDIT)");
  return errno == EINVAL ? blocked(why) : judge(-1, "socket(NETLINK_AUDIT)");
}

// Sends a message without contents to the kernel's audit part, and returns its answer.
long ask_audit(int fd, std::uint16_t type) {
  const timeval limit{1, 0};
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  nlmsghdr request{};
  request.nlmsg_len = sizeof request;
  request.nlmsg_type = type;
  request.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
  if (send(fd, &request, sizeof request, 0) == -1) return -1;
  struct {
    nlmsghdr header;
    nlmsgerr error;
    std::array<char, 4096> rest;
  } answer{};
  if (recv(fd, &answer, sizeof answer, 0) == -1) return -1;
  if (answer.header.nlmsg_type != NLMSG_ERROR) return 0;
  errno = -answer.error.error;
  return errno == 0 ? 0 : -1;
}

int open_audit() {
  return socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_AUDIT);
}

Outcome use_audit_write(const Facts&) {
  const int fd = open_audit();
  if (fd == -1) return no_audit_socket();
  return judge(ask_audit(fd, AUDIT_USER), "an audit message of a user's");
}

Outcome use_audit_control(const Facts&) {
  const int fd = open_audit();
  if (fd == -1) return no_audit_socket();
  return judge(ask_audit(fd, AUDIT_GET), "asking for the audit state");
}

Outcome use_audit_read(const Facts&) {
  const int fd = open_audit();
  sockaddr_nl address{};
  address.nl_family = AF_NETLINK;
  address.nl_groups = 1U << (AUDIT_NLGRP_READLOG - 1);
  if (fd == -1) return no_audit_socket();
  return judge(bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address),
               "listening to the audit log");
}

Outcome use_setfcap(const Facts&) {
  // struct vfs_cap_data, revision 2, with no capability in it.
  const std::array<std::uint32_t, 5> data{0x02000000, 0, 0, 0, 0};
  return judge(
      fsetxattr(make_file(0, 0755), "security.capability", data.data(), sizeof data, XATTR_CREATE),
      "setxattr(security.capability)");
}

Outcome use_syslog(const Facts&) {
  constexpr int size_unread = 9;
  return judge(klogctl(size_unread, nullptr, 0), "syslog(SIZE_UNREAD)");
}

Outcome use_wake_alarm(const Facts&) {
  timer_t timer{};
  return judge(timer_create(CLOCK_BOOTTIME_ALARM, nullptr, &timer), "timer_create(an alarm)");
}

// Not refused but silently left out: /proc shows which events are waited for.
Outcome use_block_suspend(const Facts&) {
  const int epoll = epoll_create1(EPOLL_CLOEXEC);
  std::array<int, 2> ends{};
  (void)!pipe2(ends.data(), O_CLOEXEC);
  epoll_event event{};
  event.events = EPOLLIN | EPOLLWAKEUP;
  epoll_ctl(epoll, EPOLL_CTL_ADD, ends[0], &event);
  const std::string info = slurp("/proc/self/fdinfo/" + std::to_string(epoll));
  const auto at = info.find("events:");
  if (at == std::string::npos) return not_testable("/proc/self/fdinfo cannot be read");
  const auto events = std::strtoul(info.c_str() + at + 7, nullptr, 16);
  return (events & EPOLLWAKEUP) != 0 ? reached("EPOLLWAKEUP stays")
                                     : blocked("EPOLLWAKEUP was left out");
}

Outcome use_perfmon(const Facts&) {
  perf_event_attr attributes{};
  attributes.type = PERF_TYPE_SOFTWARE;
  attributes.size = sizeof attributes;
  attributes.config = PERF_COUNT_SW_CPU_CLOCK;
  return judge(syscall(SYS_perf_event_open, &attributes, -1, 0, -1, PERF_FLAG_FD_CLOEXEC),
               "perf_event_open(a whole processor)");
}

Outcome use_bpf(const Facts&) {
  union bpf_attr attributes {};
  attributes.map_type = BPF_MAP_TYPE_LRU_HASH;
  attributes.key_size = 4;
  attributes.value_size = 4;
  attributes.max_entries = 1;
  return judge(syscall(SYS_bpf, BPF_MAP_CREATE, &attributes, sizeof attributes),
               "bpf(BPF_MAP_CREATE)");
}

Outcome use_checkpoint_restore(const Facts&) {
  pid_t chosen = 777;
  clone_args arguments{};
  arguments.exit_signal = SIGCHLD;
  arguments.set_tid = reinterpret_cast<std::uintptr_t>(&chosen);
  arguments.set_tid_size = 1;
  const long pid = syscall(SYS_clone3, &arguments, sizeof arguments);
  if (pid == 0) _exit(0);
  Outcome outcome = judge(pid, "clone3(with a chosen pid)");
  if (pid > 0) waitpid(static_cast<pid_t>(pid), nullptr, 0);
  return outcome;
}

Outcome without_effect(const Facts&) {
  return not_testable("the kernel never asks for it, or only with a security module (Smack)");
}

constexpr std::array attacks{
    Attack{"CAP-09-CHOWN", use_chown},
    Attack{"CAP-09-DAC_OVERRIDE", use_dac_override},
    Attack{"CAP-09-DAC_READ_SEARCH", use_dac_read_search},
    Attack{"CAP-09-FOWNER", use_fowner},
    Attack{"CAP-09-FSETID", use_fsetid},
    Attack{"CAP-09-KILL", use_kill},
    Attack{"CAP-09-SETGID", use_setgid},
    Attack{"CAP-09-SETUID", use_setuid},
    Attack{"CAP-09-SETPCAP", use_setpcap},
    Attack{"CAP-09-LINUX_IMMUTABLE", use_linux_immutable},
    Attack{"CAP-09-NET_BIND_SERVICE", use_net_bind_service},
    Attack{"CAP-09-NET_BROADCAST", without_effect},
    Attack{"CAP-09-NET_ADMIN", use_net_admin},
    Attack{"CAP-09-NET_RAW", use_net_raw},
    Attack{"CAP-09-IPC_LOCK", use_ipc_lock},
    Attack{"CAP-09-IPC_OWNER", use_ipc_owner},
    Attack{"CAP-09-SYS_MODULE", use_sys_module},
    Attack{"CAP-09-SYS_RAWIO", use_sys_rawio},
    Attack{"CAP-09-SYS_CHROOT", use_sys_chroot},
    Attack{"CAP-09-SYS_PTRACE", use_sys_ptrace},
    Attack{"CAP-09-SYS_PACCT", use_sys_pacct},
    Attack{"CAP-09-SYS_ADMIN", use_sys_admin},
    Attack{"CAP-09-SYS_BOOT", use_sys_boot},
    Attack{"CAP-09-SYS_NICE", use_sys_nice},
    Attack{"CAP-09-SYS_RESOURCE", use_sys_resource},
    Attack{"CAP-09-SYS_TIME", use_sys_time},
    Attack{"CAP-09-SYS_TTY_CONFIG", use_sys_tty_config},
    Attack{"CAP-09-MKNOD", use_mknod},
    Attack{"CAP-09-LEASE", use_lease},
    Attack{"CAP-09-AUDIT_WRITE", use_audit_write},
    Attack{"CAP-09-AUDIT_CONTROL", use_audit_control},
    Attack{"CAP-09-SETFCAP", use_setfcap},
    Attack{"CAP-09-MAC_OVERRIDE", without_effect},
    Attack{"CAP-09-MAC_ADMIN", without_effect},
    Attack{"CAP-09-SYSLOG", use_syslog},
    Attack{"CAP-09-WAKE_ALARM", use_wake_alarm},
    Attack{"CAP-09-BLOCK_SUSPEND", use_block_suspend},
    Attack{"CAP-09-AUDIT_READ", use_audit_read},
    Attack{"CAP-09-PERFMON", use_perfmon},
    Attack{"CAP-09-BPF", use_bpf},
    Attack{"CAP-09-CHECKPOINT_RESTORE", use_checkpoint_restore},
};

}  // namespace

std::span<const Attack> power_attacks() {
  return attacks;
}

}  // namespace probe
