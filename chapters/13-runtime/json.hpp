// JSON from somebody else, RFC 8259, as a small tree; and within bounds: of bytes, of levels, of
// values. nlohmann's parser says what comes, one piece after the other, and everything beyond a bound
// ends it there: nothing of what follows is ever held.
//
//   const Value document = parse_json(text, "config.json");
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tincan::oci {

enum class Kind { null, yes_no, number, fraction, text, list, object };

/// A value. Which of its members count depends on its kind.
struct Value {
  Kind kind = Kind::null;
  bool yes = false;
  bool negative = false;        ///< of a number
  std::uint64_t magnitude = 0;  ///< the number without its sign
  std::string text = {};        ///< and how a fraction, or a number that is too long, was written
  std::string name = {};        ///< in an object: what it is called there
  std::vector<Value> members = {};  ///< of an object or a list, in order
};

/// What a document may have: the largest that engines send is a hundredth of it.
inline constexpr std::size_t most_bytes = 4 << 20;
inline constexpr std::size_t most_levels = 64;
inline constexpr std::size_t most_values = 100'000;

/// Throws Error, exit status 1, with `name` and the place: for what is no JSON, for two members with
/// one name, of which each reader takes another, for a NUL in a text, which would end there as soon as
/// the kernel sees it, and for what goes beyond a bound.
Value parse_json(std::string_view text, const std::string& name);

/// A value as a message shows it: "x", 12, a list. Never long.
std::string shown(const Value& value);

}  // namespace tincan::oci
