// A terminal for a command whose launcher goes away: the master goes to whoever the engine has
// waiting behind a socket, SCM_RIGHTS of unix(7). runc's docs/terminals.md calls it --console-socket.
//
//   Console console{connect_to(options.console_socket), process.console_size};
//   launch.attend(console);          // make_terminal() of chapter 10 lends the master
#pragma once

#include <optional>
#include <string>

#include "03-process/launch.hpp"
#include "13-runtime/document.hpp"
#include "common/unique_fd.hpp"

namespace tincan::oci {

/// Connected before anything of the container's is looked at. Throws Error.
unique_fd connect_to(const std::string& path);

/// One descriptor, with a name for whoever reads it.
void send_descriptor(borrowed_fd socket, borrowed_fd sent, const std::string& name);

class Console : public Attendant {
 public:
  Console(unique_fd socket, std::optional<ConsoleSize> size)
      : socket_{std::move(socket)}, size_{size} {}

  void take(const std::string& name, unique_fd& descriptor) override;

 private:
  unique_fd socket_;
  std::optional<ConsoleSize> size_;
};

}  // namespace tincan::oci
