#!/usr/bin/env bats
# bats file_tags=chapter:01
# Chapter 01: the isolation report, held against what the tests know from elsewhere.

load support/promise

setup() { observe=$build/chapter-01; }
teardown() {
  once_more_if_slow
  stop
}

# stop: the process that was started.
stop() {
  [ -n "${pid:-}" ] || return 0
  kill -9 "$pid" 2>/dev/null || true
  wait "$pid" 2>/dev/null || true
  rm -f "$BATS_TEST_TMPDIR/pipe"
  pid=
}

# start COMMAND...: a process to look at; returns when it has written a line. Sets pid, and inner:
# the number of the process that has written it, which need not be the one that was started. (-p: a
# shell with two user ids would leave the second.)
start() {
  mkfifo "$BATS_TEST_TMPDIR/pipe"
  "$@" sh -pc 'echo $$; exec sleep 30' >"$BATS_TEST_TMPDIR/pipe" 3>&- &
  pid=$!
  read -rt $((5 * patience)) inner <"$BATS_TEST_TMPDIR/pipe"
}

# look PID FILTER: what jq makes of the report.
look() { "$observe" "$1" --json | jq -cr "$2"; }

# said PID FILTER VALUE: that is what the report says.
said() { assert_equal "$2 $(look "$1" ".subject.$2")" "$2 $3"; }

# status_of PID NAME: a line of /proc/PID/status, in words with one blank between.
status_of() { awk -v name="$2:" '$1 == name { $1 = ""; print substr($0, 2) }' "/proc/$1/status"; }

# until_true COMMAND...: for what takes the kernel a moment. Ends the test after five seconds.
until_true() {
  local deadline=$((SECONDS + 5 * patience))
  until "$@"; do [ "$SECONDS" -lt "$deadline" ] || fail "this never came true: $*"; done
}

@test "the JSON has these sections and keys, whatever the process: scripts rely on them" {
  start env
  run -0 look "$pid" '.subject | to_entries[] | select(.key != "cgroups" and .key != "limits") | .key + ": " + (.value | keys_unsorted | join(" "))'
  assert_output "identity: pid ns_pids name uids gids groups uid_map gid_map setgroups
namespaces: user mnt pid pid_for_children uts ipc net cgroup time time_for_children
privileges: cap_effective cap_permitted cap_inheritable cap_bounding cap_ambient securebits no_new_privs seccomp seccomp_filters lsm_label dumpable
files: root cwd exe umask mounts descriptors
life: state parent process_group session terminal nice policy oom_score oom_score_adj signals_blocked signals_ignored signals_caught"
  run -0 look "$pid" '[.subject.limits | keys_unsorted[]] | join(" ")'
  assert_output 'cpu_time file_size data_size stack_size core_file_size resident_set processes open_files locked_memory address_space file_locks pending_signals msgqueue_size nice_priority realtime_priority realtime_timeout'
  run -0 look "$pid" 'keys_unsorted | join(" ")'
  assert_output 'subject against differs unknown'
  run -0 look "$pid" '[.. | select(. == null)] | length'
  assert_output 0
}

@test "what differs, what is unknown and what is the same make up the whole" {
  start env
  run -0 setpriv --reuid 65534 --regid 65534 --clear-groups bash -c '"$0" "$1" --json | jq -c "[.differs, .unknown] | (add | length) == (add | unique | length)"' "$observe" "$pid"
  assert_output true
  run -0 look "$pid" '.differs - [.subject | to_entries[] | .key as $s | .value | keys[] | $s + "." + .]'
  assert_output '[]'
}

@test "ids, groups and umask are the process's" {
  start setpriv --reuid 1234 --regid 2345 --groups 7,8 sh -c 'umask 0027; exec "$@"' sh
  said "$pid" identity.uids '{"real":1234,"effective":1234,"saved":1234,"filesystem":1234}'
  said "$pid" identity.gids '{"real":2345,"effective":2345,"saved":2345,"filesystem":2345}'
  said "$pid" identity.groups '[7,8]'
  said "$pid" files.umask 0027
  run -0 "$observe" "$pid"
  assert_line --regexp '^uids +1234 \(real effective saved fs\) +<> 0 \(real'
  assert_line --regexp '^groups +7 8 +<> '
}

