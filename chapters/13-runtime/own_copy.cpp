// open_tree(2), or memfd_create(2).
#include "13-runtime/own_copy.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>

#include "common/error.hpp"
#include "common/files.hpp"
#include "common/syscalls.hpp"

namespace tincan::oci {
namespace {

constexpr auto own_file = "/proc/self/exe";
constexpr int all_seals = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;

bool is_out_of_reach(borrowed_fd file) {
  struct statvfs system {};
  check(fstatvfs(file.get(), &system), "statvfs", own_file);
  const int seals = fcntl(file.get(), F_GET_SEALS);
  return (system.f_flag & ST_RDONLY) != 0 || (seals != -1 && (seals & F_SEAL_WRITE) != 0);
}

unique_fd read_only_mount() {
  // guard: the caller's /proc, which is the host's
  unique_fd tree = sys::open_tree(AT_FDCWD, own_file, OPEN_TREE_CLONE);
  mount_attr attributes{};
  attributes.attr_set = MOUNT_ATTR_RDONLY;
  attributes.propagation = MS_PRIVATE;
  sys::mount_setattr(tree, 0, attributes);
  return tree;
}

unique_fd sealed_copy(borrowed_fd file) {
  unique_fd copy{check(memfd_create("tincan-runtime", MFD_CLOEXEC | MFD_ALLOW_SEALING),
                       "memfd_create", "tincan-runtime")};
  struct stat status {};
  check(fstat(file.get(), &status), "fstat", own_file);
  for (off_t done = 0; done < status.st_size;) {
    const auto left = static_cast<std::size_t>(status.st_size - done);
    if (check(sendfile(copy.get(), file.get(), &done, left), "sendfile", own_file) == 0) {
      throw Error{EIO, "copy", own_file, {}, 1};
    }
  }
  check(fcntl(copy.get(), F_ADD_SEALS, all_seals), "fcntl", "F_ADD_SEALS");
  return copy;
}

unique_fd copy_of(borrowed_fd file) {
  try {
    return read_only_mount();
  } catch (const Error& error) {
    if (error.number() != EPERM) throw;
    return sealed_copy(file);
  }
}

}  // namespace

void become_own_copy(char** argv) {
  // guard: the caller's /proc, which is the host's
  const unique_fd file = open_file(own_file, O_RDONLY);
  if (is_out_of_reach(file)) return;
  const unique_fd copy = copy_of(file);
  fexecve(copy.get(), argv, environ);
  throw Error{errno, "execute a copy of", own_file, {}, 1};
}

}  // namespace tincan::oci
