// The six namespaces of chapter 04.
#include "04-namespaces/namespaces.hpp"

#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <utility>

#include "04-namespaces/hostname.hpp"
#include "common/error.hpp"
#include "common/log.hpp"
#include "common/unique_fd.hpp"

namespace tincan {
namespace {

constexpr std::array<std::pair<const char*, std::uint64_t>, 7> known{{
    {"uts", CLONE_NEWUTS},
    {"pid", CLONE_NEWPID},
    {"ipc", CLONE_NEWIPC},
    {"net", CLONE_NEWNET},
    {"mount", CLONE_NEWNS},
    {"cgroup", CLONE_NEWCGROUP},
    {"user", CLONE_NEWUSER},
}};

std::string name_all(std::uint64_t flags) {
  std::string all;
  for (const auto& [name, flag] : known) {
    if ((flags & flag) != 0) all += (all.empty() ? "" : ", ") + std::string{name};
  }
  return all;
}

std::uint64_t flag_of(const std::string& wanted, std::uint64_t offered) {
  for (const auto& [name, flag] : known) {
    if (wanted == name && (flag & offered) != 0) return flag;
  }
  throw UsageError{"--share", "'" + wanted + "' is none of " + name_all(offered)};
}

void share(const std::string& name, NamespaceOptions& options, std::uint64_t offered,
           std::uint64_t indispensable) {
  const std::uint64_t flag = flag_of(name, offered);
  if ((flag & indispensable) != 0) {
    throw UsageError{
        "--share",
        "'" + name + "' cannot be shared: the steps of this chapter would change the host's"};
  }
  if ((options.own & flag) == 0) throw UsageError{"--share", "'" + name + "' is named twice"};
  options.own &= ~flag;
}

}  // namespace

void add_namespace_options(CommandLine& line, NamespaceOptions& options,
                           std::uint64_t indispensable) {
  line.section("Namespaces (chapter 04)");
  line.option(
      "--hostname", "NAME", "the name inside; made up if it is not given",
      [&](const std::string& name) { options.hostname = parse_hostname(name, "--hostname"); });
  const std::uint64_t offered = options.own;
  line.repeatable("--share", "NS", "keep a namespace of the host: " + name_all(offered),
                  [&options, offered, indispensable](const std::string& name) {
                    share(name, options, offered, indispensable);
                  });
  line.not_both("--hostname", "--share uts", "the host's name stays");
}

// exercise: flags
std::uint64_t clone_flags(const NamespaceOptions& options) {
  return options.own & ~std::uint64_t{CLONE_NEWCGROUP};
}
// end of exercise

std::string names(const NamespaceOptions& options) {
  return name_all(clone_flags(options));
}

void set_hostname(const NamespaceOptions& options) {
  if ((options.own & CLONE_NEWUTS) == 0) return;
  // exercise: hostname
  const std::string name = options.hostname.empty() ? make_hostname() : options.hostname;
  log::debug("the hostname is {}", name);
  check(sethostname(name.data(), name.size()), "sethostname", name);
  // end of exercise
}

void bring_loopback_up(const NamespaceOptions& options) {
  if ((options.own & CLONE_NEWNET) == 0) return;
  const unique_fd socket{
      check(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), "socket", "AF_INET")};
  // exercise: loopback
  ifreq request{};
  std::strcpy(request.ifr_name, "lo");
  check(ioctl(socket.get(), SIOCGIFFLAGS, &request), "ioctl SIOCGIFFLAGS", "lo");
  request.ifr_flags |= IFF_UP;
  check(ioctl(socket.get(), SIOCSIFFLAGS, &request), "ioctl SIOCSIFFLAGS", "lo");
  // end of exercise
}

// exercise: cgroup-namespace
void enter_cgroup_namespace(const NamespaceOptions& options) {
  if ((options.own & CLONE_NEWCGROUP) == 0) return;
  check(unshare(CLONE_NEWCGROUP), "unshare cgroup");
}
// end of exercise

}  // namespace tincan
