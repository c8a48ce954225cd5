// Exceptions in, exit statuses out.
#include "common/outer_edge.hpp"

#include <exception>

#include "common/error.hpp"
#include "common/exit_status.hpp"
#include "common/log.hpp"

namespace tincan {

int outer_edge(std::string_view program, const std::function<int()>& body) {
  try {
    log::start(program, log::Level::warn);
    return body();
  } catch (const Error& error) {
    log::error("{}", error.what());
    return error.status();
  } catch (const std::exception& error) {
    log::error("{}", error.what());
    return exit_status::container;
  }
}

}  // namespace tincan
