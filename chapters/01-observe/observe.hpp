// Looking at a process: every file of /proc/PID that tells how it is isolated, read and understood.
//
//   const Report report = observe(ProcessDirectory{1});
//   for (const Section& section : report) ...
#pragma once

#include "01-observe/process_directory.hpp"
#include "01-observe/report.hpp"

namespace tincan::observation {

/// Reads everything. Throws Error (ESRCH) if the process ends meanwhile: half a report would look
/// like a process that has nothing.
Report observe(const ProcessDirectory& process);

/// Its sections, for observe(). `status`: /proc/PID/status, read once, so that what stands in it
/// fits together.
Section observe_identity(const ProcessDirectory& process, const Reading& status);
Section observe_namespaces(const ProcessDirectory& process);
Section observe_privileges(const ProcessDirectory& process, const Reading& status);
Section observe_cgroups(const ProcessDirectory& process);
Section observe_files(const ProcessDirectory& process, const Reading& status);
Section observe_limits(const ProcessDirectory& process);
Section observe_life(const ProcessDirectory& process, const Reading& status);

/// The parts of it that several sections need: a file with one value, and a line of status.
Field field_of_file(const std::string& key, const Reading& reading);
Field field_of_status(const std::string& key, const Reading& status, const std::string& name);

}  // namespace tincan::observation
