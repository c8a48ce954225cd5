#!/usr/bin/env bats
# bats file_tags=chapter:11
# Chapter 11: anybody may start one, and there are users inside.

load support/promise

setup() {
  launcher=$build/chapter-11
  [ -x "$launcher" ] || skip 'NOT-TESTABLE: chapter 11 is not built'
  [[ $BATS_TEST_DESCRIPTION != USER-* ]] || command -v newuidmap >/dev/null || skip 'NOT-TESTABLE: newuidmap is not installed'
  root=$(readlink -f "$project/build/root")
  home=$BATS_TEST_TMPDIR/own
}

@test "bad input: each line is refused with its status and its words, and nothing runs" {
  run "$project/tests/support/bad-input" "$launcher" "$root"
  [ "$status" -eq 0 ] || fail "$output"
}

# --- what chapter 10 has, once more: here it is can.cpp that does it ---

# whole [FLAG...] -- COMMAND...: root's. at_terminal STEP... -- [FLAG...] -- COMMAND...: the same, by a person at a terminal.
whole() { limited "$launcher" -m "$root" "$@"; }
at_terminal() {
  local steps=()
  while [ "$1" != -- ]; do steps+=("$1") && shift; done
  shift
  limited "$build/probe" caller "${steps[@]}" -- "$launcher" -m "$root" -a "$build/probe:/probe:ro" "$@"
}

@test "a container that is data has its environment and its directory, and what cannot be executed is explained" {
  run -0 whole --hostname my-can -w /etc -e GREETING=hello -- sh -c 'pwd; env | grep -v ^PWD= | sort'
  assert_output "$(printf '/etc\nGREETING=hello\nHOME=/root\nHOSTNAME=my-can\nPATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\nSHLVL=1')"
  printf '#!/usr/bin/python3\n' >"$BATS_TEST_TMPDIR/program" && chmod 755 "$BATS_TEST_TMPDIR/program"
  run -126 whole -a "$BATS_TEST_TMPDIR/program:/probe:ro" -- /probe
  assert_output --partial 'its first line asks for /usr/bin/python3, which is not in the container'
}

@test "a container that is data has its terminal, or pipes, and is stopped in the time that was given" {
  local number
  for number in $(chapters_from 11); do
    launcher=$build/chapter-$number
    has_its_terminal
  done
}
has_its_terminal() {
  run --separate-stderr -125 whole -t -- echo RAN </dev/null
  assert_equal "$output" ''
  # shellcheck disable=SC2154  # set by run
  assert_regex "$stderr" 'ENOTTY .*leave it out'
  run -0 at_terminal -- -t -- sh -c 'tty; stty size; : </dev/tty && echo controlling'
  assert_output --partial "$(printf '/dev/pts/0\r\n24 80\r\ncontrolling\r\n')"
  run -0 at_terminal -- -- sh -c 'for fd in 0 1 2; do [ ! -t $fd ] || echo "terminal: $fd"; done; tty; true'
  refute_output --partial 'terminal: '
  assert_output --partial 'not a tty'
  run -0 at_terminal expect:ready $'send:\x03' expect:interrupted -- -- \
    sh -c 'trap "echo interrupted; exit 0" INT; echo ready; for _ in $(seq "$0"); do read -rt 0.1 _ </dev/zero; done' $((30 * patience))
  run -137 at_terminal expect:holding kill:15 -- --stop-timeout 0 -- /probe hold-on
  assert_output --partial 'not stopped 0 s after SIGTERM: killed'
}

# --- ids ---

# ann is somebody with a root directory of her own, whom this machine grants what uids and gids say.
uids=ann:300000:65536 gids=ann:400000:65536 on_machine=()
ann() {
  command -v newuidmap >/dev/null || skip 'NOT-TESTABLE: newuidmap is not installed'
  [ -d "$home" ] || {
    mkdir -m 700 "$home"
    cp -a "$root" "$home/root"
    chown -R 4200:4200 "$home"
    open_the_way
  }
  limited "${on_machine[@]}" "$project/tests/support/as-granted" "$uids" "$gids" "$@"
}

