#!/usr/bin/env bats
# A container with limits, started by an ordinary user from a session under systemd, who may make no control
# group but where his own systemd gives him one. For a guest that tests/vm/session starts.

bats_require_minimum_version 1.5.0
bats_load_library bats-support
bats_load_library bats-assert

setup() {
  launcher=/project/build/chapter-11
  root=$HOME/can
  none_left
}
teardown() { [ -z "${inner_PID:-}" ] || kill -9 "$inner_PID"; }

can() { timeout -k 1 60 "$launcher" -m "$root" -a /project/build/probe:/probe:ro --reachable "$@"; }

# with_can FLAG... -- COMMAND...: starts it, waits for its first line; `release` ends it. launcher_pid: its
# number; child: process 1 of the container, as it is counted outside; group: where the limits are.
with_can() {
  coproc inner { exec "$launcher" -m "$root" "$@" 3>&-; }
  # shellcheck disable=SC2154  # coproc sets it
  # Kept: bash forgets a coprocess, with its number, as soon as it sees that it has ended.
  launcher_pid=$inner_PID launcher_input=${inner[1]}
  read -rt 30 line <&"${inner[0]}"
  child=$(cat "/proc/$launcher_pid/task/$launcher_pid/children")
  group=/sys/fs/cgroup$(cut -d: -f3 "/proc/${child// /}/cgroup")
  group=${group%/inside}
}
release() {
  eval "exec $launcher_input>&-"
  wait "$launcher_pid"
}

left() { find /sys/fs/cgroup -type d -name 'tincan-*'; }
none_left() {
  local try
  for ((try = 0; try < 100; try++)); do
    [ -n "$(left)" ] || return 0
    sleep 0.1
  done
  fail "left: $(left)"
}

ready='echo ready; read -r _ || true'
own() { cut -d: -f3 "/proc/${1:-self}/cgroup"; }

@test "in a session the user may make no group, and that is what is tried here" {
  [[ $(own) == /user.slice/user-1000.slice/session-*.scope ]] || fail "$(own)"
  run ! mkdir "/sys/fs/cgroup$(dirname "$(own)")/mine"
  [ "$(systemctl --user is-system-running)" = running ]
}

@test "his systemd gives a group, the limits are in it, and the launcher is in it and not in them" {
  with_can --memory 96M --pids 17 --cpus 0.25 --cpu-weight 50 -- sh -c "$ready"
  [[ $group == */user@1000.service/app.slice/tincan-$launcher_pid-*.scope/tincan-$launcher_pid-* ]] || fail "$group"
  run -0 own "$launcher_pid"
  assert_output --regexp "/tincan-$launcher_pid-[0-9a-f]*\.scope/launcher$"
  local name value
  while read -r name value; do
    assert_equal "$name $(cat "$group/$name")" "$name $value"
  done <<'END'
memory.max 100663296
pids.max 17
cpu.max 25000 100000
cpu.weight 50
END
  release
  none_left
}

@test "memory, processes and time are limited" {
  run -137 can --memory 32M -- /probe hog 96
  assert_output --regexp 'killed by the kernel for memory \([0-9]* process(es)?\): the limit is 32.0 MiB'
  run -0 can --pids 20 -- sh -c 'timeout -s KILL 2 /probe bomb 100; true'
  assert_line --regexp '^1[0-9] EAGAIN$'
  assert_output --partial '--pids is 20'
  run can --cpus 0.1 -- /probe RES-03 most=0.5
  assert_output --partial BLOCKED
  run can -- /probe RES-03 most=0.5
  assert_output --partial REACHED
}

@test "a limit stays whatever his systemd does with its own groups meanwhile" {
  with_can --cpu-weight 50 -- sh -c "$ready"
  systemctl --user daemon-reload
  systemd-run --user --quiet --wait -p CPUWeight=7 true
  systemd-run --user --quiet --wait true
  assert_equal "$(cat "$group/cpu.weight")" 50
  release
}

