#!/usr/bin/env bats
# The bench: does it measure what it names, and leave nothing? How long anything takes is not tested:
# a busy machine would break that.

load support/promise

@test "a start of everything is measured, and nothing is left" {
  run --separate-stderr -0 tests/bench/run "$build" --quick --json
  local name
  for name in 'fork and exec' 'the floor' chapter-{03..10}; do
    jq -e --arg name "$name" '.starts[] | select(.name == $name) | .wall_ms > 0 and .peak_kib > 0' <<<"$output" >/dev/null ||
      fail "no figures for $name"
  done
  jq -e '.left_behind == [] and .sequence.count == 100 and (.mounts | length) == 3' <<<"$output" >/dev/null
  jq -e '.least_memory_kib["chapter-10"] >= 512' <<<"$output" >/dev/null
}

@test "the page and the plot show what is measured" {
  local name
  for name in 'fork and exec' 'the floor' chapter-{03..10} bwrap crun; do
    grep -qF "| $name" docs/benchmarks.md || fail "docs/benchmarks.md does not show $name"
    grep -qF ">$name" docs/pictures/benchmarks.svg || fail "the plot does not show $name"
  done
}