# can [SETPRIV-OPTION...] -- [FLAG...] -- COMMAND...: in a container that she starts.
can() {
  local by=()
  while [ "$1" != -- ]; do by+=("$1") && shift; done
  shift
  ann "${by[@]}" -- "$launcher" -m "$home/root" --no-limits "$@"
}

# mapped [FLAG...] -- COMMAND...: in her map alone.
mapped() { ann -- "$launcher" --as-mapped "$@"; }

# maps: both maps, for a shell inside.
maps='tr -s " " </proc/self/uid_map; tr -s " " </proc/self/gid_map'

@test "USER-11 no id that the system does not grant can be had, written or borrowed inside" { promise USER-11; }
@test "USER-12 a newuidmap that somebody planted in PATH or in the working directory is never run" { promise USER-12; }
@test "USER-13 nothing of the caller's reaches newuidmap" { promise USER-13; }
@test "USER-14 a group that a file refuses cannot be left without a grant, with --keep-groups, or in the map alone" { promise USER-14; }

@test "as root it maps as chapter 10 does" {
  run -0 limited "$launcher" -m "$root" -- sh -c "$maps; id -u"
  assert_output "$(printf ' 0 100000 65536\n 0 100000 65536\n0')"
}

@test "an ordinary user is root inside, and the others are what is granted" {
  run -0 can -- -- sh -c "$maps; cat /proc/self/setgroups; id -u"
  assert_output "$(printf ' 0 4200 1\n 1 300000 65536\n 0 4200 1\n 1 400000 65536\nallow\n0')"
}

@test "several rows, by name and by number, are one map; the caller is not in it twice, nor is the host's root" {
  uids='bob:1:1\nann:300000:1000\n\n4200:301000:500\n# ann:5:5\nann:4199:3\nann:0:1' gids='4200:400000:10'
  run -0 can -- -- sh -c "$maps"
  assert_output "$(printf ' 0 4200 1\n 1 4199 1\n 2 4201 1\n 3 300000 1500\n 0 4200 1\n 1 400000 10')"
}

@test "a machine that has somebody of the name or the number that the tests use is no other machine to them" {
  printf 'ann:x:1000:1000::/:/bin/sh\nzoe:x:4200:4200::/:/bin/sh\n' | cat - /etc/passwd >"$BATS_TEST_TMPDIR/passwd"
  uids='ann:300000:1000\n4200:301000:500' gids=$uids
  on_machine=(unshare -m --propagation private sh -c 'mount --bind "$0" /etc/passwd && exec "$@"' "$BATS_TEST_TMPDIR/passwd")
  run -0 can -- -- sh -c "$maps"
  assert_line ' 1 300000 1500'
}

@test "users and groups work inside, and on the disk they are those that are granted" {
  run -0 can -- -u 1000:1000 -- sh -c 'id -u; id -g; grep ^Groups /proc/self/status'
  assert_output "$(printf '1000\n1000\nGroups:\t ')"
  run -0 can -- -- sh -c 'touch /etc/mine /etc/theirs && chown 1000:7 /etc/theirs && stat -c %u:%g /etc/mine /etc/theirs'
  assert_output "$(printf '0:0\n1000:7')"
  run -0 stat -c %u:%g "$home/root/etc/mine" "$home/root/etc/theirs"
  assert_output "$(printf '4200:4200\n300999:400006')"
  run -1 can -- -- chown 65537 /etc/mine
  run -0 can -- -- sh -c 'exec 3<>/dev/ptmx && stat -c %g:%a /dev/pts/0'
  assert_output 5:620
}

@test "a caller's groups are left; with --keep-groups they stay, and nobody inside can change that" {
  run -0 can --groups 4242 -- -- sh -c 'grep ^Groups /proc/self/status; cat /proc/self/setgroups'
  assert_output "$(printf 'Groups:\t \nallow')"
  run -0 can --groups 4242 -- --keep-groups -- sh -c 'grep ^Groups /proc/self/status; cat /proc/self/setgroups'
  assert_output "$(printf 'Groups:\t65534 \ndeny')"
}

