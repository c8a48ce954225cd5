// Fuzzes the failure message of the channel: the child that sends it may be taken over.
#include "common/channel.hpp"
#include "tests/fuzz/fuzz.hpp"

namespace tincan::fuzz {

void try_input(std::string_view text) {
  const auto error = decode_failure(text);
  if (!error) return;
  require(error->operation().size() + error->object().size() <= text.size(),
          "no more is read than was sent");
  const auto again = decode_failure(encode_failure(*error));
  require(again.has_value(), "a failure that is encoded can be decoded");
  if (text.size() > 1024) return;  // what is longer is cut, field by field
  require(again->number() == error->number() && again->status() == error->status() &&
              again->operation() == error->operation() && again->object() == error->object() &&
              again->hint() == error->hint(),
          "a failure that is encoded and decoded is the same");
}

}  // namespace tincan::fuzz