# Of such a scope the user owns the directory as well, and it has the controllers that systemd counts with anyway.
@test "so it does in a scope that was asked for without Delegate, and is divided all the same" {
  coproc inner { exec systemd-run --user --scope --quiet --unit=plain "$launcher" -m "$root" --memory 96M --cpu-weight none -- sh -c "$ready" 3>&-; }
  launcher_pid=$inner_PID launcher_input=${inner[1]}
  read -rt 30 line <&"${inner[0]}"
  assert_equal "$line" ready
  group=$(find /sys/fs/cgroup -path "*/plain.scope/tincan-$launcher_pid-*" -name 'tincan-*')
  [ -n "$group" ] || fail "$(left)"
  systemctl --user daemon-reload
  systemd-run --user --quiet --wait -p MemoryMax=1G true
  systemd-run --user --quiet --wait true
  assert_equal "$(cat "$group/memory.max")" 100663296
  release
}

@test "nothing stays: after the end, after the launcher's death, after a start that fails" {
  run -0 can -- true
  none_left
  with_can -- sh -c "$ready"
  kill -9 "$launcher_pid"
  wait "$launcher_pid" || true
  inner_PID=
  none_left
  run ! test -e "/proc/${child// /}"
  run -125 can -w /no/such/place -- true
  none_left
  run -0 systemctl --user list-units --all --no-legend 'tincan-*'
  assert_output ''
}

@test "the scope can be stopped like any unit, and the container ends" {
  with_can -- sh -c "$ready"
  systemctl --user stop "$(basename "$(dirname "$group")")"
  run wait "$launcher_pid"
  inner_PID=
  none_left
}

@test "in a scope that was asked for before, nobody is asked again; in one with others in it, once more" {
  run -0 systemd-run --user --scope --quiet -p Delegate=yes --unit=mine "$launcher" -m "$root" -- sh -c 'echo RAN'
  assert_output RAN
  systemd-run --user --scope --quiet -p Delegate=yes --unit=mine "$launcher" -m "$root" -- sh -c 'sleep 3' &
  sleep 2
  run find /sys/fs/cgroup -path '*/mine.scope/tincan-*/inside'
  [ -n "$output" ] || fail "$(find /sys/fs/cgroup -name 'tincan-*')"
  wait
  run -0 systemd-run --user --scope --quiet -p Delegate=yes sh -c "'$launcher' -d -m '$root' -- true; true"
  assert_output --partial 'systemd has made tincan-'
}

@test "a service of his with Delegate=yes needs nobody to ask" {
  run -0 systemd-run --user --quiet --wait --pipe -p Delegate=yes "$launcher" -d -m "$root" -- echo RAN
  assert_line RAN
  refute_output --partial 'systemd has made'
  none_left
}

@test "neither PATH nor a variable decides who is asked, nor what asks" {
  mkdir -p "$BATS_TEST_TMPDIR/bin"
  printf '#!/bin/sh\ntouch %q\n' "$BATS_TEST_TMPDIR/planted" >"$BATS_TEST_TMPDIR/bin/busctl"
  chmod 755 "$BATS_TEST_TMPDIR/bin/busctl"
  run -0 env PATH="$BATS_TEST_TMPDIR/bin:$PATH" DBUS_SESSION_BUS_ADDRESS=unix:path=/no XDG_RUNTIME_DIR=/no "$launcher" -m "$root" -- echo RAN
  assert_output RAN
  run ! test -e "$BATS_TEST_TMPDIR/planted"
}

@test "--no-limits asks nobody, and stays in the session" {
  with_can --no-limits -- sh -c "$ready"
  assert_equal "$(own "$launcher_pid")" "$(own)"
  release
}

@test "what cannot be given refuses the start, and says so" {
  run -125 can --io-read 1M -- echo RAN
  refute_output --partial RAN
  assert_output --partial 'find the controller io'
  none_left
  run -125 unshare -c -m --keep-caps sh -c 'mount -t tmpfs none /run/user && exec setpriv --inh-caps=-all --ambient-caps=-all "$@"' sh "$launcher" -m "$root" -- echo RAN
  refute_output --partial RAN
  assert_output --partial 'ask for a control group /run/user/1000/bus: ENOENT'
  assert_output --partial 'loginctl enable-linger'
  assert_output --partial '--no-limits'
}

@test "RES-19 nothing inside can lift a limit or leave, whatever it may mount; where the groups show, it can" {
  run -71 can -a /sys/fs/cgroup:/mnt --cap-add SYS_ADMIN --seccomp none -- /probe RES-19
  run -70 can --cap-add SYS_ADMIN --seccomp none -- /probe RES-19
  run -70 can -- /probe RES-19
  run -70 can -- /probe RES-08
}
