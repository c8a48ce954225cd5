#!/usr/bin/env bats
# bats file_tags=chapter:08
# Chapter 08: the filter of system calls; and the ways round a list of what is forbidden.

load support/promise

setup() {
  launcher=$build/chapter-08
  root=$(readlink -f "$project/build/root")
}

# can [FLAG...] -- COMMAND...: in a container on the busybox root.
can() { limited "$launcher" -m "$root" "$@"; }

# policy LINE...: a file of rules; prints its path.
policy() {
  printf '%s\n' "$@" >"$BATS_TEST_TMPDIR/policy"
  echo "$BATS_TEST_TMPDIR/policy"
}

# with_policy LINE... -- COMMAND...: in a container with that filter.
with_policy() {
  local lines=()
  while [ "$1" != -- ]; do lines+=("$1") && shift; done
  shift
  can --seccomp "$(policy "${lines[@]}")" -- "$@"
}

# holds ID FLAG... and leaks ID FLAG...: an attack in this chapter, with flags.
holds() {
  run -0 attack "$1" 08 "${@:2}"
  assert_output --partial "BLOCKED $1"
}
leaks() {
  run -0 attack "$1" 08 "${@:2}"
  case $output in NOT-TESTABLE*) not_testable "$1" "$output" ;; esac
  assert_output --partial "REACHED $1"
}

@test "SEC-01 every process and thread inside has a filter" { promise SEC-01; }
@test "SEC-02 the filter that the kernel has is the one that is shown" { promise SEC-02; }
@test "SEC-03 the filter cannot be passed by the calls of 32-bit programs" { promise SEC-03; }
@test "SEC-03-X32 the filter cannot be passed by x32 calls" { promise SEC-03-X32; }
@test "SEC-04 the filter cannot be passed by bits that the kernel ignores" { promise SEC-04; }
@test "SEC-06 the filter cannot be passed by clone3" { promise SEC-06; }
@test "SEC-07 clone makes no new namespace of any kind" { promise SEC-07; }
@test "SEC-08 the calls that mount cannot be made" { promise SEC-08; }
@test "SEC-08-NS unshare and setns cannot be made" { promise SEC-08-NS; }
@test "SEC-09 the filter cannot be passed by io_uring" { promise SEC-09; }
@test "SEC-10 keyrings cannot be reached" { promise SEC-10; }
@test "SEC-11 userfaultfd cannot be made" { promise SEC-11; }
@test "SEC-12 bpf and perf_event_open cannot be made" { promise SEC-12; }
@test "SEC-13 kcmp, pidfd_getfd and process_madvise cannot be made" { promise SEC-13; }
@test "SEC-14 no personality that weakens memory can be taken on" { promise SEC-14; }
@test "SEC-15 the calls that move memory between nodes cannot be made" { promise SEC-15; }
@test "SEC-16 TIOCSTI and TIOCLINUX reach no terminal" { promise SEC-16; }
@test "SEC-17 sockets are of three families, or ask for routes" { promise SEC-17; }
@test "SEC-19 calls that are newer than the list do not exist inside" { promise SEC-19; }
@test "SEC-22 sockets of the internet are of TCP, UDP or ping" { promise SEC-22; }
@test "SEC-23 no terminal can be given another line discipline" { promise SEC-23; }
@test "SEC-24 bridges and virtual LANs cannot be asked for" { promise SEC-24; }
@test "SEC-25 TCP can be given no ciphers and no layers above it" { promise SEC-25; }
@test "SEC-26 nothing inside keeps the machine from hibernating" { promise SEC-26; }
@test "SEC-27 a tracer cannot change a call into one that is refused" { promise SEC-27; }
@test "SEC-28 no socket and no terminal makes the host look for a module" { promise SEC-28; }
@test "NS-11 the calls that list mounts and namespaces list nothing" { promise NS-11; }
@test "USER-07 no nested user namespace can be made" { promise USER-07; }

@test "SEC-05 ordinary things still work: threads, terminals, sockets, waiting" {
  works SEC-05 08
  works SEC-05 08 --seccomp series
  works SEC-05 08 --seccomp none
  works SEC-05 08 --cap-add ALL
}