@test "ids that are not the same four times are told apart" {
  start setpriv --euid 1234
  said "$pid" identity.uids '{"real":0,"effective":1234,"saved":1234,"filesystem":1234}'
  run -0 "$observe" "$pid"
  assert_line --regexp '^uids +real 0 effective 1234 saved 1234 fs +<> '
}

@test "a user namespace shows in its maps and its inode" {
  start unshare -Ur
  said "$pid" identity.uid_map '[{"inside":0,"outside":0,"count":1}]'
  said "$pid" identity.setgroups deny
  said "$pid" namespaces.user "$(readlink "/proc/$pid/ns/user")"
  run -0 look "$pid" '.differs | map(select(startswith("namespaces"))) | join(" ")'
  assert_output namespaces.user
  stop
  start unshare -U
  said "$pid" identity.uid_map '[]'
}

@test "each namespace is compared by itself" {
  local flag
  for flag in --uts:uts --ipc:ipc --net:net --mount:mnt --cgroup:cgroup --time:time_for_children; do
    start unshare "${flag%:*}"
    run -0 look "$pid" '.differs[] | select(startswith("namespaces")) | ltrimstr("namespaces.")'
    assert_output "$(other_namespaces "$pid")"
    assert_line "${flag#*:}"
    stop
  done
}

# other_namespaces PID: the kinds of namespaces that it has not in common with this test.
other_namespaces() {
  local kind
  for kind in user mnt pid pid_for_children uts ipc net cgroup time time_for_children; do
    [ "/proc/$1/ns/$kind" -ef "/proc/$$/ns/$kind" ] || echo "$kind"
  done
}

@test "a process in a pid namespace has a number for each" {
  start unshare --pid --fork --kill-child
  local child
  child=$(cat "/proc/$pid/task/$pid/children")
  assert_equal "$inner" 1
  said "${child% }" identity.ns_pids "[${child% },1]"
  said "$pid" namespaces.pid_for_children "$(readlink "/proc/$pid/ns/pid_for_children")"
}

@test "it looks at itself also where it counts otherwise than /proc does" {
  run -0 bash -c 'unshare --pid --fork "$0" --json | jq -r "[.subject.identity.name, .subject.identity.ns_pids[1]] | join(\" \")"' "$observe"
  assert_output 'chapter-01 1'
}

@test "capabilities are shown by name, in all five sets" {
  start setpriv --bounding-set -all,+kill,+sys_admin --inh-caps -all,+kill --ambient-caps -all,+kill
  said "$pid" privileges.cap_bounding '["KILL","SYS_ADMIN"]'
  said "$pid" privileges.cap_inheritable '["KILL"]'
  said "$pid" privileges.cap_ambient '["KILL"]'
  said "$pid" privileges.cap_effective '["KILL","SYS_ADMIN"]'
  said "$pid" privileges.cap_permitted '["KILL","SYS_ADMIN"]'
}

@test "full and empty capability sets are said in a word" {
  start setpriv --bounding-set -mknod,-syslog
  run -0 "$observe" "$pid"
  assert_line --regexp '^cap bounding +all but (SYS_RESOURCE )?MKNOD( SYS_RESOURCE)? SYSLOG'
  stop
  start setpriv --reuid 1234 --bounding-set -all
  run -0 "$observe" "$pid"
  assert_line --regexp '^cap effective +none +'
  assert_line --regexp '^cap bounding +none +<> all'
}

@test "every capability of a mask is there, and named as libcap names it" {
  start env
  local hex
  for set in effective:CapEff permitted:CapPrm bounding:CapBnd; do
    hex=$(status_of "$pid" "${set#*:}")
    run -0 look "$pid" ".subject.privileges.cap_${set%:*} | map(\"cap_\" + ascii_downcase) | join(\",\")"
    assert_output "$(capsh --decode="$hex" | sed 's/^[^=]*=//')"
  done
}

@test "no_new_privs and a seccomp filter are shown" {
  start setpriv --no-new-privs
  said "$pid" privileges.no_new_privs 1
  said "$pid" privileges.seccomp "$(status_of "$pid" Seccomp) (none)"
  command -v strace >/dev/null || skip 'strace is not installed'
  stop
  # strace --seccomp-bpf gives what it traces a filter of one rule.
  start strace -f --seccomp-bpf -qq -e trace=acct -o /dev/null
  said "$inner" privileges.seccomp '2 (filter)'
  said "$inner" privileges.seccomp_filters 1
}