# alone WORDS [SETPRIV-OPTION...]: root is alone inside, and a line says why; a --map is refused for that reason.
alone() {
  run -0 can "${@:2}" -- -- sh -c "$maps"
  assert_line --regexp "warning chapter-11: no users but root inside: .*$1"
  assert_line ' 0 4200 1'
  refute_output --partial 300000
}

@test "without a grant root is alone inside, and it is said how one is made" {
  uids='bob:300000:65536\nann:1' gids=bob:100000:10
  alone 'nothing is granted to ann in /etc/subuid and /etc/subgid; root can do that: usermod --add-subuids 365536-431071 --add-subgids 365536-431071 ann$'
  uids=ann:300000:65536 gids=''
  alone 'nothing is granted to ann in /etc/subgid; root can do that: usermod --add-subgids 365536-431071 ann$'
  uids=anna:300000:65536 gids=ann:400000:65536
  alone 'nothing is granted to ann in /etc/subuid; root can do that: usermod --add-subuids 465536-531071 ann$'
}

# useless WORDS [SETPRIV-OPTION...]: the helpers can do nothing, and so a --map that needs them is refused.
useless() {
  alone "$@"
  run -2 can "${@:2}" -- --map 0:4200:1 --map 1:300000:5 -- echo RAN
  assert_output --regexp "--map: an ordinary user's is written by newuidmap: .*$1"
}

