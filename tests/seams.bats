#!/usr/bin/env bats
# The interfaces that later chapters stand on, tried before those are written: the segments of chapter 11 in
# other orders, by several processes, with containers that no command line has described (tests/seams).

load support/promise

setup() {
  [ -x "$build/seams" ] || skip 'no chapter is under construction'
  root=$(readlink -f "$project/build/root")
  home=$BATS_TEST_TMPDIR/home
  mkdir -m 700 "$home"
}

# Whatever a test has made ends with it.
teardown() {
  [ ! -e "$home/state" ] || "$build/seams" end "$home"
  [ -z "${launchers:-}" ] || kill "${launchers[@]}" || true
  once_more_if_slow
}

seams() { limited "$build/seams" "$@" 3>&- 4>&-; }

# document COMMAND [MEMBERS]: a container's, in $home/can.json; both in JSON.
document() { jq -n "{root: \"$root\", hostname: \"my-can\", command: $1} + {${2:-}}" >"$home/can.json"; }

# created COMMAND [MEMBERS]: the container waits at its gate, and inside is its process 1.
created() {
  document "$@"
  seams create "$home/can.json" "$home" </dev/null >>"$home/output" 2>&1
  inside=$(jq .pid "$home/state")
}

# in_background COMMAND...: launcher is its pid.
in_background() {
  "$@" </dev/null >>"$home/output" 2>&1 3>&- 4>&- &
  launcher=$!
  launchers+=("$launcher")
}

# descendants PID: and so on.
descendants() {
  local child
  pgrep -P "$1" | while read -r child; do
    echo "$child"
    descendants "$child"
  done || true
}

# becomes NAME PID: waits until one of its descendants is called that; pid is which.
becomes() {
  local try
  for ((try = 0; try < 100 * patience; try++)); do
    for pid in $(descendants "$2"); do
      [ "$(cat "/proc/$pid/comm" 2>/dev/null)" != "$1" ] || return 0
    done
    sleep 0.05
  done
  cat "$home/output" >&2
  fail "nothing becomes $1"
}

# groups NAME: where there are some. Others' come and go meanwhile, and find(1) fails for it.
groups() { find /sys/fs/cgroup -name "$1" 2>/dev/null || true; }

# gone PID: within two seconds.
gone() {
  local try
  for ((try = 0; try < 40 * patience; try++)); do
    [ -d "/proc/$1" ] && ! grep -q '^State:.Z' "/proc/$1/status" || return 0
    sleep 0.05
  done
  fail "$1 is still there"
}

# report PID: what chapter 01 sees of it, its environment and its limits, without what is never the same twice.
report() {
  "$build/chapter-01" --json "$1" | jq -S '.subject | del(.. | .pid?, .ns_pids?, .parent?, .process_group?, .session?)' |
    sed -E 's/tincan-[0-9]+-[0-9a-f]{16}/tincan-N/g'
  tr '\0' '\n' <"/proc/$1/environ"
  cat "/proc/$1/limits"
}
# Numbers of namespaces and of file systems too.
unnumbered() { sed -E 's/\[[0-9]{9,}\]/[N]/g; s/"[0-9]+:[0-9]+"/"N:N"/g'; }

@test "the same container from a command line and from a document" {
  mkdir -m 777 "$home/shown"
  document '["sleep", "4361"]' '
    workdir: "/etc", environment: {GREETING: "hello"}, user: {uid: 1000, gid: 1000}, memory: 67108864, pids: 20,
    capabilities: ["CHOWN", "SETUID", "SETGID", "KILL"], mounts: [{kind: "bind", from: "'"$home/shown"'", to: "/mnt", "read-only": true}]'
  in_background "$build/seams" run "$home/can.json"
  becomes sleep "$launcher"
  one=$(report "$pid" | unnumbered)
  for number in 10 11; do
    [ -x "$build/chapter-$number" ] || continue
    in_background "$build/chapter-$number" -m "$root" --hostname my-can -w /etc -e GREETING=hello -u 1000 --memory 64M --pids 20 \
      --cap-drop ALL --cap-add CHOWN --cap-add SETUID --cap-add SETGID --cap-add KILL -a "$home/shown:/mnt:ro" -- sleep 4361
    becomes sleep "$launcher"
    other=$(report "$pid" | unnumbered)
    diff <(echo "$one") <(echo "$other") || fail "chapter $number makes another container of it"
  done
}

@test "mounts are a list, in any order that is given, and only what is on it is there" {
  mkdir -m 777 "$home/shown"
  echo seen >"$home/shown/file"
  document '["sh", "-c", "cat /tmp/deep/file; echo /proc/s* /dev/* /sys/*; cut -d \" \" -f 2 /proc/mounts"]' '
    table: [{kind: "tmpfs", to: "/tmp"}, {kind: "bind", from: "'"$home/shown"'", to: "/tmp/deep"}, {kind: "mqueue", to: "/mnt"},
      {kind: "proc", to: "/proc"}]'
  run -0 seams run "$home/can.json"
  assert_line seen
  assert_line --partial /proc/self
  assert_line --partial '/dev/* /sys/*'
  run -0 sort <(grep -xE '/(tmp|tmp/deep|mnt|proc)' <<<"$output")
  assert_output "$(printf '%s\n' /mnt /proc /tmp /tmp/deep)"
  # What stands there already is not covered by what comes later.
  document '["true"]' '
    table: [{kind: "proc", to: "/proc"}, {kind: "bind", from: "'"$home/shown"'", to: "/mnt"}, {kind: "tmpfs", to: "/mnt"}]'
  run -125 seams run "$home/can.json"
  assert_output --partial EBUSY
}

