#!/usr/bin/env bats
# bats file_tags=chapter:01
# Chapter 01: the isolation report, held against what the tests know from elsewhere.

load support/promise

setup() { observe=$build/chapter-01; }
teardown() { stop; }

# stop: the process that was started.
stop() {
  [ -n "${pid:-}" ] || return 0
  kill -9 "$pid" 2>/dev/null || true
  wait "$pid" 2>/dev/null || true
}

# start COMMAND...: a process to look at; returns when it has written a line. Sets pid: of the
# process that has written it, which need not be the one that was started.
start() {
  mkfifo "$BATS_TEST_TMPDIR/pipe"
  "$@" sh -c 'echo $$; exec sleep 30' >"$BATS_TEST_TMPDIR/pipe" 3>&- &
  pid=$!
  read -rt 5 inner <"$BATS_TEST_TMPDIR/pipe"
}

# value PID SECTION.KEY: from the JSON.
value() { "$observe" "$1" --json | jq -r ".subject.$2 | if type == \"array\" then join(\"\\n\") else . end"; }

@test "the JSON is valid, has every section, and nothing is left out" {
  start env
  run -0 bash -c '"$0" "$1" --json | jq -r ".subject | keys | join(\" \")"' "$observe" "$pid"
  assert_output 'cgroups files identity life limits namespaces privileges'
  run -0 bash -c '"$0" "$1" --json | jq "[.subject[] | to_entries[] | select(.value == null)] | length"' "$observe" "$pid"
  assert_output 0
  run -0 bash -c '"$0" "$1" --json | jq ".subject.limits | length"' "$observe" "$pid"
  assert_output "$(($(wc -l <"/proc/$pid/limits") - 1))"
}

@test "ids, groups and umask are the process's" {
  start setpriv --reuid 1234 --regid 2345 --groups 7,8
  assert_equal "$(value "$pid" identity.uids)" '1234 1234 1234 1234'
  assert_equal "$(value "$pid" identity.gids)" '2345 2345 2345 2345'
  assert_equal "$(value "$pid" identity.groups)" '7 8'
  assert_equal "$(value "$pid" files.umask)" "$(awk '/^Umask/ { print $2 }' "/proc/$pid/status")"
}

@test "a user namespace shows in its maps and its inode" {
  start unshare -Ur
  assert_equal "$(value "$pid" identity.uid_map)" '0 0 1'
  assert_equal "$(value "$pid" identity.setgroups)" deny
  assert_equal "$(value "$pid" namespaces.user)" "$(readlink "/proc/$pid/ns/user")"
  run -0 bash -c '"$0" "$1" --json | jq -r ".differs | join(\" \")"' "$observe" "$pid"
  assert_output --partial namespaces.user
  refute_output --partial namespaces.net
}

