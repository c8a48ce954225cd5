#!/usr/bin/env bats
# bats file_tags=chapter:06
# Chapter 06: a user namespace, root inside and nobody outside.

load support/promise

setup() {
  launcher=$build/chapter-06
  root=$(readlink -f "$project/build/root")
}

# can [FLAG...] -- COMMAND...: in a container on the busybox root.
can() { limited "$launcher" -m "$root" "$@"; }

# ordinary [FLAG...] -- COMMAND...: the same, started by a user without any privilege, who has a root
# directory of his own.
ordinary() {
  [ -d "$BATS_TEST_TMPDIR/own/root" ] || {
    mkdir -m 700 "$BATS_TEST_TMPDIR/own"
    cp -a "$root" "$BATS_TEST_TMPDIR/own/root"
    chown -R 65534:65534 "$BATS_TEST_TMPDIR/own"
    open_the_way
  }
  limited setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps=-all --bounding-set=-all \
    "$launcher" -m "$BATS_TEST_TMPDIR/own/root" "$@"
}

@test "DEV-KERNEL no addresses, no memory, no ports and no log of the kernel" { promise DEV-KERNEL; }
@test "USER-01 root inside may not write the kernel's settings, /proc/sys" { promise USER-01; }
@test "USER-02 every user and group inside is one of the container's range outside" { promise USER-02; }
@test "USER-03 a group that an ordinary user is in, and that a file refuses, cannot be left" { promise USER-03; }
@test "USER-05 after -u all ids are that user's, and there is no way back to root" { promise USER-05; }
@test "USER-08 a set-uid program made inside on a bound directory makes nobody a user of the host" { promise USER-08; }
@test "USER-09 where root inside writes as an account of the host, other users cannot reach" { promise USER-09; }
@test "USER-10 without a user namespace of its own too: where root inside writes, other users cannot reach" { promise USER-10; }
@test "NS-09 every namespace belongs to the container's own user namespace" { promise NS-09; }
@test "NS-13 the command never runs before its id maps are in place" { promise NS-13; }
@test "MNT-15 the launcher's own program file cannot be overwritten from inside" { promise MNT-15; }
@test "MNT-17 files of the host cannot be opened by handle" { promise MNT-17; }
@test "MNT-19 a set-uid program made in the root directory is out of reach of other users of the host" { promise MNT-19; }
@test "MNT-22 a read-only root that can be made writable from inside is out of reach of other users too" { promise MNT-22; }
@test "EX-05 a file that was opened for reading cannot be opened again for writing" { promise EX-05; }

# ordinary_user ID STAGE: the probe's attack when an ordinary user starts the container.
ordinary_user() {
  local flags output status
  mapfile -t flags < <(without_limits "$2")
  stage "$2" --reachable "${flags[@]}" -- @probe@ "$1" @facts@
  stage_argv=("$(type -P setpriv)" "${as_user[@]:1}" "${stage_argv[@]/\/mnt\/closed/\/mnt\/home}")
  output=$(on_hostile_host -- "${stage_argv[@]}" 2>&1) && status=0 || status=$?
  verdict "$status" "$1" "$output"
}

# All that the probe tries by itself.
@test "RL-02 what root's container keeps, an ordinary user's keeps too" {
  local id chapter kind where line count=0
  while IFS=$'\t' read -r id chapter kind _; do
    [[ $id =~ ^(EX|NS|NET|MNT|DEV|PTY|USER)- && $kind != own ]] || continue
    case $id in EX-STD* | EX-05 | MNT-15) continue ;; esac
    # Those that take more than the probe start their containers themselves.
    ! declare -F "attack_${id//-/_}" >/dev/null || continue
    ((10#$chapter >= 6)) || chapter=06
    # shellcheck disable=SC2046  # chapters, one word each
    while read -r where line; do
      tried "$id" "$line"
      case $line in
        *'time limit'*) fail "chapter $where, started by an ordinary user: $line" ;;
        BLOCKED* | NOT-TESTABLE*) ;;
        *) fail "chapter $where, started by an ordinary user: $line" ;;
      esac
      count=$((count + 1))
    done < <(side_by_side "ordinary_user $id" $(chapters_from "$chapter"))
  done < <(grep -v '^#' "$project/tests/promises.tsv")
  [ "$count" -ge 35 ] || fail "only $count attacks were tried"
}

# --- who is who ---

@test "root inside is 100000 outside, and the map is written as documented" {
  run -0 can -- sh -c 'id -u; id -g; tr -s " " </proc/self/uid_map; tr -s " " </proc/self/gid_map; cat /proc/self/setgroups'
  assert_output "$(printf '0\n0\n 0 100000 65536\n 0 100000 65536\nallow')"
}

@test "the host sees the command as user 100000" {
  coproc inner { exec "$launcher" -m "$root" -- sh -c 'echo ready; read -rt 8 _'; }
  # shellcheck disable=SC2154  # coproc sets it
  read -rt 8 _ <&"${inner[0]}"
  local child
  child=$(cat "/proc/$inner_PID/task/$inner_PID/children")
  run -0 stat -c '%u %g' "/proc/${child// /}"
  echo go >&"${inner[1]}"
  assert_output '100000 100000'
}

