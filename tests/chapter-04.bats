#!/usr/bin/env bats
# bats file_tags=chapter:04
# Chapter 04: namespaces.

load support/promise

setup() { launcher=$build/chapter-04; }

@test "NS-01 processes of the host can neither be found nor signalled" { promise NS-01; }
@test "NS-03 the command is process 1 of a pid namespace of its own" { promise NS-03; }
@test "NS-04 changing the host name does not change the host's" { promise NS-04; }
@test "NS-05-SYSV System V shared memory, semaphores and queues of the host cannot be found" { promise NS-05-SYSV; }
@test "NS-05-MQ POSIX message queues of the host cannot be opened" { promise NS-05-MQ; }
@test "NS-15 SIGKILL and SIGSTOP from inside do nothing to the first process" { promise NS-15; }
@test "NS-07 the host's cgroup paths are not shown" { promise NS-07; }
@test "NS-14 if one namespace cannot be had, nothing runs" { promise NS-14; }
@test "NET-01 loopback is the only network interface" { promise NET-01; }
@test "NET-02 abstract sockets of the host cannot be reached" { promise NET-02; }
@test "NET-03 servers on the host's 127.0.0.1 cannot be reached" { promise NET-03; }

# running MARKER: is there a process with this in its command line? (Not in that of grep.)
running() { grep -lszFf <(printf %s "$1") /proc/[0-9]*/cmdline | grep -q .; }

# until_gone MARKER: the kernel kills the child at once, and buries it a moment later.
until_gone() {
  local n
  for ((n = 0; n < 100; n++)); do running "$1" || return 0; done
  return 1
}

