// Attacks through the network: interfaces, listeners, sockets in the abstract name space.
#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "probe/probe.hpp"

namespace probe {
namespace {

Outcome find_interface(const Facts&) {
  struct if_nameindex* interfaces = if_nameindex();
  if (interfaces == nullptr) return not_testable(failed("if_nameindex()"));
  std::string other;
  for (const auto* entry = interfaces; entry->if_index != 0; ++entry) {
    if (std::strcmp(entry->if_name, "lo") != 0) other = entry->if_name;
  }
  if_freenameindex(interfaces);
  return other.empty() ? blocked("lo is the only interface") : reached("the interface " + other);
}

bool can_connect(int family, const sockaddr* address, socklen_t length) {
  const int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const bool connected = fd != -1 && connect(fd, address, length) == 0;
  const int saved_errno = errno;
  close(fd);
  errno = saved_errno;
  return connected;
}

bool connect_unix(const std::string& name, bool abstract) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path + (abstract ? 1 : 0), name.data(), name.size());
  const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size() + 1);
  return can_connect(AF_UNIX, reinterpret_cast<sockaddr*>(&address), length);
}

// The abstract name space belongs to the network namespace: CVE-2020-15257.
Outcome connect_abstract(const Facts& facts) {
  return connect_unix(facts["abstract"], true) ? reached("connected to the host's abstract socket")
                                               : blocked(failed("connect()"));
}

Outcome connect_control_socket(const Facts& facts) {
  return connect_unix(facts["socket"], false) ? reached("connected to the host's control socket")
                                              : blocked(failed("connect(" + facts["socket"] + ")"));
}

Outcome connect_loopback(const Facts& facts) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(facts.number("port")));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return can_connect(AF_INET, reinterpret_cast<sockaddr*>(&address), sizeof address)
             ? reached("connected to the host's 127.0.0.1:" + facts["port"])
             : blocked(failed("connect(127.0.0.1:" + facts["port"] + ")"));
}

// Must still work: a server and a client on 127.0.0.1.
Outcome use_own_loopback(const Facts&) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  socklen_t length = sizeof address;
  const bool listening = bind(server, reinterpret_cast<sockaddr*>(&address), length) == 0 &&
                         listen(server, 1) == 0 &&
                         getsockname(server, reinterpret_cast<sockaddr*>(&address), &length) == 0;
  if (!listening) return blocked(failed("listen(127.0.0.1)"));
  return can_connect(AF_INET, reinterpret_cast<sockaddr*>(&address), length)
             ? reached("connected to the own 127.0.0.1")
             : blocked(failed("connect(127.0.0.1)"));
}

constexpr std::array attacks{
    Attack{"NET-01", find_interface},         Attack{"NET-02", connect_abstract},
    Attack{"NET-03", connect_loopback},       Attack{"DEV-10", connect_control_socket},
    Attack{"own-loopback", use_own_loopback},
};

}  // namespace

std::span<const Attack> network_attacks() {
  return attacks;
}

}  // namespace probe