@test "the maps go to the child, whatever number it has in the /proc that is there" {
  run -0 limited unshare --pid --fork "$launcher" -m "$root" -- id -u
  assert_output 0
}

@test "the device nodes are those of root inside, whoever that is" {
  local number flags
  for number in $(chapters_from 06); do
    for flags in '' '--map 0:200000:10' '--map 1:300000:5 --map 0:200000:1'; do
      # shellcheck disable=SC2086  # several words or none
      run -0 limited "$build/chapter-$number" -m "$root" $flags -- sh -c 'stat -c %u:%g /dev/null && chmod 600 /dev/null'
      assert_output 0:0
    done
  done
}

@test "several --map ranges" {
  run -0 can --map 0:200000:1 --map 1000:300000:10 -u 1003 -- sh -c 'id -u; tr -s " " </proc/self/uid_map'
  assert_output "$(printf '1003\n 0 200000 1\n 1000 300000 10')"
}

@test "maps that are none, or that overlap, wrap, or reach the host's root, are refused" {
  local map
  for map in '' 0 0:1 0:1:0 0:1:2:3 :1:2 0::1 0:1: 0:1:4294967295 0:4294967294:2 4294967294:1:2 4294967295:1:1 0:4294967295:1 \
    0:x:1 x:1:1 0:1:x 01:1:1 0:01:1 0:1:01 +0:1:1 -0:1:1 '0:1:1 ' ' 0:1:1' 0:1:4294967296 0:0x10:1 0:1.0:1 0,1,2; do
    run -2 can --map "$map" -- echo RAN
    assert_output --partial "--map: '$map'"
    refute_output --partial RAN
  done
  run -2 can --map 0:1000:10 --map 5:9000:10 -- true
  assert_output --partial 'overlap inside'
  run -2 can --map 0:1000:10 --map 50:1005:10 -- true
  assert_output --partial 'overlap on the host'
  run -2 can --map 1:1000:10 -- true
  assert_output --partial 'no range has id 0 inside'
  run -2 can --map 0:0:1 -- true
  assert_output --partial -- --map-host-root
  run -2 can --map 0:1000:1 --map 1:0:1 -- true
  assert_output --partial -- --map-host-root
}

@test "USER-01 a user namespace of its own alone is no wall: with the host's root in it, settings are open" {
  hosted -71 --clean -- "$launcher" -m /mnt/closed/can -a "$build/probe:/probe:ro" --reachable --map 0:0:65536 --map-host-root -- /probe USER-01
}

# --- switching user ---

@test "USER-06 -u is an exact id or an error, and never root by mistake" {
  local user
  for user in 1 1000 65534 65535; do
    run -0 can -u "$user" -- sh -c 'grep -E "^(Uid|Gid|Groups)" /proc/self/status | tr "\t" " "'
    assert_output "$(printf 'Uid: %s %s %s %s\nGid: %s %s %s %s\nGroups:  ' "$user"{,,,} "$user"{,,,})"
  done
  for user in 01 +1 -1 4294967295 4294967294 4294967296 4294968296 2147483648 65536 0x0 0x3e8 1: :1 : 1:1:1 1:01 1:4294967296 \
    ' 1' '1 ' 1a 1e3 1.0 '' root nobody ١; do
    run -2 can -u "$user" -- echo RAN
    assert_output --partial '--uid'
    refute_output --partial RAN
  done
}

@test "a user that no map has is wrong usage" {
  local number
  for number in $(chapters_from 06); do
    run -2 "$build/chapter-$number" -m "$root" -u 65536 -- echo RAN
    assert_output --partial '65536:65536 does not exist inside: no --map has it'
    run -2 "$build/chapter-$number" -m "$root" -u 0:65536 -- echo RAN
  done
}

@test "USER-06 a number is never looked up as a name" {
  local copy=$BATS_TEST_TMPDIR/closed/root
  mkdir -m 700 "${copy%/*}"
  cp -a "$root" "$copy"
  printf '1000:x:0:0:trap:/:/bin/sh\n4294967296:x:0:0:trap:/:/bin/sh\n' >>"$copy/etc/passwd"
  run -0 limited "$launcher" -m "$copy" -u 1000 -- sh -c 'grep ^Uid /proc/self/status | tr "\t" " "'
  assert_output 'Uid: 1000 1000 1000 1000'
  run -2 limited "$launcher" -m "$copy" -u 4294967296 -- echo RAN
}

