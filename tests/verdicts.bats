#!/usr/bin/env bats
# Broken, could not be tested, holds: three verdicts. Mistakes are planted in the tests' own tools, and what is
# said of them is read.

load support/promise

@test "no test reads from the terminal that the tests were started in" { [ ! -t 0 ]; }

# planted CASE [BEFORE]: the verdicts of a promise and of another test where, in chapter 05, instead of what is true,
# the hostile host does as CASE says: a shell line, with $2 the number of the try. In chapter 04 as BEFORE says.
planted() {
  local place=$BATS_TEST_TMPDIR/build name
  mkdir "$place"
  for name in 03 04 05; do cp "$(type -P true)" "$place/chapter-$name"; done
  cat >"$place/hostile" <<HOSTILE
#!/bin/bash
case "\$*" in
  *chapter-05*) [ -e $place/tried ] && set -- "" 2 || set -- "" 1; : >$place/tried; $1 ;;
  *chapter-04*) ${2:-echo "REACHED X all of it"; exit 71} ;;
esac
echo "BLOCKED X nothing"; exit 70
HOSTILE
  chmod +x "$place/hostile"
  printf 'load %q\n@%s\n@%s\n' "$project/tests/support/promise" 'test "NS-02 a promise" { promise NS-02; }' \
    "test 'a test' { ((BATS_TEST_TRY_NUMBER > 1)) || rm -f $place/tried; hosted -70 -- chapter-05; }" >"$BATS_TEST_TMPDIR/one.bats"
  TINCAN_BUILD=$place TINCAN_PATIENCE=1 run bats --tap "$BATS_TEST_TMPDIR/one.bats"
}

@test "a promise that is broken is headed so" {
  planted 'echo "REACHED X a file"; exit 71'
  assert_line '# PROMISE BROKEN in chapter 05: /proc shows the processes of the container alone.'
  assert_line --partial 'seen      REACHED NS-02 a file'
}

@test "a fixture that cannot be made is tried again, and then could not be tested" {
  planted '[ "$2" = 2 ] || { echo "hostile: the fixture failed: mq_open: Too many open files"; exit 75; }'
  assert_line 'ok 1 NS-02 a promise'
  assert_line 'ok 2 a test'
  rm -r "$BATS_TEST_TMPDIR/build"
  planted 'echo "hostile: the fixture failed: mq_open: Too many open files"; exit 75'
  assert_line --regexp '^ok 1 .* # skip NOT-TESTABLE NS-02: .*Too many open files'
  assert_line --regexp '^ok 2 .* # skip NOT-TESTABLE a test: .*Too many open files'
  TINCAN_NO_SKIPS=1 run -1 bats --tap "$BATS_TEST_TMPDIR/one.bats"
  refute_output --partial 'PROMISE BROKEN'
}

@test "a control that does not come out is told in words" {
  planted true 'echo "BLOCKED X receive 1305: EPERM"; exit 70'
  assert_line 'ok 1 NS-02 a promise # skip NOT-TESTABLE NS-02: on this machine the attack fails in chapter 04, which does not promise it yet, too, so that it shows nothing when it fails inside. There it said: receive 1305: EPERM'
}

@test "what takes a limit that may not be raised is skipped, and says which" {
  printf 'load %q\n@%s\n' "$project/tests/support/promise" 'test "x" { takes_limit core 1; }' >"$BATS_TEST_TMPDIR/one.bats"
  run -0 prlimit --core=0:0 setpriv --bounding-set -sys_resource --inh-caps -sys_resource env -u TINCAN_NO_SKIPS bats --tap "$BATS_TEST_TMPDIR/one.bats"
  assert_line --regexp "^ok 1 x # skip NOT-TESTABLE core: it takes a limit 'core' of 1, and the hard limit here is 0, which root without CAP_SYS_RESOURCE may not raise"
  run -0 prlimit --nofile=1024:1024 setpriv --bounding-set -sys_resource --inh-caps -sys_resource bash -c 'source "$0/tests/support/attacks.bash" && attack RES-04 09' "$project"
  assert_output --partial 'NOT-TESTABLE RES-04 it takes a limit'
}

