#!/usr/bin/env bats
# Hidden tests of chapter 11: the numbers are new in every run. They come into no hand-out.

load ../../support/promise

setup() { launcher=$build/chapter-11; }

# granted ROWS COMMAND...: by ann, to whom these rows may grant something.
granted() { limited "$project/tests/support/as-granted" "$1" "$1" -- "${@:2}"; }

@test "rows that are none grant nothing" {
  command -v newuidmap >/dev/null || skip 'NOT-TESTABLE: newuidmap is not installed'
  local home=$BATS_TEST_TMPDIR/own row first=$((SRANDOM % 300000 + 200000))
  local start=("$launcher" -m "$home/root" --no-limits --map 0:4200:1 --map "1:$first:10")
  mkdir -m 700 "$home"
  cp -a "$project/build/root/." "$home/root"
  chown -R 4200:4200 "$home"
  open_the_way
  for row in "ann:$first" "ann:$first:" ":$first:10" "ann:$first:10:" "ann:$first:10:1" "ann:0$first:10" "ann:+$first:10" "ann:$first:10 " \
    "ann:$first:x" "ann:$first:0" "ann:$first:010" "anna:$first:10" "an:$first:10" "#ann:$first:10" " ann:$first:10" "04200:$first:10"; do
    run -2 granted "$row" "${start[@]}" -- echo RAN
    refute_output --partial RAN
  done
  for row in "ann:$first:10" "4200:$first:10" "ann:1:x\nann:$first:10"; do
    run -0 granted "$row" "${start[@]}" -- echo RAN
    assert_line RAN
  done
}
