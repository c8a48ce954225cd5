#!/bin/bash
# Runs the tests of a bout, and answers as TAP. What tests are written for is Bats, which starts 26 programs for a file
# and 22 for each test; where the processor is emulated, that was half of the time. Here a test is a process of this
# shell, and what it may ask for is what follows: run, skip, load, and the libraries.
# Usage: tests.bash FILE      a .bats file that checks.py has made functions of: test_1, test_2 ... and their `bout_titles`
#
# What the tests keep is in /bats, where nobody below looks, but for their own files in /bats/run/test.
#
# What is its own is called bout_...: a test may call its variables as it likes.

bout_file=$PWD/$1 bout_kept=/bats/run bout_number=0 bout_places=()
export BATS_TEST_FILENAME=$bout_file BATS_TEST_TMPDIR
mkdir -p "$bout_kept/test" && /below/bin/below memory "$bout_kept/test" 128m || exit

bats_require_minimum_version() { :; }
# shellcheck disable=SC1090  # which they are is the test's to say
load() { source "${bout_file%/*}/$1.bash"; }
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
    output=$("$@" 2>"$bout_kept/stderr") && status=0 || status=$?
    stderr=$(<"$bout_kept/stderr")
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
  bout_skipped=yes
  printf '%s\n' "${1:-}" >"$bout_kept/skipped"
  exit
}

setup() { :; }
teardown() { :; }
# shellcheck source=/dev/null
source "$bout_file"
mapfile -t bout_source_lines <"$bout_file"

# Which line of the test it was: as Bats says it.
bout_failed() {
  local at line
  [ "$BASH_SUBSHELL" = 1 ] || return 0
  for ((at = 1; at < ${#FUNCNAME[@]}; at++)); do
    [ "${FUNCNAME[at]}" != "test_$bout_number" ] || line=${bout_source_lines[BASH_LINENO[at - 1] - 1]}
  done
  [[ ${line:-test_} == test_* ]] || echo "\`${line#"${line%%[! ]*}"}' failed"
}

# By an exit status: 0 passed, 3 skipped, 126 to be tried again.
bout_ended() {
  local status=0
  trap - EXIT ERR
  set +eE
  teardown || status=$?
  [ -z "$bout_skipped" ] || exit 3
  [ -z "$bout_completed" ] || [ "$status" != 0 ] || exit 0
  ((BATS_TEST_TRY_NUMBER > ${BATS_TEST_RETRIES:-0})) || exit 126
  exit 1
}

# Once more is from the beginning.
bout_attempt() {
  BATS_TEST_TRY_NUMBER=$1 bout_completed='' bout_skipped=''
  BATS_TEST_TMPDIR=$bout_kept/test/$bout_number-$1
  (($1 == 1)) || mkdir "$BATS_TEST_TMPDIR" || exit
  trap bout_ended EXIT
  trap bout_failed ERR
  set -eE
  # shellcheck source=/dev/null
  (($1 == 1)) || source "$bout_file"
  setup
  "test_$bout_number"
  bout_completed=yes
  exit
}

while ((bout_number++ < ${#bout_titles[@]})); do bout_places+=("$bout_kept/test/$bout_number-1"); done
mkdir "${bout_places[@]}" || exit
bout_number=0
echo "1..${#bout_titles[@]}"
for bout_title in "${bout_titles[@]}"; do
  bout_number=$((bout_number + 1))
  for bout_try in 1 2; do
    (bout_attempt "$bout_try") >"$bout_kept/said" 2>&1 3>&1
    bout_status=$?
    [ "$bout_status" = 126 ] || break
  done
  case $bout_status in
    0) echo "ok $bout_number $bout_title" ;;
    3)
      read -r bout_reason <"$bout_kept/skipped" || true
      echo "ok $bout_number $bout_title # skip $bout_reason"
      ;;
    *)
      echo "not ok $bout_number $bout_title"
      ((bout_status <= 128)) || echo "# the test was killed by signal $((bout_status - 128)) before it came to its end"
      head -c 20000 "$bout_kept/said" | sed 's/^/# /; $a\'
      ;;
  esac
done
