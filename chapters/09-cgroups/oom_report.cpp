// The sentence about memory.
#include "09-cgroups/oom_report.hpp"

#include <fmt/core.h>

#include "common/log.hpp"

namespace tincan {
namespace {

std::string in_mebibytes(std::uint64_t bytes) {
  return fmt::format("{:.1f} MiB", static_cast<double>(bytes) / (1 << 20));
}

}  // namespace

void OomReport::end() {
  const auto use = groups_.memory_use();
  if (!use || use->killed == 0) return;
  log::error(
      "killed by the kernel for memory ({} process{}): the limit is {}, the peak was {}; "
      "--memory sets it",
      use->killed, use->killed == 1 ? "" : "es", in_mebibytes(*limits_.memory),
      use->peak ? in_mebibytes(*use->peak) : "not counted (Linux 5.19)");
}

}  // namespace tincan
