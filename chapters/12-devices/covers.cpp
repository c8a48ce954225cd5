// The table of covers, and laying them.
#include "12-devices/covers.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string_view>
#include <utility>

#include "common/error.hpp"
#include "common/syscalls.hpp"

namespace tincan {
namespace {

constexpr unsigned inert = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC;

struct Row {
  std::string_view path;
  CoverKind kind;
  std::string_view why;
  std::string_view who;  // has it by default, too
};

constexpr std::string_view everybody = "Docker, Podman, runc";
constexpr std::string_view engines = "Docker, Podman";
constexpr CoverKind nothing = CoverKind::nothing;
constexpr CoverKind read_only = CoverKind::read_only;

constexpr std::array table{
    Row{"/proc/acpi", nothing, "the firmware's switches: sleep, and what wakes the machine",
        everybody},
    Row{"/proc/asound", nothing, "sound cards, and when somebody plays something", everybody},
    Row{"/proc/interrupts", nothing, "counts interrupts: keys that are typed can be timed with it",
        engines},
    Row{"/proc/kcore", nothing, "the memory of the machine", everybody},
    Row{"/proc/keys", nothing, "the names of keys of whoever has the same ids", everybody},
    Row{"/proc/latency_stats", nothing, "where the kernel waits, for whom", everybody},
    Row{"/proc/sched_debug", nothing, "the processes of the machine (until Linux 5.12)", everybody},
    Row{"/proc/scsi", nothing, "takes disks away from the machine (CVE-2017-16539)", everybody},
    Row{"/proc/timer_list", nothing, "who waits for which timer, at which address", everybody},
    Row{"/proc/timer_stats", nothing, "the same, counted (until Linux 4.10)", everybody},
    Row{"/sys/devices/virtual/powercap", nothing,
        "the power that is used: keys can be guessed from it (CVE-2020-8694)", engines},
    Row{"/sys/firmware", nothing, "the machine's tables, and the firmware's variables", everybody},
    Row{"/sys/devices/system/cpu/cpu*/thermal_throttle", nothing, "how hot a neighbour's work is",
        engines},
    Row{"/proc/bus", read_only, "settings of devices on PCI and USB", everybody},
    Row{"/proc/fs", read_only, "settings of file systems", everybody},
    Row{"/proc/irq", read_only, "which processor serves which interrupt", everybody},
    Row{"/proc/sys", read_only, "the kernel's settings", everybody},
    Row{"/proc/sysrq-trigger", read_only, "one letter in it reboots the machine", everybody},
};

// What it means, written one way: no "//", no "." and no slash at the end.
std::string plain(const std::string& text, const char* option) {
  const std::filesystem::path path{text};
  const bool goes_up = std::find(path.begin(), path.end(), "..") != path.end();
  std::string all = path.lexically_normal();
  while (all.size() > 1 && all.ends_with('/')) all.pop_back();
  if (text.starts_with('/') && !goes_up && all != "/") return all;
  throw UsageError{option,
                   "'" + text + "' is not an absolute path, without '..', of something inside"};
}

bool contains(const std::vector<std::string>& all, std::string_view one) {
  return std::find(all.begin(), all.end(), one) != all.end();
}

bool is_in_table(std::string_view path) {
  return std::any_of(table.begin(), table.end(), [&](const Row& row) { return row.path == path; });
}

// From where a path is looked up, and what is left of it then.
struct Start {
  int directory;
  std::string path;
};

// exercise: place
// /proc and /sys are our own mounts, wherever the root directory's owner may have moved by now
// what they stand on: the descriptor leads to them.
Start start_for(const std::string& path, borrowed_fd root, const Luggage& luggage) {
  Start start{root.get(), path.substr(1)};
  for (const Item& item : luggage.items) {
    const std::string& mounted = item.entry.to;
    if (path == mounted) {
      throw Error{EBUSY, "cover", path,
                  "something was mounted there, which can be left out instead"};
    }
    const std::size_t end = mounted.size() + 1;
    if (!path.starts_with(mounted + "/") || path.size() - end >= start.path.size()) continue;
    start = {item.mount.get(), path.substr(end)};
  }
  return start;
}
// end of exercise

// Nothing, where a cover is optional and its place is not there.
unique_fd open_place(const Start& start, const std::string& path, int flags, const Cover& cover) {
  try {
    return sys::openat2(start.directory, path, flags, RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS);
  } catch (const Error& error) {
    if (error.number() == ENOENT && cover.optional) return {};
    const bool link = error.number() == ELOOP;
    throw Error{
        error.number(), "cover", cover.path,
        link ? "a symlink is on the way: name what it leads to" : "there is nothing to be covered"};
  }
}

// The names in a directory that begin with `prefix`.
std::vector<std::string> names_in(unique_fd directory, const std::string& prefix) {
  struct Close {
    void operator()(DIR* stream) const { closedir(stream); }
  };
  const std::unique_ptr<DIR, Close> stream{fdopendir(directory.get())};
  if (!stream) throw Error{errno, "fdopendir", prefix};
  (void)directory.release();
  std::vector<std::string> names;
  errno = 0;  // the end and an error look alike otherwise, readdir(3)
  while (const dirent* entry = readdir(stream.get())) {
    if (std::string_view{entry->d_name}.starts_with(prefix)) names.emplace_back(entry->d_name);
    errno = 0;
  }
  if (errno != 0) throw Error{errno, "readdir", prefix};
  return names;
}

// Of a path with a star, all that there are.
std::vector<std::string> paths_for(const Start& start, const Cover& cover) {
  const std::size_t star = start.path.find('*');
  if (star == std::string::npos) return {start.path};
  const std::size_t name = start.path.rfind('/', star) + 1;
  const std::string above = start.path.substr(0, name);
  unique_fd directory = open_place(start, above, O_RDONLY | O_DIRECTORY, cover);
  if (!directory.ok()) return {};
  std::vector<std::string> paths;
  for (const std::string& found :
       names_in(std::move(directory), start.path.substr(name, star - name))) {
    paths.push_back(above + found + start.path.substr(star + 1));
  }
  return paths;
}

// The container's own, once more. That it is what its name says, was looked at when it was taken
// (nodes.hpp).
unique_fd null_device(const Luggage& luggage) {
  for (const Piece& node : luggage.nodes) {
    if (node.place != "/dev/null") continue;
    unique_fd copy = sys::open_tree(node.mount, "", OPEN_TREE_CLONE | AT_EMPTY_PATH, node.place);
    mount_attr attributes{};
    attributes.attr_set = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC | MOUNT_ATTR_RDONLY;
    sys::mount_setattr(copy, 0, attributes);
    return copy;
  }
  throw Error{ENODEV, "cover with", "/dev/null"};
}

unique_fd empty_directory() {
  const std::vector<sys::FileSystemOption> options{
      {"mode", "555"}, {"size", "4k"}, {"nr_inodes", "1"}};
  return sys::make_mount("tmpfs", options, inert | MOUNT_ATTR_RDONLY);
}

unique_fd read_only_copy(borrowed_fd place, const std::string& path) {
  unique_fd copy = sys::open_tree(place, "", OPEN_TREE_CLONE | AT_EMPTY_PATH, path);
  mount_attr attributes{};
  attributes.attr_set = inert | MOUNT_ATTR_RDONLY;
  sys::mount_setattr(copy, 0, attributes);
  return copy;
}

void lay(const Cover& cover, borrowed_fd place, const Luggage& luggage) {
  // exercise: lay
  struct stat status {};
  check(fstat(place.get(), &status), "fstat", cover.path);
  const bool is_directory = S_ISDIR(status.st_mode);
  const unique_fd on_top = cover.kind == read_only ? read_only_copy(place, cover.path)
                           : is_directory          ? empty_directory()
                                                   : null_device(luggage);
  sys::move_mount(on_top, place, "cover on " + cover.path);
  // end of exercise
}

}  // namespace

void add_cover_options(CommandLine& line, CoverOptions& options) {
  line.section("Covers (chapter 12)");
  line.repeatable(
      "--cover", "PATH", "hide a file or directory inside: it is empty",
      [&](const std::string& path) { options.added.push_back(plain(path, "--cover")); });
  line.repeatable("--uncover", "PATH|ALL", "leave out what --list-covers lists, or all of it",
                  [&](const std::string& path) {
                    options.left_out.push_back(path == "ALL" ? path : plain(path, "--uncover"));
                  });
  line.flag("--list-covers", "print what is covered or read-only by default, and why",
            [&] { options.list = true; });
  for (const char* other : {"--list-capabilities", "--dump-seccomp", "--dump-device-rules"}) {
    line.not_both("--list-covers", other, "each prints, and runs nothing");
  }
}

std::vector<Cover> covers_for(const CoverOptions& options) {
  for (const std::string& path : options.left_out) {
    if (path != "ALL" && !is_in_table(path))
      throw UsageError{"--uncover", "'" + path + "' is not covered: see --list-covers"};
    if (contains(options.added, path))
      throw UsageError{"--uncover", "'" + path + "' is to be covered, too"};
  }
  std::vector<Cover> covers;
  for (const Row& row : table) {
    if (contains(options.left_out, "ALL") || contains(options.left_out, row.path) ||
        contains(options.added, row.path))
      continue;
    covers.push_back({std::string{row.path}, row.kind, true});
  }
  for (const std::string& path : options.added)
    covers.push_back({path, nothing, is_in_table(path)});
  return covers;
}

void print_covers() {
  for (const Row& row : table) {
    std::printf("%-9s %-48s %s (%s)\n", row.kind == nothing ? "covered" : "read-only",
                row.path.data(), row.why.data(), row.who.data());
  }
}

void cover(const std::vector<Cover>& covers, borrowed_fd root, const Luggage& luggage) {
  for (const Cover& one : covers) {
    const Start start = start_for(one.path, root, luggage);
    for (const std::string& path : paths_for(start, one)) {
      const unique_fd place = open_place(start, path, O_PATH, one);
      if (place.ok()) lay(one, place, luggage);
    }
  }
}

}  // namespace tincan