@test "-u UID:GID sets the group apart, and -u alone takes the same number" {
  local number user
  for number in $(chapters_from 06); do
    for user in 1234:4321 0:7 7:0 1000:1000 0; do
      run -0 limited "$build/chapter-$number" -m "$root" -u "$user" -- sh -c 'grep -E "^(Uid|Gid|Groups)" /proc/self/status | tr "\t" " "'
      assert_output "$(printf 'Uid: %s %s %s %s\nGid: %s %s %s %s\nGroups:  ' "${user%:*}"{,,,} "${user#*:}"{,,,})"
    done
    run -2 "$build/chapter-$number" -m "$root" -u 65536:0 -- echo RAN
    assert_output --partial '65536:0 does not exist inside'
    run -2 "$build/chapter-$number" -m "$root" -u 0:65536 -- echo RAN
    assert_output --partial '0:65536 does not exist inside'
  done
}

@test "an ordinary user whose group has another number is root inside with both" {
  local number limits copy=$BATS_TEST_TMPDIR/own/root
  mkdir -m 700 "${copy%/*}" && cp -a "$root" "$copy" && chown -R 1234:4321 "${copy%/*}"
  open_the_way
  for number in $(chapters_from 06); do
    mapfile -t limits < <(without_limits "$number")
    run --separate-stderr -0 limited setpriv --reuid 1234 --regid 4321 --clear-groups --inh-caps=-all --bounding-set=-all \
      "$build/chapter-$number" -m "$copy" "${limits[@]}" -- sh -c 'tr -s " " </proc/self/uid_map; tr -s " " </proc/self/gid_map; id -u; id -g; stat -c %u:%g /bin'
    assert_output "$(printf ' 0 1234 1\n 0 4321 1\n0\n0\n0:0')"
  done
}

@test "a change of user that did not happen is found by reading back" {
  command -v strace >/dev/null || skip 'strace is not installed'
  local call user
  for call in setresuid,setreuid,setuid setresgid,setregid,setgid; do
    # The second: the first makes it root inside.
    for user in 1000 1000:7 0:7 7:0; do
      # Where the number is root's already, nothing would have changed.
      [[ $call:$user != setresuid*:0:* && $call:$user != setresgid*:0 ]] || continue
      run -125 strace -f -qq -o /dev/null -e trace="$call" -e inject="$call":retval=0:when=2 "$launcher" -m "$root" -u "$user" -- echo RAN
      refute_output --partial RAN
    done
    run -125 strace -f -qq -o /dev/null -e trace="$call" -e inject="$call":error=EPERM "$launcher" -m "$root" -u 1000 -- echo RAN
    refute_output --partial RAN
  done
}

@test "another user inside is another user for the files too" {
  run -1 can -u 1000 -- sh -c 'echo x >/root/x'
  run -1 can -u 1000 -- sh -c 'cat /root/x'
  run -0 can -u 1000 -- sh -c 'echo mine >/dev/shm/x && stat -c %u:%g /dev/shm/x'
  assert_output 1000:1000
}

# --- the root directory's owners ---

@test "the root's files appear with the owners that they have on disk" {
  local copy=$BATS_TEST_TMPDIR/closed/root number
  mkdir -m 700 "${copy%/*}"
  cp -a "$root" "$copy"
  chown 1000:2000 "$copy/etc/motd"
  chown 70000:70000 "$copy/etc/group"
  for number in $(chapters_from 06); do
    run -0 limited "$build/chapter-$number" -m "$copy" -- stat -c %u:%g /bin/busybox /etc/motd /etc/group
    assert_output "$(printf '0:0\n1000:2000\n65534:65534')"
  done
}

@test "what root inside writes in the root is root's on disk; what user 7 writes is user 7's" {
  local copy=$BATS_TEST_TMPDIR/closed/root
  mkdir -m 700 "${copy%/*}"
  cp -a "$root" "$copy"
  run -0 limited "$launcher" -m "$copy" -- sh -c 'echo x >/etc/by-root && touch /etc/by-seven && chown 7:8 /etc/by-seven'
  run -0 stat -c %u:%g "$copy/etc/by-root" "$copy/etc/by-seven"
  assert_output "$(printf '0:0\n7:8')"
}

@test "--no-idmap: the root's files belong to nobody, and cannot be written" {
  run -0 can --no-idmap -- stat -c %u /bin/busybox
  assert_output 65534
  run -1 can --no-idmap -- sh -c 'echo x >/etc/x'
}

@test "what -a adds, and what is mounted below the root, keeps the host's view of owners" {
  hosted -0 --clean -- "$launcher" -m /mnt/closed/can -a /mnt/tree:/mnt/target:ro -- /bin/busybox stat -c %u / /mnt /mnt/target/file
  assert_output "$(printf '0\n65534\n65534')"
}

@test "a directory that was added to be written, and that nobody inside can write, is named; no other" {
  # Another test, of this file or of one that runs beside it, may have opened the way as far as here.
  local number tree=$BATS_TEST_TMPDIR/closed/tree
  mkdir -m 700 "${tree%/*}" && mkdir -m 755 "$tree"
  : >"$tree/file"
  for number in $(chapters_from 06); do
    run -0 limited "$build/chapter-$number" -m "$root" -a "$tree:/mnt" -- sh -c 'echo x >/mnt/x || echo refused'
    assert_line --regexp "warning chapter-$number: -a $tree: only the host's user 0 may write there, who has no id inside"
    assert_line refused
  done
  # Read-only, a file, of somebody inside, of everybody, of a group (which an ACL needs too), root by request.
  run -0 can -a "$tree:/mnt:ro" -a "$tree/file:/probe" -- true
  assert_output ''
  run -0 can --share user -a "$tree:/mnt" -- sh -c 'echo x >/mnt/x'
  assert_output ''
  chown 100007 "$tree"
  run -0 can -u 7 -a "$tree:/mnt" -- sh -c 'echo x >/mnt/y'
  assert_output ''
  chown 0 "$tree"
  for mode in 775 757; do
    chmod "$mode" "$tree"
    run -0 can -a "$tree:/mnt" -- true
    assert_output ''
  done
}

@test "a file system that cannot be idmapped is refused, naming --no-idmap, and works with it" {
  # shellcheck disable=SC2016  # for the inner shell
  local script='mkdir -m 700 "$1/closed" && mkdir "$1/closed/can" && mount -t ramfs none "$1/closed/can" && chmod 755 "$1/closed/can" &&
    cp -a "$2/." "$1/closed/can/" && shift 2 && exec "$@"'
  run -125 limited unshare -m sh -c "$script" sh "$BATS_TEST_TMPDIR" "$root" "$launcher" -m "$BATS_TEST_TMPDIR/closed/can" -- echo RAN
  assert_output --partial 'idmap the root directory: EINVAL'
  assert_output --partial -- --no-idmap
  refute_output --partial RAN
  rmdir "$BATS_TEST_TMPDIR/closed/can" "$BATS_TEST_TMPDIR/closed"
  run -0 limited unshare -m sh -c "$script" sh "$BATS_TEST_TMPDIR" "$root" "$launcher" -m "$BATS_TEST_TMPDIR/closed/can" --no-idmap -- echo RAN
  assert_output RAN
}

# --- who can reach it ---

@test "a writable root that others can reach is refused; closed, read-only or by --reachable it works" {
  local copy=$BATS_TEST_TMPDIR/open/root
  mkdir -m 755 "$BATS_TEST_TMPDIR/open"
  cp -a "$root" "$copy"
  open_the_way
  run -125 limited "$launcher" -m "$copy" -- echo RAN
  assert_output --partial 'keep from other users'
  assert_output --partial -- --reachable
  refute_output --partial RAN
  # Read-only lasts where nobody inside has CAP_SYS_ADMIN.
  run -125 limited "$launcher" -m "$copy" --read-only -- echo RAN
  local number
  for number in $(chapters_from 07); do
    run -0 limited "$build/chapter-$number" -m "$copy" --read-only -- true
    run -125 limited "$build/chapter-$number" -m "$copy" --read-only --cap-add SYS_ADMIN -- echo RAN
    refute_output --partial RAN
  done
  run -0 limited "$launcher" -m "$copy" --reachable -- true
  run -0 limited "$launcher" -m "$copy" --no-idmap -- true
  chmod 700 "$BATS_TEST_TMPDIR/open"
  run -0 limited "$launcher" -m "$copy" -- true
  # Closed to others, but not to a group, or the door of somebody else.
  chmod 710 "$BATS_TEST_TMPDIR/open"
  run -125 limited "$launcher" -m "$copy" -- echo RAN
  chmod 701 "$BATS_TEST_TMPDIR/open"
  run -125 limited "$launcher" -m "$copy" -- echo RAN
  chmod 700 "$BATS_TEST_TMPDIR/open" && chown 65534 "$BATS_TEST_TMPDIR/open"
  run -125 limited "$launcher" -m "$copy" -- echo RAN
  # Whoever called sudo could be root anyway.
  run -0 env SUDO_UID=65534 "$launcher" -m "$copy" -- true
  run -125 env SUDO_UID=65533 "$launcher" -m "$copy" -- echo RAN
}

@test "who can reach a root or a bind is asked of what its name leads to" {
  local number name
  mkdir -m 700 "$BATS_TEST_TMPDIR/closed" && mkdir -m 755 "$BATS_TEST_TMPDIR/open" && open_the_way
  for name in open closed; do
    cp -a "$root" "$BATS_TEST_TMPDIR/$name/root" && : >"$BATS_TEST_TMPDIR/$name/file"
    ln -s "../$name" "$BATS_TEST_TMPDIR/closed/to-$name" && ln -s "../$name" "$BATS_TEST_TMPDIR/open/to-$name"
  done
  for number in $(chapters_from 06); do
    # The way to it leads by a door that is closed, and it stands open all the same.
    for name in closed/to-open/root closed/../open/root open/to-open/root; do
      run -125 limited "$build/chapter-$number" -m "$BATS_TEST_TMPDIR/$name" -- echo RAN
      assert_output --partial 'keep from other users'
    done
    for name in closed/to-open closed/to-open/file closed/../open/file open/to-open/./file; do
      run -125 limited "$build/chapter-$number" -m "$root" --share user -a "$BATS_TEST_TMPDIR/$name:/mnt" -- echo RAN
      assert_output --partial 'keep from other users'
    done
    for name in open/to-closed/root open/../closed/root closed/to-closed/root; do
      run -0 limited "$build/chapter-$number" -m "$BATS_TEST_TMPDIR/$name" -- true
    done
    run -0 limited "$build/chapter-$number" -m "$root" --share user -a "$BATS_TEST_TMPDIR/open/to-closed/file:/probe" -- sh -c 'echo written >/probe'
  done
  run -0 cat "$BATS_TEST_TMPDIR/closed/file"
  assert_output written
}

@test "a door is found above mounts too, whose roots all have the same number" {
  run -0 limited unshare -m --propagation private sh -c 'mount -t tmpfs -o mode=700 outer "$0" && mkdir "$0/in" &&
    mount -t tmpfs inner "$0/in" && cp -a "$1" "$0/in/root" && exec "$2" -m "$0/in/root" --share user -- echo RAN' \
    "$BATS_TEST_TMPDIR" "$root" "$launcher"
  assert_output --partial RAN
}

# --- started by an ordinary user ---

@test "an ordinary user is root inside, alone, and told what is lost" {
  run --separate-stderr -0 ordinary -- sh -c 'id -u; tr -s " " </proc/self/uid_map; tr -s " " </proc/self/gid_map; cat /proc/self/setgroups; stat -c %u /bin/busybox'
  assert_output "$(printf '0\n 0 65534 1\n 0 65534 1\ndeny\n0')"
  # shellcheck disable=SC2154  # run sets it
  assert_regex "$stderr" 'warning chapter-06: started without privileges: user 65534 is root inside and the only user'
}

@test "an ordinary user's container works, in every chapter" {
  local number limits
  for number in $(chapters_from 06); do
    launcher=$build/chapter-$number
    # Limits take a control group that is delegated to the user.
    mapfile -t limits < <(without_limits "$number")
    run --separate-stderr -0 ordinary "${limits[@]}" -- sh -c 'id -u; cat /etc/motd'
    assert_output "$(printf '0\nA tin can: what is in here is all there is.')"
  done
}

@test "an ordinary user's container works: files, terminals, memory, binds" {
  mkdir -m 700 "$BATS_TEST_TMPDIR/share" && echo shared >"$BATS_TEST_TMPDIR/share/file" && chown -R 65534 "$BATS_TEST_TMPDIR/share"
  run --separate-stderr -0 ordinary --tmp -a "$BATS_TEST_TMPDIR/share:/mnt" -- sh -c 'echo $$; cat /mnt/file; echo new >/mnt/new; echo x >/etc/x
    echo y >/tmp/y; exec 3<>/dev/ptmx && ls /dev/pts; ls /sys/class/net; hostname inner && hostname; cat </dev/null'
  assert_output "$(printf '1\nshared\n0\nptmx\nlo\ninner')"
  run -0 stat -c %u "$BATS_TEST_TMPDIR/share/new" "$BATS_TEST_TMPDIR/own/root/etc/x"
  assert_output "$(printf '65534\n65534')"
}

@test "an ordinary user can map nobody else, and become nobody else" {
  run -2 ordinary --map 0:100000:65536 -- echo RAN
  assert_output --partial '--map: takes CAP_SYS_ADMIN, CAP_SETUID and CAP_SETGID'
  run -2 ordinary -u 1000 -- echo RAN
  assert_output --partial '1000:1000 does not exist inside'
  run -125 ordinary --share user -- echo RAN
  refute_output --partial RAN
}

@test "an ordinary user is told what keeps a file or a directory from being had" {
  ordinary -- true
  local mine=$BATS_TEST_TMPDIR/own closed=$BATS_TEST_TMPDIR/closed what words
  mkdir -m 755 "$closed" "$closed/in" && chmod 700 "$closed" && install -m 600 /dev/null "$BATS_TEST_TMPDIR/secret"
  while IFS='|' read -r what words; do
    # shellcheck disable=SC2086  # several words
    run -125 ordinary $what -- echo RAN
    assert_output --regexp "$words"
    refute_output --partial $'\nRAN'
  done <<END
-a $closed:/mnt|look above $closed: EACCES .*this user may not search it, or a directory above it
-a $closed/in:/mnt|open_tree $closed/in: EACCES .*it lies behind '$closed', a directory that this user may not search
-a $mine/root/etc/motd/:/mnt|ENOTDIR .*it goes on behind '$mine/root/etc/motd', which is a file
END
  run -2 limited setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps=-all --bounding-set=-all "$launcher" -m "$closed/in" -- echo RAN
  assert_output --partial "EACCES; it lies behind '$closed', a directory that this user may not search"
  run -125 limited setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps=-all --bounding-set=-all "$launcher" -m "$closed" -- echo RAN
  assert_output --regexp "look above $closed: EACCES .*: this user may not search it"
}

@test "a limit of descriptors is named" {
  run -125 bash -c 'ulimit -n 8; exec "$@"' bash "$launcher" -m "$root" -- echo RAN
  assert_output --regexp "EMFILE .*: this process may open no more files: see 'ulimit -n'"
}

@test "root without capabilities is not mapped to root, unless --map-host-root says so" {
  run -2 limited setpriv --inh-caps=-all --bounding-set=-all "$launcher" -m "$root" -- echo RAN
  assert_output --partial -- --map-host-root
  # The kernel asks for CAP_SETFCAP on top, since Linux 5.12.
  run -125 limited setpriv --inh-caps=-all --bounding-set=-all "$launcher" -m "$root" --map-host-root -- echo RAN
  assert_output --partial 'CAP_SETFCAP'
  run -0 limited setpriv --inh-caps=-all --bounding-set=-all,+setfcap "$launcher" -m "$root" --map-host-root -- echo RAN
  assert_output --partial RAN
}

@test "an ordinary user in other groups has to say --keep-groups" {
  ordinary -- true
  local as=(limited setpriv --reuid 65534 --regid 65534 --groups "65534,4242" "$launcher" -m "$BATS_TEST_TMPDIR/own/root")
  run -125 "${as[@]}" -- echo RAN
  assert_output --partial 'setgroups to none: EPERM'
  refute_output --partial RAN
  run -0 "${as[@]}" --keep-groups -- echo RAN
}

# with_binds CHAPTER FLAG...: binds of a directory and of a file that others can reach, writable and
# not, and of the same behind a closed door. Prints the modes that are accepted.
with_binds() {
  local open=$BATS_TEST_TMPDIR/tree mode
  mkdir -p "$open" && chmod 755 "$open" && : >"$open/file"
  for mode in "$open:/mnt" "$open/file:/etc/motd" "$open:/mnt:ro" "$open/file:/etc/motd:ro"; do
    if limited "$build/chapter-$1" -m "$root" "${@:2}" -a "$mode" -- true 2>"$BATS_TEST_TMPDIR/error"; then
      echo "${mode#"$open"}"
    else
      grep -q 'keep from other users' "$BATS_TEST_TMPDIR/error" || cat "$BATS_TEST_TMPDIR/error"
    fi
  done
}

@test "binds where root inside writes as an account of the host are held to it, files and directories" {
  local number flags
  open_the_way
  for number in $(chapters_from 06); do
    flags=()
    run -0 with_binds "$number"
    assert_output "$(printf ':/mnt\n/file:/etc/motd\n:/mnt:ro\n/file:/etc/motd:ro')"
    for flags in '--share user' '--map 0:1000:1 --no-idmap'; do
      # shellcheck disable=SC2086  # several words
      run -0 with_binds "$number" $flags
      # In chapter 06, read-only can be undone.
      if [ "$number" = 06 ]; then assert_output ''; else assert_output "$(printf ':/mnt:ro\n/file:/etc/motd:ro')"; fi
    done
  done
}

@test "one bind that others can reach among several is enough, first, last or between" {
  local open=$BATS_TEST_TMPDIR/tree closed=$BATS_TEST_TMPDIR/closed paths
  mkdir -m 755 "$open" && mkdir -m 700 "$closed" && open_the_way
  run -0 can --share user -a "$closed:/mnt" -a "$closed:/home" -a "$closed:/var" -- true
  for paths in "$open $closed $closed" "$closed $open $closed" "$closed $closed $open"; do
    read -ra paths <<<"$paths"
    run -125 can --share user -a "${paths[0]}:/mnt" -a "${paths[1]}:/home" -a "${paths[2]}:/var" -- echo RAN
    assert_output --partial "keep from other users $open"
  done
}

@test "what is looked at is what becomes the root, though two names change places all the time" {
  local number count=0 ran=0
  mkdir -m 700 "$BATS_TEST_TMPDIR/closed" && cp -a "$root" "$BATS_TEST_TMPDIR/closed/root"
  cp -a "$root" "$BATS_TEST_TMPDIR/root" && chmod 755 "$BATS_TEST_TMPDIR/root"
  open_the_way
  echo closed >"$BATS_TEST_TMPDIR/closed/root/etc/which"
  echo open >"$BATS_TEST_TMPDIR/root/etc/which"
  ln -s closed/root "$BATS_TEST_TMPDIR/one" && ln -s root "$BATS_TEST_TMPDIR/other"
  "$build/probe" swap "$BATS_TEST_TMPDIR/one" "$BATS_TEST_TMPDIR/other" 3>&- &
  for number in $(chapters_from 06); do
    for ((count = 0; count < 40; count++)); do
      run limited "$build/chapter-$number" -m "$BATS_TEST_TMPDIR/one" -- cat /etc/which
      case $status:$output in
        0:closed) ran=$((ran + 1)) ;;
        125:*'keep from other users'*) ;;
        *) kill $! && fail "start $count: status $status: $output" ;;
      esac
    done
  done
  kill $!
  [ "$ran" -gt 5 ] || fail "only $ran ran"
}