# end_all MARKER: for those that should be gone.
end_all() {
  local process
  while read -r process; do
    process=${process#/proc/}
    kill -9 "${process%/cmdline}"
  done < <(grep -lszFf <(printf %s "$1") /proc/[0-9]*/cmdline)
}

# inode NAMESPACE: of this process.
inode() { readlink "/proc/self/ns/$1"; }

@test "each of the six namespaces is another than the caller's" {
  local kind
  for kind in uts pid ipc net mnt cgroup; do
    run -0 limited "$launcher" -- readlink "/proc/self/ns/$kind"
    assert_output --regexp "^$kind:\\[[0-9]+\\]\$"
    refute_output "$(inode "$kind")"
  done
}

@test "the user namespace is still the caller's" {
  run -0 limited "$launcher" -- readlink /proc/self/ns/user
  assert_output "$(inode user)"
}

@test "--share leaves out the one that is named, and no other" {
  local -A file=([uts]=uts [pid]=pid [ipc]=ipc [net]=net [mount]=mnt [cgroup]=cgroup)
  local shared kind
  for shared in "${!file[@]}"; do
    for kind in "${!file[@]}"; do
      run -0 limited "$launcher" --share "$shared" -- readlink "/proc/self/ns/${file[$kind]}"
      if [ "$kind" = "$shared" ]; then
        assert_output "$(inode "${file[$kind]}")"
      else
        refute_output "$(inode "${file[$kind]}")"
      fi
    done
  done
}

@test "--share of a name that is none, or twice the same, is refused" {
  run -2 "$launcher" --share user -- true
  assert_output --partial "'user' is none of"
  run -2 "$launcher" --share net --share net -- true
  assert_output --partial 'named twice'
}

@test "the host name is the one that was asked for" {
  run -0 limited "$launcher" --hostname my-can.example -- cat /proc/sys/kernel/hostname
  assert_output my-can.example
}

@test "a made-up host name has the right form, and differs from run to run" {
  local -A seen=()
  local n
  for n in 1 2 3 4 5; do
    run -0 limited "$launcher" -- cat /proc/sys/kernel/hostname
    assert_output --regexp '^[a-z]+-[a-z]+-[0-9]{1,3}$'
    seen[$output]=$n
  done
  [ "${#seen[@]}" -gt 1 ] || fail "five runs, one name: ${!seen[*]}"
}

@test "host names are held to RFC 1123" {
  local name label
  label=$(printf 'a%.0s' {1..63})
  for name in a A1 a-b a.b 9a "$label" "${label:0:32}.${label:0:31}"; do
    run -0 limited "$launcher" --hostname "$name" -- cat /proc/sys/kernel/hostname
    assert_output "$name"
  done
  for name in '' - -a a- a_b 'a b' .a a. a..b 'a/b' $'a\nb' $'a\eb' ä "${label}a" "$label.a" a.-b; do
    run -2 limited "$launcher" --hostname "$name" -- true
    assert_output --partial '--hostname'
  done
}

@test "loopback is up inside" { works own-loopback 04; }

@test "the host name is the one that was asked for, in every chapter" {
  works own-hostname 04 --hostname my-can -- hostname=my-can
}

@test "with --share net the host's loopback is left alone" {
  hosted -71 --clean -- "$launcher" --share net -- "$build/probe" NET-03 @facts@
}

@test "what is shared is left as it is: the host's name, and its loopback, in every chapter" {
  local where flags
  for where in $(keepers 04); do
    container "$where" --share uts -- true
    run -0 limited unshare --uts sh -c 'hostname kept && "$@" && hostname' sh "${container_argv[@]}"
    assert_output kept
    flags=(--share net)
    ((10#$where < 6)) || flags+=(--share user)
    container "$where" "${flags[@]}" -- true
    run -0 limited unshare --net sh -c '"$@" && /bin/busybox ip link show lo' sh "${container_argv[@]}"
    assert_output --partial '<LOOPBACK>'
  done
}

@test "processes can be made inside, and are reaped with the container" {
  run -0 limited "$launcher" -- sh -c '(sleep 60 &) ; sh -c "echo \$\$"'
  assert_output --regexp '^[0-9]$'
}

@test "when the command ends, what it left running ends too" {
  local marker=31.$RANDOM$RANDOM
  run -0 limited "$launcher" -- sh -c "sleep $marker & true"
  refute running "$marker"
}

@test "the launcher killed at any moment of the start leaves no child" {
  command -v strace >/dev/null || skip 'strace is not installed'
  local calls=sendmsg,recvmsg,poll,ppoll n count marker=0.5000$RANDOM$RANDOM
  count=$(strace -qq -e trace="$calls" "$launcher" -- true 2>&1 | grep -cE '^(sendmsg|recvmsg|p?poll)')
  [ "$count" -ge 4 ] || fail "only $count calls were seen"
  for ((n = 1; n <= count; n++)); do
    # Half a second, in case that a run makes fewer calls than the one that was counted.
    # Into a file: a child that stays would keep a pipe open.
    strace -qq -o /dev/null -e trace="$calls" -e inject="$calls":signal=KILL:when="$n" "$launcher" -- sleep "$marker" >"$BATS_TEST_TMPDIR/output" 2>&1 && status=0 || status=$?
    [ "$status" = 137 ] || [ "$status" = 0 ] || fail "status $status: $(<"$BATS_TEST_TMPDIR/output")"
    until_gone "$marker" || {
      end_all "$marker"
      fail "killed at call $n of $count, the launcher left its child"
    }
    # A child that finds itself alone goes without a word: nobody has asked.
    assert_equal "$(<"$BATS_TEST_TMPDIR/output")" ''
  done
}

@test "the child does nothing before the parent said go" {
  command -v strace >/dev/null || skip 'strace is not installed'
  # In the child's own trace, "go" arrives before the first step that can be seen. (When the parent
  # begins to send it proves nothing.)
  strace -f -qq -e trace=recvmsg,sethostname -o "$BATS_TEST_TMPDIR/trace" "$launcher" --hostname waiting -- true
  run -0 awk '/sethostname/ { name = $1 } /recvmsg.* = [0-9]/ && !($1 in go) && !name { go[$1] } END { exit !(name in go) }' "$BATS_TEST_TMPDIR/trace"
}

@test "an ordinary user is refused, and nothing runs" {
  run -125 setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps -all "$launcher" --keep-groups -- echo RAN
  assert_output --partial 'clone3 with new namespaces: uts, pid, ipc, net, mount: EPERM'
  refute_output --partial RAN
}
