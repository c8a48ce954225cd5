#!/usr/bin/env bats
# The labs: does each show what it says?

load support/promise

# lab NAME: every run of it comes out as it says.
lab() {
  local line
  run "$project/tests/lab" check "$1"
  for line in "${lines[@]}"; do
    [[ $line != NOT-TESTABLE* ]] || not_testable "$(cut -d ' ' -f 2 <<<"$line")" "${line#* * }"
  done
  assert_success
}

@test "lab: the forgotten descriptor" { lab 03-forgotten-descriptor; }
@test "lab: the host's keyring" { lab 03-host-keyring; }
@test "lab: the double chroot" { lab 05-double-chroot; }
@test "lab: the shared mount" { lab 05-shared-mount; }
@test "lab: the identity map" { lab 06-identity-map; }
@test "lab: the negative group" { lab 06-negative-group; }
@test "lab: shocker, with a given handle" { lab 06-shocker; }
@test "lab: the drop that did nothing" { lab 07-drop-that-did-nothing; }
@test "lab: set-uid comes back" { lab 07-suid-comes-back; }
@test "lab: int 0x80" { lab 08-int-0x80; }
@test "lab: one bit too high" { lab 08-one-bit-too-high; }
@test "lab: clone3 and io_uring" { lab 08-clone3-and-io-uring; }
@test "lab: the fork bomb, and the limit on the wrong process" { lab 09-wrong-process; }
@test "lab: typing into the parent's shell" { lab 10-typing-into-the-shell; }
@test "lab: the orphan" { lab 10-orphan; }
@test "lab: borrowed ids" { lab 11-borrowed-ids; }
@test "lab: the planted helper" { lab 11-planted-helper; }
@test "lab: the group that a grant lets go" { lab 11-granted-group; }
@test "lab: a name for any number" { lab 12-number-of-a-device; }
@test "lab: granted to be read" { lab 12-granted-to-be-read; }
@test "lab: taking covers off" { lab 12-taken-off-covers; }

@test "every lab is tried here, and has its sections, an attack that reaches and a defence" {
  local file part
  for file in "$project"/labs/*.md; do
    grep -q "{ lab $(basename "$file" .md); }" "$BATS_TEST_FILENAME" || fail "$file is not tried here"
    for part in '^# ' '^## The attack' '^<!-- lab: reached' '^## The defence' '^<!-- lab: blocked' '^## What to look at' '^## Try next'; do
      grep -q "$part" "$file" || fail "$file lacks $part"
    done
  done
}

@test "what a lab shows is what it runs, and what it says to type can be typed" {
  local command text
  run "$project/tests/lab" run 03-forgotten-descriptor
  assert_line --regexp '^\$ (sudo )?build/hostile -- build/chapter-03 -- "\$PWD"/build/probe MNT-04 @facts@$'
  assert_line --partial '@facts@: build/hostile puts in its place what it has prepared'
  # In a terminal of 80 columns: all but a command line, and what the probe says.
  run ! grep -E '^[^$ ].{80}' <<<"$output"
  cd "$project"
  unset MAKEFLAGS MAKELEVEL
  while IFS='`' read -r text command; do
    case $command in
      patch*) command="patch --dry-run ${command#patch}" ;;
      'make test-'*) command="make -n ${command#make}" ;;
      # As it was built: others use the program meanwhile.
      'make run-'*) command="make -o build/chapter-${command:9:2} -o build/root ${command#make}" ;;
      *seccomp*) printf '%s\n' 'default allow' 'socket EPERM' >"$BATS_TEST_TMPDIR/policy" && command=${command//\/tmp/$BATS_TEST_TMPDIR} ;;
    esac
    run limited bash -c "$command"
    # Where the text says that it is refused, it is.
    [[ $status == 0 || $text == *refus* ]] || fail "$command: status $status: $output"
  done < <(awk -F '`' '{ for (i = 2; i <= NF; i += 2)
    if ($i ~ /^(make (run|test)-|build\/chapter-|patch -p1 <)/) print ($0 ~ /refus/ ? "refused" : "") "`" $i }' labs/*.md)
}

@test "a lab that says what is not so fails" {
  printf '%s\n' '# Wrong' '<!-- lab: reached MNT-01 05 -->' >"$BATS_TEST_TMPDIR/05-wrong.md"
  TINCAN_LABS=$BATS_TEST_TMPDIR run -1 "$project/tests/lab" check 05-wrong
  assert_output --partial 'BLOCKED MNT-01'
  TINCAN_LABS=$BATS_TEST_TMPDIR run -1 "$project/tests/lab" run 05
  assert_output --partial 'should have been reached'
}

@test "lab: a chapter without one says where there are some" {
  run -1 "$project/tests/lab" run 01
  assert_line --partial 'make lab-05   The double chroot'
}
