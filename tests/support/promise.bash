# For the .bats files: a promise, tried where it is kept and where it is not.
#
#   @test "NS-01 host processes" { promise NS-01; }

bats_require_minimum_version 1.5.0
bats_load_library bats-support
bats_load_library bats-assert

# LeakSanitizer (SANITIZE=1) does not work under strace; the unit tests look for leaks.
export ASAN_OPTIONS=detect_leaks=0

# shellcheck source=tests/support/attacks.bash
source "${BASH_SOURCE[0]%/*}/attacks.bash"

# timeout(1) puts what it starts into the background of a terminal: there it stops as soon as it reads from that.
[ ! -t 0 ] || exec </dev/null

# field ID N: a column of the registry.
field() { awk -F '\t' -v id="$1" -v n="$2" '$1 == id { print $n }' "$project"/tests/promises*.tsv; }

# before CHAPTER: the number of the newest chapter before it that is there.
before() {
  local number newest=
  for number in $(running_chapters); do
    ((10#$number >= 10#$1)) || newest=$number
  done
  echo "$newest"
}

# expected_lack ID: what the doctor has to find missing before this promise may be skipped.
expected_lack() { awk -F '\t' -v id="$1" '$1 == id { print $2 }' "$project/tests/expected-skips.txt"; }

# expected_skip ID: the reason why it may be skipped in this run, from the list that the run brings along;
# false if it may not.
expected_skip() {
  local pattern reason
  while read -r pattern reason; do
    # shellcheck disable=SC2053  # a pattern is meant
    if [[ $1 == $pattern ]]; then
      echo "$reason"
      return
    fi
  done <"${TINCAN_EXPECTED_SKIPS:-/dev/null}"
  return 1
}

# not_testable ID REASON: a loud skip, in the doctor's words where it is an expected one; an error
# where the doctor has what was said to be missing, or where other skips are not expected.
not_testable() {
  local lack reason
  set -- "$1" "${2//$'\n'/ }"
  lack=$(expected_lack "$1")
  # A hand-out for students has no doctor.
  if [ -n "$lack" ] && [ -x "$build/doctor" ]; then
    reason=$("$build/doctor" --why "$lack") && fail "$1 could not be tested here ($2), but the doctor finds $lack working"
    skip "NOT-TESTABLE $1: $reason"
  fi
  [ -z "${TINCAN_NO_SKIPS:-}" ] || expected_skip "$1" >/dev/null || fail "$1 could not be tested here, and is not in tests/expected-skips.txt: $2"
  skip "NOT-TESTABLE $1: $2"
}

# takes_limit RESOURCE N: goes on where a process may have as much.
takes_limit() { can_have "$@" || not_testable "$1" "$(too_low "$@")"; }

# controlled KIND CHAPTER: where the attack has to work, in words.
controlled() {
  case $1 in
    before) echo "in chapter $(before "$2"), which does not promise it yet" ;;
    bare) echo 'on the host itself, outside of any container' ;;
    chroot) echo 'in a chroot, which promises nothing' ;;
    flags:*) echo "with ${1#flags:}, which gives it up" ;;
    *) echo 'where the promise is not kept' ;;
  esac
}

# control ID CHAPTER KIND: the attack where it must work.
control() {
  case $3 in
    before) attack "$1" "$(before "$2")" ;;
    bare | chroot) attack "$1" "$3" ;;
    flags:*)
      local flags
      read -ra flags <<<"${3#flags:}"
      attack "$1" "$2" "${flags[@]}"
      ;;
    own) attack "$1" control ;;
    *) echo "BROKEN $1 the registry names no control: '$3'" ;;
  esac
}

