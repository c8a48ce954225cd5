// Exceptions in, exit statuses out.
#include "common/outer_edge.hpp"

#include <cstdio>
#include <exception>

#include "common/error.hpp"
#include "common/exit_status.hpp"
#include "common/log.hpp"

namespace tincan {
namespace {

// What a program printed is not said before it is written: the disk may be full.
void flush_output() {
  if (std::fflush(stdout) != 0) throw Error{errno, "write", "standard output"};
  // An earlier write failed, and with which number nobody knows any more.
  if (std::ferror(stdout) != 0) {
    throw Error{0, "write", "standard output", "not all of it went out; the disk may be full"};
  }
}

}  // namespace

int outer_edge(std::string_view program, const std::function<int()>& body) {
  try {
    log::start(program, log::Level::warn);
    const int status = body();
    flush_output();
    return status;
  } catch (const Error& error) {
    log::error("{}", error.what());
    return error.status();
  } catch (const std::exception& error) {
    log::error("{}", error.what());
    return exit_status::container;
  }
}

}  // namespace tincan
