#!/usr/bin/env bats
# Hidden tests of chapter 09. They come into no hand-out.

load ../../support/promise

setup() { launcher=$build/chapter-09; }

# has NAME VALUE: soft and hard, in /proc/self/limits.
has() {
  assert_line --regexp "^Max $1 +$2 +$2 "
}

# By a caller whose soft limits are low, and whose hard ones are as high as the table has them or higher.
@test "the limits of a process are those of the table" {
  local files=$((SRANDOM % 500 + 100)) low=$((SRANDOM % 900 + 10))
  run -0 prlimit --sigpending="$low:$((1024 + low))" --memlock=$((low << 10)):$((8 << 20)) --msgqueue="$low:819200" -- \
    timeout -k 1 10 "$launcher" -m "$project/build/root" --nofile "$files" -- cat /proc/self/limits
  has 'open files' "$files"
  has 'pending signals' 1024
  has 'locked memory' $((8 << 20))
  has 'msgqueue size' 819200
  has 'realtime priority' 0
}