@test "securebits are shown for oneself, and not made up for others" {
  run -0 bash -c '"$0" --json | jq -c .subject.privileges.securebits' "$observe"
  assert_output '[]'
  run -0 setpriv --securebits +noroot,+keep_caps_locked bash -c '"$0" --json | jq -c .subject.privileges.securebits' "$observe"
  assert_output '["NOROOT","KEEP_CAPS_LOCKED"]'
  start env
  said "$pid" privileges.securebits.unreadable 'only the process itself can ask for them, prctl(2)'
  run -0 look "$pid" '.unknown | index("privileges.securebits") != null'
  assert_output true
}

@test "dumpable is told where it shows, and root's is not made up" {
  run -0 bash -c '"$0" --json | jq -r .subject.privileges.dumpable' "$observe"
  assert_output yes
  start setpriv --reuid 65534
  said "$pid" privileges.dumpable yes
  stop
  # After execve(2) with two user ids a process is not dumpable.
  start setpriv --euid 65534
  said "$pid" privileges.dumpable no
  stop
  start env
  said "$pid" privileges.dumpable.unreadable 'root owns its files either way'
  stop
  start setpriv --reuid 1234 --regid 1234 --clear-groups unshare -Ur
  said "$pid" privileges.dumpable.unreadable 'root owns its files either way'
}

@test "signals are shown by name" {
  # 32 and 33: glibc's posix_spawn(), which make uses, leaves them ignored. INT and QUIT: a shell
  # without job control ignores them in what it starts in the background. ALRM: parallel(1) does.
  start bash -c 'trap "" HUP USR1 RTMIN+1; exec "$@"' bash
  run -0 look "$inner" '.subject.life.signals_ignored | join(" ")'
  assert_output --regexp '^HUP INT QUIT USR1( ALRM)?( 32 33)? RTMIN\+1$'
  said "$$" life.signals_caught "$(names_of_mask "$(status_of "$$" SigCgt)")"
  said "$$" life.signals_blocked "$(names_of_mask "$(status_of "$$" SigBlk)")"
}

# names_of_mask HEX: bit n - 1 stands for signal n, by the shell's own names.
names_of_mask() {
  local n names=()
  for ((n = 1; n <= 31; n++)); do
    (((0x$1 >> (n - 1)) & 1)) && names+=("\"$(kill -l "$n")\"")
  done
  local IFS=,
  echo "[${names[*]}]"
}

@test "limits are the process's, soft and hard" {
  start prlimit --nofile=17:19 --core=0:0
  said "$pid" limits.open_files '{"soft":17,"hard":19,"unit":"files"}'
  said "$pid" limits.core_file_size '{"soft":0,"hard":0,"unit":"bytes"}'
  run -0 look "$pid" '.subject.limits.nice_priority | keys_unsorted | join(" ")'
  assert_output 'soft hard'
  run -0 "$observe" "$pid"
  assert_line --regexp '^open files +soft 17, hard 19 files +<> '
  assert_line --regexp '^core file size +0 bytes +'
  run -0 look "$pid" '.subject.limits | length'
  assert_output "$(($(wc -l <"/proc/$pid/limits") - 1))"
}

@test "priorities, policy and the out-of-memory score are the process's" {
  start nice -n 5 choom -n 321 -- chrt --batch 0
  said "$inner" life.nice "$(nice -n 5 nice)" # 5 more than that of whoever runs the tests
  said "$inner" life.policy batch
  said "$inner" life.oom_score_adj 321
  stop
  start chrt --idle 0
  said "$pid" life.policy idle
}

@test "session, process group, parent and terminal are the process's" {
  start setsid --wait
  said "$inner" life.session "$inner"
  said "$inner" life.process_group "$inner"
  said "$inner" life.parent "$(status_of "$inner" PPid)"
  said "$inner" life.terminal none
  stop
  command -v script >/dev/null || skip 'script is not installed'
  run -0 env script -qec "tty; '$observe' --json | jq -r .subject.life.terminal" /dev/null
  assert_equal "${lines[0]%$'\r'}" "/dev/${lines[1]%$'\r'}"
}

