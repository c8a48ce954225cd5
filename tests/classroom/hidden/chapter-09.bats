#!/usr/bin/env bats
# Hidden tests of chapter 09. They come into no hand-out.

load ../../support/promise

setup() { launcher=$build/chapter-09; }

# at_most NAME MOST: of /proc/self/limits, soft and hard.
at_most() {
  local soft hard
  read -r soft hard < <(sed -n "s/^Max $1  *//p" <<<"$output")
  hard=${hard%% *}
  [[ $soft =~ ^[0-9]+$ && $hard =~ ^[0-9]+$ ]] || fail "$1: $soft and $hard"
  ((soft <= $2 && hard <= $2)) || fail "$1: $soft and $hard, and $2 is the most"
}

@test "the limits of a process are those of the table" {
  local files=$((SRANDOM % 500 + 100))
  run -0 limited "$launcher" -m "$project/build/root" --nofile "$files" -- cat /proc/self/limits
  at_most 'open files' "$files"
  at_most 'pending signals' 1024
  at_most 'locked memory' $((8 << 20))
  at_most 'msgqueue size' 819200
  at_most 'realtime priority' 0
}
