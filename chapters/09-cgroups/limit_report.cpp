// The sentences about memory and about processes.
#include "09-cgroups/limit_report.hpp"

#include <fmt/core.h>

#include "common/log.hpp"

namespace tincan {
namespace {

std::string in_mebibytes(std::uint64_t bytes) {
  return fmt::format("{:.1f} MiB", static_cast<double>(bytes) / (1 << 20));
}

}  // namespace

void LimitReport::end() {
  say_killed_for_memory();
  say_refused_processes();
}

void LimitReport::say_killed_for_memory() const {
  const auto use = groups_.memory_use();
  if (!use || use->killed == 0) return;
  log::error(
      "killed by the kernel for memory ({} process{}): the limit is {}, the peak was {}; "
      "--memory sets it",
      use->killed, use->killed == 1 ? "" : "es", in_mebibytes(*limits_.memory),
      use->peak ? in_mebibytes(*use->peak) : "not counted (Linux 5.19)");
}

void LimitReport::say_refused_processes() const {
  const std::uint64_t refused = groups_.refused_processes();
  if (refused == 0) return;
  log::warn(
      "a new process was refused {} time{} (EAGAIN): --pids is {}, threads count too, and a group "
      "above may have less",
      refused, refused == 1 ? "" : "s", *limits_.pids);
}

}  // namespace tincan
