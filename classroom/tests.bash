#!/bin/bash
# Runs the tests of a bout, and answers as TAP. What tests are written for is Bats, which starts 26 programs for a file
# and 22 for each test; where the processor is emulated, that was half of the time. Here a test is a process of this
# shell, and what it may ask for is what follows: run, skip, load, and the libraries.
# Usage: tests.bash FILE      a .bats file that checks.py has made functions of: test_1, test_2 ... and their `titles`
#
# What the tests keep is in /bats, where nobody below looks, but for their own files in /bats/run/test.

file=$PWD/$1 kept=/bats/run number=0
export BATS_TEST_FILENAME=$file BATS_TEST_TMPDIR
mkdir -p "$kept/test" && /below/bin/below memory "$kept/test" 128m || exit

bats_require_minimum_version() { :; }
# shellcheck disable=SC1090  # which they are is the test's to say
load() { source "${file%/*}/$1.bash"; }
# shellcheck disable=SC1090
bats_load_library() { source "$BATS_LIB_PATH/$1/load.bash"; }

# run [-STATUS] [--separate-stderr] COMMAND...: into status, output and lines; stderr and stderr_lines.
run() {
  local wanted='' apart=''
  while [[ ${1:-} == -* ]]; do
    case $1 in
      --separate-stderr) apart=yes ;;
      *) wanted=${1#-} ;;
    esac
    shift
  done
  stderr=
  if [ -z "$apart" ]; then
    output=$("$@" 2>&1) && status=0 || status=$?
  else
    output=$("$@" 2>"$kept/stderr") && status=0 || status=$?
    stderr=$(<"$kept/stderr")
  fi
  # Blank lines are none: IFS.
  IFS=$'\n' read -rd '' -a lines <<<"$output" || true
  # shellcheck disable=SC2034  # for the tests
  IFS=$'\n' read -rd '' -a stderr_lines <<<"$stderr" || true
  [ -z "$wanted" ] || [ "$status" = "$wanted" ] || {
    echo "it ended with $status, expected was $wanted"
    return 1
  }
}

skip() {
  skipped=yes
  printf '%s\n' "${1:-}" >"$kept/skipped"
  exit
}

setup() { :; }
teardown() { :; }
# shellcheck source=/dev/null
source "$file"
mapfile -t source_lines <"$file"

# Which line of the test it was: as Bats says it.
failed() {
  local at line
  [ "$BASH_SUBSHELL" = 1 ] || return 0
  for ((at = 1; at < ${#FUNCNAME[@]}; at++)); do
    [ "${FUNCNAME[at]}" != "test_$number" ] || line=${source_lines[BASH_LINENO[at - 1] - 1]}
  done
  [[ ${line:-test_} == test_* ]] || echo "\`${line#"${line%%[! ]*}"}' failed"
}

# By an exit status: 0 passed, 3 skipped, 126 to be tried again.
ended() {
  local status=0
  trap - EXIT ERR
  set +eE
  teardown || status=$?
  [ -z "$skipped" ] || exit 3
  [ -z "$completed" ] || [ "$status" != 0 ] || exit 0
  ((BATS_TEST_TRY_NUMBER > ${BATS_TEST_RETRIES:-0})) || exit 126
  exit 1
}

# Once more is from the beginning.
attempt() {
  BATS_TEST_TRY_NUMBER=$1 completed='' skipped=''
  BATS_TEST_TMPDIR=$kept/test/$number-$1
  mkdir "$BATS_TEST_TMPDIR" || exit
  trap ended EXIT
  trap failed ERR
  set -eE
  # shellcheck source=/dev/null
  (($1 == 1)) || source "$file"
  setup
  "test_$number"
  completed=yes
  exit
}

echo "1..${#titles[@]}"
for title in "${titles[@]}"; do
  number=$((number + 1))
  for try in 1 2; do
    (attempt "$try") >"$kept/said" 2>&1 3>&1
    status=$?
    [ "$status" = 126 ] || break
  done
  case $status in
    0) echo "ok $number $title" ;;
    3)
      read -r reason <"$kept/skipped" || true
      echo "ok $number $title # skip $reason"
      ;;
    *)
      echo "not ok $number $title"
      ((status <= 128)) || echo "# the test was killed by signal $((status - 128)) before it came to its end"
      head -c 20000 "$kept/said" | sed 's/^/# /; $a\'
      ;;
  esac
done
