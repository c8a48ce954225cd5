#!/usr/bin/env bats
# bats file_tags=chapter:13
# Chapter 13: a container from a document, made by one command, started by another, looked after by a third.

load support/promise

export TINCAN_BEGUN=1

setup() {
  runtime=$build/chapter-13
  [ -x "$runtime" ] || skip 'NOT-TESTABLE: chapter 13 is not built'
  root=$(readlink -f "$project/build/root")
  bundle=$BATS_TEST_TMPDIR/bundle
  mkdir "$bundle"
  id=t$BATS_TEST_NUMBER-$$
  document
}

teardown() {
  [ ! -d "$BATS_TEST_TMPDIR/state" ] || for left in $(oci list -q); do oci delete --force "$left"; done
  once_more_if_slow
}

# What waits at the gate keeps standard output: nobody who reads that may wait for it.
oci() { limited "$runtime" --root "$BATS_TEST_TMPDIR/state" "$@" 3>&- 4>&-; }
# document [JQ]: config.json in the bundle, as `spec` writes it, with the busybox root, and with what JQ says.
document() {
  rm -f "$bundle/config.json"
  oci spec --bundle "$bundle"
  change ".root.path = \"$root\" | .process.terminal = false | .linux.cgroupsPath = \"/tincan-$id\" | ${1:-.}"
}
# says COMMAND: what sh inside is to do.
says() { change ".process.args = [\"sh\", \"-c\", \$ARGS.positional[0]]" "$1"; }
change() {
  jq "$1" "$bundle/config.json" --args "${@:2}" >"$bundle/new"
  mv "$bundle/new" "$bundle/config.json"
}
create() { oci create --bundle "$bundle" --pid-file "$BATS_TEST_TMPDIR/pid" "$id" >"$BATS_TEST_TMPDIR/said" 2>&1 </dev/null; }
status_of() { oci state "$1" | jq -r .status; }
# becomes STATUS: waits for it.
becomes() {
  local try
  for ((try = 0; try < 100 * patience; try++)); do
    [ "$(status_of "$id")" != "$1" ] || return 0
    sleep 0.05
  done
  slow "$id did not become $1"
  return 1
}
# until_said WORD: waits for it in the container's output.
until_said() {
  local try
  for ((try = 0; try < 100 * patience; try++)); do
    ! grep -q "$1" "$BATS_TEST_TMPDIR/said" 2>/dev/null || return 0
    sleep 0.05
  done
  slow "nobody said $1"
  return 1
}
nothing_left() {
  [ -z "$(find /sys/fs/cgroup -type d -name "tincan-$id")" ] || fail 'a control group was left'
  [ ! -e "$BATS_TEST_TMPDIR/state/$id" ] || fail 'a state was left'
}

# --- a life ---

@test "run: the document that spec writes runs, its status is the command's, and nothing is left" {
  says 'echo hello; hostname; exit 7'
  run -7 oci run --bundle "$bundle" "$id"
  assert_output "$(printf 'hello\ntincan')"
  nothing_left
}

@test "run: it is running, in the eyes of others, until its command ends" {
  says 'echo up; exec sleep 100'
  oci run --bundle "$bundle" "$id" >"$BATS_TEST_TMPDIR/said" 2>&1 </dev/null &
  local launcher=$!
  until_said up
  [ "$(status_of "$id")" = running ]
  oci kill "$id" KILL
  local ended=0
  wait "$launcher" || ended=$?
  [ "$ended" = 137 ] || fail "run ended with $ended"
  nothing_left
}

@test "create, start, delete: the states of the specification, one after the other" {
  says 'echo started; exec sleep 100'
  create
  [ "$(status_of "$id")" = created ]
  [ ! -s "$BATS_TEST_TMPDIR/said" ] || fail "$(cat "$BATS_TEST_TMPDIR/said")"
  [ "$(cat "$BATS_TEST_TMPDIR/pid")" = "$(oci state "$id" | jq .pid)" ]
  oci start "$id"
  [ "$(status_of "$id")" = running ]
  run -1 oci delete "$id"
  assert_output --partial 'not stopped'
  oci kill "$id" KILL
  becomes stopped
  [ "$(cat "$BATS_TEST_TMPDIR/said")" = started ]
  oci delete "$id"
  nothing_left
  run -1 oci state "$id"
  assert_output --partial 'does not exist'
}

