// Who on the host can get at a directory? A program that is root inside can leave a set-uid file in
// its root directory; it must not be there for other users of the host to run.
//
//   require_closed(sources.root);   // throws Error if other users can reach it
#pragma once

#include "05-mounts/mounts.hpp"

namespace tincan {

/// Throws Error (EACCES) unless the directory `source`, or one above it, gives neither group nor
/// others the right to pass (mode 0700, say) and belongs to this process or to the user who called
/// sudo. It is the descriptor that is looked at, and the directories above it by "..": what the
/// name means meanwhile does not count. An ACL does not get round that: it can grant no more than
/// the group's bits say, acl(5). A second way to the same files, a bind mount elsewhere or another
/// link to a single file, is not seen.
void require_closed(const Source& source);

}  // namespace tincan