@test "a file that -a shows is the one that was looked at, though two names change places all the time" {
  command -v strace >/dev/null || skip 'strace is not installed'
  local number count ran=0 refused=0
  # The launcher alone is traced, and takes its time between the first look and the second.
  local slowly=(strace -qq -o /dev/null -e "trace=readlink,readlinkat" -e "inject=readlink,readlinkat:delay_enter=10000")
  mkdir -m 700 "$BATS_TEST_TMPDIR/closed" && mkdir -m 755 "$BATS_TEST_TMPDIR/open" && open_the_way
  echo closed >"$BATS_TEST_TMPDIR/closed/file" && echo open >"$BATS_TEST_TMPDIR/open/file"
  ln -s closed/file "$BATS_TEST_TMPDIR/one" && ln -s open/file "$BATS_TEST_TMPDIR/other"
  "$build/probe" swap "$BATS_TEST_TMPDIR/one" "$BATS_TEST_TMPDIR/other" 3>&- &
  for number in $(chapters_from 06); do
    for ((count = 0; count < 25; count++)); do
      run limited "${slowly[@]}" "$build/chapter-$number" -m "$root" --share user -a "$BATS_TEST_TMPDIR/one:/etc/motd" -- cat /etc/motd
      case $status:$output in
        0:closed) ran=$((ran + 1)) ;;
        125:*'keep from other users'*) refused=$((refused + 1)) ;;
        *) kill $! && fail "start $count: status $status: $output" ;;
      esac
    done
  done
  kill $!
  ((ran > 5 && refused > 5)) || fail "$ran ran, $refused were refused"
}

