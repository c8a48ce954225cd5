// Looking at nodes of the host's, making the container's own, or borrowing.
#include "12-devices/devices.hpp"

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <utility>

#include "06-user-namespace/id_map.hpp"
#include "common/error.hpp"
#include "common/files.hpp"
#include "common/lookup.hpp"
#include "common/syscalls.hpp"

namespace tincan {
namespace {

constexpr unsigned no_program = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC;

// One to three of the letters, each once.
bool is_access(const std::string& text) {
  constexpr std::string_view letters = "rwm";
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](char letter) {
    return letters.find(letter) != letters.npos && text.find(letter) == text.rfind(letter);
  });
}

[[noreturn]] void refuse(const std::string& path, int number, const std::string& why) {
  throw Error{number, "grant", path, why};
}

unique_fd look(const std::string& path) {
  try {
    return sys::openat2(AT_FDCWD, path, O_PATH | O_NOFOLLOW, 0);
  } catch (const Error& error) {
    refuse(path, error.number(), lookup_hint(path, error.number(), "the host has no such device"));
  }
}

// O_NOFOLLOW of the last part alone: who may write to the directories of /dev is root.
Device look_at(const Grant& grant) {
  Device device{.grant = grant, .source = {grant.from, look(grant.from)}};
  check(fstat(device.source.file.get(), &device.status), "fstat", grant.from);
  const mode_t mode = device.status.st_mode;
  if (S_ISLNK(mode)) {
    refuse(grant.from, ELOOP,
           "it is a symlink to '" + read_link(grant.from) +
               "', which may lead elsewhere tomorrow: name the device itself");
  }
  if (!S_ISCHR(mode) && !S_ISBLK(mode)) {
    refuse(grant.from, ENODEV,
           "it is " + kind_of(mode) + ", not a device; -a shows files and directories");
  }
  return device;
}

// Who that is on the host, if whoever owns it there exists inside; otherwise root of the container.
std::uint32_t owner_for(const IdMap& map, std::uint32_t owner_on_host) {
  return on_host(map, is_mapped(map, owner_on_host) ? owner_on_host : 0);
}

// Their names are their places in the list.
unique_fd make_nodes(const std::vector<Device>& devices, const UserNamespace& users) {
  const std::vector<sys::FileSystemOption> options{
      {"mode", "755"}, {"size", "4k"}, {"nr_inodes", std::to_string(devices.size() + 1)}};
  unique_fd own = sys::make_mount("tmpfs", options, no_program);
  for (std::size_t i = 0; i < devices.size(); ++i) {
    const struct stat& host = devices[i].status;
    const std::uint32_t uid = owner_for(users.uids, host.st_uid);
    const std::uint32_t gid = owner_for(users.gids, host.st_gid);
    const std::string name = std::to_string(i);
    if (!make_node(own, name.c_str(), host.st_mode, host.st_rdev, uid, gid)) return {};
  }
  return own;
}

// What root inside may do with it, it is asked as root inside: faccessat2(2), Linux 5.8.
void require_usable(borrowed_fd node, const Device& device) {
  int wanted = 0;
  if (device.grant.access.find('r') != std::string::npos) wanted |= R_OK;
  if (device.grant.access.find('w') != std::string::npos) wanted |= W_OK;
  if (faccessat(node.get(), "", wanted, AT_EMPTY_PATH | AT_EACCESS) == 0) return;
  refuse(device.grant.from, errno,
         "nobody but the machine's root can make a node for it, and the host's own is not open to "
         "whoever is root inside: its owner and mode say so (ls -l)");
}

// Read-only, as the six are: it keeps nobody from using the device, but its owner and times from
// being set.
unique_fd borrow(const Device& device) {
  const std::string& path = device.grant.from;
  unique_fd tree = sys::open_tree(AT_FDCWD, path, OPEN_TREE_CLONE | AT_SYMLINK_NOFOLLOW);
  struct stat now {};
  check(fstat(tree.get(), &now), "fstat", path);
  if (now.st_dev != device.status.st_dev || now.st_ino != device.status.st_ino ||
      now.st_rdev != device.status.st_rdev) {
    refuse(path, ESTALE, "its name has come to mean another file since");
  }
  require_usable(tree, device);
  mount_attr attributes{};
  attributes.propagation = MS_PRIVATE;
  attributes.attr_set = no_program | MOUNT_ATTR_RDONLY;
  sys::mount_setattr(tree, 0, attributes);
  return tree;
}

