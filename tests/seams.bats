#!/usr/bin/env bats
# The interfaces that later chapters stand on, tried before those are written: the segments of chapter 11 in
# other orders, by several processes, with containers that no command line has described (tests/seams).

load support/promise

setup() {
  [ -x "$build/seams" ] || skip 'no chapter is under construction'
  as=()
  root=$(readlink -f "$project/build/root")
  home=$BATS_TEST_TMPDIR/home
  mkdir -m 700 "$home"
}

# Whatever a test has made ends with it.
teardown() {
  [ ! -e "$home/state" ] || "$build/seams" end "$home"
  [ -z "${launchers:-}" ] || kill "${launchers[@]}" 2>/dev/null || true
  once_more_if_slow
}

seams() { limited "${as[@]}" "$build/seams" "$@" 3>&- 4>&-; }

# ordinary: from here on everything is started by a user without any privilege, who has a root directory of his own.
ordinary() {
  local directory=$BATS_TEST_TMPDIR
  as=(setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps=-all --bounding-set=-all)
  cp -a "$root" "$home/root"
  root=$home/root
  mkdir "$home/shown"
  chown -R 65534:65534 "$home"
  while [ -n "$directory" ] && [ "$directory" != "${BATS_TMPDIR:-/tmp}" ]; do
    chmod a+x "$directory"
    directory=${directory%/*}
  done
}

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

@test "what cannot be executed is told to who starts it, and why, and the container is gone" {
  mkdir -m 777 "$home/shown"
  printf '#!/no/such\n' >"$home/shown/script"
  chmod 755 "$home/shown/script"
  created '["/mnt/script"]' 'mounts: [{kind: "bind", from: "'"$home/shown"'", to: "/mnt"}]'
  run -126 seams start "$home"
  assert_output --partial 'asks for /no/such, which is not in the container'
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

@test "with a life of its own a container outlives a launcher that is killed" {
  document '["sleep", "4372"]' 'lifetime: "own", unlimited: true'
  in_background "$build/seams" run "$home/can.json"
  becomes sleep "$launcher"
  kill -KILL "$launcher"
  wait "$launcher" || true
  sleep 0.2
  [ "$(cat "/proc/$pid/comm")" = sleep ]
  launchers=("$pid")
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
  # Its null device has been made for it, and stands in no /dev.
  diff <(echo "$first") <(report "$pid" | sed 's,"target": "/null","target": "/dev/null",') || fail 'the second is confined in another way'
  # Both can be wrong.
  assert_equal "$(cat "/proc/$pid/cgroup")" "$groups"
  assert_equal "$(grep -c "/$(jq -r .groups "$home/state")/inside$" <<<"$groups")" "$(jq '.places | length' "$home/state")"
  assert_equal "$(readlink "/proc/$pid/ns/pid")" "$(readlink "/proc/$inside/ns/pid")"
  # It dies with its launcher, and the first goes on.
  kill -KILL "$launcher"
  wait "$launcher" || true
  gone "$pid"
  run -7 seams exec "$home" sh -c 'grep -q sleep /proc/1/task/1/children; hostname; echo "$HOME"; exit 7'
  assert_output my-can$'\n'/root
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

# surroundings PID: what a caller may leave to whoever he starts.
surroundings() {
  grep -E '^(Umask|Groups|SigBlk|SigIgn|NoNewPrivs|Seccomp):' "/proc/$1/status"
  cat "/proc/$1/personality" "/proc/$1/limits" "/proc/$1/environ"
  readlink "/proc/$1/cwd"
  ls "/proc/$1/fd"
}

@test "a second command has nothing of whoever starts it" {
  created '["sleep", "4366"]'
  seams start "$home"
  becomes sleep "$inside"
  surroundings "$pid" >"$home/first"
  (
    umask 0
    ulimit -Sc hard
    ulimit -Sn 256
    export SECRET=sesame
    cd "$home" || exit
    exec 7</etc/passwd
    # shellcheck disable=SC2093  # in the background
    exec setpriv --groups 4242,4243 setarch --addr-no-randomize env --ignore-signal=USR1 --block-signal=USR2 \
      "$build/seams" exec "$home" sleep 4366 </dev/null >>"$home/output" 2>&1 3>&- 4>&-
  ) &
  launchers+=("$!")
  becomes sleep "$!"
  diff -a "$home/first" <(surroundings "$pid") || fail 'some of it came along'
}

@test "a second command has a terminal of the container's, or pipes, and never the caller's" {
  created '["sleep", "4367"]'
  seams start "$home"
  run -0 limited "$build/probe" caller -- "$build/seams" exec-t "$home" \
    sh -c 'tty; stty size; echo "$TERM"; [ -t 0 ] && [ -t 1 ] && [ -t 2 ] && echo three; : </dev/tty && echo controlling; [ -e /dev/console ] || echo no console'
  assert_output --partial "$(printf '/dev/pts/0\r\n24 80\r\nxterm\r\nthree\r\ncontrolling\r\nno console\r\n')"
  assert_output --partial 'modes: same'
  run -0 limited "$build/probe" caller expect:none 'send:typed'$'\r' -- "$build/seams" exec "$home" \
    sh -c '[ -t 0 ] || [ -t 1 ] || [ -t 2 ] || echo none; (: </dev/tty) || echo no terminal; read -r line; echo "read $line"'
  assert_output --partial 'no terminal'
  assert_output --partial 'read typed'
}

@test "what is joined stays as it is: mounts that are shared there, too" {
  created '["sh", "-c", "mount --make-shared / && exec sleep 4368"]' 'capabilities: ["SYS_ADMIN"]'
  seams start "$home"
  becomes sleep "$inside"
  run -0 seams exec "$home" grep -c ' / .* shared:' /proc/self/mountinfo
}

@test "of the namespaces that are joined some may belong to the host, in any order" {
  created '["sleep", "4369"]'
  seams start "$home"
  becomes sleep "$inside"
  in_background unshare --net sleep 4369
  for ((try = 0; try < 40; try++)); do
    [ "$(readlink "/proc/$launcher/ns/net")" = "$(readlink /proc/self/ns/net)" ] || break
    sleep 0.05
  done
  jq ".others = \"$launcher\" | .namespaces.net = $(stat -Lc %i "/proc/$launcher/ns/net")" "$home/state" >"$home/new"
  mv "$home/new" "$home/state"
  run -0 seams exec "$home" sh -c 'readlink /proc/self/ns/net; hostname'
  assert_output "$(readlink "/proc/$launcher/ns/net")"$'\nmy-can'
}

# A container's command looks at whoever of `seams` comes in, from there, as long as that waits, and writes down what it gets.
looking='["sh", "-c", "last=; while [ -z \"$last\" ]; do [ ! -e /mnt/ready ] || last=1
  for p in /proc/[0-9]*; do [ \"$(cat $p/comm)\" = seams ] || continue
    for what in exe cwd root ns/net; do readlink $p/$what && echo REACHED $what; done
    for what in environ mem; do (exec 9<$p/$what) && echo REACHED $what; done
    ls $p/fd/0 && echo REACHED fd
  done; done >/mnt/found 2>/dev/null; echo >/mnt/looked; exec sleep 4370"]'

# has_given_up PID: whether one of its descendants has, all but the filter; and waits.
has_given_up() {
  local one
  for one in $(descendants "$1"); do
    ! grep -qs $'^NoNewPrivs:\t1' "/proc/$one/status" || return 0
  done
  return 1
}

# look COMMAND...: found is what it gets, if COMMAND starts a second one.
look() {
  local try
  mkdir -m 700 "$home/second"
  chown --reference "$home" "$home/second"
  in_background "$@" exec-at-gate "$home" "$home/second" sleep 4370
  for ((try = 0; try < 100 * patience; try++)); do
    ! has_given_up "$launcher" || : >"$home/shown/ready"
    if [ -e "$home/shown/looked" ]; then
      seams start "$home/second"
      becomes sleep "$launcher"
      found=$(grep REACHED "$home/shown/found" | sort -u || true)
      return
    fi
    sleep 0.05
  done
  cat "$home/output" >&2
  fail 'nothing came'
}

# nobody_gets_hold MEMBERS: of who joins such a container.
nobody_gets_hold() {
  mkdir -p "$home/shown"
  chown --reference "$home" "$home/shown"
  created "$looking" 'mounts: [{kind: "bind", from: "'"$home/shown"'", to: "/mnt"}], '"$1"
  launchers+=("$inside")
  seams start "$home"
  look "${as[@]}" "$build/seams"
  assert_equal "$found" ''
}

@test "nobody in a container gets hold of a process that joins it" {
  nobody_gets_hold 'share: ["user"]'
}

@test "who does not hide from those that he joins, is got hold of: the control" {
  mkdir "$home/shown"
  created "$looking" 'mounts: [{kind: "bind", from: "'"$home/shown"'", to: "/mnt"}], share: ["user"]'
  seams start "$home"
  strace -o "$home/trace" -e trace=prctl "$build/seams" exec "$home" true
  number=$(grep -n PR_SET_DUMPABLE "$home/trace" | cut -d: -f1)
  look strace -o /dev/null -e trace=prctl -e "inject=prctl:retval=0:when=$number" "$build/seams"
  assert_equal "$found" "$(printf 'REACHED %s\n' cwd environ exe fd mem ns/net root)"
}

@test "an ordinary user joins the container that he has started, and nobody in it gets hold of him" {
  ordinary
  nobody_gets_hold 'unlimited: true'
  run -0 seams exec "$home" sh -c 'id -u; hostname; cat /proc/1/comm; grep -c "^NSpid.*[[:space:]]1$" /proc/1/status; ls /proc/self/fd'
  assert_output "$(printf '%s\n' 0 my-can init 1 0 1 2 3)"
}

@test "who hides from his own launcher, too, has a terminal all the same: it is sent" {
  ordinary
  created '["sleep", "4373"]' 'unlimited: true'
  launchers+=("$inside")
  seams start "$home"
  run -0 limited "$build/probe" caller expect:ready 'send:typed'$'\r' -- "$(type -P setpriv)" "${as[@]:1}" \
    "$build/seams" exec-t "$home" sh -c 'tty; [ -t 0 ] && [ -t 1 ] && [ -t 2 ] && : </dev/tty && echo ready; read -r line; echo "read $line"; ls -1 /proc/self/fd'
  assert_output --partial /dev/pts/0
  assert_output --partial 'read typed'
  assert_output --partial "$(printf '%s\r\n' 0 1 2 3)"
  assert_output --partial 'modes: same'
}

@test "a second command has no null device of the host's" {
  local fd
  created '["sleep", "4374"]'
  seams start "$home"
  limited "$build/seams" exec "$home" sleep 4374 </dev/null >/dev/null 2>&1 3>&- 4>&- &
  launcher=$! launchers+=("$!")
  becomes sleep "$launcher"
  for fd in 0 1 2; do
    assert_equal "$(stat -Lc %t:%T "/proc/$pid/fd/$fd")" 1:3
    [ "$(stat -Lc %d:%i "/proc/$pid/fd/$fd")" != "$(stat -Lc %d:%i /dev/null)" ] || fail "$fd is the host's"
  done
}

@test "nobody joins where the host lets everybody look into who changes his user" {
  local said
  created '["sleep", "4375"]'
  seams start "$home"
  for said in 0 2; do
    echo "$said" >"$home/said"
    run -0 unshare --mount sh -c 'mount --bind "$0" /proc/sys/fs/suid_dumpable && exec "$@"' "$home/said" "$build/seams" exec "$home" echo RAN
    assert_output RAN
  done
  echo 1 >"$home/said"
  run -125 unshare --mount sh -c 'mount --bind "$0" /proc/sys/fs/suid_dumpable && exec "$@"' "$home/said" "$build/seams" exec "$home" echo RAN
  assert_output --partial 'suid_dumpable: EPERM'
  refute_output --partial RAN
}

@test "an ordinary user joins what has the host's pid namespace" {
  ordinary
  created '["sh", "-c", "exec sleep 4371"]' 'unlimited: true, init: false, share: ["pid"], table: [{kind: "tmpfs", to: "/tmp"}]'
  launchers+=("$inside")
  seams start "$home"
  run -0 seams exec "$home" hostname
  assert_output my-can
}

@test "a user who is not root has the capabilities that a document gives him" {
  sets='capabilities: {bounding: ["CHOWN", "NET_BIND_SERVICE"], permitted: ["CHOWN", "NET_BIND_SERVICE"], effective: ["CHOWN"]'
  document '["grep", "^Cap", "/proc/self/status"]' 'user: {uid: 1000, gid: 1000}, '"$sets"', inheritable: ["NET_BIND_SERVICE"], ambient: ["NET_BIND_SERVICE"]}'
  run -0 seams run "$home/can.json"
  assert_output "$(printf '%s:\t%016x\n' CapInh 0x400 CapPrm 0x400 CapEff 0x400 CapBnd 0x401 CapAmb 0x400)"
  # What is not inheritable cannot be ambient.
  document '["echo", "RAN"]' 'user: {uid: 1000, gid: 1000}, '"$sets"', inheritable: [], ambient: ["NET_BIND_SERVICE"]}'
  run -125 seams run "$home/can.json"
  assert_output --partial 'keep capabilities in the ambient set'
}

@test "without an init a policy may refuse what only an init calls, and nothing else that is needed" {
  local call
  document '["true"]' 'init: false, forbidden: ["clone", "wait4", "kill", "rt_sigtimedwait", "close_range"]'
  run -0 seams run "$home/can.json"
  document '["true"]' 'forbidden: ["kill"]'
  run -2 seams run "$home/can.json"
  assert_output --partial "forbids 'kill'"
  for call in setsid rt_sigaction rt_sigprocmask execve; do
    document '["true"]' 'init: false, forbidden: ["'"$call"'"]'
    run -2 seams run "$home/can.json"
    assert_output --partial "forbids '$call'"
  done
}