@test "what an ordinary user's child packs is what was looked at" {
  local number ran=0 refused=0 count
  ordinary -- true
  local own=$BATS_TEST_TMPDIR/own limits
  mkdir "$own/here" "$own/there" && mv "$own/root" "$own/here/root" && cp -a "$own/here/root" "$own/there"
  chown -R 65534:65534 "$own"
  echo here >"$own/here/root/etc/which" && echo there >"$own/there/root/etc/which"
  ln -s here/root "$own/one" && ln -s there/root "$own/other"
  "$build/probe" swap "$own/one" "$own/other" 3>&- &
  local swapper=$!
  for number in $(chapters_from 06); do
    mapfile -t limits < <(without_limits "$number")
    for ((count = 0; count < 40; count++)); do
      run limited setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps=-all --bounding-set=-all \
        "$build/chapter-$number" -m "$own/one" "${limits[@]}" -- cat /etc/which
      case $status:$output in
        0:*) ran=$((ran + 1)) ;;
        125:*'open again'*ESTALE*) refused=$((refused + 1)) ;;
        *) kill "$swapper" && fail "start $count: status $status: $output" ;;
      esac
    done
  done
  kill "$swapper"
  [ "$ran" -gt 5 ] || fail "only $ran ran"
  [ "$refused" -gt 0 ] || fail 'the names never changed places between the two looks'
}

