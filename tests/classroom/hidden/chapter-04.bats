#!/usr/bin/env bats
# Hidden tests of chapter 04: the names are new in every run. They come into no hand-out.

load ../../support/promise

setup() { launcher=$build/chapter-04; }

@test "a random host name is the one inside" {
  local n name before
  before=$(cat /proc/sys/kernel/hostname)
  for n in 1 2 3; do
    name=h$(od -An -N5 -tx1 /dev/urandom | tr -d ' \n')
    run -0 limited "$launcher" --hostname "$name" -- cat /proc/sys/kernel/hostname
    assert_output "$name"
  done
  assert_equal "$(cat /proc/sys/kernel/hostname)" "$before"
}