@test "cgroup paths are those of the process, hierarchy by hierarchy" {
  start env
  run -0 look "$pid" '.subject.cgroups | to_entries[] | (if .key == "v2" then "" else .key end) + ":" + .value'
  assert_output "$(sed 's/^[0-9]*://' "/proc/$pid/cgroup")"
}

@test "descriptors are listed with what they refer to" {
  start bash -c 'exec 7</etc/passwd 9>/dev/null "$@"' bash
  run -0 look "$inner" '.subject.files.descriptors[] | "\(.fd) \(.target)"'
  assert_output "$(find "/proc/$inner/fd" -type l -printf '%f %l\n' | sort -n)"
  assert_line '7 /etc/passwd'
  assert_line '9 /dev/null'
}

@test "its own descriptors are those that stay open while it looks" {
  run -0 bash -c '"$0" --json 7</etc/passwd | jq -c "[.subject.files.descriptors[] | select(.unreadable)], (.subject.files.descriptors[] | select(.fd == 7).target)"' "$observe"
  assert_output '[]
"/etc/passwd"'
}

@test "mounts are listed with their propagation" {
  start unshare --mount --propagation private sh -c 'mount -t tmpfs t /mnt && mount --make-shared /mnt && mkdir "/mnt/a b" && mount --bind -o ro "/mnt/a b" "/mnt/a b" && exec "$@"' sh
  run -0 look "$inner" '.subject.files.mounts[] | select(.mount_point == "/mnt") | [.type, .options, .propagation, .source, .root] | join(" ")'
  assert_output 'tmpfs rw,relatime shared t /'
  run -0 look "$inner" '.subject.files.mounts[] | select(.mount_point == "/mnt/a b") | [.options, .propagation, .root] | join(" ")'
  assert_output 'ro,relatime shared /a b'
  run -0 look "$inner" '.subject.files.mounts | length'
  assert_output "$(wc -l <"/proc/$inner/mountinfo")"
  run -0 "$observe" "$inner"
  assert_line --regexp '^mounts +[0-9]+: [0-9]+ private, 2 shared +<> '
  assert_line --regexp '^  /mnt +shared +tmpfs +rw,relatime$'
}

@test "two directories with the same path are not the same" {
  mkdir "$BATS_TEST_TMPDIR/root"
  start unshare --mount sh -c 'mount --bind / "$0" && cd "$0" && exec chroot . "$@"' "$BATS_TEST_TMPDIR/root"
  said "$inner" files.root.inode "$(stat -Lc %i "/proc/$inner/root")"
  stop
  start unshare --mount sh -c 'mount -t tmpfs t "$0" && cp -a /bin /lib* "$0" 2>/dev/null; mkdir -p "$0/usr" && mount --rbind /usr "$0/usr" && cd "$0" && mkdir -p old && pivot_root . old && exec "$@"' "$BATS_TEST_TMPDIR/root"
  said "$inner" files.root.path /
  run -0 look "$inner" '.differs | index("files.root") != null'
  assert_output true
}

@test "odd bytes in names and paths break neither the JSON nor the terminal" {
  local odd=$BATS_TEST_TMPDIR/$'a  b\n\e[31m"\\\x9b\xff\xc2\x9b'
  mkdir "$odd"
  cp "$(type -P sleep)" "$odd/x  y"$'\n'z
  (cd "$odd" && exec "./x  y"$'\n'z 30) 3>&- &
  pid=$!
  until_true test "/proc/$pid/exe" -ef "$odd/x  y"$'\n'z
  "$observe" "$pid" --json | jq -e . >/dev/null
  said "$pid" identity.name $'x  y\nz'
  run -0 bash -c '"$0" "$1" --json | jq -j .subject.files.cwd.path | od -An -c | tr -d " \n"' "$observe" "$pid"
  # What is no UTF-8 has become U+FFFD, 357 277 275; U+009B was UTF-8.
  assert_output --partial $'ab\\n033[31m"\\357277275357277275302233'
  run -0 "$observe" "$pid" --against "$pid"
  refute_output --partial $'\e'
  assert_regex "$(tr -d ' \n' <<<"$output")" 'ab\\x0a\\x1b\[31m"\\\\x9b\\xff\\xc2\\x9b'
  assert_line --regexp '^name +x  y\\x0az$'
}

