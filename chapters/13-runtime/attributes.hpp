// What else a process has, beside ids, capabilities and a filter, and a document can say: each a
// step that no chapter before had.
#pragma once

#include <string>
#include <vector>

#include "03-process/child_process.hpp"
#include "13-runtime/document.hpp"
#include "common/unique_fd.hpp"

namespace tincan::oci {

/// In the launcher, before the clone: the next child is in a time namespace whose clocks have the
/// offsets of the document, time_namespaces(7). Nothing if it wants none of its own. Returns the way
/// back: what this process starts afterwards has the caller's clocks again.
unique_fd prepare_clocks(const Document& document);
void leave_clocks(borrowed_fd callers);

/// In the parent, while the child waits: what takes the host's powers, and that over the child. Hard
/// limits that are to be higher than the caller's, prlimit(2); the OOM score,
/// proc_pid_oom_score_adj(5).
void raise_limits(const Process& process, const ChildProcess& child);
void set_oom_score(const Process& process, const ChildProcess& child);

/// In the child, in its namespaces, while the host's /proc is there: sysctl(8).
void set_kernel_parameters(const Document& document);

/// In the child: sethostname(2), setdomainname(2), in whatever uts namespace the document has.
void set_names(const Document& document);

/// In the child, while the host's /proc is there: where the profile for the next execve(2) is
/// written. Throws Error if one is asked for and AppArmor is not there. Not ok(): none is.
unique_fd open_profile_file(const Process& process);
void set_apparmor_profile(const Process& process, borrowed_fd file);

/// In the child, with CAP_SETGID: the groups beside the user's own, setgroups(2), and no others.
void set_groups(const Process& process);

/// In the child: umask(2); 022 if none is given.
void set_umask(const Process& process);

/// In the child, as late as may be: each limit as given, setrlimit(2); those not given stay.
void set_limits(const Process& process);

/// In the child, before capabilities go: sched_setattr(2), ioprio_set(2).
void set_scheduling(const Process& process);

/// sched_setaffinity(2). `cpus`: as cpuset(7) has it, "0-3,7"; empty: nothing is done.
void run_on(const std::string& cpus);

/// In the child, in its root: what the command finds. The variables in their order, of two with one
/// name the later; and HOME, if it is not given: that of the container's /etc/passwd, or `/`, as
/// runc and crun do it.
std::vector<std::string> environment_of(const Process& process);

/// In the child, in its root: the working directory, by enter_workdir() of chapter 10, in words that
/// engines know.
void enter_cwd(const Process& process);

}  // namespace tincan::oci
