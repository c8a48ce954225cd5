#!/usr/bin/env bats
# Hidden tests of chapter 05: names and words are new in every run. They come into no hand-out.

load ../../support/promise

setup() {
  launcher=$build/chapter-05
  root=$project/build/root
  word=$(od -An -N6 -tx1 /dev/urandom | tr -d ' \n')
}

@test "only the word ro makes a bind read-only, and any other is refused" {
  local tree=$BATS_TEST_TMPDIR/$word mode
  mkdir "$tree"
  for mode in "$word" "r$word" "ro$word" RO rw "ro:$word" "ro:"; do
    run -2 limited "$launcher" -m "$root" -a "$tree:/mnt:$mode" -- true
  done
  run -2 limited "$launcher" -m "$root" -a "$tree:$word" -- true
  run -2 limited "$launcher" -m "$root" -a ":/$word" -- true
  limited "$launcher" -m "$root" -a "$tree:/mnt" -- sh -c "echo $word >/mnt/$word"
  run -0 cat "$tree/$word"
  assert_output "$word"
  run -1 limited "$launcher" -m "$root" -a "$tree:/mnt:ro" -- sh -c "echo again >/mnt/$word"
}
