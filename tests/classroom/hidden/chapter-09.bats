#!/usr/bin/env bats
# Hidden tests of chapter 09. They come into no hand-out.

load ../../support/promise

setup() { launcher=$build/chapter-09; }

# has NAME MOST HARD: soft and hard, in /proc/self/limits, are MOST, or HARD, the caller's, if that is less.
has() {
  local value=$2
  [ "$3" = unlimited ] || (($3 > $2)) || value=$3
  assert_line --regexp "^Max $1 +$value +$value "
}

# By a caller whose soft limits are low, and whose hard ones are what they are.
@test "the limits of a process are those of the table" {
  local files=$((SRANDOM % 500 + 100)) low=$((SRANDOM % 900 + 10)) locked
  locked=$(ulimit -Hl)
  [ "$locked" = unlimited ] || locked=$((locked << 10))
  run -0 prlimit --sigpending="$low:" --memlock=$((low << 10)): --msgqueue="$low:" -- \
    timeout -k 1 10 "$launcher" -m "$project/build/root" --nofile "$files" -- cat /proc/self/limits
  has 'open files' "$files" unlimited
  has 'pending signals' 1024 "$(ulimit -Hi)"
  has 'locked memory' $((8 << 20)) "$locked"
  has 'msgqueue size' 819200 "$(ulimit -Hq)"
  has 'realtime priority' 0 0
}
