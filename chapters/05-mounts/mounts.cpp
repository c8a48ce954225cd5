// Private mounts, the exchange of the root, and what -a adds.
#include "05-mounts/mounts.hpp"

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "03-process/host_check.hpp"
#include "common/error.hpp"
#include "common/files.hpp"
#include "common/lookup.hpp"
#include "common/syscalls.hpp"

namespace tincan {
namespace {

// Every copy is nodev: a device could be shown, and never be opened.
void require_no_device(const Source& source) {
  struct stat status {};
  check(fstat(source.file.get(), &status), "fstat", source.path);
  if (!S_ISCHR(status.st_mode) && !S_ISBLK(status.st_mode)) return;
  throw Error{ENODEV, "show", source.path,
              "it is a device, and what -a shows opens none (nodev): /dev has the six that every "
              "program may use"};
}

Source open_again(const Source& source) {
  Source again = open_source(source.path);
  struct stat before {};
  struct stat now {};
  check(fstat(source.file.get(), &before), "fstat", source.path);
  check(fstat(again.file.get(), &now), "fstat", source.path);
  if (before.st_dev == now.st_dev && before.st_ino == now.st_ino) return again;
  throw Error{ESTALE, "open again", source.path, "its name has come to mean another file since"};
}

constexpr unsigned whole_copy = OPEN_TREE_CLONE | AT_EMPTY_PATH | AT_RECURSIVE;

// A copy of the tree that propagates nothing. A mount copied from a shared one would be its peer:
// what is mounted in the copy would appear on the host.
unique_fd copy_tree(const Source& source, unsigned flags) {
  unique_fd tree = sys::open_tree(source.file, "", whole_copy, source.path);
  // exercise: copies
  mount_attr attributes{};
  attributes.propagation = MS_PRIVATE;
  attributes.attr_set = MOUNT_ATTR_NODEV | flags;
  sys::mount_setattr(tree, AT_RECURSIVE, attributes);
  // end of exercise
  return tree;
}

Mount parse_volume(const std::string& text) {
  if (!text.starts_with('/')) {
    throw UsageError{"--volume",
                     "'" + text +
                         "' does not begin with a /, and there are no volumes: -a FROM:TO "
                         "shows a directory of the host inside"};
  }
  return parse_bind(text.substr(0, text.ends_with(":rw") ? text.size() - 3 : text.npos),
                    "--volume");
}

}  // namespace

void check_host_for_mounts() {
  require_calls({
      {"open_tree", "5.2", [] { return syscall(SYS_open_tree, -1, "", 0); }},
      {"move_mount", "5.2", [] { return syscall(SYS_move_mount, -1, "", -1, "", 0); }, true},
      {"fsopen", "5.2", [] { return syscall(SYS_fsopen, nullptr, 0); }, true},
      {"openat2", "5.6", [] { return syscall(SYS_openat2, -1, "", nullptr, 0); }},
      {"mount_setattr", "5.12", [] { return syscall(SYS_mount_setattr, -1, "", 0, nullptr, 0); }},
  });
}

void add_mount_options(CommandLine& line, MountOptions& options) {
  line.section("Mounts (chapter 05)");
  line.repeatable(
      "-a,--add", "FROM:TO[:ro]",
      R"(show a file or directory of the host inside; \: for a colon in a path)",
      [&](const std::string& text) { options.added.push_back(parse_bind(text, "--add")); });
  line.repeatable("-v,--volume", "/FROM:/TO[:ro]", "the same, as Docker says it",
                  [&](const std::string& text) { options.added.push_back(parse_volume(text)); });
  line.flag("--read-only", "make the root read-only",
            [&] { options.root_flags |= MOUNT_ATTR_RDONLY; });
  line.flag("--tmp", "put an empty file system in memory on /tmp",
            [&] { options.temporary_tmp = true; });
  line.flag("--tmp-noexec", "--tmp, and nothing on it can be executed",
            [&] { options.temporary_tmp = options.tmp_noexec = true; });
}

// A backslash before anything but these two is a backslash, as in the names of systemd's units.
std::vector<std::string> parts_of(const std::string& text) {
  std::vector<std::string> parts(1);
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::string_view next = std::string_view{text}.substr(i, 2);
    if (next == R"(\:)" || next == R"(\\)") {
      parts.back() += text[++i];
    } else if (text[i] == ':') {
      parts.emplace_back();
    } else {
      parts.back() += text[i];
    }
  }
  return parts;
}

Mount parse_bind(const std::string& text, const std::string& option) {
  const auto refuse = [&](const std::string& problem) {
    throw UsageError{option,
                     "'" + text + "' " + problem +
                         R"(; it takes FROM:TO or FROM:TO:ro, and \: for a colon in a path)"};
  };
  // exercise: bind-syntax
  const auto parts = parts_of(text);
  if (parts.size() < 2 || parts.size() > 3) refuse("has the wrong number of parts");
  if (parts.size() == 3 && parts[2] != "ro") refuse("ends in something other than :ro");
  if (parts[0].empty()) refuse("names nothing to show");
  if (!parts[1].starts_with('/')) refuse("needs an absolute path inside");
  const unsigned flags = parts.size() == 3 ? MOUNT_ATTR_RDONLY : 0U;
  return {.kind = "bind", .to = parts[1], .flags = flags, .from = parts[0]};
  // end of exercise
}

// Without OPEN_TREE_CLONE, open_tree(2) opens like O_PATH, and mounts what autofs has to first.
Source open_source(const std::string& path) {
  try {
    return {path, sys::open_tree(AT_FDCWD, path, 0)};
  } catch (const Error& error) {
    throw Error{error.number(), error.operation(), error.object(),
                lookup_hint(path, error.number(), error.hint())};
  }
}

std::vector<Item> open_all(const std::vector<Mount>& entries) {
  std::vector<Item> items;
  for (const Mount& entry : entries) {
    items.push_back({entry});
    if (!entry.is_bind()) continue;
    items.back().source = open_source(entry.from);
    require_no_device(items.back().source);
  }
  return items;
}

void pack(Root& root, Luggage& luggage) {
  root.mount = copy_tree(root.source, root.flags);
  for (Item& item : luggage.items) {
    if (!item.entry.is_bind() || item.mount.ok()) continue;
    item.mount = copy_tree(item.source, item.entry.flags);
  }
  luggage.own_nodes = make_nodes(luggage.root_uid, luggage.root_gid);
}

void pack_again(Root& root, Luggage& luggage) {
  root.source = open_again(root.source);
  for (Item& item : luggage.items) {
    if (item.entry.is_bind()) item.source = open_again(item.source);
  }
  pack(root, luggage);
}

void make_mounts_private() {
  // exercise: private
  // guard: the host's root is still there, and no container has written to it
  check(mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr), "mount private", "/");
  // end of exercise
}

// exercise: exchange
void move_into(borrowed_fd root) {
  // guard: a slash alone is no link
  const unique_fd old_root = open_file("/", O_PATH | O_DIRECTORY);
  sys::move_mount(root, old_root, "root on /");
  check(fchdir(root.get()), "fchdir", "root");
  sys::pivot_root(".", ".");
  // The old root now lies on top of the new one, and "." is the new one's root directory.
  // guard: a dot alone is no link
  check(umount2(".", MNT_DETACH), "umount2", "old root");
}
// end of exercise

}  // namespace tincan
