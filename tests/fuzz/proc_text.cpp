// Fuzzes the files of /proc/PID that chapter 01 reads: status, stat, limits, cgroup, uid_map.
#include "01-observe/proc_text.hpp"

#include <algorithm>

#include "01-observe/kernel_names.hpp"
#include "common/files.hpp"
#include "tests/fuzz/fuzz.hpp"

namespace tincan::fuzz {
namespace {

using namespace observation;

bool is_word(std::string_view text) {
  return !text.empty() && text.find_first_of(" \t\n") == std::string_view::npos;
}

void try_status(std::string_view text) {
  for (const char* name : {"Name", "Uid", "CapEff", "SigCgt", "NoNewPrivs"}) {
    const auto value = status_value(text, name);
    if (!value) continue;
    require(value->find_first_of("\t\n") == std::string::npos, "a value stands on one line");
    if (const auto mask = parse_mask(*value)) {
      require(observation::capability_names(*mask).size() <= 64, "a mask has 64 bits");
      static_cast<void>(capability_summary(*mask, 40));
      static_cast<void>(signal_names(*mask));
      static_cast<void>(securebit_names(*mask));
    }
  }
  for (const std::string& field : stat_fields(text)) {
    require(is_word(field), "a field of stat is a word");
    static_cast<void>(terminal_name(field));
  }
}

void try_line(std::string_view line) {
  if (const auto limit = parse_limit(line)) {
    require(is_word(limit->soft) && is_word(limit->hard), "limits are words");
  }
  if (const auto cgroup = parse_cgroup(line)) {
    require(line.ends_with(":" + cgroup->path), "a group's path is taken whole");
  }
  if (const auto range = observation::parse_id_range(line)) {
    const auto again =
        observation::parse_id_range(range->inside + " " + range->outside + " " + range->count);
    require(again && again->inside == range->inside && again->outside == range->outside &&
                again->count == range->count,
            "a range that is printed and parsed is the same");
  }
}

}  // namespace

void try_input(std::string_view text) {
  try_status(text);
  for (const std::string_view line : split_at(text, '\n')) try_line(line);
  for (const std::string& word : words_of(text)) require(is_word(word), "words have no blanks");
  require(text.starts_with(without_end(text)), "only the end is taken away");
}

}  // namespace tincan::fuzz