@test "an ordinary user's directories are held to the same: out of other users' reach, or read-only" {
  mkdir -m 755 "$BATS_TEST_TMPDIR/open" && chown 65534 "$BATS_TEST_TMPDIR/open"
  run -125 ordinary -a "$BATS_TEST_TMPDIR/open:/mnt" -- echo RAN
  assert_output --partial 'keep from other users'
  run -125 ordinary -a "$BATS_TEST_TMPDIR/open:/mnt:ro" -- echo RAN
  local number limits
  for number in $(chapters_from 07); do
    mapfile -t limits < <(without_limits "$number")
    launcher=$build/chapter-$number
    run -0 ordinary "${limits[@]}" -a "$BATS_TEST_TMPDIR/open:/mnt:ro" -- true
  done
  launcher=$build/chapter-06
  chmod 755 "$BATS_TEST_TMPDIR/own"
  run -125 ordinary -- echo RAN
}

# --- no user namespace ---

@test "R15 where no user namespace can be had, nothing runs" {
  run -125 limited unshare -Urm sh -c 'echo 0 >/proc/sys/user/max_user_namespaces && exec "$@"' sh "$launcher" -m "$root" --map 0:0:1 --map-host-root -- echo RAN
  assert_output --partial 'clone3 NEWUSER with new namespaces: uts, pid, ipc, net, mount, user: ENOSPC'
  assert_output --partial '/proc/sys/user/max_user_namespaces'
  refute_output --partial RAN
}

