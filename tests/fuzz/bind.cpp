// Fuzzes -a FROM:TO[:ro].
#include "05-mounts/mounts.hpp"
#include "tests/fuzz/fuzz.hpp"

namespace tincan::fuzz {

void try_input(std::string_view text) {
  const std::string whole{text};
  const auto bind = accepted([&] { return parse_bind(whole, "--add"); });
  if (!bind) return;
  require(!bind->from.empty() && bind->to.starts_with('/'), "a source, and an absolute target");
  require(bind->from + ":" + bind->to + (bind->read_only ? ":ro" : "") == whole,
          "nothing of what was asked for is dropped");
}

}  // namespace tincan::fuzz
