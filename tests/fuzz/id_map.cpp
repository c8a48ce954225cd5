// Fuzzes --map: each line of the input is one.
#include "06-user-namespace/id_map.hpp"

#include <algorithm>

#include "01-observe/proc_text.hpp"
#include "common/files.hpp"
#include "tests/fuzz/fuzz.hpp"

namespace tincan::fuzz {
namespace {

constexpr std::uint64_t no_id = 4294967295;

// The ends of ranges, sorted by their beginnings: each has to be over before the next begins.
void require_disjoint(const IdMap& map, std::uint32_t IdRange::*first) {
  std::vector<std::pair<std::uint64_t, std::uint64_t>> ranges;
  for (const IdRange& range : map) {
    ranges.emplace_back(range.*first, std::uint64_t{range.*first} + range.size);
  }
  std::sort(ranges.begin(), ranges.end());
  for (std::size_t i = 0; i < ranges.size(); ++i) {
    require(ranges[i].first < ranges[i].second && ranges[i].second <= no_id,
            "no range is empty or holds (uid_t)-1");
    require(i == 0 || ranges[i - 1].second <= ranges[i].first, "no two ranges overlap");
  }
}

// What is written to uid_map, read as chapter 01 reads it.
void require_readable(const IdMap& map) {
  const std::string text = map_text(map);
  const auto lines = split_at(text, '\n');
  require(lines.size() == map.size(), "a line for each range");
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const auto range = observation::parse_id_range(lines[i]);
    require(range && range->inside == std::to_string(map[i].inside) &&
                range->outside == std::to_string(map[i].outside) &&
                range->count == std::to_string(map[i].size),
            "the map is read as it was written");
  }
}

IdMap parse(std::string_view text) {
  IdMap map;
  for (const std::string_view line : split_at(text, '\n')) {
    map.push_back(parse_id_range(std::string{line}, "--map"));
  }
  return map;
}

}  // namespace

void try_input(std::string_view text) {
  const auto map = accepted([&] { return parse(text); });
  if (!map) return;
  const auto sound = [&](bool host_root) {
    return accepted([&] { return require_sound_map(*map, host_root), true; }).has_value();
  };
  if (!sound(true)) {
    require(!sound(false), "the host's root allowed refuses no more");
    return;
  }
  require_disjoint(*map, &IdRange::inside);
  require_disjoint(*map, &IdRange::outside);
  require_readable(*map);
  require(is_mapped(*map, 0) && !is_mapped(*map, UINT32_MAX),
          "root exists inside, and -1 does not");
  const bool host_root = std::any_of(map->begin(), map->end(),
                                     [](const IdRange& range) { return range.outside == 0; });
  require(sound(false) == !host_root, "the host's root takes a word of its own");
}

}  // namespace tincan::fuzz
