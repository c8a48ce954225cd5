// What the fuzz targets share. A target is one file that defines try_input(); libFuzzer calls it
// with bytes of its own invention, and whatever ends the process is a finding: a sanitizer's
// complaint, an exception that is no Error, a property that does not hold.
//
//   void try_input(std::string_view text) {
//     const auto bind = accepted([&] { return parse_bind(std::string{text}, "--add"); });
//     if (bind) require(bind->to.starts_with('/'), "the target is absolute");
//   }
#pragma once

#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string_view>

#include "common/error.hpp"

namespace tincan::fuzz {

/// The target's own.
void try_input(std::string_view text);

/// Ends the process unless `holds`. `sentence`: the property.
inline void require(bool holds, const char* sentence) {
  if (holds) return;
  (void)std::fprintf(stderr, "PROPERTY BROKEN: %s\n", sentence);
  std::abort();
}

/// What `parse` returns; nothing if it refuses, which is an Error. No other exception is caught.
template <typename Parse>
auto accepted(const Parse& parse) -> std::optional<decltype(parse())> {
  try {
    return parse();
  } catch (const Error&) {
    return std::nullopt;
  }
}

}  // namespace tincan::fuzz
