// The world of the hostile host: namespaces, a file system on /mnt that holds the canaries and a
// root directory with traps in it, sockets, ipc objects, a terminal, a network device.
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <mqueue.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/msg.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/sem.h>
#include <sys/sendfile.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <system_error>

#include "support/hostile/hostile.hpp"

namespace hostile {
namespace {

std::string to_hex(const unsigned char* bytes, std::size_t count) {
  std::string word;
  for (std::size_t i = 0; i < count; ++i) {
    word += "0123456789abcdef"[bytes[i] >> 4];
    word += "0123456789abcdef"[bytes[i] & 15];
  }
  return word;
}

std::string random_word() {
  std::array<unsigned char, 8> bytes{};
  need(getrandom(bytes.data(), bytes.size(), 0), "getrandom");
  return to_hex(bytes.data(), bytes.size());
}

void put(const std::string& path, const std::string& text, mode_t mode = 0644) {
  const int fd = static_cast<int>(
      need(open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode), path));
  need(write(fd, text.data(), text.size()), path);
  need(fchmod(fd, mode), path);
  close(fd);
}

void make_directories(const std::vector<std::string>& paths) {
  for (const std::string& path : paths) need(mkdir(path.c_str(), 0755), "mkdir " + path);
}

void mount_memory(const std::string& where, unsigned long flags, const char* options) {
  need(mount("tmpfs", where.c_str(), "tmpfs", flags, options), "mount tmpfs on " + where);
}

void copy_program(const std::string& from, const std::string& to) {
  const int in = static_cast<int>(need(open(from.c_str(), O_RDONLY | O_CLOEXEC), from));
  const int out =
      static_cast<int>(need(open(to.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0755), to));
  struct stat status {};
  need(fstat(in, &status), from);
  need(sendfile(out, in, nullptr, static_cast<std::size_t>(status.st_size)), "copy " + from);
  need(fchmod(out, 0755), to);
  close(in);
  close(out);
}

bool kernel_is_at_least(int version, int patchlevel) {
  utsname names{};
  need(uname(&names), "uname");
  char* rest = nullptr;
  const long major = std::strtol(names.release, &rest, 10);
  const long minor = *rest == '.' ? std::strtol(rest + 1, nullptr, 10) : 0;
  return major > version || (major == version && minor >= patchlevel);
}

// What is on /mnt: chapter 06 maps the owners of a root directory there, which a file system in
// memory can since Linux 6.3. Before, it is a directory on a disk, to be removed at the end. Bats
// removes its own if nobody is left to do so.
std::string mount_mnt() {
  // Where a class is graded (tests/classroom/below.cpp): it belongs to whoever is tried, on the floor below.
  if (access("/below/ns/user", F_OK) == 0) {
    need(std::system("/below/bin/below memory /mnt 256m") == 0 ? 0 : -1, "below memory /mnt");
    return "";
  }
  if (kernel_is_at_least(6, 3)) {
    mount_memory("/mnt", 0, "mode=755");
    return "";
  }
  const char* bats = std::getenv("BATS_TEST_TMPDIR");
  std::string directory = std::string{bats == nullptr ? "/var/tmp" : bats} + "/hostile.XXXXXX";
  if (mkdtemp(directory.data()) == nullptr) throw Broken{"mkdtemp " + directory};
  need(mount(directory.c_str(), "/mnt", nullptr, MS_BIND, nullptr), "bind " + directory);
  need(chmod("/mnt", 0755), "chmod /mnt");
  return directory;
}

// Shared mounts as systemd makes them, but among ourselves: first cut off, then shared anew. Gives
// the directory that is on /mnt, if it is one.
std::string leave_the_real_host() {
  need(unshare(CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNET), "unshare");
  need(mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr), "mount private /");
  mount_memory("/dev/shm", 0, "mode=1777");
  need(sethostname("hostile-host", 12), "sethostname");
  return mount_mnt();
}

constexpr uid_t ordinary_user = 65534;

// Copied once: a hostile host is made for each attack.
constexpr const char* one_busybox = "/mnt/tree/busybox";

