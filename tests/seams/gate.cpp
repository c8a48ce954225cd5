// A gate of a SOCK_SEQPACKET socket, whose connections are channels.
#include "tests/seams/gate.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cerrno>
#include <cstring>

#include "common/error.hpp"
#include "common/files.hpp"

namespace tincan::seams {
namespace {

unique_fd make_socket() {
  return unique_fd{check(socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0), "socket", "AF_UNIX")};
}

// By way of a descriptor: the name of a socket has 107 bytes at most, a path may have more.
sockaddr_un name_below(borrowed_fd directory) {
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  const std::string path = "/proc/self/fd/" + std::to_string(directory.get()) + "/gate";
  std::memcpy(name.sun_path, path.c_str(), path.size() + 1);
  return name;
}

}  // namespace

unique_fd make_gate(const std::string& directory) {
  const unique_fd where = open_file(directory, O_PATH | O_DIRECTORY);
  const sockaddr_un name = name_below(where);
  unique_fd gate = make_socket();
  check(bind(gate.get(), reinterpret_cast<const sockaddr*>(&name), sizeof name), "bind", directory);
  check(listen(gate.get(), 1), "listen", directory);
  return gate;
}

void wait_at(borrowed_fd gate, Channel& channel) {
  channel.send_ready();
  channel.close();
  channel =
      Channel{unique_fd{check(accept4(gate.get(), nullptr, nullptr, SOCK_CLOEXEC), "accept")}};
}

void open_gate(const std::string& directory) {
  const unique_fd where = open_file(directory, O_PATH | O_DIRECTORY);
  const sockaddr_un name = name_below(where);
  unique_fd socket = make_socket();
  check(connect(socket.get(), reinterpret_cast<const sockaddr*>(&name), sizeof name), "connect",
        directory);
  Channel channel{std::move(socket)};
  bool ready = false;
  while (const auto message = channel.receive()) {
    if (message->kind == Message::Kind::failure) throw Error{*message->error};
    ready = ready || message->kind == Message::Kind::ready;
  }
  if (!ready) throw Error{ECONNABORTED, "start the container", directory};
}

}  // namespace tincan::seams
