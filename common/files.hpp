// Small files, whole: /proc and its relatives are read and written in one piece.
//
//   std::string status = read_file("/proc/self/status");
//   write_file("/proc/1234/uid_map", "0 100000 65536");   // one write(2), and the file must exist
#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>
#include <vector>

#include "common/unique_fd.hpp"

namespace tincan {

/// open(2), always close-on-exec; `mode` counts with O_CREAT only.
unique_fd open_file(const std::string& path, int flags, mode_t mode = 0);

/// Opens a text that the caller wrote. A pipe will do, and waits for who writes into it, as for
/// cat(1); a directory, a socket or a disk will not. Throws Error, and in the hint is what it is.
unique_fd open_text(const std::string& path);

std::string read_all(borrowed_fd fd, const std::string& name);
std::string read_file(const std::string& path);
/// The same for a file that could be of any size: Error (EFBIG) if it has more than `most` bytes.
std::string read_at_most(borrowed_fd fd, const std::string& name, std::size_t most);

/// Writes `text` with a single write(2): files like uid_map take no second one. Never creates.
void write_file(const std::string& path, std::string_view text);

/// Is there a file `path`? Throws Error if that cannot be said: what could not be looked at for
/// want of memory, or of permission, is not absent.
bool exists(const std::string& path);

/// Where the symbolic link `path` points, readlink(2).
std::string read_link(const std::string& path);

/// `text` cut at `separator`; a separator at the end makes no empty last part.
std::vector<std::string_view> split_at(std::string_view text, char separator);

}  // namespace tincan
