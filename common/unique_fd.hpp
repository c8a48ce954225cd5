// Descriptors with an owner: a unique_fd closes its descriptor when it goes out of scope, a
// borrowed_fd is a look at somebody else's. Nobody else calls close(2), but for an init that must
// let go of a descriptor which another process of the same memory still owns.
//
//   unique_fd root{open("/", O_PATH | O_CLOEXEC)};
//   if (!root.ok()) throw Error{errno, "open", "/"};
//   fstat(root.get(), &status);            // and it is closed at the end of the scope
#pragma once

#include <unistd.h>

#include <cerrno>
#include <utility>

namespace tincan {

/// The one owner of a descriptor. Moves, never copies.
class unique_fd {
 public:
  unique_fd() = default;
  explicit unique_fd(int fd) : fd_{fd} {}
  unique_fd(unique_fd&& other) noexcept : fd_{other.release()} {}
  unique_fd& operator=(unique_fd&& other) noexcept {
    reset(other.release());
    return *this;
  }
  unique_fd(const unique_fd&) = delete;
  unique_fd& operator=(const unique_fd&) = delete;
  ~unique_fd() { reset(); }

  int get() const { return fd_; }
  bool ok() const { return fd_ >= 0; }
  // `if (!fd)` would ask whether the descriptor is number 0, which nobody ever means.
  bool operator!() const = delete;

  /// Gives the descriptor away: from here on the caller closes it.
  [[nodiscard]] int release() { return std::exchange(fd_, -1); }

  /// Closes what is held and takes `fd` instead. Keeps errno, so that a failing call can be
  /// reported after its descriptors went out of scope.
  void reset(int fd = -1) {
    const int saved_errno = errno;
    // close(2) is not repeated on EINTR: Linux has released the number by then, and a second
    // close could hit a descriptor that was opened in between.
    if (const int old = std::exchange(fd_, fd); old >= 0) ::close(old);
    errno = saved_errno;
  }

 private:
  int fd_ = -1;
};

/// A descriptor that somebody else owns, for parameters. Converts from unique_fd and int.
class borrowed_fd {
 public:
  borrowed_fd(int fd) : fd_{fd} {}                     // NOLINT(google-explicit-constructor)
  borrowed_fd(const unique_fd& fd) : fd_{fd.get()} {}  // NOLINT(google-explicit-constructor)
  int get() const { return fd_; }

 private:
  int fd_;
};

/// Closing a unique_fd by hand would close its number twice.
int close(const unique_fd&) = delete;

}  // namespace tincan
