// Connecting, and sending one descriptor.
#include "13-runtime/console.hpp"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <array>
#include <cstring>
#include <filesystem>

#include "common/error.hpp"
#include "common/files.hpp"

namespace tincan::oci {

// By way of a descriptor: a path may be longer than the 107 bytes that a socket's name has.
unique_fd connect_to(const std::string& path) {
  const std::filesystem::path whole{path};
  const std::string above = whole.has_parent_path() ? whole.parent_path().string() : ".";
  const unique_fd directory = open_file(above, O_PATH | O_DIRECTORY);
  const std::string way =
      "/proc/self/fd/" + std::to_string(directory.get()) + "/" + whole.filename().string();
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  if (way.size() >= sizeof name.sun_path) throw Error{ENAMETOOLONG, "connect", path, {}, 1};
  std::memcpy(name.sun_path, way.c_str(), way.size() + 1);
  unique_fd connection{check(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket", "AF_UNIX")};
  check(connect(connection.get(), reinterpret_cast<const sockaddr*>(&name), sizeof name), "connect",
        path);
  return connection;
}

void send_descriptor(borrowed_fd socket, borrowed_fd sent, const std::string& name) {
  const int fd = sent.get();
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
  iovec part{const_cast<char*>(name.data()), name.size()};
  msghdr header{};
  header.msg_iov = &part;
  header.msg_iovlen = 1;
  header.msg_control = control.data();
  header.msg_controllen = control.size();
  cmsghdr* const rights = CMSG_FIRSTHDR(&header);
  *rights = {CMSG_LEN(sizeof fd), SOL_SOCKET, SCM_RIGHTS};
  std::memcpy(CMSG_DATA(rights), &fd, sizeof fd);
  check(sendmsg(socket.get(), &header, MSG_NOSIGNAL), "send descriptor", name);
}

void Console::take(const std::string& name, unique_fd& descriptor) {
  if (name != "terminal") return;
  if (size_) {
    const winsize size{size_->rows, size_->columns, 0, 0};
    check(ioctl(descriptor.get(), TIOCSWINSZ, &size), "ioctl", "TIOCSWINSZ");
  }
  send_descriptor(socket_, descriptor, "/dev/ptmx");
  descriptor.reset();
}

}  // namespace tincan::oci
