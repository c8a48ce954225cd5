#!/usr/bin/env bats
# bats file_tags=chapter:09
# Chapter 09: control groups and resource limits. By effect; and no group stays, however it ends.

load support/promise
load support/left-behind

setup() {
  launcher=$build/chapter-09
  root=$(readlink -f "$project/build/root")
  already=$(orphaned_groups)
  # grep(1) takes an empty pattern for one that is everywhere.
  already=${already:-none}
}

# can [FLAG...] -- COMMAND...: in a container on the busybox root.
can() { limited "$launcher" -m "$root" "$@"; }

# groups_of PID: the control groups that this launcher has made.
groups_of() { find /sys/fs/cgroup -name "tincan-$1-*" 2>/dev/null || true; }

# guard_of MARK: the guard of the launcher with MARK among its arguments. Others may have one too.
guard_of() {
  local pid
  for pid in $(pgrep -x tincan-guard); do
    ! grep -qF "$1" "/proc/$pid/cmdline" || echo "$pid"
  done 2>/dev/null
}

# Those made since this test began whose launcher is gone. Another file's tests run beside these.
left_behind() { orphaned_groups | grep -vxF "$already"; }

none_left() {
  local deadline=$((SECONDS + 5 * patience))
  until [ -z "$(left_behind)" ]; do
    [ "$SECONDS" -lt "$deadline" ] || fail "left behind: $(left_behind)"
  done
}

