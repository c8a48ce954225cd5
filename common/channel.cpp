// The channel: sending and receiving messages over a SOCK_SEQPACKET pair, see unix(7).
#include "common/channel.hpp"

#include <sys/socket.h>

#include <array>
#include <cstring>
#include <string>

#include "common/syscalls.hpp"

namespace tincan {
namespace {

// A failure: these numbers, then operation, object and hint, each of the length given.
struct FailureHeader {
  std::int32_t number;
  std::int32_t status;
  std::array<std::uint32_t, 3> lengths;
};

constexpr std::size_t max_message = 16384;
constexpr std::size_t longest_name = 64;

// sendmsg(2) and recvmsg(2), repeated when a signal came in between.
template <typename Call>
ssize_t retry(Call call) {
  ssize_t returned = 0;
  do {
    returned = call();
  } while (returned == -1 && errno == EINTR);
  return returned;
}

// A peer that died with a message of ours unread gives ECONNRESET, once, and before what it has
// sent itself: its last words stand behind that.
ssize_t receive_message(borrowed_fd socket, msghdr& header) {
  const auto receive = [&] { return recvmsg(socket.get(), &header, MSG_CMSG_CLOEXEC); };
  ssize_t received = retry(receive);
  if (received == -1 && errno == ECONNRESET) received = retry(receive);
  return check(received, "receive message");
}

// A descriptor that is lent: its number, and behind it its name.
bool read_descriptor(Message& message, std::string_view bytes) {
  std::int32_t number = -1;
  if (bytes.size() <= sizeof number || bytes.size() > sizeof number + longest_name) return false;
  std::memcpy(&number, bytes.data(), sizeof number);
  message.descriptor = number;
  message.name = bytes.substr(sizeof number);
  return number >= 0;
}

// False: it is no whole message.
bool read_payload(Message& message, std::string_view bytes) {
  switch (message.kind) {
    case Message::Kind::failure:
      message.error = decode_failure(bytes);
      return message.error.has_value();
    case Message::Kind::descriptor:
      return read_descriptor(message, bytes);
    case Message::Kind::go:
    case Message::Kind::ready:
    case Message::Kind::send_it:
      return bytes.empty();
  }
  return false;
}

Message parse(std::string_view bytes) {
  Message message;
  if (bytes.size() < sizeof message.kind) throw Error{EBADMSG, "receive message"};
  std::memcpy(&message.kind, bytes.data(), sizeof message.kind);
  bytes.remove_prefix(sizeof message.kind);
  if (!read_payload(message, bytes)) throw Error{EBADMSG, "receive message"};
  return message;
}

// A message with nothing in it but one descriptor, SCM_RIGHTS of unix(7).
class DescriptorMessage {
 public:
  DescriptorMessage() {
    header_.msg_iov = &part_;
    header_.msg_iovlen = 1;
    header_.msg_control = control_.data();
    header_.msg_controllen = control_.size();
  }
  DescriptorMessage(const DescriptorMessage&) = delete;

  void send(borrowed_fd socket, int fd) {
    cmsghdr* const rights = CMSG_FIRSTHDR(&header_);
    *rights = {CMSG_LEN(sizeof fd), SOL_SOCKET, SCM_RIGHTS};
    std::memcpy(CMSG_DATA(rights), &fd, sizeof fd);
    check(retry([&] { return sendmsg(socket.get(), &header_, MSG_NOSIGNAL); }), "send descriptor");
  }

  unique_fd receive(borrowed_fd socket) {
    receive_message(socket, header_);
    const cmsghdr* const rights = CMSG_FIRSTHDR(&header_);
    if (rights == nullptr || rights->cmsg_len != CMSG_LEN(sizeof(int)) ||
        rights->cmsg_type != SCM_RIGHTS) {
      throw Error{EBADMSG, "receive descriptor"};
    }
    int fd = -1;
    std::memcpy(&fd, CMSG_DATA(rights), sizeof fd);
    return unique_fd{fd};
  }

