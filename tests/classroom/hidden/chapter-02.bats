#!/usr/bin/env bats
# Hidden tests of chapter 02: the numbers are new in every run. They come into no hand-out.

load ../../support/promise

setup() {
  program=$build/chapter-02
  root=$project/build/root
}

@test "numbers of every length are read exactly, or refused" {
  local n number
  for n in 1 2 3 4; do
    number=$((SRANDOM % 4294967294))
    run -0 --separate-stderr "$program" -m "$root" -u "$number" -- true
    assert_line --regexp "^user +$number\$"
    run -2 "$program" -m "$root" -u "$number$((SRANDOM % 10))$((SRANDOM % 10))0000000" -- true
    run -2 "$program" -m "$root" -u "$((SRANDOM % 1000))x" -- true
    run -2 "$program" -m "$root" -u "-$((SRANDOM % 1000 + 1))" -- true
  done
}
