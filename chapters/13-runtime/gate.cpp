// A gate of a SOCK_SEQPACKET socket, whose connections are channels.
#include "13-runtime/gate.hpp"

#include <fcntl.h>
#include <sys/auxv.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <bit>
#include <cerrno>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

#include "common/error.hpp"
#include "common/syscalls.hpp"

namespace tincan::oci {
namespace {

constexpr auto socket_file = "start.sock";
constexpr auto waiting_file = "waiting";

unique_fd make_socket() {
  return unique_fd{check(socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0), "socket", "AF_UNIX")};
}

// By way of a descriptor: the name of a socket has 107 bytes at most, a path may have more.
sockaddr_un name_below(borrowed_fd directory) {
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  const std::string path = "/proc/self/fd/" + std::to_string(directory.get()) + "/" + socket_file;
  std::memcpy(name.sun_path, path.c_str(), path.size() + 1);
  return name;
}

// Arguments and environment stand in one piece below the name of the program's file, where the
// kernel has put them, getauxval(3), AT_EXECFN; /proc/PID/cmdline and environ show that piece.
void wipe_arguments_and_environment() {
  const char* const end = std::bit_cast<const char*>(getauxval(AT_EXECFN));
  const auto length = static_cast<std::size_t>(end - program_invocation_name);
  constexpr std::string_view name = "created";
  std::memset(program_invocation_name, 0, length);
  if (length > name.size()) std::memcpy(program_invocation_name, name.data(), name.size());
  check(prctl(PR_SET_NAME, name.data()), "prctl", "PR_SET_NAME");
}

// The connection is ours alone: what waits at the same door, and is another user, is sent away.
unique_fd accept_starter(borrowed_fd gate) {
  while (true) {
    unique_fd connection{accept4(gate.get(), nullptr, nullptr, SOCK_CLOEXEC)};
    if (connection.ok()) return connection;
    if (errno != EINTR && errno != ECONNABORTED) throw Error{errno, "accept", "at the gate"};
  }
}

}  // namespace

Gate make_gate(const Entry& entry) {
  entry.remove_file(socket_file);
  const sockaddr_un name = name_below(entry.directory());
  unique_fd gate = make_socket();
  check(bind(gate.get(), reinterpret_cast<const sockaddr*>(&name), sizeof name), "bind",
        entry.path() + "/" + socket_file);
  check(listen(gate.get(), 1), "listen", entry.path());
  const int waiting = openat(entry.directory().get(), waiting_file,
                             O_RDWR | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
  return {std::move(gate), unique_fd{check(waiting, "open", waiting_file)}};
}

void wait_at(const Gate& gate, Channel& channel, const std::vector<int>& kept) {
  check(flock(gate.waiting.get(), LOCK_EX), "flock", waiting_file);
  constexpr char mark = '1';
  check(pwrite(gate.waiting.get(), &mark, 1, 0), "write", waiting_file);
  wipe_arguments_and_environment();
  std::vector<int> open = kept;
  open.insert(open.end(), {gate.socket.get(), gate.waiting.get(), channel.fd().get()});
  sys::close_all_but(open);
  channel.send_ready();
  channel.close();
  channel = Channel{accept_starter(gate.socket)};
}

void open_gate(const Entry& entry) {
  const sockaddr_un name = name_below(entry.directory());
  unique_fd socket = make_socket();
  check(connect(socket.get(), reinterpret_cast<const sockaddr*>(&name), sizeof name), "connect",
        entry.path() + "/" + socket_file);
  Channel channel{std::move(socket)};
  bool ready = false;
  while (const auto message = channel.receive()) {
    if (message->kind == Message::Kind::failure) throw Error{*message->error};
    ready = ready || message->kind == Message::Kind::ready;
  }
  if (!ready) {
    throw Error{ECONNABORTED, "start the container", entry.id(),
                "its process ended while it waited", 1};
  }
}

Passage passage(borrowed_fd directory) {
  const unique_fd waiting{openat(directory.get(), waiting_file, O_RDONLY | O_NOFOLLOW | O_CLOEXEC)};
  if (!waiting.ok() && errno == ENOENT) return Passage::before;
  check(waiting.get(), "open", waiting_file);
  struct stat status {};
  check(fstat(waiting.get(), &status), "fstat", waiting_file);
  if (flock(waiting.get(), LOCK_SH | LOCK_NB) == -1) {
    if (errno == EWOULDBLOCK) return Passage::waiting;
    throw Error{errno, "flock", waiting_file};
  }
  return status.st_size == 0 ? Passage::before : Passage::past;
}

}  // namespace tincan::oci