@test "a dynamic bash and what it starts work" {
  local bind flags=()
  for bind in /bin /lib /lib64 /usr; do [ ! -d "$bind" ] || flags+=(-a "$bind:$bind:ro"); done
  run -0 can "${flags[@]}" -- bash -c 'x=$(seq 3 | sort -r | tr "\n" " "); echo "$x"; (exit 3); echo $?; cat <(echo sub)'
  assert_output $'3 2 1 \n3\nsub'
}

# --- the deny list of the posts, mended: what it stops, and what goes round it ---

@test "series: what its rules name is refused" {
  holds SEC-10 --seccomp series
  holds SEC-11 --seccomp series
  holds SEC-18-CHMOD --seccomp series --tmp
  run -1 can --seccomp series -- unshare -U true
  run -0 can --seccomp none -- unshare -U true
}

@test "R3 series: TIOCSTI is refused and its neighbours are not, whatever the high bits say" {
  holds SEC-04 --seccomp series
  works SEC-05 08 --seccomp series
}

@test "R4 series is walked round by clone3" { leaks SEC-06 --seccomp series; }
@test "series is walked round by io_uring" { leaks SEC-09 --seccomp series; }
@test "series is walked round by calls that are newer than it" { leaks SEC-19 --seccomp series; }
@test "C11 series is walked round by calls that it never heard of" {
  leaks SEC-12 --seccomp series
  leaks SEC-13 --seccomp series
  leaks SEC-08 --seccomp series
  leaks SEC-14 --seccomp series
  leaks SEC-17 --seccomp series
  leaks SEC-22 --seccomp series
  leaks SEC-23 --seccomp series
  leaks SEC-26 --seccomp series
}
@test "series: only the check of the architecture stops 32-bit calls" {
  leaks SEC-03 --seccomp none
  holds SEC-03 --seccomp series
}

@test "series: only the check of the numbers stops x32 calls" {
  leaks SEC-03-X32 --seccomp none
  holds SEC-03-X32 --seccomp series
}

@test "R5 series: three more ways make a set-uid file, and none of them matters" {
  leaks SEC-18-OPEN --seccomp series --tmp
  leaks SEC-18-MKNOD --seccomp series --tmp
  leaks SEC-18-FCHMODAT2 --seccomp series --tmp
  # With the default they all do; what it is good for is tried by USER-08, MNT-19 and CAP-11.
  leaks SEC-18-CHMOD --tmp
  leaks SEC-18-OPEN --tmp
}

@test "what the list does not know does not exist inside, and is not forbidden" {
  # No kernel has the highest numbers yet, so nothing but the program can say; that the kernel has it says SEC-02.
  run -0 "$launcher" --dump-seccomp --cap-add ALL
  run -0 tail -n 1 <<<"$output"
  assert_output --partial ' ENOSYS'
}

# --- capabilities open what is of no use without them ---

@test "a capability that is added opens its calls, and no others" {
  run -0 can --cap-add SYS_ADMIN -- sh -c 'mount -t tmpfs none /mnt && hostname other && hostname'
  assert_output other
  run -1 can -- mount -t tmpfs none /mnt
  leaks SEC-06 --cap-add SYS_ADMIN
  holds SEC-09 --cap-add SYS_ADMIN
  holds SEC-12 --cap-add SYS_ADMIN
  holds SEC-10 --cap-add ALL
  holds SEC-11 --cap-add ALL
  holds SEC-17 --cap-add ALL
  holds SEC-22 --cap-add ALL
  holds SEC-23 --cap-add ALL
  holds SEC-26 --cap-add ALL
  # Only where the kernel looks for modules.
  run -0 attack SEC-28 08 --cap-add NET_RAW
  assert_output --regexp '^(BLOCKED|NOT-TESTABLE) SEC-28 '
  # Only where there are 32-bit programs.
  run -0 attack SEC-03 08 --cap-add ALL
  assert_output --regexp '^(BLOCKED|NOT-TESTABLE) SEC-03 '
}