@test "each namespace is compared by itself" {
  local flag kind
  for flag in --uts:uts --ipc:ipc --net:net --mount:mnt --cgroup:cgroup; do
    kind=${flag#*:}
    start unshare "${flag%:*}"
    run -0 bash -c '"$0" "$1" --json | jq -r ".differs[]" | grep ^namespaces' "$observe" "$pid"
    assert_output "namespaces.$kind"
    stop
    rm "$BATS_TEST_TMPDIR/pipe"
  done
}

@test "capabilities are shown by name, in all five sets" {
  start setpriv --bounding-set -all,+kill,+sys_admin --inh-caps -all,+kill --ambient-caps -all,+kill
  assert_equal "$(value "$pid" privileges.cap_bounding)" 'KILL SYS_ADMIN'
  assert_equal "$(value "$pid" privileges.cap_inheritable)" KILL
  assert_equal "$(value "$pid" privileges.cap_ambient)" KILL
  assert_equal "$(value "$pid" privileges.cap_effective)" 'KILL SYS_ADMIN'
}

@test "no_new_privs and a seccomp filter are shown" {
  start setpriv --no-new-privs
  assert_equal "$(value "$pid" privileges.no_new_privs)" 1
  assert_equal "$(value "$pid" privileges.seccomp)" '0 (none)'
  command -v strace >/dev/null || skip 'strace is not installed'
  stop
  rm "$BATS_TEST_TMPDIR/pipe"
  # strace --seccomp-bpf gives what it traces a filter of one rule.
  start strace -f --seccomp-bpf -qq -e trace=acct -o /dev/null
  assert_equal "$(value "$inner" privileges.seccomp)" '2 (filter)'
  assert_equal "$(value "$inner" privileges.seccomp_filters)" 1
}

@test "securebits are shown for oneself, and not made up for others" {
  run -0 bash -c '"$0" --json | jq -r .subject.privileges.securebits' "$observe"
  assert_output none
  run -0 setpriv --securebits +noroot,+keep_caps_locked bash -c '"$0" --json | jq -r .subject.privileges.securebits' "$observe"
  assert_output 'NOROOT KEEP_CAPS_LOCKED'
  start env
  run -0 bash -c '"$0" "$1" --json | jq -r .subject.privileges.securebits.unreadable' "$observe" "$pid"
  assert_output 'only the process itself can ask for them'
}

@test "signals, limits, priorities and session are the process's" {
  start setsid nice -n 5 prlimit --nofile=17:19 bash -c 'trap "" HUP USR1; exec "$@"' bash
  # INT and QUIT: a shell without job control ignores them in what it starts in the background. 32 and
  # 33: glibc's posix_spawn(), which make uses, leaves them ignored.
  run -0 value "$inner" life.signals_ignored
  assert_output --regexp '^HUP INT QUIT USR1( 32 33)?$'
  assert_equal "$(value "$inner" 'limits["Max open files"]')" '17 19 files'
  assert_equal "$(value "$inner" life.nice)" 5
  assert_equal "$(value "$inner" life.session)" "$(ps_session "$inner")"
  assert_equal "$(value "$inner" life.policy)" other
  assert_equal "$(value "$inner" life.oom_score_adj)" "$(cat "/proc/$inner/oom_score_adj")"
}
ps_session() { awk '{ print $6 }' "/proc/$1/stat"; }

@test "cgroup paths are those of the process" {
  start env
  assert_equal "$(value "$pid" cgroups.paths)" "$(cat "/proc/$pid/cgroup")"
}

@test "descriptors are listed with what they refer to" {
  start bash -c 'exec 7</etc/passwd "$@"' bash
  run -0 bash -c '"$0" "$1" --json | jq -r ".subject.files.descriptors[]"' "$observe" "$inner"
  assert_line '7 -> /etc/passwd'
  assert_equal "$(value "$inner" files.descriptors | wc -l)" "$(find "/proc/$inner/fd" -mindepth 1 | wc -l)"
}

@test "mounts are listed with their propagation" {
  start unshare --mount --propagation private sh -c 'mount -t tmpfs t /mnt && mount --make-shared /mnt && exec "$@"' sh
  run -0 bash -c '"$0" "$1" --json | jq -r ".subject.files.mounts[]"' "$observe" "$inner"
  assert_line --regexp '^/mnt  tmpfs  rw,relatime  shared$'
  assert_equal "${#lines[@]}" "$(wc -l <"/proc/$inner/mountinfo")"
}

@test "a root, a working directory and a name with odd bytes in them" {
  local odd=$BATS_TEST_TMPDIR/$'a b\n\e[31m\xff'
  mkdir "$odd"
  cp "$(type -P sleep)" "$odd/x"$'\n'y
  (cd "$odd" && exec ./x$'\n'y 30) 3>&- &
  pid=$!
  local n
  for ((n = 0; n < 1000; n++)); do [ "$(readlink "/proc/$pid/exe")" != "$odd/x"$'\n'y ] || break; done
  run -0 bash -c '"$0" "$1" --json | jq -r .subject.files.cwd | od -An -c | tr -d " \n"' "$observe" "$pid"
  assert_output --partial 'ab\n033[31m357277275'
  run -0 "$observe" "$pid"
  assert_output --partial '\x0a\x1b'
  run -1 bash -c '"$0" "$1" | grep -q "$(printf "\033")"' "$observe" "$pid"
}

@test "a process without files (a zombie, a kernel thread) is shown, with reasons" {
  mkfifo "$BATS_TEST_TMPDIR/end"
  # The child ends after its parent has become sleep, which waits for nobody.
  bash -c '{ read -r _ <"$0/end"; } & echo $! >"$0/zombie"; exec sleep 30' "$BATS_TEST_TMPDIR" 3>&- &
  pid=$!
  local zombie n
  for ((n = 0; n < 1000; n++)); do ! grep -qsx sleep "/proc/$pid/comm" || break; done
  echo >"$BATS_TEST_TMPDIR/end"
  zombie=$(cat "$BATS_TEST_TMPDIR/zombie")
  for ((n = 0; n < 1000; n++)); do ! grep -qs '^State:.Z' "/proc/$zombie/status" || break; done
  run -0 bash -c '"$0" "$1" --json | jq -c "[.subject.files.exe, .subject.identity.name]"' "$observe" "$zombie"
  assert_output '[{"unreadable":"ENOENT"},"bash"]'
  # Process 2 is kthreadd where the host's processes are to be seen.
  if grep -qsx kthreadd /proc/2/comm; then
    run -0 bash -c '"$0" 2 --json | jq -r .subject.files.exe.unreadable' "$observe"
    assert_output ENOENT
  fi
}

@test "an ordinary user is told what cannot be read, and why" {
  start env
  run -0 setpriv --reuid 65534 --regid 65534 --clear-groups --bounding-set -all --inh-caps -all "$observe" "$pid"
  assert_output --regexp 'root +not readable: EACCES'
  assert_output --regexp 'descriptors +not readable: EACCES'
  assert_output --regexp 'uids +0 0 0 0'
}

@test "without a pid it is about itself, and nothing differs" {
  run -0 bash -c '"$0" --json | jq -c .differs' "$observe"
  assert_output '[]'
  run -1 bash -c '"$0" | grep -q "<>"' "$observe"
}

@test "the table fits on 100 columns, and marks what differs" {
  start unshare --net
  run -0 "$observe" "$pid" --against 1
  assert_line --regexp '^net +net:\[[0-9]+\] +<> '
  local line
  for line in "${lines[@]}"; do
    case $line in 'mounts of'*) break ;; esac
    [ "${#line}" -le 100 ] || fail "${#line} columns: $line"
  done
}

@test "a pid that is not there is an error, and one that is none is wrong usage" {
  start env
  stop
  run -125 "$observe" "$pid"
  assert_output --partial "observe process $pid: ESRCH"
  run -125 "$observe" --against "$pid"
  local bad
  for bad in 0 -1 x '' 1x 99999999999 ' 1'; do
    run -2 "$observe" --json -- "$bad"
    run -2 "$observe" --against "$bad"
  done
  run -2 "$observe" 1 2
}

@test "a full disk is not taken for success" {
  run -125 bash -c '"$0" >/dev/full' "$observe"
  assert_output --partial ENOSPC
}
