// The program that goes into a container, before it becomes the command, is the runtime itself, and
// /proc/self/exe in there is the runtime's file on the host. Where root inside is the host's root, a
// command that says so ("#!/proc/self/exe") becomes the runtime once more, and who looks at that
// process holds the host's file, and can write into it as soon as nobody runs it: CVE-2019-5736.
//
// So what goes in is not that file, but the same by way of a mount that is read-only and stands
// nowhere; or, for who may not mount, a copy in memory that is sealed.
//
//   become_own_copy(argv);      // once per process: the second time it returns
#pragma once

namespace tincan::oci {

/// execve(2) of this program once more, by a way on which nobody can write into its file. Returns if
/// that has happened already. Throws Error.
void become_own_copy(char** argv);

}  // namespace tincan::oci