@test "R15 the kernel's refusal is explained: AppArmor, Debian's switch, chroot, container" {
  command -v strace >/dev/null || skip 'strace is not installed'
  run -125 strace -qq -o /dev/null -e trace=clone3 -e inject=clone3:error=EPERM:when=2 "$launcher" -m "$root" -- echo RAN
  assert_output --partial 'clone3 NEWUSER'
  assert_output --partial 'unprivileged_userns_clone'
  assert_output --partial 'AppArmor'
  refute_output --partial RAN
}

@test "the child waits for its maps, however long they take" {
  command -v strace >/dev/null || skip 'strace is not installed'
  # The launcher alone is traced; what it writes first is the uid map.
  run -0 strace -qq -o /dev/null -e trace=write -e inject=write:delay_enter=300000:when=1 "$launcher" -m "$root" -- id -u
  assert_output 0
}

@test "if a map cannot be written, nothing runs" {
  command -v strace >/dev/null || skip 'strace is not installed'
  local nth=0 map
  for map in uid_map gid_map; do
    nth=$((nth + 1))
    run -125 strace -qq -o /dev/null -e trace=write -e inject=write:error=EPERM:when="$nth" "$launcher" -m "$root" -- echo RAN
    assert_output --partial "write $map 0 100000 65536: EPERM"
    assert_output --partial '/proc/self/uid_map'
    refute_output --partial RAN
  done
}

# mapped UIDS GIDS ARGUMENT...: a launcher in a user namespace with such ids of each kind: ranges FIRST:SIZE, the same
# outside, with commas between.
mapped() {
  coproc inner { exec timeout -k 1 "$((10 * patience))" unshare -Um sh -c 'echo ready; read -r _; exec "$@" 2>&1' sh "${@:3}"; }
  local pid=$inner_PID inside line
  read -rt $((5 * patience)) line <&"${inner[0]}"
  inside=$(pgrep -P "$pid")
  tr , '\n' <<<"$1" | sed -E 's/(.*):(.*)/\1 \1 \2/' >"$BATS_TEST_TMPDIR/map" && cat "$BATS_TEST_TMPDIR/map" >"/proc/$inside/uid_map"
  tr , '\n' <<<"$2" | sed -E 's/(.*):(.*)/\1 \1 \2/' >"$BATS_TEST_TMPDIR/map" && cat "$BATS_TEST_TMPDIR/map" >"/proc/$inside/gid_map"
  echo >&"${inner[1]}"
  cat <&"${inner[0]}"
  wait "$pid"
}

