// A scope: a group of processes that systemd did not start, and manages all the same,
// systemd.scope(5). The systemd of an ordinary user, who has one from the login on, makes such a
// group on request, and leaves to whoever asks what is in it ("Delegate").
//
//   ask_for_scope();     // and this process is in it
#pragma once

namespace tincan {

/// Moves this process into a new scope of its user's systemd, which may be divided. systemd removes
/// it, with all groups in it, as soon as the last process has left it. Throws Error if there is no
/// systemd of this user's to ask, or if it does not do it.
void ask_for_scope();

}  // namespace tincan
