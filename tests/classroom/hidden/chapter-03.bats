#!/usr/bin/env bats
# Hidden tests of chapter 03: the numbers are new in every run. They come into no hand-out.

load ../../support/promise

setup() { launcher=$build/chapter-03; }

@test "a random status and a random signal come back" {
  local n status number
  for n in 1 2 3; do
    status=$((SRANDOM % 250 + 1))
    run "-$status" limited "$launcher" -- /bin/sh -c "exit $status"
  done
  for number in $(shuf -e 1 2 3 6 9 14 15 | head -3); do
    run "-$((128 + number))" limited "$launcher" -- /bin/sh -c "kill -$number \$\$"
  done
}