@test "in a user namespace, user ids and group ids are each held against their own map" {
  local number
  for number in $(chapters_from 06); do
    run -125 mapped 0:400000 0:1000 "$build/chapter-$number" -m "$root" -- echo RAN
    assert_output --partial 'they do not all exist, see /proc/self/gid_map'
    run -125 mapped 0:1000 0:400000 "$build/chapter-$number" -m "$root" -- echo RAN
    assert_output --partial 'they do not all exist, see /proc/self/uid_map'
  done
}

@test "in a user namespace, a range has to exist from its first id to its last" {
  local ids
  for ids in 0:165536 0:1,100000:65536; do
    run mapped "$ids" "$ids" "$launcher" -m "$root" --no-idmap -- true
    refute_output --partial 'do not all exist'
  done
  for ids in 0:165535 0:1,100001:65536 0:1,100000:65535 0:1,50000:50000; do
    run -125 mapped "$ids" "$ids" "$launcher" -m "$root" --no-idmap -- echo RAN
    assert_output --partial 'they do not all exist, see /proc/self/uid_map'
  done
}

@test "in a user namespace, ids that do not exist there are named, and so is what unshare -Ur does not give" {
  local number
  for number in $(chapters_from 06); do
    run -125 limited unshare -Urm "$build/chapter-$number" -m "$root" -- echo RAN
    assert_output --partial 'map to host ids from 100000 on: EPERM'
    assert_output --partial 'they do not all exist, see /proc/self/uid_map'
    run -2 limited unshare -Ur "$build/chapter-$number" -m "$root" --map 0:100000:65536 -- echo RAN
    # From 11 on others may ask, too: for what there is, and is granted to them.
    if [ "$number" -ge 11 ]; then
      assert_output --partial 'do not all exist in the user namespace that this runs in'
    else
      assert_output --partial "over the mounts here too (which 'unshare -Ur' alone does not give)"
    fi
    run -2 limited unshare -Ur "$build/chapter-$number" -m "$root" -- echo RAN
    assert_output --partial 'or of the user namespace that this runs in'
  done
  [ -x "$build/chapter-05" ] || return 0
  run -125 limited unshare -Ur "$build/chapter-05" -m "$root" -- echo RAN
  assert_output --partial "open_tree $root: EPERM"
  assert_output --partial "which 'unshare -Ur' alone does not give"
}

@test "--share user is chapter 05: root of the host, by request only" {
  run -0 can --share user -- sh -c 'readlink /proc/self/ns/user; stat -c %u /bin/busybox'
  assert_output "$(printf '%s\n0' "$(readlink /proc/self/ns/user)")"
  run -2 can --share user --map 0:1:1 -- true
  run -2 can --share user --no-idmap -- true
}

@test "--share user: mounts made inside do not appear on the host all the same" {
  local number flags
  for number in $(chapters_from 06); do
    flags=(--share user --reachable)
    ! has_option "$number" --cap-add || flags+=(--cap-add SYS_ADMIN)
    ! has_option "$number" --seccomp || flags+=(--seccomp none)
    run -0 judge MNT-06 "$number" --clean -- "${flags[@]}"
    assert_output --regexp '^BLOCKED MNT-06 [1-9].* mounts were made, and the host did not change'
  done
}

@test "--share pid, ipc or net needs --share user too, and says so" {
  local kind
  for kind in pid ipc net; do
    run -2 can --share "$kind" -- echo RAN
    assert_output --partial 'add --share user'
    run -0 can --share "$kind" --share user -- true
  done
  run -0 can --share uts --share cgroup -- true
}

# --- what root inside can do ---

@test "R16 root inside sets the host name, brings loopback up, mounts proc and tmpfs" {
  # The series made the user namespace last: the others belong to the host then, and refuse.
  run -1 unshare -mupnif unshare -Ur hostname other
  run -0 can -- sh -c 'hostname other && hostname && ip link set lo down && ip link set lo up &&
    mount -t proc proc /mnt && umount /mnt && mount -t tmpfs none /mnt && echo x >/mnt/x && cat /mnt/x'
  assert_output "$(printf 'other\nx')"
}

@test "the terminals' group is tty, where that group exists" {
  run -0 can -- sh -c 'exec 3<>/dev/ptmx && stat -c %g:%a /dev/pts/0'
  assert_output 5:620
  run -0 can --map 0:100000:1 -- sh -c 'exec 3<>/dev/ptmx && stat -c %g:%a /dev/pts/0'
  assert_output 0:600
}

@test "chown to every mapped id works, and beyond it does not" {
  run -0 can --tmp -- sh -c 'touch /tmp/x && chown 65535:65535 /tmp/x && stat -c %u /tmp/x'
  assert_output 65535
  run -1 can --tmp -- sh -c 'touch /tmp/x && chown 65536 /tmp/x'
}

# No mistake of ours could let it happen: the kernel takes a map once.
@test "the id maps cannot be written a second time" {
  local where
  for where in $(keepers 06); do
    run -0 judge write-map "$where" --clean
    assert_output --partial 'BLOCKED write-map'
  done
  # As control, a user namespace whose maps nobody has written yet.
  run -71 unshare -U --keep-caps "$build/probe" write-map
}
