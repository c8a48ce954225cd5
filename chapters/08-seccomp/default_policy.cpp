// Which system calls a container may make, on what condition, and why: the one place that decides
// it. A call that stands in no row does not exist inside (ENOSYS): those that the next kernels
// bring are closed until somebody has weighed them, and programs fall back as on an older kernel.
//
// The list began as Docker's (2026-06); where it differs, the row says so. A condition looks at
// numbers only: behind a pointer, another thread could change what was checked.
#include <linux/capability.h>
#include <linux/netlink.h>
#include <linux/sockios.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/personality.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <string_view>

#include "07-capabilities/capability_table.hpp"
#include "08-seccomp/policy.hpp"
#include "common/files.hpp"

namespace tincan {
namespace {

constexpr int no_capability = -1;

struct Row {
  std::string_view names;  // separated by blanks
  Action action;
  std::string_view why;
  std::array<Comparison, 3> condition = {};  // with the mask 0, a comparison holds always
  int opened_by = no_capability;             // CAP_*: who keeps it is allowed the call
};

constexpr Action no = refuse_with(EPERM);
constexpr Action absent = refuse_with(ENOSYS);

constexpr Comparison equals(unsigned argument, unsigned value) {
  return {argument, 0xffffffff, value};
}
using Condition = std::array<Comparison, 3>;
constexpr Condition when(Comparison one, Comparison two = {}, Comparison three = {}) {
  return {one, two, three};
}
// A socket's type, whatever SOCK_CLOEXEC and SOCK_NONBLOCK beside it say.
constexpr Comparison of_type(unsigned type) {
  return {1, 0xf, type};
}
constexpr Condition when_socket(unsigned family, unsigned type, unsigned protocol) {
  return when(equals(0, family), of_type(type), equals(2, protocol));
}
// A socket option of TCP's.
constexpr Condition when_tcp(unsigned option) {
  return when(equals(1, IPPROTO_TCP), equals(2, option));
}

// exercise: namespaces
// Every kind of namespace that clone(2) can make. Not CLONE_NEWTIME: its bit is part of the signal
// there.
constexpr unsigned new_namespaces = CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC |
                                    CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET;
// end of exercise
constexpr unsigned tioclinux = TIOCLINUX;
constexpr unsigned tcp_ao_add_key = 38;  // Linux 6.7; Debian 12's headers are older

constexpr std::array table{
    // --- files ---
    Row{"open openat openat2 creat stat lstat newfstatat statx access faccessat faccessat2 "
        "readlink readlinkat truncate mkdir mkdirat rmdir rename renameat renameat2 link linkat "
        "symlink symlinkat unlink unlinkat utime utimes futimesat utimensat statfs "
        "name_to_handle_at chdir getcwd chroot",
        allow, "files by path: the root directory and the permissions decide"},
    Row{"mknod mknodat", allow, "makes fifos and sockets; a device takes CAP_MKNOD"},
    Row{"chmod fchmod fchmodat fchmodat2 chown lchown fchown fchownat umask", allow,
        "owners and modes; with set-uid bits too, which reach nobody: the ids are the user "
        "namespace's, and a filter would miss open, mknod and whatever is next"},
    Row{"setxattr lsetxattr fsetxattr setxattrat getxattr lgetxattr fgetxattr getxattrat "
        "listxattr llistxattr flistxattr listxattrat removexattr lremovexattr fremovexattr "
        "removexattrat",
        allow, "attributes of files: the file system decides"},
    Row{"read write readv writev pread64 pwrite64 preadv pwritev preadv2 pwritev2 close "
        "close_range dup dup2 dup3 fcntl flock fstat lseek ftruncate fsync fdatasync sync syncfs "
        "sync_file_range fallocate fadvise64 readahead getdents getdents64 fchdir fstatfs "
        "sendfile copy_file_range splice tee vmsplice pipe pipe2 cachestat",
        allow, "what is open already"},
    Row{"io_setup io_destroy io_getevents io_pgetevents io_submit io_cancel", allow,
        "the old asynchronous io: it reads and writes, and opens nothing"},
    Row{"inotify_init inotify_init1 inotify_add_watch inotify_rm_watch", allow,
        "watches files that can be read"},

    // --- waiting and time ---
    Row{"poll ppoll select pselect6 epoll_create epoll_create1 epoll_ctl epoll_wait epoll_pwait "
        "epoll_pwait2 eventfd eventfd2 signalfd signalfd4 timerfd_create timerfd_settime "
        "timerfd_gettime",
        allow, "waits"},
    Row{"nanosleep clock_nanosleep clock_gettime clock_getres gettimeofday time times "
        "timer_create timer_settime timer_gettime timer_getoverrun timer_delete getitimer "
        "setitimer alarm pause",
        allow, "reads clocks, and is woken by them"},
    Row{"adjtimex clock_adjtime", allow, "reads the clock's state; changing it takes CAP_SYS_TIME"},

    // --- memory ---
    Row{"mmap mprotect munmap mremap brk msync mincore madvise mlock mlock2 munlock mlockall "
        "munlockall remap_file_pages membarrier memfd_create pkey_alloc pkey_free "
        "pkey_mprotect mseal map_shadow_stack process_mrelease",
        allow, "the process' own memory"},
    Row{"memfd_secret", absent, "as long as one is held, the machine cannot hibernate"},

    // --- processes and threads ---
    Row{"fork vfork execve execveat exit exit_group wait4 waitid kill tkill tgkill rt_sigqueueinfo "
        "rt_tgsigqueueinfo pidfd_open pidfd_send_signal getpid getppid gettid getpgid getpgrp "
        "setpgid getsid setsid",
        allow, "processes: the pid namespace decides whom it reaches"},
    Row{"rt_sigaction rt_sigprocmask rt_sigpending rt_sigreturn rt_sigsuspend rt_sigtimedwait "
        "sigaltstack restart_syscall",
        allow, "signals"},
    Row{"futex futex_waitv futex_wake futex_wait futex_requeue set_robust_list get_robust_list "
        "set_tid_address rseq",
        allow, "threads"},
    Row{"sched_yield sched_getaffinity sched_setaffinity sched_getparam sched_setparam "
        "sched_getscheduler sched_setscheduler sched_getattr sched_setattr "
        "sched_get_priority_max sched_get_priority_min sched_rr_get_interval getpriority "
        "setpriority ioprio_get ioprio_set getcpu",
        allow, "asks for less processor time; for more it takes CAP_SYS_NICE"},
    Row{"clone", allow, "threads and processes, without new namespaces",
        when({0, new_namespaces, 0})},
    Row{"clone", no, "a nested user namespace brings back every capability", {}, CAP_SYS_ADMIN},
    Row{"clone3",
        absent,
        "its flags lie behind a pointer, where no filter sees them; the C library then takes "
        "clone, as it would not after EPERM",
        {},
        CAP_SYS_ADMIN},
    Row{"ptrace process_vm_readv process_vm_writev", allow,
        "debuggers; what a traced process calls is filtered again (since Linux 4.8)"},

    // --- who one is ---
    Row{"getuid geteuid getgid getegid getresuid getresgid getgroups setuid setgid setreuid "
        "setregid setresuid setresgid setfsuid setfsgid setgroups capget capset",
        allow, "the maps and the bounding set limit them"},
    Row{"prctl seccomp landlock_create_ruleset landlock_add_rule landlock_restrict_self", allow,
        "a process may limit itself further"},
    Row{"arch_prctl", allow, "thread-local storage on x86_64"},
    Row{"getrlimit setrlimit prlimit64 getrusage sysinfo uname getrandom", allow,
        "limits, figures, random numbers"},

    // --- talking ---
    Row{"connect accept accept4 bind listen getsockname getpeername getsockopt shutdown sendto "
        "recvfrom sendmsg recvmsg sendmmsg recvmmsg",
        allow, "what a socket can do is decided where it is made"},
    Row{"setsockopt", refuse_with(ENOPROTOOPT),
        "kernel TLS and its kind (CVE-2023-0461): programs encrypt by themselves",
        when_tcp(TCP_ULP)},
    Row{"setsockopt", refuse_with(ENOPROTOOPT), "signs between routers, by a cipher of any name",
        when_tcp(tcp_ao_add_key)},
    Row{"setsockopt", refuse_with(ENOPROTOOPT), "the same with MD5", when_tcp(TCP_MD5SIG)},
    Row{"setsockopt", refuse_with(ENOPROTOOPT), "and again", when_tcp(TCP_MD5SIG_EXT)},
    Row{"setsockopt", allow, "what is left"},
    Row{"socket", allow, "local sockets", when(equals(0, AF_UNIX))},
    Row{"socket", allow,
        "asks for addresses and routes, as getifaddrs does; no other protocol: "
        "CVE-2026-43284 came by NETLINK_XFRM",
        when(equals(0, AF_NETLINK), equals(2, NETLINK_ROUTE))},
    Row{"socket", allow, "TCP", when_socket(AF_INET, SOCK_STREAM, 0)},
    Row{"socket", allow, "TCP by its name", when_socket(AF_INET, SOCK_STREAM, IPPROTO_TCP)},
    Row{"socket", allow, "UDP", when_socket(AF_INET, SOCK_DGRAM, 0)},
    Row{"socket", allow, "UDP by its name", when_socket(AF_INET, SOCK_DGRAM, IPPROTO_UDP)},
    Row{"socket", allow, "ping", when_socket(AF_INET, SOCK_DGRAM, IPPROTO_ICMP)},
    Row{"socket", allow, "TCP", when_socket(AF_INET6, SOCK_STREAM, 0)},
    Row{"socket", allow, "TCP by its name", when_socket(AF_INET6, SOCK_STREAM, IPPROTO_TCP)},
    Row{"socket", allow, "UDP", when_socket(AF_INET6, SOCK_DGRAM, 0)},
    Row{"socket", allow, "UDP by its name", when_socket(AF_INET6, SOCK_DGRAM, IPPROTO_UDP)},
    Row{"socket", allow, "ping", when_socket(AF_INET6, SOCK_DGRAM, IPPROTO_ICMPV6)},
    Row{"socket", refuse_with(EPROTONOSUPPORT), "of no protocol: looked for in modules, in vain",
        when_socket(AF_INET, SOCK_RAW, 0)},
    Row{"socket", refuse_with(EPROTONOSUPPORT), "the same", when_socket(AF_INET6, SOCK_RAW, 0)},
    Row{"socket", no, "raw packets", when(equals(0, AF_INET), of_type(SOCK_RAW)), CAP_NET_RAW},
    Row{"socket", no, "raw packets", when(equals(0, AF_INET6), of_type(SOCK_RAW)), CAP_NET_RAW},
    Row{"socket", refuse_with(EPROTONOSUPPORT),
        "SCTP, DCCP, L2TP and more, loaded on demand; MPTCP, which programs (Go's servers) ask for "
        "and do without; and AF_PACKET, for which SOCK_PACKET is another name",
        when(equals(0, AF_INET))},
    Row{"socket", refuse_with(EPROTONOSUPPORT), "the same", when(equals(0, AF_INET6))},
    Row{"socket", refuse_with(EAFNOSUPPORT),
        "forty families that a container never needs, each of them code in the kernel, loaded on "
        "demand: AF_ALG (CVE-2026-31431), AF_PACKET (CVE-2020-14386), AF_VSOCK; Docker refuses "
        "two"},
    Row{"socketpair", allow, "local sockets", when(equals(0, AF_UNIX))},
    Row{"socketpair", refuse_with(EAFNOSUPPORT), "the same families by another door"},
    Row{"shmget shmat shmdt shmctl semget semop semtimedop semctl msgget msgsnd msgrcv msgctl "
        "mq_open mq_unlink mq_timedsend mq_timedreceive mq_notify mq_getsetattr",
        allow, "the ipc namespace decides whom it reaches"},
    Row{"ioctl", no, "loads line disciplines; which one stands behind a pointer, so N_TTY goes too",
        when(equals(1, TIOCSETD))},
    Row{"ioctl", refuse_with(ENOPKG), "asks for bridges, and has that module loaded",
        when({1, ~1U, SIOCGIFBR}), CAP_NET_ADMIN},
    Row{"ioctl", refuse_with(ENOPKG), "makes them, and changes them", when({1, ~3U, SIOCBRADDBR}),
        CAP_NET_ADMIN},
    Row{"ioctl", refuse_with(ENOPKG), "asks for virtual LANs", when({1, ~1U, SIOCGIFVLAN}),
        CAP_NET_ADMIN},
    // exercise: terminals
    Row{"ioctl", no, "types into a terminal: CVE-2017-5226", when(equals(1, TIOCSTI))},
    Row{"ioctl", no, "pastes into a console: CVE-2023-28100", when(equals(1, tioclinux))},
    Row{"ioctl", allow, "devices; /dev holds six harmless ones"},
    // end of exercise
    Row{"personality", allow, "as it is: Linux", when(equals(0, PER_LINUX))},
    Row{"personality", allow, "32-bit Linux, as setarch asks for it", when(equals(0, PER_LINUX32))},
    Row{"personality", allow, "uname says 2.6", when(equals(0, UNAME26))},
    Row{"personality", allow, "both", when(equals(0, 0x20008))},
    Row{"personality", allow, "asks what it is", when(equals(0, 0xffffffff))},
    Row{"personality", no, "the rest weakens memory: no random addresses, data that can be run"},

    // --- refused: mounts and namespaces ---
    Row{"unshare setns",
        no,
        "new or other namespaces, and every capability in them",
        {},
        CAP_SYS_ADMIN},
    Row{"mount umount2 pivot_root",
        no,
        "the tree of mounts is the container's wall",
        {},
        CAP_SYS_ADMIN},
    Row{"fsopen fsconfig fsmount fspick open_tree move_mount mount_setattr",
        no,
        "the same by the calls of Linux 5.2, which flatpak's list forgot (CVE-2021-41133); "
        "fsconfig was CVE-2022-0185",
        {},
        CAP_SYS_ADMIN},
    Row{"open_tree_attr", absent, "the same, of Linux 6.15; programs fall back to the older calls"},
    Row{"statmount listmount", absent,
        "tell of mounts what /proc/self/mountinfo tells; young code that no program needs yet"},
    Row{"listns", absent,
        "lists namespaces, those of the whole machine to who may see them; no program needs it"},
    Row{"open_by_handle_at",
        no,
        "opens files without a path: the 2014 'shocker'",
        {},
        CAP_DAC_READ_SEARCH},

    // --- refused: the kernel's own ---
    Row{"io_uring_setup io_uring_enter io_uring_register", no,
        "makes other calls on one's behalf, past this filter"},
    Row{"keyctl add_key request_key", no,
        "a session keyring is inherited whatever the namespaces, and the kernel asks a program of "
        "the host's for keys"},
    Row{"bpf", no, "loads programs into the kernel", {}, CAP_BPF},
    Row{"perf_event_open", no, "watches the kernel at work", {}, CAP_PERFMON},
    Row{"userfaultfd", no, "stops the kernel in the middle of a copy, which exploits wait for"},
    Row{"kexec_load kexec_file_load reboot", no, "another kernel, or none", {}, CAP_SYS_BOOT},
    Row{"init_module finit_module delete_module",
        no,
        "code for the host's kernel",
        {},
        CAP_SYS_MODULE},
    Row{"iopl ioperm", no, "the machine's io ports", {}, CAP_SYS_RAWIO},
    Row{"acct", no, "a log of the host's", {}, CAP_SYS_PACCT},
    Row{"syslog", no, "the kernel's log and its addresses", {}, CAP_SYSLOG},
    Row{"settimeofday clock_settime", no, "all share one clock", {}, CAP_SYS_TIME},
    Row{"sethostname setdomainname", no, "the name is given from outside", {}, CAP_SYS_ADMIN},
    Row{"swapon swapoff quotactl quotactl_fd", no, "disks of the host", {}, CAP_SYS_ADMIN},
    Row{"fanotify_init fanotify_mark",
        no,
        "sees, and may stop, what others open",
        {},
        CAP_SYS_ADMIN},
    Row{"vhangup", no, "ends other sessions", {}, CAP_SYS_TTY_CONFIG},
    Row{"kcmp pidfd_getfd process_madvise",
        no,
        "reaches into other processes; pidfd_getfd was CVE-2026-46333",
        {},
        CAP_SYS_PTRACE},
    Row{"mbind set_mempolicy get_mempolicy set_mempolicy_home_node migrate_pages move_pages",
        absent,
        "moves memory between the nodes of a machine; programs go on as on a machine with one",
        {},
        CAP_SYS_NICE},
    Row{"modify_ldt", absent, "for 16-bit programs; a source of kernel bugs; Docker allows it"},
    Row{"rseq_slice_yield", absent, "of Linux 7.0; any call gives such a slice of time back"},
    Row{"lsm_get_self_attr lsm_set_self_attr lsm_list_modules file_getattr file_setattr", absent,
        "came with Linux 6.8 and 6.17, and no program needs them yet"},
    Row{"uretprobe uprobe", absent,
        "only code that the kernel has put into a traced program makes them; Linux 6.18 asks no "
        "filter about them"},
    Row{"lookup_dcookie uselib ustat sysfs _sysctl create_module get_kernel_syms query_module "
        "nfsservctl getpmsg putpmsg afs_syscall tuxcall security vserver epoll_ctl_old "
        "epoll_wait_old set_thread_area get_thread_area",
        absent, "gone, or never there on 64 bits"},
};

void add_row(Policy& policy, const Row& row, bool opened) {
  for (const std::string_view name : split_at(row.names, ' ')) {
    Rule rule{std::string{name}, opened ? allow : row.action};
    for (const Comparison& comparison : row.condition) {
      if (comparison.mask != 0) rule.all.push_back(comparison);
    }
    policy.rules.push_back(std::move(rule));
  }
}

}  // namespace

Policy default_policy(std::uint64_t kept) {
  Policy policy{absent};
  for (const Row& row : table) {
    const bool opened =
        row.opened_by != no_capability && (kept & capability_bit(row.opened_by)) != 0;
    add_row(policy, row, opened);
  }
  return policy;
}

}  // namespace tincan