// Before Linux 6.15, open_tree(2) copies nothing that stands nowhere: so they are put on /dev of
// the old root, and go with it.
std::vector<unique_fd> copies_of(const Devices& devices) {
  std::vector<unique_fd> copies;
  // guard: the host's root is still there, and no container has written to it
  sys::move_mount(devices.own_nodes, open_file("/dev", O_PATH | O_DIRECTORY),
                  "devices on the old /dev");
  for (std::size_t i = 0; i < devices.all.size(); ++i) {
    copies.push_back(sys::open_tree(devices.own_nodes, std::to_string(i), OPEN_TREE_CLONE));
  }
  return copies;
}

std::vector<unique_fd> borrow_all(const Devices& devices) {
  std::vector<unique_fd> nodes;
  for (const Device& device : devices.all) nodes.push_back(borrow(device));
  return nodes;
}

}  // namespace

void add_device_options(CommandLine& line, DeviceOptions& options) {
  line.section("Devices (chapter 12)");
  line.repeatable(
      "--device", "HOST[:INSIDE][:rwm]",
      "grant a device of the host: to read it (r), write to it (w), make nodes for it (m)",
      [&](const std::string& text) { options.granted.push_back(parse_device(text, "--device")); });
  line.flag("--no-device-rules",
            "make do without the second wall: rules that hold for whatever node is opened",
            [&] { options.rules = false; });
  line.flag("--dump-device-rules", "print the rules, and the program that the kernel gets of them",
            [&] { options.dump = true; });
  for (const char* other : {"--list-capabilities", "--dump-seccomp"}) {
    line.not_both("--dump-device-rules", other, "each prints, and runs nothing");
  }
}

Grant parse_device(const std::string& text, const std::string& option) {
  const auto refuse_it = [&](const std::string& problem) {
    throw UsageError{
        option,
        "'" + text + "' " + problem +
            R"(; it takes HOST, HOST:INSIDE or either with :rwm, and \: for a colon in a path)"};
  };
  const auto parts = parts_of(text);
  // exercise: granted
  if (parts.size() > 3) refuse_it("has the wrong number of parts");
  const bool second_is_access = parts.size() == 2 && is_access(parts[1]);
  Grant grant{.from = parts[0], .to = parts[0]};
  if (parts.size() > 1 && !second_is_access) grant.to = parts[1];
  if (parts.size() == 3 || second_is_access) grant.access = parts.back();
  if (!grant.from.starts_with('/')) refuse_it("needs an absolute path on the host");
  if (!grant.to.starts_with('/')) refuse_it("needs an absolute path inside");
  if (!is_access(grant.access))
    refuse_it("ends in an access that is not made of r, w and m, each once");
  return grant;
  // end of exercise
}

std::vector<Device> look_at_devices(const std::vector<Grant>& granted) {
  std::vector<Device> devices;
  devices.reserve(granted.size());
  for (const Grant& grant : granted) devices.push_back(look_at(grant));
  return devices;
}

void make_device_nodes(Devices& devices, const UserNamespace& users) {
  if (devices.all.empty() || users.packer == Packer::child) return;
  devices.own_nodes = make_nodes(devices.all, users);
}

void take_devices(Devices& devices, Luggage& luggage) {
  std::vector<unique_fd> nodes = devices.own_nodes.ok() ? copies_of(devices) : borrow_all(devices);
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    Device& device = devices.all[i];
    const Mount entry{.kind = "bind", .to = device.grant.to, .from = device.grant.from};
    luggage.items.push_back({entry, std::move(device.source), std::move(nodes[i])});
  }
}

}  // namespace tincan