@test "a document that says what is not supported is refused before anything is made" {
  document '["true"]' 'intel: "rdt"'
  run -2 seams run "$home/can.json"
  assert_output --partial "'intel' is not supported"
}

@test "a container that is made waits at its gate, and another process starts it" {
  mkdir -m 777 "$home/shown"
  created '["sh", "-c", "echo started >/mnt/mark; exec sleep 4362"]' 'mounts: [{kind: "bind", from: "'"$home/shown"'", to: "/mnt"}]'
  [ -d "/proc/$inside" ]
  # It has given up what it will not have: the launcher is gone, and the filter alone is to come.
  run -0 grep -E '^(NoNewPrivs|Seccomp):' "/proc/$inside/status"
  assert_output "$(printf 'NoNewPrivs:\t1\nSeccomp:\t0')"
  [ ! -e "$home/shown/mark" ]
  seams start "$home"
  becomes sleep "$inside"
  assert_equal "$(cat "$home/shown/mark")" started
  run -0 grep Seccomp: "/proc/$pid/status"
  assert_output "$(printf 'Seccomp:\t2')"
  run seams start "$home"
  assert_output --partial ECONNREFUSED
}

@test "what cannot be executed is told to who starts it, and the container is gone" {
  created '["no-such-command"]'
  run -127 seams start "$home"
  assert_output --partial 'there is no such command in the container'
  gone "$inside"
}

@test "a container outlives its launcher, and nothing of it is left in the end" {
  created '["sleep", "4363"]'
  seams start "$home"
  becomes sleep "$inside"
  group=$(jq -r .groups "$home/state")
  [ -n "$(groups "$group")" ]
  grep -q "$group/inside" "/proc/$pid/cgroup"
  seams end "$home"
  assert_equal "$(groups "$group")" ''
  gone "$pid"
}

@test "a launcher that is killed before its container stands leaves none" {
  local killed=()
  document '["sleep", "4364"]'
  for ((i = 0; i < 12; i++)); do
    in_background "$build/seams" create "$home/can.json" "$home"
    sleep "$(printf '0.%03d' $((i * 4)))"
    kill -KILL "$launcher" || true
    killed+=("$launcher")
    wait "$launcher" || true
    # It was too late, or nearly: then the group is there or gone.
    [ ! -e "$home/state" ] || "$build/seams" end "$home" || true
    rm -f "$home/state" "$home/gate"
  done
  for launcher in "${killed[@]}"; do
    for ((i = 0; i < 60 * patience; i++)); do
      [ -n "$(groups "tincan-$launcher-*")" ] || break
      sleep 0.05
    done
    assert_equal "$(groups "tincan-$launcher-*")" ''
  done
  for ((i = 0; i < 60 * patience; i++)); do
    pgrep -fx "$build/seams create $home/can.json $home" || return 0
    sleep 0.05
  done
  fail 'one of them goes on'
}

@test "a second command joins a running container, and has given up as much" {
  created '["sleep", "4365"]'
  seams start "$home"
  becomes sleep "$inside"
  first=$(report "$pid") groups=$(cat "/proc/$pid/cgroup")
  in_background "$build/seams" exec "$home" sleep 4365
  becomes sleep "$launcher"
  diff <(echo "$first") <(report "$pid") || fail 'the second is confined in another way'
  assert_equal "$(cat "/proc/$pid/cgroup")" "$groups"
  # It dies with its launcher, and the first goes on.
  kill -KILL "$launcher"
  wait "$launcher" || true
  gone "$pid"
  run -7 seams exec "$home" sh -c 'grep -q sleep /proc/1/task/1/children; hostname; exit 7'
  assert_output my-can
}

@test "without an init the command is process 1 itself, and stops and goes on as a job does" {
  local marker=41.$RANDOM$RANDOM state
  document '["sh", "-c", "grep NSpid: /proc/self/status; echo ready; exec sleep '"$marker"'"]' 'init: false'
  state="send:until grep -q \"State:.\$x\" /proc/\$(pgrep -fx 'sleep $marker')/status; do :; done; echo s''een \$x"$'\r'
  can="$(printf '%q ' "$build/seams" run "$home/can.json")" PS1='P> ' TERM=dumb HISTFILE='' \
    run -0 timeout -k 1 "$((12 * patience))" "$build/probe" caller 'expect:P> ' $'send:eval "$can"\r' expect:ready \
    rest:200 $'send:\x1a' expect:Stopped $'send:x=T\r' "$state" 'expect:seen T' $'send:bg\r' $'send:x=S\r' "$state" 'expect:seen S' \
    $'send:kill -9 %1; wait\r' $'send:exit 0\r' -- "$(type -P bash)" --norc --noprofile -i
  run -0 grep -cE '^NSpid:[[:space:]]2[[:space:]]*$' <<<"$output"
}