// A root directory that a container can be started in, with traps where a launcher would step: a
// /proc that is none, a /dev/null that swallows nothing.
void make_root(const std::string& root) {
  make_directories({root, root + "/bin", root + "/proc", root + "/sys", root + "/dev",
                    root + "/tmp", root + "/etc", root + "/var", root + "/mnt"});
  need(link(one_busybox, (root + "/bin/busybox").c_str()), "link busybox");
  for (const char* name : {"/bin/sh", "/bin/cat", "/bin/ls", "/bin/sleep", "/bin/true"}) {
    need(symlink("/bin/busybox", (root + name).c_str()), name);
  }
  put(root + "/probe", "");
  put(root + "/proc/decoy", "this is not a proc file system\n");
  put(root + "/dev/null", "this is not a device\n");
}

// Two of them. Where somebody else is root stands behind a closed door: root's own, with a mount
// below, and that of an ordinary user.
void make_roots() {
  need(mkdir("/mnt/closed", 0700), "mkdir /mnt/closed");
  make_root("/mnt/closed/can");
  mount_memory("/mnt/closed/can/mnt", 0, "mode=755");
  make_directories({"/mnt/closed/can/mnt/target", "/mnt/closed/can/mnt/other"});
  need(mkdir("/mnt/home", 0700), "mkdir /mnt/home");
  make_root("/mnt/home/can");
  make_directories({"/mnt/home/can/mnt/target", "/mnt/home/can/mnt/other"});
  put("/mnt/home/can/mnt/file", "");
  need(chown("/mnt/home", ordinary_user, ordinary_user), "chown /mnt/home");
}

// A name for the canary that needs no path, name_to_handle_at(2).
void note_handle(Facts& facts) {
  alignas(file_handle) std::array<unsigned char, sizeof(file_handle) + MAX_HANDLE_SZ> room{};
  auto* handle = reinterpret_cast<file_handle*>(room.data());
  handle->handle_bytes = MAX_HANDLE_SZ;
  int mount = 0;
  need(name_to_handle_at(AT_FDCWD, "/mnt/canary", handle, &mount, 0), "name_to_handle_at");
  facts["handletype"] = std::to_string(handle->handle_type);
  facts["handle"] = to_hex(room.data() + sizeof(file_handle), handle->handle_bytes);
}

void plant_files(Facts& facts) {
  facts["token"] = random_word();
  put("/mnt/canary", "canary " + facts["token"] + "\n");
  facts["canary"] = "/mnt/canary";
  note_handle(facts);
  make_directories({"/mnt/tree", "/mnt/tree/target", "/mnt/tree/sub", "/mnt/tree/inert",
                    "/mnt/tree/proc", "/mnt/cores"});
  copy_program("/bin/busybox", one_busybox);
  make_roots();
  facts["root"] = "/mnt/closed/can";
  put("/dev/shm/" + facts["token"], facts["token"]);
  // Readable for all but a group: leaving that group would be a gain (CVE-2014-8989).
  put("/mnt/refusing", facts["token"], 0604);
  need(chown("/mnt/refusing", 0, 4242), "chown");
  put("/mnt/group-canary", facts["token"], 0640);
  need(chown("/mnt/group-canary", 0, 4242), "chown");
  put("/mnt/tree/file", "one\n");
  mount_memory("/mnt/tree/sub", 0, "mode=755");
  make_directories({"/mnt/tree/sub/target"});
  put("/mnt/tree/sub/file", "two\n");
  // Mounted writable, filled, and only then restricted, as an administrator would.
  mount_memory("/mnt/tree/inert", MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=755");
  copy_program("/bin/busybox", "/mnt/tree/inert/busybox");
  // A second /proc: whoever keeps the host's mounts has it too.
  // Of a pid namespace that another user namespace owns none is to be had but the one that is there.
  if (mount("proc", "/mnt/tree/proc", "proc", 0, nullptr) == 0) return;
  need(mount("/proc", "/mnt/tree/proc", nullptr, MS_BIND | MS_REC, nullptr), "show proc twice");
}

int open_socket(int family, const sockaddr* address, socklen_t length) {
  const int fd = static_cast<int>(need(socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket"));
  need(bind(fd, address, length), "bind");
  need(listen(fd, 8), "listen");
  return fd;
}

int listen_unix(const std::string& name, bool abstract) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path + (abstract ? 1 : 0), name.data(), name.size());
  const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size() + 1);
  return open_socket(AF_UNIX, reinterpret_cast<sockaddr*>(&address), length);
}