 private:
  char byte_ = 0;
  iovec part_{&byte_, 1};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control_{};
  msghdr header_{};
};

// Nothing: that takes what ptrace(2) takes, and this process does not have it.
unique_fd copy_of(borrowed_fd process, int number) {
  try {
    return sys::pidfd_getfd(process, number);
  } catch (const Error& error) {
    if (error.number() != EPERM) throw;
    return {};
  }
}

}  // namespace

std::string encode_failure(const Error& error) {
  const std::array fields{std::string_view{error.operation()}.substr(0, 1024),
                          std::string_view{error.object()}.substr(0, 4096),
                          std::string_view{error.hint()}.substr(0, 4096)};
  FailureHeader header{error.number(), error.status(), {}};
  std::string bytes(sizeof header, '\0');
  for (std::size_t i = 0; i < fields.size(); ++i) {
    header.lengths[i] = static_cast<std::uint32_t>(fields[i].size());
    bytes += fields[i];
  }
  std::memcpy(bytes.data(), &header, sizeof header);
  return bytes;
}

std::optional<Error> decode_failure(std::string_view bytes) {
  FailureHeader header{};
  if (bytes.size() < sizeof header) return std::nullopt;
  std::memcpy(&header, bytes.data(), sizeof header);
  bytes.remove_prefix(sizeof header);
  std::array<std::string, 3> fields;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (header.lengths[i] > bytes.size()) return std::nullopt;
    fields[i] = bytes.substr(0, header.lengths[i]);
    bytes.remove_prefix(header.lengths[i]);
  }
  if (!bytes.empty()) return std::nullopt;
  return Error{header.number, fields[0], fields[1], fields[2], header.status};
}

void Channel::send_failure(const Error& error) {
  send(Message::Kind::failure, encode_failure(error));
}

void Channel::lend_descriptor(borrowed_fd fd, std::string_view name) {
  const std::int32_t number = fd.get();
  std::string bytes(sizeof number, '\0');
  std::memcpy(bytes.data(), &number, sizeof number);
  bytes += name;
  send(Message::Kind::descriptor, bytes);
  auto answer = receive();
  if (answer && answer->kind == Message::Kind::send_it) {
    DescriptorMessage{}.send(socket_, fd.get());
    answer = receive();
  }
  if (!answer || answer->kind != Message::Kind::go) throw Error{EPIPE, "lend descriptor"};
}

unique_fd Channel::take_descriptor(borrowed_fd child, int number) {
  unique_fd taken = copy_of(child, number);
  if (!taken.ok()) {
    send(Message::Kind::send_it, {});
    taken = DescriptorMessage{}.receive(socket_);
  }
  send_go();
  return taken;
}

void Channel::send(Message::Kind kind, std::string_view payload) {
  std::string bytes(sizeof kind, '\0');
  std::memcpy(bytes.data(), &kind, sizeof kind);
  bytes += payload;
  iovec part{bytes.data(), bytes.size()};
  msghdr header{};
  header.msg_iov = &part;
  header.msg_iovlen = 1;
  // MSG_NOSIGNAL: a peer that died must be an error here, not SIGPIPE.
  check(retry([&] { return sendmsg(socket_.get(), &header, MSG_NOSIGNAL); }), "send message");
}

std::optional<Message> Channel::receive() {
  std::array<char, max_message> bytes;
  iovec part{bytes.data(), bytes.size()};
  msghdr header{};
  header.msg_iov = &part;
  header.msg_iovlen = 1;
  const auto received = receive_message(socket_, header);
  if (received == 0) return std::nullopt;
  // Without room for control messages, the kernel drops the descriptors that come with one.
  if ((header.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0) throw Error{EBADMSG, "receive message"};
  return parse({bytes.data(), static_cast<std::size_t>(received)});
}

bool Channel::peer_gone() const {
  char byte = 0;
  const auto peeked = recv(socket_.get(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return peeked == 0 || (peeked == -1 && errno == ECONNRESET);
}

ChannelPair make_channel() {
  std::array<int, 2> ends{};
  check(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()), "socketpair");
  return {Channel{unique_fd{ends[0]}}, Channel{unique_fd{ends[1]}}};
}

}  // namespace tincan