# with_can FLAG... -- COMMAND...: starts it, waits for its first line; `release` ends it. launcher_pid: its number;
# child: process 1 of the container, as it is counted outside.
with_can() {
  coproc inner { exec "$launcher" -m "$root" "$@"; }
  # shellcheck disable=SC2154  # coproc sets it
  # Kept: bash forgets a coprocess, with its number, as soon as it sees that it has ended.
  launcher_pid=$inner_PID launcher_input=${inner[1]}
  read -rt $((8 * patience)) line <&"${inner[0]}"
  child=$(cat "/proc/$launcher_pid/task/$launcher_pid/children")
  child=${child// /}
}
release() {
  eval "exec $launcher_input>&-"
  wait "$launcher_pid" || true
}

# limit_file PID FILE: the text of a control file in the group that holds PID's limits, v1 or v2.
limit_file() {
  local path directory
  while IFS=: read -r _ _ path; do
    [[ $path == */inside ]] || continue
    for directory in /sys/fs/cgroup /sys/fs/cgroup/*; do
      if [ -e "$directory${path%/inside}/$2" ]; then
        cat "$directory${path%/inside}/$2"
        return
      fi
    done
  done <"/proc/$1/cgroup"
  echo "no $2"
}

# on_v2: is the memory controller there?
on_v2() { grep -qw memory /sys/fs/cgroup/cgroup.controllers 2>/dev/null; }

@test "RES-01 a fork bomb stops at the limit, and the host goes on" { promise RES-01; }
@test "RES-02 a memory hog is killed inside, and the launcher says why" { promise RES-02; }
@test "RES-03 a command takes no more processor time than it was given" { promise RES-03; }
@test "RES-03-WEIGHT beside others it gets its share, and not more" { promise RES-03-WEIGHT; }
@test "RES-04 no process opens more files than it may, and no limit can be raised" { promise RES-04; }
@test "RES-05 files in memory are bounded" { promise RES-05; }
@test "RES-05-NAMES so is the number of their names" { promise RES-05-NAMES; }
@test "RES-06 queued signals are bounded" { promise RES-06; }
@test "RES-06-LOCKED locked memory is bounded" { promise RES-06-LOCKED; }
@test "RES-08 no process can leave its control group" { promise RES-08; }
@test "RES-09 no release_agent can be set" { promise RES-09; }
@test "RES-10 every process is counted, from the first instruction on" { promise RES-10; }
@test "RES-11 no daemon outlives the container, whatever namespaces it shares" { promise RES-11; }
@test "RES-12 no process can keep the kernel from killing it for memory" { promise RES-12; }
@test "RES-13 a fork bomb of user 0 of the host stops too" { promise RES-13; }
@test "RES-14 no process takes real-time or raised priority" { promise RES-14; }
@test "RES-15 a limit that cannot be applied refuses the start" { promise RES-15; }
@test "RES-16 with --fsize no process makes a longer file" { promise RES-16; }
@test "RES-17 with --cpu-time no process gets more time of a processor" { promise RES-17; }
@test "RES-15-USER so it does for a user who may make no control groups" { promise RES-15-USER; }

# --- what must still work ---

@test "within the limits everything works: 60 processes, 900 MiB, 1020 files" {
  run -0 can -- sh -c 'n=0; while [ $n -lt 60 ]; do sleep 5 & n=$((n + 1)); done; echo $n; kill -9 $(jobs -p)'
  assert_output 60
  run -0 can -a "$build/probe:/mnt/probe:ro" -- true 2>/dev/null || true
  works own-descriptors 09 -- nofile=1020
  hosted -0 --clean -- "$launcher" -m /mnt/closed/can -a "$build/probe:/probe:ro" -- /probe hog 896
  assert_output '896 MiB touched'
}

@test "--cpus limits, and what has a whole processor gets it" {
  local most=0.12 free
  # An emulated processor that the host lets wait overruns its slices.
  [ -z "${TINCAN_PATIENCE:-}" ] || most=0.5
  hosted -70 --clean -- "$launcher" -m /mnt/closed/can -a "$build/probe:/probe:ro" --cpus 0.1 -- /probe RES-03 "most=$most"
  # What a program gets that nothing limits, beside whatever else this host has to do; and what the other one gets.
  free=$(judge RES-03 bare --clean -- -- most=0.24)
  [[ $free == REACHED* ]] || not_testable --cpus "without any limit a program gets no more: $free"
  run on_hostile_host --clean -- "$launcher" -m /mnt/closed/can -a "$build/probe:/probe:ro" --cpu-weight 1000 -- /probe RES-03 most=0.24
  [[ $output == *REACHED* ]] || slow "$output"
  assert_output --partial REACHED
}

@test "R6 the weight is a weight: 25 by default, and four times a peer's if it is 400" {
  with_can -- sh -c 'echo ready; read -r _'
  if on_v2; then expected=25 file=cpu.weight; else expected=256 file=cpu.shares; fi
  run -0 limit_file "$child" "$file"
  release
  assert_output "$expected"
  with_can --cpu-weight 400 -- sh -c 'echo ready; read -r _'
  on_v2 && expected=400 || expected=4096
  run -0 limit_file "$child" "$file"
  release
  assert_output "$expected"
}

# --- what stands in the files ---

@test "the files hold what was asked for, swap included" {
  with_can --memory 96M --pids 17 --cpus 0.25 --cpu-weight 50 -- sh -c 'echo ready; read -r _'
  local name value
  while read -r name value; do
    run -0 limit_file "$child" "$name"
    assert_output "$value"
  done < <(if on_v2; then
    printf '%s\n' 'memory.max 100663296' 'memory.oom.group 1' 'pids.max 17' 'cpu.max 25000 100000' 'cpu.weight 50' 'cgroup.subtree_control cpu memory pids'
    [ ! -e /sys/fs/cgroup/memory.swap.max ] || echo 'memory.swap.max 0'
  else
    printf '%s\n' 'memory.limit_in_bytes 100663296' 'pids.max 17' 'cpu.cfs_quota_us 25000' 'cpu.cfs_period_us 100000' 'cpu.shares 512'
    [ ! -e /sys/fs/cgroup/memory/memory.memsw.limit_in_bytes ] || echo 'memory.memsw.limit_in_bytes 100663296'
  fi)
  release
}

@test "a limit of memory that is no whole page is rounded down to one" {
  with_can --memory 100000001 -- sh -c 'echo ready; read -r _'
  local file=memory.limit_in_bytes
  ! on_v2 || file=memory.max
  run -0 limit_file "$child" "$file"
  release
  assert_output $((100000001 / $(getconf PAGESIZE) * $(getconf PAGESIZE)))
}

@test "a limit that the kernel takes and forgets refuses the start" {
  command -v strace >/dev/null || skip 'strace is not installed'
  local number trace=$BATS_TEST_TMPDIR/trace
  # Which write of the launcher's it is; the next time strace(1) says that it went well, and nothing is written.
  strace -y -qq -o "$trace" -e trace=write "$launcher" -m "$root" --pids 17 -- true
  number=$(grep '^write(' "$trace" | grep -n '/pids\.max>, "17"' | cut -d: -f1)
  run -125 strace -qq -o /dev/null -e trace=write -e inject=write:retval=2:when="$number" "$launcher" -m "$root" --pids 17 -- echo RAN
  assert_output --regexp '17.*max|max.*17'
  refute_output --partial RAN
  none_left
}

@test "the defaults are the series': 1 GiB, 64 processes, a weight of 256 shares; and 1024 descriptors" {
  with_can -- sh -c 'ulimit -n; read -r _'
  assert_equal "$line" 1024
  local memory=memory.limit_in_bytes
  ! on_v2 || memory=memory.max
  run -0 limit_file "$child" "$memory"
  assert_output 1073741824
  run -0 limit_file "$child" pids.max
  assert_output 64
  release
}

@test "none is no limit of that kind, and --no-limits none at all" {
  with_can --memory none --pids none --cpu-weight none -- sh -c 'echo ready; read -r _'
  run -0 limit_file "$child" pids.max
  refute_output 64
  release
  with_can --no-limits -- sh -c 'echo ready; read -r _'
  run -0 groups_of "$launcher_pid"
  assert_output ''
  release
  run -2 can --no-limits --pids 5 -- echo RAN
  assert_output --partial 'one of the two'
}

@test "io: bytes a second from the root's disk, or a refusal" {
  local disk
  disk=$(findmnt -nvo SOURCE --target "$root")
  if [ ! -b "$disk" ]; then
    run -125 can --io-read 1M -- echo RAN
    assert_output --partial 'limit io'
    skip 'the root is on no disk'
  fi
  mkdir -m 700 "$BATS_TEST_TMPDIR/data"
  dd if=/dev/urandom of="$BATS_TEST_TMPDIR/data/file" bs=1M count=3 conv=fsync status=none
  [ "$(stat -c %d "$BATS_TEST_TMPDIR/data")" = "$(stat -c %d "$root")" ] || skip 'the test directory is on another disk'
  dd if="$BATS_TEST_TMPDIR/data/file" iflag=nocache count=0 status=none
  local from=$SECONDS
  run -0 can --share user --io-read 1M -a "$BATS_TEST_TMPDIR/data:/mnt:ro" -- dd if=/mnt/file of=/dev/null bs=64k
  [ $((SECONDS - from)) -ge 2 ] || fail "3 MiB at 1 MiB a second took $((SECONDS - from)) s"
  with_can --io-write 2M -- sh -c 'echo ready; read -r _'
  local file=inside/blkio.throttle.write_bps_device
  ! on_v2 || file=io.max
  run -0 limit_file "$child" "$file"
  release
  assert_output --partial 2097152
}

@test "io on a root that is on no disk is refused" {
  mkdir "$BATS_TEST_TMPDIR/memory"
  run -125 unshare -m sh -c 'mount -t tmpfs none "$1" && cp -a "$2/." "$1" && chmod 700 "$1" && exec "$3" -m "$1" --io-read 1M -- echo RAN' sh "$BATS_TEST_TMPDIR/memory" "$root" "$launcher"
  assert_output --partial 'limit io'
  refute_output --partial RAN
}

# --- where it stands ---

@test "R9 the cgroup namespace shows /, and the limits are outside of it" {
  with_can -- sh -c 'cat /proc/self/cgroup | cut -d: -f3 | sort -u; read -r _'
  assert_equal "$line" /
  run -0 grep -cE '/tincan-[0-9]+-[0-9a-f]{16}/inside$' "/proc/$child/cgroup"
  [ "$output" -ge 1 ]
  # The namespace begins at the group itself, not above it.
  run -0 nsenter -t "$child" -C cat "/proc/$child/cgroup"
  refute_output --partial tincan
  release
}

@test "who may mount control groups inside cannot lift a limit" {
  local type='-t cgroup2 none'
  on_v2 || type='-t cgroup -o pids none'
  hosted - --clean -- "$launcher" -m /mnt/closed/can -a "$build/probe:/probe:ro" --reachable --share user --cap-add SYS_ADMIN --pids 20 -- \
    sh -c "mount $type /mnt && ls /mnt | grep -c tincan; for f in /mnt/pids.max /mnt/../pids.max; do echo max >\$f; done 2>/dev/null; timeout -s KILL 1 /probe bomb 100; true"
  assert_line 0
  assert_line --regexp '^1[0-9] EAGAIN$'
}

@test "C10 R2 the launcher is limited by neither the group nor the resource limits" {
  takes_limit nofile 1024
  with_can -- sh -c 'echo ready; read -r _'
  run -0 cat "/proc/$launcher_pid/cgroup"
  refute_output --partial tincan
  run -0 awk '/^Max open files/ { print $4 }' "/proc/$launcher_pid/limits"
  assert_output "$(ulimit -n)"
  run -0 awk '/^Max open files/ { print $4, $5 }' "/proc/$child/limits"
  assert_output '1024 1024'
  release
}

@test "--nofile is exact, and refused above the caller's own limit" {
  run -0 can --nofile 100 -- sh -c 'ulimit -Sn; ulimit -Hn'
  assert_output "$(printf '100\n100')"
  run -0 can --nofile 32 -- true
  run -125 prlimit --nofile=500:500 "$launcher" -m "$root" --nofile 501 --share user --cap-drop ALL -- echo RAN
  assert_output --partial 'setrlimit RLIMIT_NOFILE 501: EPERM'
  # By default a lower one of the caller's stays.
  run -0 prlimit --nofile=500:500 "$launcher" -m "$root" -- sh -c 'ulimit -Hn'
  assert_output 500
}

# least RESOURCE N: N, or the caller's limit where that is lower and could not be raised.
least() {
  local hard
  hard=$(prlimit "${raised[@]}" prlimit "--$1" --output HARD --noheadings --raw)
  if [ "$hard" != unlimited ] && [ "$hard" -lt "$2" ]; then echo "$hard"; else echo "$2"; fi
}

@test "a process has these limits, whatever the caller's, in every chapter" {
  local number name value raised=()
  takes_limit nofile 4096
  for name in sigpending memlock msgqueue rtprio nice; do
    ! prlimit "--$name=unlimited:unlimited" true 2>/dev/null || raised+=("--$name=unlimited:unlimited")
  done
  for number in $(chapters_from 09); do
    run -0 limited prlimit --nofile=4096:4096 "${raised[@]}" "$build/chapter-$number" -m "$root" -- cat /proc/self/limits
    while IFS=: read -r name value; do
      assert_line --regexp "^Max $name  *$value  *$value "
    done < <(printf '%s\n' 'open files:1024' "pending signals:$(least sigpending 1024)" "locked memory:$(least memlock 8388608)" \
      "msgqueue size:$(least msgqueue 819200)" 'nice priority:0' 'realtime priority:0')
    # Lower ones of the caller's stay.
    run -0 limited prlimit --sigpending=7:9 --memlock=4096:8192 --msgqueue=10:20 "$build/chapter-$number" -m "$root" -- cat /proc/self/limits
    for name in 'pending signals:9' 'locked memory:8192' 'msgqueue size:20'; do
      assert_line --regexp "^Max ${name%:*}  *${name#*:}  *${name#*:} "
    done
  done
}

@test "--fsize and --cpu-time: exactly, each process apart, and refused above the caller's own limit" {
  run -0 can --tmp --fsize 4K --cpu-time 100 -- sh -c 'head -c 4096 /dev/zero >/tmp/a && head -c 4096 /dev/zero >/tmp/b && ls /tmp; ulimit -f; ulimit -t'
  assert_output "$(printf 'a\nb\n8\n100')"
  run can --tmp --fsize 4K -- sh -c 'sh -c "head -c 4097 /dev/zero >/tmp/a; exit \$?"; echo $?; stat -c %s /tmp/a'
  assert_line 153
  assert_line 4096
  run -125 prlimit --fsize=4096:4096 "$launcher" -m "$root" --fsize 4097 -- echo RAN
  assert_output --partial 'setrlimit RLIMIT_FSIZE 4097: EPERM'
  run -125 prlimit --cpu=10:10 "$launcher" -m "$root" --cpu-time 11 -- echo RAN
  assert_output --partial 'setrlimit RLIMIT_CPU 11: EPERM'
  run -0 can --tmp --fsize none --cpu-time none -- sh -c 'head -c 4096 /dev/zero >/tmp/a && ulimit -f && ulimit -t'
  assert_output "$(prlimit --fsize --cpu --output soft --noheadings)"
  # SIGXCPU comes first, and the status says so.
  run -0 can --cpu-time 1 -- sh -c 'sh -c "while :; do :; done"; echo $?'
  assert_output --partial 152
}

@test "--shm-size and --tmp-size are what there is, no byte more" {
  run -0 can --shm-size 4K --tmp-size 3M -- sh -c 'stat -f -c "%b %S" /dev/shm /tmp | while read n size; do echo $((n * size)); done
    head -c 4097 /dev/zero >/dev/shm/a; stat -c %s /dev/shm/a'
  assert_output --partial "$(printf '4096\n3145728')"
  assert_line --index -1 4096
  run -0 can --tmp --shm-size 80M -- sh -c 'head -c 80m /dev/zero >/dev/shm/a && stat -f -c "%b %S" /tmp'
  assert_output '16384 4096'
}

# --- a new process was refused ---

@test "the limit of processes is named when it was hit, with how often, and only then" {
  local number
  for number in $(chapters_from 09); do
    # Who sleeps is there before the bomb is: nobody else is refused then.
    run -0 limited "$build/chapter-$number" -m "$root" --pids 5 -a "$build/probe:/probe:ro" -- sh -c 'sleep 0.5 & late=$!; /probe bomb 100 >/dev/null & bomb=$!; wait $late; kill $bomb; wait; true'
    assert_output --regexp 'a new process was refused 1 time \(EAGAIN\): --pids is 5, threads count too'
    run -0 limited "$build/chapter-$number" -m "$root" --pids 5 -- sh -c 'true & true & wait'
    assert_output ''
    run -0 limited "$build/chapter-$number" -m "$root" --pids none -- true
    assert_output ''
  done
}

# --- killed for memory ---

@test "killed for memory: status 137, and a sentence with the limit and the peak" {
  hosted -137 --clean -- "$launcher" -m /mnt/closed/can -a "$build/probe:/probe:ro" --memory 32M -- /probe hog 96
  # On v2 memory.oom.group has the whole group killed: the probe, and the child that it has for this.
  assert_output --regexp 'killed by the kernel for memory \((1 process|2 processes)\): the limit is 32\.0 MiB, the peak was 32\.0 MiB; --memory sets it'
}

@test "killed otherwise: no word about memory" {
  run -137 can -- sh -c "sh -c 'kill -9 \$\$'; exit \$?"
  refute_output --partial memory
}

@test "the least that --memory takes starts a container" {
  run -0 can --memory 512K -- echo RAN
  assert_output RAN
}

# --- nothing is left ---

@test "no group is left after success, failure, and signals" {
  can -- true
  run -3 can -- sh -c 'exit 3'
  run -127 can -- /no/such/command
  run -125 can -a /etc:/no/such/place -- true
  hosted -137 --clean -- "$launcher" -m /mnt/closed/can -a "$build/probe:/probe:ro" --memory 32M -- /probe hog 96
  none_left
  local signal
  for signal in TERM INT HUP KILL; do
    with_can -- sh -c 'echo ready; read -r _'
    [ -n "$(groups_of "$launcher_pid")" ] || fail 'there was no group to be left'
    kill "-$signal" "$launcher_pid"
    release
    none_left
  done
}

@test "groups that were made inside the container's own go too" {
  [ -e /sys/fs/cgroup/unified/cgroup.procs ] || [ -e /sys/fs/cgroup/cgroup.procs ] || skip 'there is no cgroup v2 here'
  run -0 can --share user --cap-add SYS_ADMIN --seccomp none -- sh -c 'mount -t cgroup2 none /mnt && mkdir -p /mnt/deep/deeper && ls -d /mnt/deep/deeper'
  assert_output /mnt/deep/deeper
  none_left
}

@test "no group is left when the launcher is killed at any moment of the start" {
  local n launcher_pid pause
  for n in {1..60}; do
    "$launcher" -m "$root" -- sleep 5 &
    launcher_pid=$!
    printf -v pause '0.%03d' "$n"
    read -rt "$pause" _ <> <(:) || true
    kill -9 "$launcher_pid" 2>/dev/null || true
    wait "$launcher_pid" 2>/dev/null || true
  done
  none_left
}

@test "no group is left when the launcher is killed at a step of making them" {
  command -v strace >/dev/null || skip 'strace is not installed'
  local n status=137
  for ((n = 1; status == 137; n++)); do
    run strace -qq -o /dev/null -e trace=mkdir,mkdirat -e inject=mkdir,mkdirat:signal=KILL:when="$n" "$launcher" -m "$root" -- true
    none_left
  done
  assert_equal "$status" 0
  # Two groups on v2; v1 has two in each of its hierarchies.
  [ "$n" -gt 3 ] || fail "there were only $((n - 2)) steps"
}

@test "a fork bomb is gone when its launcher is killed" {
  coproc inner { exec "$launcher" -m "$root" --pids 500 --share user --share pid -- sh -c 'echo ready; bomb() { bomb | bomb & }; while :; do bomb; done' 2>/dev/null; }
  launcher_pid=$inner_PID
  read -rt $((8 * patience)) _ <&"${inner[0]}"
  kill -9 "$launcher_pid"
  wait "$launcher_pid" || true
  none_left
}

@test "the guard holds no pipe of the caller's, and no terminal's signal ends it" {
  # A reader of the output sees its end when the launcher ends.
  run -0 bash -c 'timeout 5 "$0" -m "$1" -- echo out 2>&1 | cat' "$launcher" "$root"
  assert_output out
  with_can --hostname "guarded-$$" -- sh -c 'echo ready; read -r _'
  local guard
  guard=$(guard_of "guarded-$$")
  run -0 readlink "/proc/$guard/fd/0" "/proc/$guard/fd/1" "/proc/$guard/fd/2"
  assert_output "$(printf '/dev/null\n/dev/null\n/dev/null')"
  assert_equal "$(find "/proc/$guard/fd" -type l | wc -l)" 6
  kill -INT "$guard" && kill -TERM "$guard" && kill -HUP "$guard"
  assert_equal "$(awk '{ print $6 }' "/proc/$guard/stat")" "$guard"
  kill -9 "$launcher_pid"
  release
  none_left
}

# --- other hosts ---

@test "R8 on a host with v1 alone it works too, and leaves nothing" {
  mountpoint -q /sys/fs/cgroup/unified || not_testable R8 'the v1 hierarchies are not all there'
  local alone=(unshare -m --propagation private sh -c 'umount /sys/fs/cgroup/unified && exec "$@"' sh)
  run -0 limited "${alone[@]}" "$launcher" -m "$root" --pids 5 -- \
    sh -c 'cut -d: -f3 /proc/self/cgroup | sort -u; exec 2>&1; (sleep 1 & sleep 1 & sleep 1 & sleep 1 & sleep 1 &); true'
  assert_line /
  assert_output --partial "can't fork"
  none_left
  # Nor when a bomb outside of any pid namespace has to be killed one by one.
  coproc inner { exec "${alone[@]}" "$launcher" -m "$root" --pids 200 --share user --share pid -- sh -c 'echo ready; bomb() { bomb | bomb & }; while :; do bomb; done' 2>/dev/null; }
  launcher_pid=$inner_PID
  read -rt $((8 * patience)) _ <&"${inner[0]}"
  kill -9 "$launcher_pid"
  wait "$launcher_pid" || true
  none_left
}

@test "a controller that is nowhere is named, and what it limits can be left out" {
  ! on_v2 || not_testable no-controller 'every controller is there'
  local bare=(unshare -m --propagation private sh -c 'mount -t cgroup2 none /sys/fs/cgroup && exec "$@"' sh)
  run -125 limited "${bare[@]}" "$launcher" -m "$root" -- echo RAN
  assert_output --partial 'find the controller memory'
  assert_output --partial 'none'
  run -125 limited "${bare[@]}" "$launcher" -m "$root" --memory none -- echo RAN
  assert_output --partial 'find the controller pids'
  run -0 limited "${bare[@]}" "$launcher" -m "$root" --memory none --pids none --cpu-weight none -- sh -c 'cut -d: -f3 /proc/self/cgroup | sort -u'
  assert_output /
}

@test "each failing call that makes the groups ends the start" {
  command -v strace >/dev/null || skip 'strace is not installed'
  local call
  for call in mkdir,mkdirat:ENOSPC setrlimit,prlimit64:EPERM eventfd2:EMFILE pidfd_open:EMFILE getrandom:ENOSYS; do
    run -125 strace -f -qq -o /dev/null -e trace="${call%:*}" -e inject="${call%:*}:error=${call#*:}" "$launcher" -m "$root" --hostname box -- echo RAN
    refute_output --partial RAN
    none_left
  done
}
