// Parts of below.cpp.
#pragma once

#include <stdexcept>
#include <string>

namespace below {

/// A step failed.
struct Broken : std::runtime_error {
  explicit Broken(const std::string& step);  ///< adds the text of errno
};

/// Throws Broken if `returned` is -1.
long need(long returned, const std::string& step);

/// A file that is there gets this content. Throws Broken.
void write_text(const std::string& path, const std::string& text);

/// Into a new user namespace, with such a map of both kinds of ids, user_namespaces(7). Throws Broken.
void unshare_with_map(const std::string& map);

/// The floor below: one more user namespace, shown at /below/ns/user. Throws Broken.
void make_user_namespace();

/// A file system in memory at `path`, of at most `size` (as tmpfs(5) has it), that belongs to that floor. Throws Broken.
void mount_memory(const char* path, const char* size);

/// How tests are tried: their ids are those from `first` on; the directory `covered`, if it is not "", they see empty; and of
/// what is in /programs they see `programs`. Hierarchies and groups are in the variable GROUPS_MADE.
struct Bout {
  const char* first;
  const char* covered;
  const char* programs;
  char** command;
};

/// Runs the command, in the working directory that it has, and ends with its status. Throws Broken.
[[noreturn]] void try_bout(const Bout& bout);

/// The same as root of the machine, with `files` as /tmp, and processes of its own or the machine's. Throws Broken.
[[noreturn]] void try_mutant(const char* files, bool own_pids, char** command);

/// May what is tried load filters of its own? Before the chapter about them, none is needed.
enum class Filters { none, without_listener };

/// From here on, and in whatever is started, ptrace(2) and its like are refused: EPERM. The probe's memory
/// cannot be read (it is a program that nobody below may read), but who traces a process before it
/// becomes the probe could still move its registers; and a filter of system calls could answer them in the
/// kernel's place, seccomp_unotify(2), or with "0" by itself.
void forbid_tracing(Filters filters);

}  // namespace below