@test "what is no command is refused when the container is made, in the words that engines read" {
  change '.process.args = ["no-such"]'
  run -1 create
  grep -q 'exec: "no-such": executable file not found in $PATH' "$BATS_TEST_TMPDIR/said"
  change '.process.args = ["/no/such"]'
  run -1 create
  grep -q 'stat /no/such: no such file or directory' "$BATS_TEST_TMPDIR/said"
  change '.process.args = ["/etc/passwd"]'
  run -1 oci --log "$BATS_TEST_TMPDIR/log" --log-format json create --bundle "$bundle" "$id"
  assert_output --partial 'permission denied'
  run -0 jq -r '.level + " " + .msg' "$BATS_TEST_TMPDIR/log"
  assert_output --partial 'error exec: "/etc/passwd": permission denied'
  nothing_left
}

@test "start says why the command could not be executed" {
  echo 'no format' >"$BATS_TEST_TMPDIR/bad"
  chmod +x "$BATS_TEST_TMPDIR/bad"
  document ".root.readonly = false | .process.args = [\"/etc/bad\"] | .mounts += [{destination: \"/etc\", type: \"bind\", source: \"$BATS_TEST_TMPDIR\", options: [\"bind\"]}]"
  create
  run -1 oci start "$id"
  assert_output --partial 'exec: "/etc/bad": exec format error'
  [ "$(status_of "$id")" = stopped ]
  oci delete "$id"
  nothing_left
}

@test "a start that comes twice, or to nobody, is refused" {
  says 'exec sleep 100'
  create
  oci start "$id"
  run -1 oci start "$id"
  assert_output --partial 'cannot start a container in the running state'
  run -1 oci start nobody
  assert_output --partial 'does not exist'
}

@test "a name is taken once, and a name that is a path is none" {
  create
  run -1 oci create --bundle "$bundle" "$id"
  assert_output --partial 'already exists'
  [ "$(status_of "$id")" = created ]
  for name in ../x a/b . .. '' "$(printf 'a%.0s' {1..256})" $'a\nb'; do
    run -1 oci create --bundle "$bundle" -- "$name"
    assert_output --partial 'invalid container ID'
  done
}

@test "delete --force: of whatever state, and of what is not there" {
  oci delete --force nobody
  create
  oci delete --force "$id"
  nothing_left
  says 'exec sleep 100'
  create
  oci start "$id"
  oci pause "$id"
  oci delete --force "$id"
  nothing_left
}

@test "pause and resume: nothing goes on in between" {
  says 'while :; do date +%s%N >/dev/null; echo x; sleep 0.02; done'
  create
  oci start "$id"
  oci pause "$id"
  [ "$(status_of "$id")" = paused ]
  before=$(wc -c <"$BATS_TEST_TMPDIR/said")
  sleep 0.3
  [ "$(wc -c <"$BATS_TEST_TMPDIR/said")" = "$before" ]
  run -1 oci exec "$id" true
  oci resume "$id"
  [ "$(status_of "$id")" = running ]
  run -1 oci resume "$id"
}

@test "update: a limit is in the file of the control group" {
  says 'exec sleep 100'
  create
  oci start "$id"
  oci update --pids-limit 17 "$id"
  run -0 sh -c "cat \$(find /sys/fs/cgroup -path '*/tincan-$id/pids.max')"
  assert_output 17
  echo '{"pids": {"limit": 18}}' | oci update --resources - "$id"
  run -0 sh -c "cat \$(find /sys/fs/cgroup -path '*/tincan-$id/pids.max')"
  assert_output 18
}

@test "ps and list: numbers of processes, for people and for programs" {
  says 'exec sleep 100'
  create
  oci start "$id"
  run -0 oci ps --format json "$id"
  assert_output "[$(cat "$BATS_TEST_TMPDIR/pid")]"
  run -0 oci ps "$id"
  assert_line --partial 'sleep 100'
  run -0 oci list -q
  assert_output "$id"
  run -0 sh -c "'$runtime' --root '$BATS_TEST_TMPDIR/state' list --format json | jq -r '.[].status'"
  assert_output running
}