@test "another user than root has the same filter" {
  holds SEC-06 -u 1000
  holds USER-07 -u 1000
  works SEC-05 08 -u 1000
}

# --- a file of rules ---

@test "FILE: the first rule that fits counts, by name and by argument" {
  local rules=('default allow' 'mkdir EACCES' 'mkdirat EACCES' 'socket ENOBUFS if arg0 == 1' 'uname kill')
  run -1 with_policy "${rules[@]}" -- mkdir /tmp/new
  assert_output --partial 'Permission denied'
  run -159 with_policy "${rules[@]}" -- uname
  run -0 with_policy "${rules[@]}" -- echo works
  assert_output works
}

@test "FILE: a mask, and two comparisons at once" {
  local rules=('default allow' 'kill ENOTTY if arg1 & 0xf0 == 0x0 and arg0 == 1')
  run -1 with_policy "${rules[@]}" -- kill -9 1
  assert_output --partial 'Inappropriate ioctl'
  run -1 with_policy "${rules[@]}" -- kill -17 12345
  assert_output --partial 'No such process'
  run -0 with_policy "${rules[@]}" -- kill -17 1
}

@test "FILE: what the start itself needs cannot be forbidden" {
  local call
  for call in prctl recvfrom sendmsg execve exit_group; do
    run -2 with_policy 'default allow' "$call EPERM" -- echo RAN
    assert_output --partial "forbids '$call'"
  done
  run -2 with_policy 'default ENOSYS' 'read allow' -- echo RAN
  refute_output --partial RAN
}

@test "FILE: what the start itself needs is all that it needs" {
  run -159 with_policy 'default kill' 'prctl allow' 'recvfrom allow' 'sendmsg allow' 'execve allow' 'exit_group allow' -- echo RAN
  refute_output --partial RAN
}

@test "FILE: forbidden by its arguments, as far as they are known" {
  local rule
  for rule in 'prctl EPERM if arg0 == 1' 'prctl kill if arg0 == 1 and arg1 == 9' 'sendmsg EPERM if arg2 == 0x4000' 'recvfrom kill if arg1 & 0x0 == 0'; do
    run -2 with_policy 'default allow' "$rule" -- echo RAN
    assert_output --partial "forbids '${rule%% *}'"
  done
  run -0 with_policy 'default allow' 'prctl EPERM if arg0 == 1 and arg1 == 15' 'sendmsg EPERM if arg2 == 0x4001' 'recvfrom EPERM if arg0 == 1000' -- echo works
  assert_output works
}

@test "FILE: forbidden by what cannot be known, it is an error in the end, and no hang" {
  local fd action rules
  for action in EPERM kill; do
    rules=('default allow')
    for fd in {3..20}; do rules+=("sendmsg $action if arg0 == $fd"); done
    run -125 with_policy "${rules[@]}" -- echo RAN
    refute_output --partial RAN
  done
}

@test "FILE: each error is told with its line" {
  local line
  for line in 'read' 'read maybe' 'read EWHAT' 'reed allow' 'read allow when arg0 == 1' 'read allow if' \
    'read allow if arg6 == 1' 'read allow if arg0' 'read allow if arg0 == ' 'read allow if arg0 = 1' 'read allow if arg0 == -1' \
    'read allow if arg0 == 0x100000000' 'read allow if arg0 & 1 == 2' 'read allow if arg0 == 1 or arg1 == 2' \
    'read allow if arg0 == 1 and' 'default allow' 'read allow allow' 'read eperm'; do
    run -2 with_policy '# a comment' 'default allow' "$line" -- echo RAN
    assert_output --partial '--seccomp: line 3: '
  done
  run -2 with_policy 'read allow' -- echo RAN
  assert_output --partial 'line 1: '
  run -2 with_policy 'default allow' 'read allow' 'read EPERM' -- echo RAN
  assert_output --partial 'line 3: '
  run -2 with_policy '# nothing' -- echo RAN
  assert_output --partial "no line 'default ACTION'"
  # More than one screen of it is read, and more than 64 KiB is not.
  yes '# a comment' | head -c 70000 >"$BATS_TEST_TMPDIR/big"
  run -2 can --seccomp "$BATS_TEST_TMPDIR/big" -- echo RAN
  assert_output --partial EFBIG
}

