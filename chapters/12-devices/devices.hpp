// Devices that are granted, each by name. Whoever holds a device talks to its driver, which runs
// in the kernel; so what is granted is one device, and not the directory that it lies in.
//
// A device is a number, and a node is a name for it that says whose it is: anybody who may make a
// node for a number has the device. Therefore the host's node is only looked at, through a
// descriptor that cannot open it (O_PATH), and one of the container's own is made beside the six
// of chapter 05, with owner and mode as they are on the host. An ordinary user can make none.
// There the host's own node is shown, and the kernel asks its owner and mode, as always.
//
//   DeviceOptions options;
//   add_device_options(line, options);                                      // --device
//   Devices devices{look_at_devices(options.granted)};                      // before the clone
//   make_device_nodes(devices, can.ids.users);
//   launch.child_does("...", [&] { take_devices(devices, can.luggage); });  // mounts are private
#pragma once

#include <sys/stat.h>

#include <string>
#include <vector>

#include "05-mounts/mounts.hpp"
#include "06-user-namespace/user_namespace.hpp"
#include "common/command_line.hpp"
#include "common/unique_fd.hpp"

namespace tincan {

/// What is asked for.
struct Grant {
  std::string from;            ///< a node of the host's
  std::string to;              ///< where one stands inside: absolute; see 05-mounts/targets.hpp
  std::string access = "rwm";  ///< r: read, w: write, m: make nodes for it, mknod(2)
};

struct DeviceOptions {
  std::vector<Grant> granted = {};
  bool rules = true;  ///< false: --no-device-rules
  bool dump = false;  ///< print the rules, and run nothing
};

void add_device_options(CommandLine& line, DeviceOptions& options);

/// HOST[:INSIDE][:rwm], as Docker has it; `\:` is a colon in a path, `\\` a backslash. What stands
/// second and could be both is an access: "/dev/sda:r". Throws UsageError naming `option`.
Grant parse_device(const std::string& text, const std::string& option);

/// A node of the host's, looked at.
struct Device {
  Grant grant;
  Source source = {};
  struct stat status = {};

  bool is_block() const { return S_ISBLK(status.st_mode); }
};

struct Devices {
  std::vector<Device> all;
  unique_fd own_nodes = {};  ///< detached: a tmpfs with a node for each, or nothing
};

/// Throws Error for what is no device: a directory, a file, a symlink (ELOOP: /dev/disk/by-id
/// names whatever is plugged in by then).
std::vector<Device> look_at_devices(const std::vector<Grant>& granted);

/// Makes the nodes, where this process may: no ordinary user may. By the launcher: it takes
/// CAP_MKNOD over the machine, and on a file system that a user namespace has mounted no device
/// opens. Owners who do not exist inside become root there.
void make_device_nodes(Devices& devices, const UserNamespace& users);

/// In the child, once its mounts are private, and while it sees the host's root: the devices join
/// what is to be attached. If there are no own nodes these are the host's: opened by name once
/// more, and refused (Error, ESTALE) unless that led to the very same file, or (EACCES) if root
/// inside could not use it as `access` says.
void take_devices(Devices& devices, Luggage& luggage);

}  // namespace tincan