# --- the gate ---

@test "as long as it waits, nothing of the caller's is to be seen: no argument, no variable, no descriptor" {
  export SECRET=of-the-caller
  exec 9</etc/passwd
  create
  exec 9<&-
  pid=$(cat "$BATS_TEST_TMPDIR/pid")
  run ! grep -q of-the-caller "/proc/$pid/environ"
  run ! grep -q bundle "/proc/$pid/cmdline"
  run -0 sh -c "for fd in /proc/$pid/fd/*; do readlink \$fd; done | grep -v -e socket: -e /dev/null -e '$BATS_TEST_TMPDIR' -e '^/null\$' -e waiting || true"
  assert_output ''
}

@test "the process that waits does not die with who made it, nor with who starts it" {
  says 'exec sleep 100'
  create
  sleep 0.2
  [ "$(status_of "$id")" = created ]
  oci start "$id"
  sleep 0.2
  [ "$(status_of "$id")" = running ]
}

# --- exec ---

@test "exec: in the container's namespaces and groups, with its filter and no more capabilities" {
  says 'exec sleep 100'
  create
  oci start "$id"
  run -5 oci exec "$id" sh -c 'hostname; grep -E "^(CapEff|NoNewPrivs|Seccomp):" /proc/self/status; ls /proc/self/fd | wc -l; exit 5'
  inside=$output
  assert_line --index 0 tincan
  says "hostname; grep -E '^(CapEff|NoNewPrivs|Seccomp):' /proc/self/status; ls /proc/self/fd | wc -l"
  change ".linux.cgroupsPath += \"-2\""
  run -0 oci run --bundle "$bundle" "$id-2"
  [ "$inside" = "$output" ] || fail "exec: $inside; run: $output"
  run -1 oci exec "$id" no-such
  assert_output --partial 'executable file not found in $PATH'
}

@test "exec --detach: the number of the process is in the file, and it is in the container's group" {
  says 'exec sleep 100'
  create
  oci start "$id"
  oci exec --detach --pid-file "$BATS_TEST_TMPDIR/second" "$id" sleep 50 >/dev/null 2>&1
  grep -q "tincan-$id" "/proc/$(cat "$BATS_TEST_TMPDIR/second")/cgroup"
  [ "$(oci ps --format json "$id" | jq length)" = 2 ]
}

@test "exec --process: as the file says" {
  says 'exec sleep 100'
  create
  oci start "$id"
  jq '.process | .args = ["sh", "-c", "id -u; pwd; echo $A; umask"] | .user = {uid: 7, gid: 8, umask: 63} | .cwd = "/tmp" | .env += ["A=b"]' "$bundle/config.json" >"$BATS_TEST_TMPDIR/process"
  run -0 oci exec --process "$BATS_TEST_TMPDIR/process" "$id"
  assert_output "$(printf '7\n/tmp\nb\n0077')"
}

@test "the runtime's own file cannot be written from inside, though a command can be that file (CVE-2019-5736)" {
  before=$(sha256sum <"$runtime")
  says 'mkfifo /dev/shm/wait; echo up; exec sleep 100'
  create
  oci start "$id"
  until_said up
  # It waits for a reader of its log, and is the runtime; who holds its file waits for its end.
  oci exec "$id" /proc/self/exe --log /dev/shm/wait list >/dev/null 2>&1 &
  local held=$!
  run oci exec "$id" sh -c '
    while :; do
      for pid in /proc/[0-9]*; do
        grep -q -- --log $pid/cmdline 2>/dev/null && [ $pid != /proc/$$ ] && exec 9<$pid/exe && break 2
      done
    done
    cat /dev/shm/wait >/dev/null
    sleep 0.3
    echo overwritten >/proc/self/fd/9'
  wait "$held" || true
  assert_output --partial 'Read-only file system'
  [ "$(sha256sum <"$runtime")" = "$before" ]
}