void bring_loopback_up() {
  const int fd = static_cast<int>(need(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), "socket"));
  ifreq request{};
  std::memcpy(request.ifr_name, "lo", 3);
  request.ifr_flags = IFF_UP | IFF_RUNNING;
  need(ioctl(fd, SIOCSIFFLAGS, &request), "loopback up");
  close(fd);
}

int listen_tcp(Facts& facts) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int fd = open_socket(AF_INET, reinterpret_cast<sockaddr*>(&address), sizeof address);
  socklen_t length = sizeof address;
  need(getsockname(fd, reinterpret_cast<sockaddr*>(&address), &length), "getsockname");
  facts["port"] = std::to_string(ntohs(address.sin_port));
  return fd;
}

// A second network device, so that "only lo" can be told from "the host's". Where there is no
// /dev/net/tun, NET-01 has no control and is not testable.
int make_device() {
  const int fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC);
  ifreq request{};
  std::memcpy(request.ifr_name, "host0", 6);
  request.ifr_flags = IFF_TAP | IFF_NO_PI;
  if (fd >= 0) (void)ioctl(fd, TUNSETIFF, &request);
  return fd;
}

void plant_network(World& world) {
  bring_loopback_up();
  world.facts["abstract"] = "tincan-" + world.facts["token"];
  world.facts["socket"] = "/mnt/control.sock";
  world.descriptors.push_back(listen_unix(world.facts["abstract"], true));
  world.descriptors.push_back(listen_unix(world.facts["socket"], false));
  world.descriptors.push_back(listen_tcp(world.facts));
  world.descriptors.push_back(make_device());
}

// In the own ipc namespace: they vanish with it.
void plant_ipc(Facts& facts) {
  constexpr key_t key = 0x74696e63;
  facts["ipckey"] = std::to_string(key);
  need(shmget(key, 4096, IPC_CREAT | 0600), "shmget");
  need(semget(key, 1, IPC_CREAT | 0600), "semget");
  need(msgget(key, IPC_CREAT | 0600), "msgget");
  facts["queue"] = "/tincan-" + facts["token"];
  // A small one: all queues of a user together have RLIMIT_MSGQUEUE bytes, a tenth of which is one
  // by default.
  mq_attr small{};
  small.mq_maxmsg = 1;
  small.mq_msgsize = 64;
  const mqd_t queue = mq_open(facts["queue"].c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600, &small);
  need(queue, "mq_open");
  mq_close(queue);
}

void plant_terminal(World& world) {
  const int fd =
      static_cast<int>(need(posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC), "posix_openpt"));
  need(grantpt(fd), "grantpt");
  need(unlockpt(fd), "unlockpt");
  world.descriptors.push_back(fd);
}

pid_t start_sleeper() {
  const auto pid = static_cast<pid_t>(need(fork(), "fork"));
  if (pid != 0) return pid;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  while (true) pause();
}

}  // namespace

Broken::Broken(const std::string& step) : std::runtime_error{step + ": " + std::strerror(errno)} {}

long need(long returned, const std::string& step) {
  if (returned == -1) throw Broken{step};
  return returned;
}

World make_world() {
  World world;
  world.directory = leave_the_real_host();
  plant_files(world.facts);
  plant_network(world);
  plant_ipc(world.facts);
  plant_terminal(world);
  world.sleeper = start_sleeper();
  std::array<char, 64> user{};
  need(readlink("/proc/self/ns/user", user.data(), user.size() - 1), "readlink");
  world.facts["user"] = user.data();
  world.facts["pid"] = std::to_string(world.sleeper);
  need(mount(nullptr, "/", nullptr, MS_REC | MS_SHARED, nullptr), "mount shared /");
  return world;
}

void end_world(const World& world) {
  kill(world.sleeper, SIGKILL);
  waitpid(world.sleeper, nullptr, 0);
  // Never with another file system still on it.
  if (world.directory.empty() || umount2("/mnt", MNT_DETACH) != 0) return;
  std::error_code ignored;
  std::filesystem::remove_all(world.directory, ignored);
}

}  // namespace hostile
