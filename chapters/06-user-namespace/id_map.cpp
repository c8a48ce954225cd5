// Reading and checking id maps.
#include "06-user-namespace/id_map.hpp"

#include <algorithm>

#include "common/error.hpp"
#include "common/files.hpp"
#include "common/numbers.hpp"

namespace tincan {
namespace {

constexpr std::uint64_t last_id = 4294967294;
constexpr std::size_t most_ranges = 340;
constexpr std::uint32_t first_id_of_nobody = 65536;

std::string describe(const IdRange& range) {
  return std::to_string(range.inside) + ":" + std::to_string(range.outside) + ":" +
         std::to_string(range.size);
}

// In 64 bits: first + size could wrap in 32.
bool overlap(std::uint64_t first, std::uint64_t size, std::uint64_t other_first,
             std::uint64_t other_size) {
  // exercise: overlap
  return first < other_first + other_size && other_first < first + size;
  // end of exercise
}

bool holds(const IdRange& range, std::uint32_t inside) {
  return inside >= range.inside && inside - range.inside < range.size;
}

void require_apart(const IdRange& range, const IdRange& other) {
  if (overlap(range.inside, range.size, other.inside, other.size)) {
    throw UsageError{"--map", describe(range) + " and " + describe(other) + " overlap inside"};
  }
  if (overlap(range.outside, range.size, other.outside, other.size)) {
    throw UsageError{"--map", describe(range) + " and " + describe(other) +
                                  " overlap on the host: two users inside would be one outside"};
  }
}

}  // namespace

IdRange parse_id_range(const std::string& text, const std::string& option) {
  const auto refuse = [&](const std::string& problem) {
    throw UsageError{option, "'" + text + "' " + problem};
  };
  const auto parts = split_at(text, ':');
  if (parts.size() != 3 || text.ends_with(':')) refuse("is not CONTAINER:HOST:SIZE");
  const auto inside = parse_number(parts[0], 0, last_id);
  const auto outside = parse_number(parts[1], 0, last_id);
  const auto size = parse_number(parts[2], 1, last_id + 1);
  if (!inside || !outside) refuse("names an id that is no decimal number from 0 to 4294967294");
  if (!size) refuse("has a size that is no decimal number from 1 to 4294967295");
  if (std::max(*inside, *outside) + *size > last_id + 1) refuse("reaches beyond id 4294967294");
  return {static_cast<std::uint32_t>(*inside), static_cast<std::uint32_t>(*outside),
          static_cast<std::uint32_t>(*size)};
}

void require_sound_map(const IdMap& map, bool host_root_allowed) {
  if (map.size() > most_ranges) throw UsageError{"--map", "more than 340 ranges"};
  for (auto range = map.begin(); range != map.end(); ++range) {
    std::for_each(map.begin(), range, [&](const IdRange& other) { require_apart(other, *range); });
    if (range->outside == 0 && !host_root_allowed) {
      throw UsageError{"--map", describe(*range) +
                                    " makes somebody inside root of the host, or of the user "
                                    "namespace that this runs in; if that is meant, say "
                                    "--map-host-root"};
    }
  }
  if (!is_mapped(map, 0)) {
    throw UsageError{"--map", "no range has id 0 inside: there must be a root to set things up"};
  }
}

std::string map_text(const IdMap& map) {
  std::string text;
  for (const IdRange& range : map) {
    text += std::to_string(range.inside) + " " + std::to_string(range.outside) + " " +
            std::to_string(range.size) + "\n";
  }
  return text;
}

bool is_mapped(const IdMap& map, std::uint32_t inside) {
  return std::ranges::any_of(map, [&](const IdRange& range) { return holds(range, inside); });
}

std::uint32_t on_host(const IdMap& map, std::uint32_t inside) {
  for (const IdRange& range : map) {
    if (holds(range, inside)) return range.outside + (inside - range.inside);
  }
  throw Error{EINVAL, "map id", std::to_string(inside)};
}

bool has_id_inside(const IdMap& map, std::uint32_t outside) {
  return std::ranges::any_of(map, [&](const IdRange& range) {
    return outside >= range.outside && outside - range.outside < range.size;
  });
}

bool reaches_accounts(const IdMap& map) {
  return std::ranges::any_of(
      map, [](const IdRange& range) { return range.outside < first_id_of_nobody; });
}

}  // namespace tincan
