// The channel between launcher and child: a socket pair that keeps message borders, so that a
// message arrives whole or not at all. Its end of file is a message too: the other side is gone.
//
//   auto [parent, child] = make_channel();          // before the clone
//   parent.send_go();                               // "you may start"
//   while (auto message = parent.receive()) { ... } // ends when the child's execve closed its end
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/error.hpp"
#include "common/unique_fd.hpp"

namespace tincan {

/// What one side says to the other.
struct Message {
  enum class Kind : std::uint32_t {
    go,          ///< parent: all that only I can do is done
    ready,       ///< child: isolation stands, execve comes next
    failure,     ///< child: a step failed; the fields of Error follow
    descriptor,  ///< child: take a copy of my descriptor of this number, and say go
    send_it,     ///< parent: I may not take it
  };
  Kind kind = Kind::go;
  std::optional<Error> error;  ///< of a failure
  int descriptor = -1;         ///< its number in the child
  std::string name;            ///< what that is
};

/// One end of the channel. Closed on exec.
class Channel {
 public:
  explicit Channel(unique_fd socket) : socket_{std::move(socket)} {}

  void send_go() { send(Message::Kind::go, {}); }
  void send_ready() { send(Message::Kind::ready, {}); }
  void send_failure(const Error& error);
  /// Lets the parent take a copy of `fd`, pidfd_getfd(2), and waits until it has. Not SCM_RIGHTS of
  /// unix(7): what is on its way there counts against the user who sent it, and one container could
  /// use that up for every other one of the same id range. `name` says what it is, in 64 bytes at
  /// most: several may be lent, and each has its taker. Only a parent that may not look into this
  /// process is sent it after all.
  void lend_descriptor(borrowed_fd fd, std::string_view name);
  /// The parent's part: a copy of what `child`, a pidfd, lends by this number.
  unique_fd take_descriptor(borrowed_fd child, int number);

  /// Waits for a message. Nothing means end of file: the other side closed its end or died.
  /// Throws Error (EBADMSG) if what came is no message of ours.
  std::optional<Message> receive();

  /// True when the other side is gone. Does not wait.
  bool peer_gone() const;

  borrowed_fd fd() const { return socket_; }
  void close() { socket_.reset(); }

 private:
  void send(Message::Kind kind, std::string_view payload);

  unique_fd socket_;
};

struct ChannelPair {
  Channel parent;
  Channel child;
};

/// socketpair(2) of type SOCK_SEQPACKET, both ends close-on-exec.
ChannelPair make_channel();

/// The bytes of a failure message, and back. Nothing if `bytes` is not a whole failure message: the
/// reader trusts no length it was given.
std::string encode_failure(const Error& error);
std::optional<Error> decode_failure(std::string_view bytes);

}  // namespace tincan
