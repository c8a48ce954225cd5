// What else a process has, beside ids, capabilities and a filter, and a document can say: each a
// step that no chapter before had.
#pragma once

#include "03-process/child_process.hpp"
#include "13-runtime/document.hpp"
#include "common/unique_fd.hpp"

namespace tincan::oci {

/// In the launcher, before the clone: the next child is in a time namespace whose clocks have these
/// offsets, time_namespaces(7). Nothing without a time namespace of its own.
void prepare_clocks(const Document& document);

/// In the parent, while the child waits: what takes the host's powers, and that over the child. Hard
/// limits that are to be higher than the caller's, prlimit(2); the OOM score, proc_pid_oom_score_adj(5).
void raise_limits(const Process& process, const ChildProcess& child);
void set_oom_score(const Process& process, const ChildProcess& child);

/// In the child, in its namespaces, while the host's /proc is there: kernel parameters, sysctl(5).
/// Throws Error for one that is not of the container's own namespaces: it would be the host's.
void set_kernel_parameters(const Document& document);

/// In the child's uts namespace, setdomainname(2).
void set_domainname(const Document& document);

/// In the child, while the host's /proc is there: where the profile of the next execve(2) is written.
/// Throws Error if one is asked for and AppArmor is not there. Nothing if none is.
unique_fd open_profile_file(const Process& process);
void set_apparmor_profile(const Process& process, borrowed_fd file);

/// In the child, with CAP_SETGID: the groups beside the user's own, setgroups(2), and no other.
void set_groups(const Process& process);

/// In the child: personality(2); nothing but the plain one if none is given.
void set_personality(const Document& document);

/// In the child: the file mode creation mask, umask(2); 022 if none is given.
void set_umask(const Process& process);

/// In the child, as late as may be: each limit as given, setrlimit(2); those not given stay.
void set_limits(const Process& process);

/// In the child, before capabilities go: scheduling, sched_setattr(2), ioprio_set(2); and, on the
/// processors for `exec`, sched_setaffinity(2).
void set_scheduling(const Process& process);
void run_on(const std::string& cpus);

/// What the command finds: the variables in their order, of two with one name the later; and HOME,
/// by the container's /etc/passwd or else `/`, if it is not given: runc and crun do so, too.
std::vector<std::string> environment_of(const Process& process);

/// In the child, as the command's user: the working directory, which is made if it is not there.
/// See enter_workdir() of chapter 10.
void make_and_enter_workdir(const Process& process);

}  // namespace tincan::oci
