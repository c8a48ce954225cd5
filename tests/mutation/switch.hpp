// In a generated copy of the tree alone: which mutant is on.
#pragma once

#include <exception>
#include <initializer_list>
#include <iterator>
#include <vector>

/// Whether the mutant of this number is on in this program, whose place counts as reached.
bool tincan_mutant(int number) noexcept;

/// The same; the place does not count as reached.
bool tincan_on(int number) noexcept;

/// Whether somebody asks what is reached.
bool tincan_noting() noexcept;

/// The value; where it is true, the place counts as reached.
bool tincan_reached_if(int number, bool value) noexcept;

/// Reached is the place of a call that does not return.
struct TincanThrown {
  int number;
  int before = std::uncaught_exceptions();

  ~TincanThrown() { tincan_reached_if(number, std::uncaught_exceptions() > before); }
};

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

/// The same, of {one, two, three}.
template <typename Value>
TincanRange<std::vector<Value>> tincan_but_last(bool shorter, std::initializer_list<Value> range) {
  return {std::vector<Value>(range), shorter};
}
