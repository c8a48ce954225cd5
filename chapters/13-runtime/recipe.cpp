// The Spec of a document.
#include "13-runtime/recipe.hpp"

#include <fcntl.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <utility>

#include "13-runtime/parameters.hpp"
#include "common/error.hpp"
#include "common/files.hpp"

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x00000080
#endif

namespace tincan::oci {
namespace {

constexpr std::array<std::pair<std::uint64_t, const char*>, 8> files{{
    {CLONE_NEWPID, "pid"},
    {CLONE_NEWNET, "net"},
    {CLONE_NEWNS, "mnt"},
    {CLONE_NEWIPC, "ipc"},
    {CLONE_NEWUTS, "uts"},
    {CLONE_NEWUSER, "user"},
    {CLONE_NEWCGROUP, "cgroup"},
    {CLONE_NEWTIME, "time"},
}};

std::string name_of(std::uint64_t kind) {
  const auto* found =
      std::find_if(files.begin(), files.end(), [&](const auto& one) { return one.first == kind; });
  return found == files.end() ? "unknown" : found->second;
}

// clone3(2) cannot make one whose clocks differ: attributes.hpp.
std::uint64_t own_of(const Document& document) {
  std::uint64_t own = 0;
  for (const Namespace& one : document.namespaces) {
    if (one.path.empty() && one.kind != CLONE_NEWTIME) own |= one.kind;
  }
  return own;
}

void require_kind(borrowed_fd file, const Namespace& wanted) {
  const int kind = ioctl(file.get(), NS_GET_NSTYPE);
  if (kind != -1 && static_cast<std::uint64_t>(kind) == wanted.kind) return;
  throw Error{
      kind == -1 ? errno : 0,
      "join " + wanted.path,
      {},
      kind == -1 ? "it is no namespace" : "it is no namespace of type " + name_of(wanted.kind),
      1};
}

bool is_callers(borrowed_fd file, std::uint64_t kind) {
  struct stat there {};
  struct stat own {};
  const std::string path = "/proc/self/ns/" + name_of(kind);
  check(fstat(file.get(), &there), "fstat", path);
  check(stat(path.c_str(), &own), "stat", path);
  return there.st_dev == own.st_dev && there.st_ino == own.st_ino;
}

bool writes_to(const Document& document, std::uint64_t kind) {
  if (kind == CLONE_NEWUTS && !(document.hostname.empty() && document.domainname.empty()))
    return true;
  return std::any_of(document.sysctl.begin(), document.sysctl.end(),
                     [&](const auto& one) { return namespace_of_parameter(one.first) == kind; });
}

}  // namespace

Spec spec_of(const Process& process) {
  Spec spec{.command = process.args};
  spec.init = false;
  spec.namespaces.own = 0;
  spec.capabilities = process.capabilities;
  spec.new_privileges = !process.no_new_privileges;
  spec.policy = std::nullopt;
  return spec;
}

Spec spec_of(const Document& document) {
  Spec spec = spec_of(document.process);
  spec.namespaces = {.own = own_of(document), .hostname = document.hostname};
  spec.root = document.root;
  spec.users = {.map = document.uids, .map_host_root = true, .no_idmap = true, .reachable = true};
  return spec;
}

std::vector<unique_fd> open_namespaces(const Document& document, Spec& spec) {
  std::vector<unique_fd> held;
  for (const Namespace& one : document.namespaces) {
    if (one.path.empty()) continue;
    // guard: the host's root, and a path that whoever starts the container has chosen
    unique_fd file = open_file(one.path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
    require_kind(file, one);
    const bool callers = is_callers(file, one.kind);
    if (callers && writes_to(document, one.kind)) {
      throw Error{
          0, "join " + one.path, {}, "it is the host's, and the document sets something in it", 1};
    }
    // Where it is already, it need not go; and into its own user namespace nobody can, setns(2).
    if (callers) continue;
    spec.joined.push_back({one.kind, file});
    held.push_back(std::move(file));
  }
  return held;
}

void take_maps(const Document& document, Ids& ids) {
  if (!ids.users.own || document.uids.empty()) return;
  ids.users.uids = document.uids;
  ids.users.gids = document.gids;
}

}  // namespace tincan::oci
