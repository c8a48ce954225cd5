// Fuzzes the rows of /etc/subuid: the input is such a file, as root of this host has written it.
#include "11-rootless/ranges.hpp"

#include <algorithm>
#include <string>

#include "06-user-namespace/id_map.hpp"
#include "tests/fuzz/fuzz.hpp"

namespace tincan::fuzz {
namespace {

constexpr std::uint64_t end_of_ids = 4294967295;
constexpr std::uint32_t own = 1000;

void require_apart(const IdSpans& spans) {
  for (std::size_t i = 0; i < spans.size(); ++i) {
    require(spans[i].first < spans[i].end && spans[i].end <= end_of_ids,
            "no span is empty or holds (uid_t)-1");
    require(i == 0 || spans[i - 1].end < spans[i].first, "spans are sorted, and do not touch");
  }
}

std::string as_rows(const IdSpans& spans) {
  std::string rows;
  for (const IdSpan& span : spans) {
    rows +=
        "ann:" + std::to_string(span.first) + ":" + std::to_string(span.end - span.first) + "\n";
  }
  return rows;
}

}  // namespace

void try_input(std::string_view text) {
  const IdSpans spans = granted_to({"ann", "1000"}, text);
  require_apart(spans);
  require(granted_to({"ann"}, as_rows(spans)) == spans,
          "what is granted is read as it was written");
  require(granted_to({"a:b"}, text).empty(), "who can have no row has nothing");
  const IdMap map = map_with(own, spans);
  require(accepted([&] { return require_sound_map(map, false), true; }).has_value(),
          "a map that the kernel takes");
  require(std::all_of(map.begin() + 1, map.end(),
                      [&](const auto& range) { return covers(spans, range); }),
          "nobody but the caller that is not granted");
  const std::uint64_t free = first_free(text);
  require(
      std::all_of(spans.begin(), spans.end(), [&](const IdSpan& span) { return span.end <= free; }),
      "what is free is granted to nobody");
}

}  // namespace tincan::fuzz