@test "mount points and descriptors with odd names are shown whole" {
  local odd=$BATS_TEST_TMPDIR/$'m \n\t\\#'
  mkdir "$odd"
  start unshare --mount sh -c 'mount -t tmpfs "s  t" "$0" && exec 8>"$0/$(printf "f\001")" && exec "$@"' "$odd"
  run -0 bash -c '"$0" "$1" --json | jq --arg p "$2" "[.subject.files.mounts[] | select(.mount_point == \$p) | .source]" -c' "$observe" "$inner" "$odd"
  assert_output '["s  t"]'
  run -0 look "$inner" '.subject.files.descriptors[] | select(.fd == 8) | .target'
  assert_output "$odd/f"$'\001'
}

@test "a zombie is shown, with reasons for what it no longer has" {
  mkfifo "$BATS_TEST_TMPDIR/end"
  # The child ends after its parent has become sleep, which waits for nobody.
  bash -c '{ read -r _ <"$0/end"; } & echo $! >"$0/zombie"; exec sleep 30' "$BATS_TEST_TMPDIR" 3>&- &
  pid=$!
  until_true grep -qsx sleep "/proc/$pid/comm"
  echo >"$BATS_TEST_TMPDIR/end"
  local zombie
  zombie=$(cat "$BATS_TEST_TMPDIR/zombie")
  until_true grep -qs '^State:.Z' "/proc/$zombie/status"
  run -0 look "$zombie" '[.subject.identity.name, .subject.life.state, .subject.files.exe, .subject.files.mounts, .subject.namespaces.net]'
  assert_output '["bash","Z (zombie)",{"unreadable":"ENOENT"},{"unreadable":"EINVAL"},{"unreadable":"ENOENT"}]'
}

@test "a kernel thread is shown, with reasons for what it never had" {
  # Process 2 is kthreadd where the host's processes are to be seen.
  grep -qsx kthreadd /proc/2/comm || skip 'no kernel thread is to be seen here'
  said 2 files.exe.unreadable ENOENT
  said 2 identity.name kthreadd
  said 2 files.descriptors '[]'
}

@test "an ordinary user is told what cannot be read, and why" {
  start env
  run -0 setpriv --reuid 65534 --regid 65534 --clear-groups --bounding-set -all --inh-caps -all "$observe" "$pid"
  assert_line --regexp '^root +not readable: EACCES +\? /'
  assert_line --regexp '^net +not readable: EACCES +\? net:'
  assert_line --regexp '^descriptors +not readable: EACCES +\? '
  assert_line --regexp '^uids +0 \(real effective saved fs\) +<> 65534'
  assert_line --regexp '^EACCES, EPERM: '
  run -0 setpriv --reuid 65534 --regid 65534 --clear-groups bash -c '"$0" 1 --against "$1" --json | jq -c ".unknown | contains([\"files.root\", \"namespaces.net\"])"' "$observe" "$pid"
  assert_output true
}

@test "without a pid it is about itself, in one column" {
  run -0 "$observe"
  assert_line --index 0 --regexp '^process [0-9]+$'
  assert_line --regexp '^name +chapter-01$'
  refute_output --partial '<>'
  run -0 bash -c '"$0" --json | jq -c "[.differs, .subject == .against]"' "$observe"
  assert_output '[[],true]'
}

@test "--against chooses the second column" {
  start env
  run -0 bash -c '"$0" "$1" --against 1 --json | jq -c "[.subject.identity.pid, .against.identity.pid]"' "$observe" "$pid"
  assert_output "[$pid,1]"
  run -0 bash -c '"$0" --against "$1" --json | jq -r ".subject.identity.name, .against.identity.pid"' "$observe" "$pid"
  assert_output "chapter-01
$pid"
}

@test "the table fits on 100 columns, and marks what differs" {
  local deep
  deep=$BATS_TEST_TMPDIR/ääää/$(printf 'ö%.0s' {1..90})
  mkdir -p "$deep"
  start unshare --net sh -c 'cd "$0" && exec 8<. "$@"' "$deep"
  run -0 "$observe" "$pid" --against 1
  assert_line --regexp '^net +net:\[[0-9]+\] +(<>|\?) '
  local line LC_ALL=C.UTF-8
  for line in "${lines[@]}"; do
    [ "${#line}" -le 100 ] || fail "${#line} columns: $line"
  done
  # Nothing was cut inside a character.
  iconv -f UTF-8 -t UTF-8 <<<"$output" >/dev/null
}