# rules N: so many for one call, each with a condition and thus of three instructions; the last fits.
rules() {
  local n
  printf '%s\n' 'default allow'
  for ((n = 1; n < $1; ++n)); do echo "kill EPERM if arg1 == $((n + 100))"; done
  printf '%s\n' 'kill ENOTTY if arg1 == 0' 'uname kill'
}

@test "FILE: more rules for one call than a jump is wide are refused" {
  local n many
  for n in 85 86 120 170 171; do
    mapfile -t many < <(rules "$n")
    run -125 with_policy "${many[@]}" -- echo RAN
    assert_output --partial 'too many rules for one call'
  done
  # The most that fit: the last of them counts, and what stands behind them.
  mapfile -t many < <(rules 84)
  run -1 with_policy "${many[@]}" -- kill -0 1
  assert_output --partial 'Inappropriate ioctl'
  run -159 with_policy "${many[@]}" -- uname
}

# --- the flags ---

@test "--seccomp none has no filter" {
  run -0 can --seccomp none -- grep Seccomp: /proc/self/status
  assert_output --regexp '0$'
}

@test "--dump-seccomp prints the program and runs nothing" {
  local number
  for number in $(chapters_from 08); do
    launcher=$build/chapter-$number
    run -0 "$launcher" --dump-seccomp
    assert_line --index 0 --partial 'A = architecture'
    assert_line --partial '(clone)'
    run -0 "$launcher" --dump-seccomp --seccomp none
    assert_output 'there is no filter'
    run -0 "$launcher" --dump-seccomp --seccomp series -m "$root" -- echo RAN
    refute_output --partial RAN
    assert_line --partial '(add_key)'
  done
}

@test "--allow-new-privs and a filter exclude each other" {
  run -2 can --allow-new-privs -- echo RAN
  assert_output --partial 'add --seccomp none'
  run -0 can --allow-new-privs --seccomp none -- echo RAN
}

@test "the filter is loaded last: only the wish to die, the farewell and execve follow" {
  command -v strace >/dev/null || skip 'strace is not installed'
  run -0 limited strace -ff -qq -o "$BATS_TEST_TMPDIR/trace" "$launcher" -m "$root" -- true
  local child
  child=$(grep -l 'seccomp(SECCOMP_SET_MODE_FILTER' "$BATS_TEST_TMPDIR"/trace.*)
  run -0 sed -nE '/SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC/,/^execve/s/^([a-z0-9_]+)\(.*/\1/p' "$child"
  assert_output $'seccomp\nprctl\nrecvfrom\nsendmsg\nexecve'
}

@test "a filter that cannot be loaded ends the start" {
  command -v strace >/dev/null || skip 'strace is not installed'
  local error
  for error in EINVAL EACCES ENOSYS ENOMEM; do
    run -125 strace -f -qq -o /dev/null -e trace=seccomp -e inject=seccomp:error="$error" "$launcher" -m "$root" -- echo RAN
    assert_output --partial "$error"
    refute_output --partial RAN
  done
  # TSYNC tells with a thread's number that it failed.
  run -125 strace -f -qq -o /dev/null -e trace=seccomp -e inject=seccomp:retval=4242 "$launcher" -m "$root" -- echo RAN
  assert_output --partial 4242
  refute_output --partial RAN
}

@test "an ordinary user's container has the same filter" {
  mkdir -m 700 "$BATS_TEST_TMPDIR/own" && cp -a "$root" "$BATS_TEST_TMPDIR/own/root" && chown -R 65534:65534 "$BATS_TEST_TMPDIR/own"
  open_the_way
  run --separate-stderr -0 limited setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps=-all --bounding-set=-all "$launcher" -m "$BATS_TEST_TMPDIR/own/root" -- \
    grep Seccomp: /proc/self/status
  assert_output --regexp '2$'
}