@test "a machine that has too little of something is no broken promise" {
  planted 'echo "error chapter-05: clone3: EAGAIN (try again)"; exit 125'
  assert_line --regexp '^ok 1 .* # skip NOT-TESTABLE NS-02: .*EAGAIN'
}

@test "a program that does not end fails, tried twice, and breaks no promise" {
  planted 'exit 124'
  assert_line 'not ok 1 NS-02 a promise'
  assert_line --partial 'NO VERDICT in chapter 05'
  assert_line --partial 'time limit'
  refute_output --partial 'PROMISE BROKEN'
}

@test "a probe that crashes, and a container that does not start, break no promise, and fail" {
  local code
  for code in 139 125; do
    planted "echo why; exit $code"
    assert_line 'not ok 1 NS-02 a promise'
    assert_line '# NO VERDICT in chapter 05: /proc shows the processes of the container alone.'
    assert_line --partial "status $code: why"
    refute_output --partial 'PROMISE BROKEN'
    rm -r "$BATS_TEST_TMPDIR/build"
  done
}

@test "a test that is slow once is made again; one that is slow twice has failed" {
  sed -e 's/10 \* patience/patience/' -e "s,^source .*attacks.bash\"$,source $project/tests/support/attacks.bash," \
    "$project/tests/support/promise.bash" >"$BATS_TEST_TMPDIR/quick.bash"
  printf 'load quick\n@%s\n@%s\n' 'test "x" { limited sleep "$((4 / BATS_TEST_TRY_NUMBER))"; }' 'test "y" { limited sleep 9; }' \
    >"$BATS_TEST_TMPDIR/one.bats"
  TINCAN_PATIENCE=1 run bats --tap "$BATS_TEST_TMPDIR/one.bats"
  assert_line 'ok 1 x'
  assert_line 'not ok 2 y'
  assert_line --partial 'TIME LIMIT: more than'
}

# told LINE...: what tests/support/tell makes of this extended TAP, without a terminal.
told() {
  printf '%s\n' "$@" >"$BATS_TEST_TMPDIR/stream"
  run -0 env TINCAN_TAP="$BATS_TEST_TMPDIR/tap" NO_COLOR= "$project/tests/support/tell" <"$BATS_TEST_TMPDIR/stream"
}

# broken ID CHAPTER SEEN: a promise, as explain says it.
broken() { printf '# %s\n' "PROMISE BROKEN in chapter $2: A sentence." "  attack    $1 (...)" '  expected  BLOCKED' "  seen      REACHED $1 $3" '  again     bats'; }

@test "a run is told in groups: the first chapter first, and there what the exercises begin with" {
  told 1..5 'suite /x/chapter-06.bats' 'begin 1 USER-01 x' 'not ok 1 USER-01 x in 7ms' "$(broken USER-01 06 'core_pattern is open')" \
    'suite /x/chapter-05.bats' \
    'not ok 2 NS-02 x in 7ms' "$(broken NS-02 05 'the host was changed: was: /mnt 16877; is: 12 44 0:41 /closed/can / rw')" \
    'not ok 3 MNT-06 x in 7ms' "$(broken MNT-06 05 'the host was changed: was: /mnt 16877; is: 9 8 0:5 /closed/can / ro')" \
    'ok 4 good in 7ms' 'ok 5 NS-05-MQ x in 9ms # skip NOT-TESTABLE NS-05-MQ: no queues'
  assert_line '3 failed; in 2 groups, the likeliest cause first'
  assert_regex "$output" 'MNT-06: A mount made inside.*what is mounted inside stays.*also +1 more saw the like: NS-02.*USER-01: Root inside'
  assert_line "  again       make test-05 ONLY='^MNT-06 '"
  assert_line --regexp 'NS-05-MQ: no queues'
  assert_line '  05          1 passed, 2 failed, 1 could not be tested'
  refute_output --partial $'\e'
  run -0 cat "$BATS_TEST_TMPDIR/tap"
  assert_line 'ok 4 good in 7ms'
  refute_output --partial begin
}

