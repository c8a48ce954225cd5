#!/usr/bin/env bats
# What tests leave is noticed, whatever it is; what others have on the host, get and lose, is not.

load support/promise

# a_run COMMAND: as tests/run does with its tests.
a_run() {
  cat >"$BATS_TEST_TMPDIR/run" <<'END'
set -euo pipefail
source tests/support/left-behind.bash
[ "${APART:-}" = $$ ] || APART=$$ start_apart bash "$0" "$@"
settle "$1"
remember_host "$1"
bash -c "$2"
left_nothing "$1" 1
END
  (cd "$project" && limited bash "$BATS_TEST_TMPDIR/run" "$(mktemp -d -p "$BATS_TEST_TMPDIR")" "$1" 3>&- 4>&-)
}

teardown() {
  local group
  [ -z "${others:-}" ] || kill "${others[@]}" || true
  [ ! -e "${crumb:-}" ] || rm "$crumb"
  [ -z "${left:-}" ] || find /sys/fs/cgroup -depth -name "$left" -exec rmdir {} \;
}

# make_group NAME: in the hierarchy that holds this process, v2 or else the first.
make_group() {
  local top
  for top in /sys/fs/cgroup /sys/fs/cgroup/*; do
    [ ! -e "$top/cgroup.procs" ] || mkdir "$top/$1" 2>/dev/null || continue
    [ ! -d "$top/$1" ] || return 0
  done
  skip 'no control group can be made here'
}

# noticed WORDS COMMAND: a run that does COMMAND fails, and says WORDS.
noticed() {
  run -1 a_run "$2"
  assert_output --partial 'did not leave the host as they found it'
  assert_output --partial "$1"
}

@test "a process that tests leave is noticed, daemons too, and ended" {
  local marker=31.$RANDOM$RANDOM
  noticed 'process ' "setsid -f env -i sleep $marker </dev/null >/dev/null 2>&1"
  run -1 pgrep -fx "sleep $marker"
}

@test "so is a mount, a name, shared memory of either kind, and a file in the containers' root" {
  noticed ' tmpfs crumb ' 'mount -t tmpfs crumb /mnt'
  noticed '> other' 'hostname other'
  noticed '> crumb' ': >/dev/shm/crumb'
  noticed '> ' 'ipcmk -S 1'
  noticed 'build/root/crumb' ': >build/root/crumb'
}

@test "so is a control group whose launcher is gone" {
  local ended
  true &
  ended=$! left=tincan-$ended-0123456789abcdef
  wait "$ended"
  noticed "/$left" "$(declare -f make_group); make_group $left"
}

@test "a container that others run is not, nor what they get and lose meanwhile" {
  crumb=/dev/shm/crumb-of-others-$$ others=()
  container 10 --
  "${container_argv[@]}" sleep 30 </dev/null >/dev/null 2>&1 3>&- 4>&- &
  others+=("$!")
  while "${container_argv[@]}" true; do
    : >"$crumb"
    rm "$crumb"
  done </dev/null >/dev/null 2>&1 3>&- 4>&- &
  others+=("$!")
  run -0 a_run 'sleep 0.7'
  kill -0 "${others[@]}"
}
