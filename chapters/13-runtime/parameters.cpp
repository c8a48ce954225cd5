// Whose a kernel parameter is: namespaces(7), ipc_namespaces(7), network_namespaces(7),
// user_namespaces(7), uts_namespaces(7).
#include "13-runtime/parameters.hpp"

#include <sched.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace tincan::oci {
namespace {

// One that ends with a slash stands for all below it.
constexpr std::array<std::pair<std::string_view, std::uint64_t>, 14> owners{{
    {"net/", CLONE_NEWNET},
    {"fs/mqueue/", CLONE_NEWIPC},
    {"kernel/msgmax", CLONE_NEWIPC},
    {"kernel/msgmnb", CLONE_NEWIPC},
    {"kernel/msgmni", CLONE_NEWIPC},
    {"kernel/sem", CLONE_NEWIPC},
    {"kernel/shmall", CLONE_NEWIPC},
    {"kernel/shmmax", CLONE_NEWIPC},
    {"kernel/shmmni", CLONE_NEWIPC},
    {"kernel/shm_rmid_forced", CLONE_NEWIPC},
    {"kernel/auto_msgmni", CLONE_NEWIPC},
    {"kernel/hostname", CLONE_NEWUTS},
    {"kernel/domainname", CLONE_NEWUTS},
    {"user/", CLONE_NEWUSER},
}};

}  // namespace

std::uint64_t namespace_of_parameter(const std::string& name) {
  const std::string path = path_of_parameter(name);
  for (const auto& [owned, kind] : owners) {
    if (owned.ends_with('/') ? path.starts_with(owned) && path.size() > owned.size()
                             : path == owned)
      return kind;
  }
  return 0;
}

std::string path_of_parameter(const std::string& name) {
  const std::size_t first = name.find_first_of("./");
  if (first == std::string::npos || name[first] == '/') return name;
  std::string path = name;
  for (char& c : path) {
    if (c == '.' || c == '/') c = c == '.' ? '/' : '.';
  }
  return path;
}

}  // namespace tincan::oci
