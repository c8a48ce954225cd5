// In a generated copy of the tree alone: which mutant is on.
#pragma once

#include <iterator>

/// Whether the mutant of this number is on in this program.
bool tincan_mutant(int number) noexcept;

/// A range, without its last element where `shorter` says so.
template <typename Range>
struct TincanRange {
  Range range;
  bool shorter;

  auto begin() { return std::begin(range); }
  auto end() {
    auto last = std::end(range);
    auto at = std::begin(range);
    if (!shorter || at == last) return last;
    for (auto next = at; ++next != last;) at = next;
    return at;
  }
};

template <typename Range>
TincanRange<Range> tincan_but_last(bool shorter, Range&& range) {
  return {static_cast<Range&&>(range), shorter};
}