# keepers CHAPTER: the chapters that keep what CHAPTER promises: it and every later one; for an ordinary
# user, those that he can start. With TINCAN_FROM=NN those from there on, with TINCAN_QUICK=1 only the first and
# the last of them: tests/mutation, where others are as they were.
keepers() {
  local where all=()
  for where in $(running_chapters); do
    ((10#$where < 10#$1 || 10#$where < 10#${TINCAN_FROM:-0})) || { [ -n "${TINCAN_AS_USER:-}" ] && ((10#$where < 6)); } || all+=("$where")
  done
  [ -z "${TINCAN_QUICK:-}" ] || [ "${#all[@]}" -le 2 ] || all=("${all[0]}" "${all[-1]}")
  echo "${all[@]}"
}

# limited COMMAND...: ten seconds, then it is killed, whatever it does with signals.
limited() {
  local status=0
  timeout -k 1 "$((10 * patience))" "$@" || status=$?
  [ "$status" != 124 ] || slow "more than $((10 * patience)) s: ${*:0:9}"
  return "$status"
}

# slow WHY: the test did not come out because the machine is busy, perhaps; then it is made once more, with more
# patience. What is too slow twice, has failed; with TINCAN_ONCE=1 at once, for who tries without the mistake (tests/mutation).
slow() { echo "$1" >>"$BATS_TEST_TMPDIR/slow"; }
((${BATS_TEST_TRY_NUMBER:-1} == 1)) || patience=$((patience * 3))
once_more_if_slow() {
  [ ! -e "$BATS_TEST_TMPDIR/slow" ] || [ -n "${TINCAN_ONCE:-}" ] || {
    sed 's/^/TIME LIMIT: /' "$BATS_TEST_TMPDIR/slow"
    BATS_TEST_RETRIES=1
  }
}
teardown() { once_more_if_slow; }

# tried ID LINE [control]: goes on where LINE is a verdict. What could not be tried is tried once more; then it
# is not testable here, but for a program that does not end where its control did.
tried() {
  [[ $2 == *'could not be tried'* ]] || return 0
  ((${BATS_TEST_TRY_NUMBER:-1} > 1)) || {
    slow "$2"
    fail "$2"
  }
  [[ $2 == *'time limit'* && -z ${3:-} ]] || not_testable "$1" "${2#* * }"
}

# hosted -STATUS ARGUMENT...: as `run` does, on a hostile host. "-" takes any status.
hosted() {
  run on_hostile_host "${@:2}"
  tried "a test" "$(verdict "$status" - "$output")"
  [[ $1 == - || $status == "${1#-}" ]] || fail "status $status, not ${1#-}: $output"
}

# The directories of this test run, made for root alone, let others pass.
open_the_way() {
  local directory=$BATS_TEST_TMPDIR
  while [ -n "$directory" ] && [ "$directory" != "${BATS_TMPDIR:-/tmp}" ]; do
    chmod a+x "$directory"
    directory=${directory%/*}
  done
}

# untraced COMMAND...: in a subshell, without the trap that bats runs before each command of a test: half of
# the time of an attack is that.
untraced() (
  trap - DEBUG
  set +T
  "$@"
)

# side_by_side COMMAND CHAPTER...: COMMAND CHAPTER for each of them, some at a time, since a start mostly
# waits for the kernel; what each printed, in their order, one line each behind its chapter.
side_by_side() {
  local command=$1 where begun=0 said
  shift
  for where in "$@"; do
    ((begun++ < ${together:-4})) || wait -n || true
    # shellcheck disable=SC2086  # a command with its first words
    untraced $command "$where" >"$BATS_TEST_TMPDIR/$where.line" 3>&- &
  done
  wait
  for where in "$@"; do
    said=('')
    mapfile -t -O 1 said <"$BATS_TEST_TMPDIR/$where.line"
    echo "$where ${said[-1]}"
  done
}

# promise ID: reached where it is not kept yet, blocked in its chapter and in every later one.
promise() {
  local id=$1 chapter kind sentence line where first count=0 within=40 begun=$SECONDS controller=${TINCAN_AS_USER:-}
  # For a grader: the hostile host says for what it asks (classroom/seal.py).
  export TINCAN_PROMISE=$id
  IFS='|' read -r chapter kind sentence < <(awk -F '\t' -v OFS='|' -v id="$id" '$1 == id { print $2, $3, $5 }' "$project"/tests/promises*.tsv) || true
  [ -n "$sentence" ] || fail "tests/promises.tsv has no $id"
  first=$chapter
  if [ -n "${TINCAN_AS_USER:-}" ] && line=$(expected_skip "$id"); then
    # "from 07: ...": an ordinary user's containers keep it a little later, and the control is root's.
    [[ $line =~ ^from\ ([0-9]+): ]] || skip "NOT-TESTABLE $id: $line"
    first=${BASH_REMATCH[1]} controller=
  fi
  # A grader knows of many that they work in its guests (classroom/place.py).
  line="REACHED $id in a guest before"
  [[ ${TINCAN_CONTROLLED:-} == *" $id "* ]] || line=$(TINCAN_AS_USER=$controller untraced control "$id" "$chapter" "$kind")
  tried "$id" "$line" control
  # The second time, three times as patient.
  ((SECONDS - begun > 2 || ${BATS_TEST_TRY_NUMBER:-1} == 1)) || within=10
  case $line in
    REACHED*) ;;
    BROKEN*) fail "the control of $id broke: $line" ;;
    NOT-TESTABLE*) not_testable "$id" "${line#* * }" ;;
    *) not_testable "$id" "on this machine the attack fails $(controlled "$kind" "$chapter"), too, so that it shows nothing when it fails inside. There it said: ${line#* * }" ;;
  esac
  # A hog is told by what it leaves its neighbours, and MNT-20 looks for any control group of ours.
  [[ $id != RES-* && $id != MNT-20 ]] || local together=1
  # shellcheck disable=SC2046  # chapters, one word each
  while read -r where line; do
    count=$((count + 1))
    tried "$id" "$line"
    case $line in
      BLOCKED*) ;;
      # That it does not end, or does not start, is no fault of the machine's.
      *'time limit'* | NOT-TESTABLE*"error chapter-$where: "*) explain "$id" "$where" "$sentence" "$line" ;;
      NOT-TESTABLE*) not_testable "$id" "$line" ;;
      *) explain "$id" "$where" "$sentence" "$line" ;;
    esac
  done < <(side_by_side "attack $id" $(keepers "$first"))
  [ "$count" -gt 0 ] || fail "$id was tried in no chapter"
}

# chapters_from CHAPTER: its number and that of each later one, of those that are there.
chapters_from() {
  local number
  for number in $(running_chapters); do ((10#$number < 10#$1)) || printf '%s ' "$number"; done
}

# container CHAPTER [FLAG...] -- COMMAND...: how COMMAND is started there on the busybox root, into
# container_argv.
container() {
  local number=$1
  shift
  container_argv=("$build/chapter-$number")
  ! has_root "$number" || container_argv+=(-m "$project/build/root")
  container_argv+=("$@")
}

# people_send: the numbers of the signals that mean what a program makes of them; not those of faults and
# of job control, nor those that the C library keeps for itself, nor SIGTERM, which ends the test.
people_send() { printf '%s\n' 1 2 3 10 12 13 14 16 {24..30} {34..64}; }

# each_arrives PID DESCRIPTOR NUMBER...: what is sent to PID, the command writes down; then SIGTERM.
each_arrives() {
  local number line
  for number in "${@:3}"; do
    kill -s "$number" "$1"
    line=nothing
    read -rt $((5 * patience)) line <&"$2" || true
    assert_equal "$line" "$number"
  done
  kill -TERM "$1"
}

# refuses_without CHAPTER CALL...: there and in every later chapter, a kernel that lacks one of the
# calls is told so by name, and nothing runs. strace(1) plays the kernel.
refuses_without() {
  local chapter=$1 where call
  shift
  command -v strace >/dev/null || skip 'strace is not installed'
  for where in $(running_chapters); do
    ((10#$where >= 10#$chapter)) || continue
    for call in "$@"; do
      container "$where" -- echo RAN
      run -125 limited strace -f -qq -o /dev/null -e trace="$call" -e inject="$call":error=ENOSYS "${container_argv[@]}"
      assert_output --partial "$call (Linux 5."
      refute_output --partial RAN
    done
  done
}

# works ID CHAPTER [FLAG...] [-- FACT...]: what must still work there and in every later chapter. The
# probe says REACHED for it.
works() {
  local id=$1 chapter=$2 where line rest
  shift 2
  rest=("$@")
  works_in() { judge "$id" "$1" --clean -- "${rest[@]}"; }
  # shellcheck disable=SC2046  # chapters, one word each
  while read -r where line; do
    case $line in
      REACHED*'the host was changed'*) fail "chapter $where: this must change nothing: $line" ;;
      REACHED*) ;;
      *)
        tried "$id" "$line"
        fail "chapter $where: this must work: $line"
        ;;
    esac
  done < <(side_by_side works_in $(chapters_from "$chapter"))
}

# explain ID CHAPTER SENTENCE LINE: a promise is broken; or nobody knows, since what was to attack it did not
# start, died, or did not end.
explain() {
  local what='NO VERDICT'
  [[ $4 != REACHED* ]] || what='PROMISE BROKEN'
  fail "$(
    cat <<EOF
$what in chapter $2: $3
  attack    $1 (tests/probe, tests/support/attacks.bash)
  expected  BLOCKED
  seen      $4
  again     bats --filter '^$1' tests/chapter-$(field "$1" 2).bats
EOF
  )"
}