@test "while bats reads, that is said; each red test stays on the screen; a long reason ends with a sentence" {
  local long
  long="$(printf 'One word after another. %.0s' {1..40})"
  told 'suite /x/chapter-05.bats' 1..6 'not ok 1 a in 7ms' 'not ok 2 b in 7ms' 'not ok 3 c in 7ms' 'not ok 4 d in 7ms' 'not ok 5 e in 7ms' "ok 6 f in 7ms # skip $long"
  assert_line --index 0 '  reading the tests ...'
  for long in a b c d e; do assert_line "  NO  05  $long"; done
  assert_output --regexp 'One[[:space:]]+word[[:space:]]+after[[:space:]]+another\.[[:space:]]+\(There[[:space:]]+is'
  refute_output --partial ' ...)'
}

# apart: into $place, a build directory for a run that does not write over what this one has said.
apart() {
  local name
  place=$BATS_TEST_TMPDIR/build
  mkdir "$place"
  for name in probe hostile unit-tests; do ln -s "$build/$name" "$place"; done
}

@test "tests that there are not are refused at once, with those that there are" {
  run -2 "$project/tests/run" 99
  assert_output --regexp 'no tests called 99; there are: .* 05 .* doctor '
  apart
  TINCAN_FILTER='no such test' TINCAN_BUILD=$place run -2 "$project/tests/run" 02
  assert_output --partial "no test there has a name that matches 'no such test', so nothing was tried"
  refute_output --partial hold
}

# made_of LINE...: a run of a file with these lines.
made_of() {
  printf '%s\n' "$@" >"$BATS_TEST_TMPDIR/made.bats"
  cd "$project" || return
  TINCAN_BUILD=$place run env -u TINCAN_FILTER tests/run "$(realpath --relative-to=tests "$BATS_TEST_TMPDIR/made")"
}

@test "what is red stands in the last words; in CI it is made once more, and named, but no broken promise is" {
  local once="[ -e '$BATS_TEST_TMPDIR/seen' ] || ! touch '$BATS_TEST_TMPDIR/seen'"
  apart
  export TINCAN_AGAIN=
  made_of "@test \"a (good) one\" { true; }" "@test \"a [lame] (one): 1\" { $once; }"
  assert_failure
  assert_line --regexp ' passed, 1 failed, [01] skipped$' # a unit test takes real time, which not every group has
  assert_line '  red: a [lame] (one): 1'
  rm "$BATS_TEST_TMPDIR/seen"
  TINCAN_AGAIN=1 made_of "@test \"a (good) one\" { true; }" "@test \"a [lame] (one): 1\" { $once; }"
  assert_success
  assert_line --regexp ' passed, 0 failed, [01] skipped$'
  assert_line '  red at first, and green by itself: a [lame] (one): 1'
  TINCAN_AGAIN=1 made_of "@test \"red\" { false; }"
  assert_failure
  rm "$BATS_TEST_TMPDIR/seen"
  TINCAN_AGAIN=1 made_of "@test \"broken\" { echo 'PROMISE BROKEN in chapter 05: NS-01'; $once; }"
  assert_failure
  refute_output --partial 'made once more'
}

@test "a unit test that is skipped is counted so, with its reason; and one test made again leaves the record of all" {
  apart
  rm "$place/unit-tests"
  printf '%s\n' '#!/bin/sh' "printf '%s\n' 'tests/unit/x.cpp:1: Skipped' 'no real time' '' '[==========] 3 tests from 1 test suite ran. (1 ms total)' '[  PASSED  ] 2 tests.' '[  SKIPPED ] 1 test.'" >"$place/unit-tests"
  chmod 755 "$place/unit-tests"
  made_of '@test "a" { true; }'
  assert_success
  assert_line '  unit      could not be tested: no real time'
  assert_line '  unit      2 passed'
  assert_line '3 passed, 0 failed, 1 skipped'
  refute_line --partial 'nothing was left out'
  assert_line "Every word of the tests: $place/test-made.tap"
  [ ! -e "$place/test.tap" ]
}

