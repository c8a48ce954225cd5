// What chapters 05 and 06 need: mounts of every kind, in a mount namespace that is thrown away. By
// root directly (05); in a user namespace by both (from 06 on).
#include <fcntl.h>
#include <linux/openat2.h>
#include <linux/sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <string>
#include <utility>
#include <vector>

#include "common/channel.hpp"
#include "common/files.hpp"
#include "common/syscalls.hpp"
#include "doctor/attempt.hpp"
#include "doctor/trial.hpp"

namespace tincan::doctor {
namespace {

using Options = std::vector<sys::FileSystemOption>;

constexpr std::uint64_t mounts_only = CLONE_NEWNS;
constexpr std::uint64_t all =
    CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS;

void make_private() {
  check(mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr), "mount private", "/");
}

// A file system in memory, on top of the root: a place to make directories in. Only descriptors
// lead into it.
unique_fd scratch() {
  make_private();
  return sys::make_mount("tmpfs", Options{}, 0);
}

// `body` behind the namespaces of a start.
template <void (*body)(), std::uint64_t namespaces>
void inside() {
  attempt(body, {.namespaces = namespaces});
}

void mount_proc() {
  make_private();
  sys::make_mount("proc", Options{}, 0);
}
void mount_sysfs() {
  make_private();
  sys::make_mount("sysfs", Options{}, MOUNT_ATTR_RDONLY);
}
void mount_devices() {
  make_private();
  sys::make_mount("devpts", Options{{"ptmxmode", "0666"}}, 0);
  sys::make_mount("mqueue", Options{}, 0);
}

void exchange_root() {
  const unique_fd root = scratch();
  const unique_fd old_root = open_file("/", O_PATH | O_DIRECTORY);
  sys::move_mount(root, old_root, "root on /");
  check(fchdir(root.get()), "fchdir", "root");
  sys::pivot_root(".", ".");
  check(umount2(".", MNT_DETACH), "umount2", "old root");
}

void copy_read_only() {
  make_private();
  const unique_fd tree = sys::open_tree(AT_FDCWD, "/", OPEN_TREE_CLONE | AT_RECURSIVE);
  mount_attr attributes{};
  attributes.propagation = MS_PRIVATE;
  attributes.attr_set = MOUNT_ATTR_RDONLY;
  sys::mount_setattr(tree, AT_RECURSIVE, attributes);
}

void resolve_beneath() {
  sys::openat2(AT_FDCWD, "/", O_PATH, RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS);
}

// Where it matters: on the root directory of the tests, or on what will hold it.
std::string place_of_root() {
  return access("build/root", F_OK) == 0 ? "build/root" : ".";
}

void idmap() {
  const std::string place = place_of_root();
  const unique_fd tree = sys::open_tree(AT_FDCWD, place, OPEN_TREE_CLONE);
  unique_fd owner;
  const auto open_its_namespace = [&](pid_t child) {
    owner = open_file("/proc/" + std::to_string(child) + "/ns/user", O_RDONLY);
  };
  attempt([] {}, {.namespaces = CLONE_NEWUSER, .meanwhile = open_its_namespace});
  mount_attr attributes{};
  attributes.attr_set = MOUNT_ATTR_IDMAP;
  attributes.userns_fd = static_cast<std::uint64_t>(owner.get());
  try {
    sys::mount_setattr(tree, 0, attributes);
  } catch (const Error& error) {
    throw Error{error.number(), "idmap", place};
  }
}

// Three directories in memory, one of them the working directory: names for the options.
void overlay() {
  const unique_fd root = scratch();
  const unique_fd place = open_file("/tmp", O_PATH | O_DIRECTORY);
  sys::move_mount(root, place, "on /tmp");
  check(fchdir(root.get()), "fchdir", "scratch");
  for (const char* name : {"lower", "upper", "work"}) check(mkdir(name, 0700), "mkdir", name);
  sys::make_mount("overlay",
                  Options{{"lowerdir", "lower"}, {"upperdir", "upper"}, {"workdir", "work"}}, 0);
}

constexpr std::array table{
    Trial{"openat2", "openat2, RESOLVE_IN_ROOT", "05 to 10", Weight::needed, resolve_beneath,
          resolve_beneath},
    Trial{"copy-tree", "a read-only copy of a mount tree", "05 to 10", Weight::needed,
          inside<copy_read_only, mounts_only>, inside<copy_read_only, all>},
    Trial{"pivot-root", "tmpfs, pivot_root", "05 to 10", Weight::needed,
          inside<exchange_root, mounts_only>, inside<exchange_root, all>},
    Trial{"proc", "a new /proc", "05", Weight::needed,
          inside<mount_proc, CLONE_NEWPID | CLONE_NEWNS>, nullptr},
    Trial{"proc-userns", "the same in a user namespace", "06 to 10", Weight::needed,
          inside<mount_proc, all>, inside<mount_proc, all>},
    Trial{"sysfs", "a new /sys", "05", Weight::needed,
          inside<mount_sysfs, CLONE_NEWNET | CLONE_NEWNS>, nullptr},
    Trial{"sysfs-userns", "the same in a user namespace", "06 to 10", Weight::needed,
          inside<mount_sysfs, all>, inside<mount_sysfs, all>},
    Trial{"devpts", "a new devpts and mqueue", "05 to 10", Weight::needed,
          inside<mount_devices, CLONE_NEWIPC | CLONE_NEWNS>, inside<mount_devices, all>},
    Trial{"idmap", "an idmapped mount of build/root", "06 to 10", Weight::needed, idmap, nullptr},
    Trial{"overlay", "overlay", "none yet", Weight::useful, inside<overlay, mounts_only>,
          inside<overlay, all>},
};

}  // namespace

std::span<const Trial> mount_trials() {
  return table;
}

}  // namespace tincan::doctor
