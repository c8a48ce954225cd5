// PID 1: what the container's first process owes to the others. The kernel gives it two duties, see
// pid_namespaces(7): it inherits every orphan and has to reap it, and no signal without a handler
// touches it. A shell or a server that finds itself to be process 1 does neither well, so the child
// stays behind as a small init, and the command is its child.
//
//   launch.child_does("leave an init behind", [&] { leave_init_behind(launch.channel()); });
//   launch.child_does("make a session", [&] { make_session(options.terminal); });
//   // from here on this is process 2, which becomes the command
#pragma once

#include "03-process/launch.hpp"
#include "10-init/terminal.hpp"
#include "common/channel.hpp"

namespace tincan {

/// fork(2). The caller goes on in the child; the parent becomes init and never returns: it reaps,
/// sends every signal that it gets on to its child, and when that ends it ends too, with the same
/// status (128 + n after signal n). Then the kernel kills whatever else still runs.
///
/// Wants to be the last step but those that only the command needs: init is then in the same root,
/// as the same user, with the same few capabilities and the same filter as the command, and holds
/// no descriptor but 2, for its last words. `channel` is closed in it, so that its end of file
/// keeps its meaning.
/// The launcher's arguments and environment are wiped: init has no execve(2) to do that, and
/// /proc/1/environ would show the caller's secrets. A command that is to be process 1 itself does
/// without this step: close_descriptors_on_exec() is then enough.
void leave_init_behind(const Channel& channel, Lifetime lifetime = Lifetime::launchers);

/// setsid(2): a session of the command's own, apart from the caller's terminal and from init; with
/// a terminal of its own as its controlling terminal, ioctl_tty(2) TIOCSCTTY.
void make_session(const TerminalOptions& options);

}  // namespace tincan
