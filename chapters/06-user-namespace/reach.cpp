// Walking up from a directory, looking for a closed door.
#include "06-user-namespace/reach.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <optional>

#include "common/error.hpp"
#include "common/numbers.hpp"

namespace tincan {
namespace {

namespace fs = std::filesystem;

// Whoever may call this program by sudo needs no set-uid file to become root.
std::optional<uid_t> caller_of_sudo() {
  const char* text = std::getenv("SUDO_UID");
  const auto uid = text != nullptr ? parse_number(text, 0, 4294967294) : std::nullopt;
  if (!uid) return std::nullopt;
  return static_cast<uid_t>(*uid);
}

bool is_closed_door(const fs::path& path) {
  // exercise: closed-door
  struct stat status {};
  check(stat(path.c_str(), &status), "stat", path.string());
  const bool trusted = status.st_uid == geteuid() || status.st_uid == caller_of_sudo();
  return S_ISDIR(status.st_mode) && trusted && (status.st_mode & (S_IXGRP | S_IXOTH)) == 0;
  // end of exercise
}

}  // namespace

void require_closed(const std::string& path) {
  std::error_code trouble;
  const fs::path whole = fs::canonical(path, trouble);
  if (trouble) throw Error{trouble.value(), "realpath", path};
  for (fs::path step = whole; step != step.root_path(); step = step.parent_path()) {
    if (is_closed_door(step)) return;
  }
  throw Error{EACCES, "keep from other users", whole.string(),
              "they can reach it, and a set-uid file made inside would be theirs to run: put it "
              "below a directory of yours with mode 0700, make it read-only, or say --reachable"};
}

}  // namespace tincan