@test "a working directory is none of the caller's descriptors (CVE-2024-21626)" {
  says 'exec sleep 100'
  create
  oci start "$id"
  exec 9</
  for number in 3 4 5 6 7 8 9 10 11 12 13 14 15 16; do
    run oci exec --cwd "/proc/self/fd/$number" "$id" ls ..
    [ "$status" -eq 1 ] || fail "by $number: $output"
  done
  exec 9<&-
  for number in 3 4 5 6 7 8 9 10 11 12 13 14 15 16; do
    change ".process.cwd = \"/proc/self/fd/$number\" | .linux.cgroupsPath = \"/tincan-$id-cwd\""
    run -1 oci run --bundle "$bundle" "$id-cwd"
  done
}

# --- hooks ---

@test "hooks: each at its moment, with the state on standard input" {
  cat >"$BATS_TEST_TMPDIR/hook" <<END
#!/bin/sh
echo "\$1 \$(jq -r '.status + " " + .id')" >>"$BATS_TEST_TMPDIR/heard"
END
  chmod +x "$BATS_TEST_TMPDIR/hook"
  hook() { echo "[{path: \"$BATS_TEST_TMPDIR/hook\", args: [\"hook\", \"$1\"], env: [\"PATH=$PATH\"]}]"; }
  change ".hooks = {prestart: $(hook prestart), createRuntime: $(hook createRuntime), createContainer: $(hook createContainer), poststart: $(hook poststart), poststop: $(hook poststop)}"
  says 'exec sleep 100'
  create
  run -0 cat "$BATS_TEST_TMPDIR/heard"
  assert_output "$(printf 'prestart creating %s\ncreateRuntime creating %s\ncreateContainer creating %s' "$id" "$id" "$id")"
  oci start "$id"
  oci delete --force "$id"
  run -0 tail -2 "$BATS_TEST_TMPDIR/heard"
  assert_output "$(printf 'poststart running %s\npoststop stopped %s' "$id" "$id")"
}

@test "a hook that fails, or takes too long, ends the start, and nothing is left" {
  for hook in '{path: "/bin/false"}' '{path: "/bin/sleep", args: ["sleep", "50"], timeout: 1}' '{path: "/no/such"}'; do
    document ".hooks = {createRuntime: [$hook]}"
    run -1 create
    grep -q 'createRuntime hook' "$BATS_TEST_TMPDIR/said"
    nothing_left
  done
}

# --- what was killed ---

@test "a create that was killed leaves no name blocked, and nothing that delete --force cannot remove" {
  document ".hooks = {createRuntime: [{path: \"/bin/sh\", args: [\"sh\", \"-c\", \"echo \$\$ >$BATS_TEST_TMPDIR/hook; exec sleep 50\"]}]}"
  "$runtime" --root "$BATS_TEST_TMPDIR/state" create --bundle "$bundle" "$id" >/dev/null 2>&1 3>&- 4>&- &
  local creator=$!
  local try
  for ((try = 0; try < 100 * patience; try++)); do
    [ ! -s "$BATS_TEST_TMPDIR/hook" ] || break
    sleep 0.05
  done
  [ "$(status_of "$id")" = creating ]
  kill -KILL "$creator"
  wait "$creator" || true
  # What a hook does is its own affair.
  kill "$(cat "$BATS_TEST_TMPDIR/hook")"
  becomes stopped
  oci delete --force "$id"
  nothing_left
  document
  says true
  run -0 oci run --bundle "$bundle" "$id"
}

# --- the command line ---

@test "what would lose a wall, or is not done, is refused by its name" {
  for word in checkpoint restore events; do
    run -1 oci "$word" "$id"
    assert_output --partial "$word: not supported"
  done
  run -1 oci create --no-pivot "$id"
  assert_output --partial '--no-pivot: not supported'
  run -1 oci frobnicate
  run -1 oci create --frobnicate "$id"
  run -0 "$runtime" --version
  assert_output --partial 'spec: 1.2.0'
  run -0 oci features
}

@test "descriptors: none but 0, 1, 2, or as many as --preserve-fds says" {
  says 'ls /proc/self/fd | wc -l; cat <&3'
  exec 9</dev/null
  run -0 sh -c "exec 5<&-; echo given >'$BATS_TEST_TMPDIR/in'; '$runtime' --root '$BATS_TEST_TMPDIR/state' run --preserve-fds 1 --bundle '$bundle' '$id' 3<'$BATS_TEST_TMPDIR/in'"
  assert_output "$(printf '5\ngiven')"
  exec 9<&-
}
