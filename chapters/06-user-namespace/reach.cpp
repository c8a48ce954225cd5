// Walking up from a directory, looking for a closed door.
#include "06-user-namespace/reach.hpp"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>

#include "common/error.hpp"
#include "common/files.hpp"
#include "common/numbers.hpp"
#include "common/syscalls.hpp"

namespace tincan {
namespace {

namespace fs = std::filesystem;

const char* about(int number) {
  switch (number) {
    case EACCES:
      return "this user may not search it, or a directory above it, and so cannot see who else "
             "may: show what is yours, or say --reachable";
    case ENOENT:
    case ENOTDIR:
    case ELOOP:
    case ESTALE:
      return "its name leads elsewhere by now";
    default:
      return "";
  }
}

// Whoever may call this program by sudo needs no set-uid file to become root.
std::optional<std::uint64_t> caller_of_sudo() {
  const char* text = std::getenv("SUDO_UID");
  return text != nullptr ? parse_number(text, 0, 4294967294) : std::nullopt;
}

struct stat status_of(borrowed_fd file, const std::string& name) {
  struct stat status {};
  check(fstat(file.get(), &status), "fstat", name);
  return status;
}

bool is_same_file(const struct stat& one, const struct stat& other) {
  return one.st_dev == other.st_dev && one.st_ino == other.st_ino;
}

bool is_closed_door(const struct stat& status) {
  // exercise: closed-door
  const bool trusted = status.st_uid == geteuid() || status.st_uid == caller_of_sudo();
  return S_ISDIR(status.st_mode) && trusted && (status.st_mode & (S_IXGRP | S_IXOTH)) == 0;
  // end of exercise
}

// `name` is "." or "..", which are no links.
unique_fd open_from(borrowed_fd directory, const char* name, const Source& source) {
  unique_fd above{openat(directory.get(), name, O_PATH | O_DIRECTORY | O_CLOEXEC)};
  if (above.ok()) return above;
  throw Error{errno, "look above", source.path, about(errno)};
}

// A file has no "..". The directory that the kernel names is taken only if the file is there.
unique_fd directory_of(const Source& source) {
  try {
    const fs::path name = read_link("/proc/self/fd/" + std::to_string(source.file.get()));
    unique_fd directory =
        sys::openat2(AT_FDCWD, name.parent_path(), O_PATH | O_DIRECTORY, RESOLVE_NO_SYMLINKS);
    const unique_fd found = sys::openat2(directory, name.filename(), O_PATH, RESOLVE_NO_SYMLINKS);
    const struct stat here = status_of(found, name);
    if (is_same_file(here, status_of(source.file, source.path))) return directory;
  } catch (const Error& error) {
    throw Error{error.number(), "look above", source.path, about(error.number())};
  }
  throw Error{ESTALE, "look above", source.path, about(ESTALE)};
}

}  // namespace

void require_closed(const Source& source) {
  const bool is_directory = S_ISDIR(status_of(source.file, source.path).st_mode);
  unique_fd step = is_directory ? open_from(source.file, ".", source) : directory_of(source);
  while (true) {
    unique_fd above = open_from(step, "..", source);
    const struct stat here = status_of(step, source.path);
    // The root directory is above itself, and is no door: all that there is lies behind it.
    if (is_same_file(here, status_of(above, source.path))) break;
    if (is_closed_door(here)) return;
    step = std::move(above);
  }
  throw Error{EACCES, "keep from other users", source.path,
              "they can reach it, and a set-uid file made inside would be theirs to run: put it "
              "below a directory of yours with mode 0700, or say --reachable. To make it read-only "
              "is enough where the command has no CAP_SYS_ADMIN, which takes that off again: by "
              "default, from chapter 07 on"};
}

}  // namespace tincan
