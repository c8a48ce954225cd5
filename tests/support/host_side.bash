#!/usr/bin/env bash
# Attacks that need the host's side: what happens around a running container. Runs on a hostile host,
# as: host_side.bash ID STAGE. Ends with a verdict line and its status, as the probe does. Here is what the attacks
# share; they stand below host_side/, by chapter, each attack_ID STAGE, where STAGE "control" is where it must work.
set -uo pipefail

# shellcheck source=tests/support/stages.bash
source "${BASH_SOURCE[0]%/*}/stages.bash"

conclude() { # STATUS WORD EVIDENCE
  echo "$2 $id $3"
  exit "$1"
}
blocked() { conclude 70 BLOCKED "$1"; }
reached() { conclude 71 REACHED "$1"; }
not_testable() { conclude 72 NOT-TESTABLE "$1"; }
# In a subshell, too: a word that is not there decides nothing.
command_not_found_handle() {
  echo "host_side.bash: there is no $1" >&2
  kill -TERM $$
}
# judged STATUS OUTPUT: by what the probe said.
judged() {
  case $1 in
    70) blocked "${2#* * }" ;;
    71) reached "${2#* * }" ;;
    *) not_testable "status $1: $2" ;;
  esac
}

# until_true SECONDS COMMAND...: polls a condition; false when time is up.
until_true() {
  local deadline=$((SECONDS + $1 * patience))
  shift
  until "$@"; do
    [ "$SECONDS" -lt "$deadline" ] || return 1
    read -rt 0.01 _ <>"$tick" || true
  done
}

# dies_soon STAGE PID [SECONDS]: whether it ends by itself within 2 seconds, or SECONDS. What lives on, lives on: so a busy
# machine, whose kernel takes its time, has three times as long, and only the control has not.
dies_soon() {
  local seconds=${3:-2}
  [ "$1" = control ] || seconds=$((3 * seconds))
  until_true "$seconds" gone "$2"
}

# children PID: the processes that it has made and that are still there.
children() { cat "/proc/$1/task/$1/children" 2>/dev/null; }
gone() { [ ! -d "/proc/$1" ] || grep -q '^State:.Z' "/proc/$1/status" 2>/dev/null; }

# begin COMMAND...: in the background; returns when it has written a line, which is in `said`. Sets launcher and
# inside, its pid and that of its child as the host sees them. start STAGE [FLAG...] -- COMMAND...: the same, staged.
begin() {
  "$@" >"$pipe" &
  launcher=$!
  read -rt "$((8 * patience))" said <"$pipe" || return 1
  read -r inside _ <<<"$(children "$launcher")"
}
start() {
  stage "$@"
  begin "${stage_argv[@]}"
}

# Both: what is under test may be that the one does not outlive the other.
end() {
  kill -9 "$launcher" 2>/dev/null || true
  [ -z "$inside" ] || kill -9 "$inside" 2>/dev/null || true
}

for chapter in "${BASH_SOURCE[0]%.bash}"/*.bash; do
  # shellcheck source=/dev/null
  source "$chapter"
done
id=$1
seen='' said='' launcher='' inside='' neighbour='' decoy='' started=()
work=$(mktemp -d /mnt/work.XXXXXX)
pipe=$work/pipe tick=$work/tick
mkfifo "$pipe" "$tick"
cleanup() {
  end
  [ -z "$neighbour" ] || kill -9 "$neighbour" 2>/dev/null || true
  ! mountpoint -q "$work/nodes" || umount -l /dev/{null,zero,full,random,urandom,tty} "$work/nodes"
  ! mountpoint -q "$work/build" || umount "$work/build" /tmp
  rm -rf --one-file-system "$work" "$decoy"
}
trap cleanup EXIT
"attack_${id//-/_}" "$2"
