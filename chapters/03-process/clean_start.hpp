// A clean start: what fork(2) and execve(2) would carry over from the launcher, and whoever started
// it, into the command. Each function ends one inheritance; "Attributes preserved" in execve(2) is
// the list they were taken from.
//
//   leave_groups(options);
//   join_own_keyring();
//   reset_signals();          // in the child, before execve
#pragma once

#include "common/command_line.hpp"

namespace tincan {

struct CleanStartOptions {
  bool keep_groups = false;  ///< stay in the caller's supplementary groups
};

void add_clean_start_options(CommandLine& line, CleanStartOptions& options);

/// Opens /dev/null on each of 0, 1, 2 that is closed, before the launcher opens anything itself:
/// otherwise its own descriptors would get these numbers, and the command would inherit them.
/// Refuses (Error, EISDIR) a directory there: fchdir(2) would lead straight to the host's files.
/// Whoever the command becomes may open a pipe there again, as /dev/stdout, say: fchmod(2).
void secure_standard_descriptors();

/// No supplementary groups, setgroups(2). Takes CAP_SETGID; an ordinary user who is in other groups
/// than the own one has to say --keep-groups.
void leave_groups(const CleanStartOptions& options);

/// A session keyring of its own, keyrings(7): keys are found by possession, not by namespace.
void join_own_keyring();

/// A priority, scheduling policy and OOM score that no ordinary process has are given up; what the
/// caller lowered (nice 10, say) stays. sched(7), ioprio_set(2), proc_pid_oom_score_adj(5).
void give_up_privileged_scheduling();

/// The execution domain of plain Linux, personality(2): address randomisation is on again.
void reset_personality();

/// umask 022, the working directory `/`.
void reset_file_defaults();

/// A crash leaves no core file and starts no program of the host's, core(5). Who wants the latter
/// can still have it: a limit may be lowered to 0. Where the caller's hard limit is 0 already, and
/// may not be raised, it stays 0: no file, but perhaps that program.
void forbid_core_dumps();

/// Default actions and an empty mask, signal(7): an ignored signal stays ignored across execve.
void reset_signals();

/// Everything but 0, 1, 2 is closed by execve, close_range(2). One forgotten descriptor of a host
/// directory is a way out of any root (CVE-2024-21626).
void close_descriptors_on_exec();

}  // namespace tincan