@test "Ctrl-C ends a run in seconds, says how far it came, and leaves nothing" {
  local marker=31.$RANDOM$RANDOM
  apart
  # The second hears nothing of the terminal, and will not end when asked to.
  printf '@test %s\n' '"one" { false; }' \
    "\"two\" { run timeout -k 1 300 bash -c 'trap : INT TERM; sleep $marker & wait; sleep $marker'; }" \
    '"three" { false; }' >"$BATS_TEST_TMPDIR/slow.bats"
  cd "$project"
  SECONDS=0
  TINCAN_BUILD=$place run -130 env -u TINCAN_FILTER "$build/probe" caller 'expect:1 of 3' rest:500 $'send:\x03' -- \
    tests/run "$(realpath --relative-to=tests "$BATS_TEST_TMPDIR/slow")"
  assert_output --partial 'Interrupted. Until then 1 of 3 tests were tried: 0 passed, 1 failed, 0 skipped.'
  assert_output --partial '  red: one'
  refute_output --partial 'Not all holds'
  [ "$SECONDS" -lt $((15 * patience)) ] || fail "it took $SECONDS s"
  run -1 pgrep -fx "sleep $marker"
}

@test "Ctrl-C ends the other runners in a sentence, too" {
  cd "$project"
  run -130 "$build/probe" caller 'expect:faults to try' $'send:\x03' -- "$(type -P unshare)" -m -n tests/faults/run "$build"
  assert_output --regexp 'Interrupted: [0-9]+ of [0-9]+ were tried until then'
  refute_output --partial Traceback
  run -130 "$build/probe" caller 'expect:1. A shell' $'send:\x03' -- common/demo.sh "$build" 10
  assert_output --partial 'interrupted: the containers have ended'
  run -1 pgrep -f "^$build/chapter-10 -m build/root -- sh"
}

# proves_anew PROOF: of a copy of the tree that was proved whole, what `make prove` would prove whole again.
proves_anew() { (cd "$BATS_TEST_TMPDIR/tree" && tests/prove --list | sed -nE "s/^$1 +changed: ([^;]*);.*/\\1/p"); }

@test "what was proved is proved anew where a source, a test or what proves it has changed, and nowhere else" {
  local tree=$BATS_TEST_TMPDIR/tree
  mkdir "$tree"
  cp -a "$project"/{.clang-tidy,Makefile,chapters,classroom,common,tests} "$tree"
  (cd "$tree" && python3 -Bc "
import importlib.machinery, importlib.util
loader = importlib.machinery.SourceFileLoader('prove', 'tests/prove')
prove = importlib.util.module_from_spec(importlib.util.spec_from_loader('prove', loader))
loader.exec_module(prove)
found = prove.hashes()
prove.write_down(found, found)")
  assert_equal "$(proves_anew mutants)+$(proves_anew tidy)" none+none
  echo '// Another line.' >>"$tree/chapters/08-seccomp/policy.cpp"
  assert_equal "$(proves_anew mutants)+$(proves_anew exercises)" '08 09 10 11 12+08 09 10 11 12'
  assert_equal "$(proves_anew tidy)" chapters/08-seccomp
  echo '// Another line.' >>"$tree/chapters/07-capabilities/capabilities.hpp"
  assert_equal "$(proves_anew mutants)" '07 08 09 10 11 12'
  assert_equal "$(proves_anew tidy)" "$(cd "$tree" && echo chapters/{07,08,09,1[0-9]}-* tests/fuzz tests/seams tests/unit)"
  echo 'Why: it was another one.' >>"$tree/tests/mutants/03/127-for-everything.patch"
  assert_equal "$(proves_anew mutants)+$(proves_anew exercises)" '03 07 08 09 10 11 12+07 08 09 10 11 12'
  echo '// Another line.' >>"$tree/tests/probe/users.cpp"
  assert_equal "$(proves_anew mutants)+$(proves_anew parsers)" '01 02 03 04 05 06 07 08 09 10 11 12+12'
}