@test "helpers that can do nothing are told so by what was found, and root is alone" {
  local helpers=$BATS_TEST_TMPDIR/helpers
  gids=$uids
  useless 'no_new_privs.* no more power than the caller' --no-new-privs
  useless 'CAP_SETUID is not in the bounding set' --bounding-set=-setuid
  useless 'CAP_SETGID is not in the bounding set' --bounding-set=-setgid
  NOSUID=1 useless '/usr/bin/newuidmap lies on a file system that is mounted nosuid'
  mkdir "$helpers" && cp /usr/bin/new[ug]idmap "$helpers" && chmod 755 "$helpers"/*
  HELPERS=$helpers useless '/usr/bin/newuidmap is neither set-uid root nor has file capabilities'
}

@test "a helper that refuses ends the start, and its words are told" {
  local helpers=$BATS_TEST_TMPDIR/helpers
  mkdir "$helpers" && cp /usr/bin/newuidmap "$helpers" && cp "$(readlink -f "$(type -P false)")" "$helpers/newgidmap" && chmod 4755 "$helpers"/*
  HELPERS=$helpers run -125 can -- -- echo RAN
  assert_output --regexp 'run /usr/bin/newgidmap [0-9]+ 0 4200 1 1 400000 65536: status 1, and not a word'
  refute_output --partial RAN
  # She is of another group than her account says.
  run -125 can --regid 4300 -- -- echo RAN
  assert_output --regexp 'run /usr/bin/newuidmap .*: status 1, and it says: newuidmap: .* is owned by a different user'
  refute_output --partial RAN
}

@test "a launcher that is killed while a helper works leaves no child behind" {
  local helpers=$BATS_TEST_TMPDIR/helpers try helper='' words
  ann -- true
  mkdir "$helpers" && cp -p /usr/bin/newgidmap "$helpers" && cp "$(readlink -f "$(type -P sleep)")" "$helpers/newuidmap" && chmod 4755 "$helpers/newuidmap"
  # It sleeps as many seconds as all its arguments together; or until its time is over.
  HELPERS=$helpers ann -- "$launcher" -m "$home/root" --no-limits -- echo RAN >"$BATS_TEST_TMPDIR/said" 2>&1 3>&- &
  for ((try = 0; try < 200 * patience; try++)); do
    helper=$(pgrep -xf '/usr/bin/newuidmap [0-9]+ 0 4200 1 1 300000 65536') && break
    sleep 0.05
  done
  read -ra words <<<"$(tr '\0' ' ' <"/proc/$helper/cmdline")"
  kill -KILL "$(awk '/^PPid:/ { print $2 }' "/proc/$helper/status")"
  wait $! || true
  for ((try = 0; try < 200 * patience; try++)); do
    [ -e "/proc/${words[1]}" ] || break
    sleep 0.05
  done
  kill "$helper"
  [ ! -e "/proc/${words[1]}" ] || fail "the child ${words[1]} is still there"
  run -0 cat "$BATS_TEST_TMPDIR/said"
  refute_output --partial RAN
}

@test "--map for an ordinary user: what is granted; else the row that is missing is named" {
  gids=$uids
  run -0 can -- --map 0:4200:1 --map 1000:300000:65536 -u 1007 -- sh -c "$maps; id -u"
  assert_output "$(printf ' 0 4200 1\n 1000 300000 65536\n 0 4200 1\n 1000 300000 65536\n1007')"
  # That the kernel grants by itself.
  run -0 can --no-new-privs -- --map 0:4200:1 -- sh -c "$maps; cat /proc/self/setgroups"
  assert_line ' 0 4200 1'
  assert_line deny
  local map
  for map in 0:300000:65537 0:299999:1 0:365536:1 0:4201:1 0:4200:2 0:100000:65536 0:1:1 0:4294967294:1; do
    run -2 can -- --map "$map" -- echo RAN
    assert_output --partial "are not granted to ann: /etc/subuid lacks the row 'ann:${map#*:}', which root can add (usermod --add-subuids "
    refute_output --partial RAN
  done
  run -2 can -- --map 0:0:1 -- echo RAN
  assert_output --partial -- --map-host-root
  run -2 can -- --map 0:4200:1 --map 1:300000:10 --map 20:500000:5 -- echo RAN
  assert_output --partial "user ids 500000 to 500004 are not granted to ann: /etc/subuid lacks the row 'ann:500000:5'"
  gids=ann:400000:65536
  run -2 can -- --map 0:4200:1 --map 1:300000:10 -- echo RAN
  assert_output --partial "group ids 300000 to 300009 are not granted to ann: /etc/subgid lacks the row 'ann:300000:10', which root can add (usermod --add-subgids 300000-300009 ann)"
}

# nested COUNT COMMAND...: as root of a user namespace with so many ids, from 0 on; what it says.
nested() {
  local inside line pid
  coproc nest { exec timeout -k 1 "$((20 * patience))" unshare -Um sh -c 'echo ready; read -r _; exec "$@" 2>&1' sh "${@:2}"; }
  # shellcheck disable=SC2154  # coproc sets it
  pid=$nest_PID
  read -rt $((5 * patience)) line <&"${nest[0]}"
  inside=$(pgrep -P "$pid")
  echo "0 0 $1" >"/proc/$inside/uid_map"
  echo "0 0 $1" >"/proc/$inside/gid_map"
  echo >&"${nest[1]}"
  cat <&"${nest[0]}"
}

@test "in a user namespace what is granted counts as far as it exists there; where nothing does, it is told so" {
  gids=$uids
  ann -- true
  local start=("$project/tests/support/as-granted" "$uids" "$gids" -- "$launcher" -m "$home/root" --no-limits)
  run -0 nested 400000 "${start[@]}" -- sh -c "$maps; id -u"
  assert_output "$(printf ' 0 4200 1\n 1 300000 65536\n 0 4200 1\n 1 300000 65536\n0')"
  run -0 nested 300010 "${start[@]}" -u 10 -- sh -c "$maps; id -u"
  assert_output "$(printf ' 0 4200 1\n 1 300000 10\n 0 4200 1\n 1 300000 10\n10')"
  run -0 nested 200000 "${start[@]}" -- id -u
  assert_output --partial 'what /etc/subuid grants to ann does not exist in the user namespace that this runs in, see /proc/self/uid_map'
  assert_line 0
  run -0 nested 300010 "${start[@]}" --map 0:4200:1 --map 1:300000:11 -- echo RAN
  assert_output --partial 'user ids 300000 to 300010 do not all exist in the user namespace that this runs in, see /proc/self/uid_map'
  # What no grant would change is not advised.
  start=("$project/tests/support/as-granted" '' '' -- "$launcher" -m "$home/root" --no-limits)
  run -0 nested 150000 "${start[@]}" -- id -u
  assert_output --partial 'nor can it be: the user namespace that this runs in lacks the ids, see /proc/self/uid_map'
  run -0 nested 200000 "${start[@]}" -- id -u
  assert_output --partial 'root can do that: usermod --add-subuids 100000-165535'
  run -0 nested 150000 "${start[@]}" --map 0:4200:1 --map 1:300000:11 -- echo RAN
  assert_output --partial 'user ids 300000 to 300010 do not all exist'
}

# --- the map alone ---

@test "--as-mapped: a root directory comes out of an archive with its owners, and goes again" {
  ann -- true
  cp -a "$root" "$BATS_TEST_TMPDIR/tree"
  chown 1000:7 "$BATS_TEST_TMPDIR/tree/etc/motd"
  mkdir -m 755 "$BATS_TEST_TMPDIR/tree/theirs" && : >"$BATS_TEST_TMPDIR/tree/theirs/file" && chown -R 1000:7 "$BATS_TEST_TMPDIR/tree/theirs"
  tar -cf "$home/root.tar" -C "$BATS_TEST_TMPDIR/tree" . && chown 4200 "$home/root.tar"
  run -0 mapped -- sh -c "mkdir $home/other && tar -xf $home/root.tar -C $home/other && stat -c %u:%g $home/other/etc/motd"
  assert_output 1000:7
  run -0 stat -c %u:%g "$home/other/etc/motd" "$home/other/bin/busybox"
  assert_output "$(printf '300999:400006\n4200:4200')"
  run -0 ann -- "$launcher" -m "$home/other" --no-limits -u 1000 -- sh -c 'echo x >/etc/motd && stat -c %u:%g /etc/motd'
  assert_output 1000:7
  # What the range owns, she herself cannot remove.
  run -1 ann -- rm -r "$home/other/theirs"
  run -0 mapped -- rm -r "$home/other"
  [ ! -e "$home/other" ]
}

@test "--as-mapped: the map is the container's, all else the caller's, and its status comes back" {
  run -0 mapped -- sh -c "$maps; cat /proc/self/setgroups"
  assert_output "$(printf ' 0 4200 1\n 1 300000 65536\n 0 4200 1\n 1 400000 65536\ndeny')"
  gids=$uids run -0 mapped --map 0:300000:5 -- sh -c "$maps; id -u; id -g"
  assert_output "$(printf ' 0 300000 5\n 0 300000 5\n0\n0')"
  local number
  for number in $(chapters_from 11); do
    run -7 ann -- "$build/chapter-$number" --as-mapped -- sh -c 'exit 7'
  done
  PATH=/usr/bin:/bin run -127 mapped -- no-such-command
  assert_output --partial 'execve no-such-command: ENOENT'
  assert_output --partial 'there is no such command in PATH'
  # shellcheck disable=SC2016  # the inner shell's
  run -0 ann -- env WORD=kept sh -c 'cd /usr && umask 027 && exec 5</dev/null; "$1" --as-mapped -- sh -c "echo \$WORD; pwd; umask; readlink /proc/self/fd/5; cat /proc/sys/kernel/hostname"' sh "$launcher"
  assert_output "$(printf 'kept\n/usr\n0027\n/dev/null\n%s' "$(hostname)")"
}

@test "--as-mapped: what it mounts the host does not see" {
  run -0 mapped -- sh -c "mount -t tmpfs none $home/root/mnt && : >$home/root/mnt/there && echo made"
  assert_output made
  [ ! -e "$home/root/mnt/there" ]
  run -0 limited unshare -m --propagation shared "$project/tests/support/as-granted" "$uids" "$gids" -- "$launcher" --as-mapped -- \
    sh -c "mount -t tmpfs none $home/root/mnt && echo made"
  assert_output made
}

@test "--as-mapped goes first, and takes nothing of a container's" {
  local word number
  for number in $(chapters_from 11); do
    run -2 limited "$build/chapter-$number" -m "$root" --as-mapped -- echo RAN
    assert_output --partial -- '--as-mapped: has to be the first word'
  done
  for word in -m --read-only --memory --no-limits -u --share --cap-add; do
    run -2 limited "$launcher" --as-mapped "$word" -- echo RAN
    assert_output --partial "$word"
    refute_output --partial RAN
  done
  run -2 limited "$launcher" --as-mapped
  run -0 limited "$launcher" --as-mapped --help
}

# --- a delegated control group: what a guest with systemd is not needed for; the rest is tests/vm/session.bats ---

# asks BUS FLAG... -- COMMAND...: an ordinary user's launcher, to whom no control group is delegated, where BUS, a
# shell command, makes the socket $bus on which his systemd is asked. Without limits of its own a container has a
# group nevertheless, and so that comes as far on a host whose controllers are still on v1.
asks() {
  local listens=$1
  shift
  TINCAN_AS_USER=1 stage 11 --memory none --pids none --cpu-weight none "$@"
  hosted - --clean -- "$(type -P unshare)" -m "$(type -P bash)" -c 'mount -t tmpfs none /run && mkdir -p /run/user/65534 && chmod 755 /run/user/* && bus=/run/user/65534/bus && eval "$0" && exec "$@"' \
    "$listens" "${stage_argv[@]}"
}
# listening [SETPRIV-OPTION...]: for `asks`: a bus that hangs up, of whoever the options make it, until the launcher
# has ended.
listening() {
  echo "chmod 777 /run/user/65534; setpriv $* perl -MSocket -e 'socket(S, AF_UNIX, SOCK_STREAM, 0) && bind(S, sockaddr_un(\$ARGV[0])) && listen(S, 5) && chmod(0666, \$ARGV[0]) or die; \$launcher = getppid; while (getppid == \$launcher) { vec(\$who = chr(0), fileno(S), 1) = 1; select(\$who, undef, undef, .05) && accept(C, S) && close(C) }' \$bus </dev/null >/dev/null 2>&1 3>&- & until [ -w \$bus ]; do sleep 0.02; done"
}
user='--reuid 65534 --regid 65534 --clear-groups'

@test "RES-19 nothing inside can lift a limit or leave its group, whoever owns the groups" { promise RES-19; }

@test "an ordinary user whom nobody gives a control group is told who could" {
  asks true -- echo RAN
  assert_equal "$status" 125
  refute_output --partial RAN
  assert_output --partial 'ask for a control group /run/user/65534/bus: ENOENT'
  assert_output --partial 'loginctl enable-linger'
  assert_output --partial '--no-limits'
}

@test "with --no-limits nobody is asked" {
  TINCAN_AS_USER=1 stage 11 --no-limits -- sh -c 'echo RAN'
  hosted -0 --clean -- "${stage_argv[@]}"
  assert_output --partial RAN
}

@test "who answers is his own, and counts processes as he does: otherwise nobody is moved" {
  # The control: his own gets as far as being asked, by a program that is not in PATH.
  asks "$(listening "$user"); mkdir /run/bin && printf '#!/bin/sh\necho PLANTED\n' >/run/bin/busctl && chmod 755 /run/bin/busctl; PATH=/run/bin:\$PATH" -- echo RAN
  assert_equal "$status" 125
  refute_output --partial RAN
  refute_output --partial PLANTED
  assert_output --regexp 'busctl ends with|find busctl'
  asks "$(listening --reuid 0)" -- echo RAN
  assert_equal "$status" 125
  assert_output --partial "another user's"
  # The same number means another process there.
  asks "$(listening "$user"); set -- unshare -pf --mount-proc \"\$@\"" -- echo RAN
  assert_equal "$status" 125
  assert_output --partial 'another pid namespace'
}