@test "colours are for terminals only" {
  run -0 "$observe" 1
  refute_output --partial $'\e'
  command -v script >/dev/null || skip 'script is not installed'
  run -0 env script -qec "'$observe' 1" /dev/null
  assert_output --partial $'\e['
  run -0 env script -qec "'$observe' 1 --json" /dev/null
  refute_output --partial $'\e'
}

@test "many descriptors that cannot be read take one line" {
  start bash -c 'for ((n = 20; n < 120; n++)); do eval "exec $n</dev/null"; done; exec "$@"' bash
  run -0 "$observe" "$inner"
  assert_line '  20-119  /dev/null'
}

# begin_to_end: a process with so many files open that it can be looked at while it closes them. Sets pid.
begin_to_end() {
  : >"$BATS_TEST_TMPDIR/said"
  python3 -c 'import os, resource as r
limit = min(r.getrlimit(r.RLIMIT_NOFILE)[1], 20000)
r.setrlimit(r.RLIMIT_NOFILE, (limit, limit))
for _ in range(limit - 10): os.open("/dev/null", os.O_RDONLY)
os.write(1, b"open")
os._exit(0)' >"$BATS_TEST_TMPDIR/said" 3>&- &
  pid=$!
  until [ -s "$BATS_TEST_TMPDIR/said" ]; do :; done
}

@test "a process that ends meanwhile gives a whole report or an error, never half a one" {
  local n refused=0 report=$BATS_TEST_TMPDIR/report
  for ((n = 0; n < 10; n++)); do
    begin_to_end
    while "$observe" "$pid" --json >"$report" 2>"$BATS_TEST_TMPDIR/error"; do
      ! jq -e '.subject.life.state | startswith("Z")' "$report" >/dev/null || break
      jq -e '.subject.files | (.mounts | type == "array") and (.descriptors | length > 3)' "$report" >/dev/null ||
        fail "half a report: $(jq -c '.subject | .life.state, .files' "$report")"
    done
    [ -s "$report" ] || { grep -q ESRCH "$BATS_TEST_TMPDIR/error" && refused=1; }
    wait "$pid"
  done
  [ "$refused" -eq 1 ] || skip 'NOT-TESTABLE: none was looked at while it ended'
}

@test "a pid that is not there is an error, and one that is none is wrong usage" {
  start env
  local gone=$pid
  stop
  run --separate-stderr -125 "$observe" "$gone"
  assert_equal "$output" ''
  assert_regex "$stderr" "observe process $gone: ESRCH \(No such process\): "
  run -125 "$observe" --against "$gone"
  run -125 "$observe" 2147483647
  local bad
  for bad in 0 00 01 -1 +1 x '' 1x 0x1 1.0 2147483648 99999999999 ' 1' '1 ' $'1\n' self; do
    run --separate-stderr -2 "$observe" --json -- "$bad"
    assert_equal "$output" ''
    assert_regex "$stderr" 'is not a process id'
    run -2 "$observe" "--against=$bad"
  done
  run -2 "$observe" 1 2
  run -2 "$observe" --json --json
  run -2 "$observe" --json=1
  run -2 "$observe" --against
  run -2 "$observe" --bogus
}

@test "without /proc it says so" {
  case $build in *sanitize*) skip 'the sanitizers themselves need /proc' ;; esac
  run -125 unshare --mount sh -c 'umount -l /proc && exec "$0" 1' "$observe"
  assert_output --partial 'readlink /proc/self: ENOENT (No such file or directory): is /proc mounted here?'
}

@test "a full disk is not taken for success" {
  local arguments
  for arguments in '' --json --help --version; do
    # shellcheck disable=SC2086
    run -125 bash -c '"$@" >/dev/full' bash "$observe" $arguments
    assert_output --partial ENOSPC
  done
}

@test "the three commands of its page do what they say" {
  run -0 sed -n '/^## Try/,/^## /{/^```/,/^```/{/^```/!p}}' "$project/chapters/01-observe/README.md"
  assert_equal "${#lines[@]}" 3
  local command commands=("${lines[@]}")
  for command in "${commands[@]}"; do
    assert_regex "$command" '^build/chapter-01'
    run -0 bash -c "cd '$project' && ${command//build\/chapter-01/$observe}"
    assert_output
  done
}
