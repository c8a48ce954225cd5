#!/usr/bin/env bats
# bats file_tags=chapter:05
# Chapter 05: mounts and a root of its own.

load support/promise

setup() {
  launcher=$build/chapter-05
  root=$(readlink -f "$project/build/root")
}

# can [FLAG...] -- COMMAND...: in a container on the busybox root.
can() { limited "$launcher" -m "$root" "$@"; }

# A directory with a file in it, and a mount below it with another; gone with the test.
make_tree() {
  tree=$BATS_TEST_TMPDIR/tree
  mkdir -p "$tree/sub"
  echo one >"$tree/file"
}

@test "NS-02 /proc shows the processes of the container alone" { promise NS-02; }
@test "NS-06 files in the host's /dev/shm cannot be read" { promise NS-06; }
@test "MNT-01 a second chroot() does not lead out" { promise MNT-01; }
@test "MNT-02 the working directory is inside, and no path leads up from it" { promise MNT-02; }
@test "MNT-03 nothing of the old root is left, below or above any mount" { promise MNT-03; }
@test "MNT-06 a mount made inside does not appear on the host" { promise MNT-06; }
@test "MNT-07 a mount made on the host later does not appear inside" { promise MNT-07; }
@test "MNT-08 no mount inside is a peer or a slave of the host's" { promise MNT-08; }
@test "MNT-09 a read-only bind is read-only" { promise MNT-09; }
@test "MNT-10 a read-only bind is read-only below its sub-mounts too" { promise MNT-10; }
@test "MNT-ROROOT a read-only root is read-only" { promise MNT-ROROOT; }
@test "MNT-ROSUB a read-only root is read-only below its sub-mounts too" { promise MNT-ROSUB; }
@test "MNT-11 nosuid, nodev and noexec of a bound mount stay" { promise MNT-11; }
@test "MNT-12 symlinks in the root directory never lead a mount to the host, and change nothing there" { promise MNT-12; }
@test "MNT-13 swapping directories for symlinks during the start changes nothing on the host" { promise MNT-13; }
@test "MNT-14 a directory that poses as /proc is not taken for it" { promise MNT-14; }
@test "MNT-20 nothing is left behind: no mount, no directory, no process, however it ended" { promise MNT-20; }
@test "DEV-01 /dev holds six harmless nodes and nothing of the host's" { promise DEV-01; }
@test "DEV-02 a device node made inside cannot be opened" { promise DEV-02; }
@test "DEV-04 a file that poses as /dev/null is not taken for it" { promise DEV-04; }
@test "DEV-08 there is one proc and one sysfs, and no second door to either" { promise DEV-08; }
@test "DEV-09 /proc/PID/root does not lead to the host" { promise DEV-09; }
@test "DEV-SHM no program can be run from /dev/shm" { promise DEV-SHM; }
@test "DEV-10 control sockets of the host's services cannot be reached" { promise DEV-10; }
@test "DEV-SYS /sys is read-only" { promise DEV-SYS; }
@test "MNT-TMPEXEC with --tmp-noexec nothing on /tmp can be executed" { promise MNT-TMPEXEC; }
@test "DEV-11 what is done to a device node inside, its mode, owner or times, is not done to the host's" { promise DEV-11; }
@test "DEV-12 whoever watches or locks a device node inside meets nobody outside" { promise DEV-12; }
@test "PTY-02 the host's terminals are not in /dev/pts" { promise PTY-02; }

@test "the mounts inside are exactly these" {
  run -0 can --tmp -- awk '{ split($0, half, " - "); split(half[2], fs, " "); sub(",relatime", "", $6); print $5, $6, fs[1] }' /proc/self/mountinfo
  # In which order they stand there depends on the kernel.
  assert_equal "$(sort <<<"$output")" "$(
    sort <<'END'
/ rw,nodev ext4
/proc rw,nosuid,nodev,noexec proc
/sys ro,nosuid,nodev,noexec sysfs
/dev rw,nosuid,nodev,noexec tmpfs
/dev/pts rw,nosuid,noexec devpts
/dev/shm rw,nosuid,nodev,noexec tmpfs
/dev/mqueue rw,nosuid,nodev,noexec mqueue
/tmp rw,nosuid,nodev tmpfs
/dev/null rw,nosuid,noexec tmpfs
/dev/zero rw,nosuid,noexec tmpfs
/dev/full rw,nosuid,noexec tmpfs
/dev/random rw,nosuid,noexec tmpfs
/dev/urandom rw,nosuid,noexec tmpfs
/dev/tty rw,nosuid,noexec tmpfs
END
  )"
}

@test "/dev has the nodes that a program needs, and they work" {
  run -0 can -- sh -c '
    echo lost >/dev/null || exit 1
    [ "$(head -c 4 /dev/zero | od -An -tx1 | tr -d " ")" = 00000000 ] || exit 2
    { echo full >/dev/full; } 2>/dev/null && exit 3
    [ "$(head -c 8 /dev/urandom | wc -c)" = 8 ] || exit 4
    [ "$(head -c 8 /dev/random | wc -c)" = 8 ] || exit 5
    [ "$(readlink /dev/fd)" = /proc/self/fd ] || exit 6
    echo through | cat /dev/stdin || exit 7
    echo out >/dev/stdout || exit 8
    stat -c "%t:%T %a" /dev/null /dev/zero /dev/full /dev/random /dev/urandom /dev/tty | tr "\n" " " | sed "s/ $//"'
  assert_output "$(printf 'through\nout\n1:3 666 1:5 666 1:7 666 1:8 666 1:9 666 5:0 666')"
}

@test "terminals can be made inside, and are the container's own" {
  command -v script >/dev/null || skip 'script(1) is not installed'
  run -0 can -a /:/mnt:ro -- chroot /mnt true
  run -0 can -- sh -c 'stat -c %a /dev/pts/ptmx; readlink /dev/ptmx; exec 3<>/dev/ptmx && ls /dev/pts'
  assert_output "$(printf '666\npts/ptmx\n0\nptmx')"
}

@test "shared memory and /tmp are there, empty, and bounded" {
  run -0 can --tmp -- sh -c '
    for place in /dev/shm /tmp; do
      [ -z "$(ls -A $place)" ] || exit 1
      [ "$(stat -c %a $place)" = 1777 ] || exit 2
      dd if=/dev/zero of=$place/big bs=1M count=80 2>/dev/null && exit 3
      [ "$(du -m $place/big | cut -f1)" = 64 ] || exit 4
      rm $place/big
    done
    dd if=/dev/zero of=/dev/big bs=1k count=80 2>/dev/null && exit 5
    true'
}

@test "every file system in memory holds so much, and so many names, and is for whom it is for" {
  local number
  for number in $(chapters_from 05); do
    container "$number" --tmp -- sh -c 'stat -f -c "%b %S %c" /dev /dev/shm /tmp /dev/null; stat -c "%a %u:%g" /dev /dev/shm /tmp; stat -c %a /dev/mqueue'
    run -0 limited "${container_argv[@]}"
    assert_output "$(printf '%s\n' '16 4096 64' '16384 4096 16384' '16384 4096 16384' '1 4096 16' '755 0:0' '1777 0:0' '1777 0:0' 1777)"
  done
}

@test "--tmp-noexec: a /tmp as with --tmp, that scripts can be read from" {
  run -0 can --tmp-noexec -- sh -c 'printf "#!/bin/sh\necho ran" >/tmp/s && chmod +x /tmp/s && sh /tmp/s; /tmp/s 2>/dev/null || echo "status $?"; stat -c %a /tmp'
  assert_output "$(printf 'ran\nstatus 126\n1777')"
  run -0 can --tmp -- sh -c 'printf "#!/bin/sh\necho ran" >/tmp/s && chmod +x /tmp/s && /tmp/s'
  assert_output ran
}

@test "message queues work inside" {
  run -0 can -- sh -c 'touch /dev/mqueue/q && cat /dev/mqueue/q'
  assert_output --partial 'QSIZE:0'
}

@test "/proc and /sys show the container" {
  run -0 can -- sh -c 'echo $$; ls -d /proc/[0-9]* | head -1; ls /sys/class/net; readlink /proc/1/exe'
  assert_output "$(printf '1\n/proc/1\nlo\n/bin/busybox')"
}

@test "a start with everything: the root that was asked for, its furniture, and what was added" {
  make_tree
  local number
  for number in $(chapters_from 05); do
    run --separate-stderr -0 limited "$build/chapter-$number" -m "$root" -a "$tree:/mnt" -- sh -c 'cat /etc/motd /mnt/file; ls -d /proc/1 /dev/pts /sys/class'
    assert_output "$(printf 'A tin can: what is in here is all there is.\none\n/dev/pts\n/proc/1\n/sys/class')"
  done
}

@test "mounts that the host shares with others are no obstacle" { works own-loopback 05; }

@test "without --tmp and --read-only the root is the user's directory" {
  local copy=$BATS_TEST_TMPDIR/root
  cp -a "$root" "$copy"
  limited "$launcher" -m "$copy" -- sh -c 'echo kept >/tmp/kept'
  run -0 cat "$copy/tmp/kept"
  assert_output kept
}

@test "a bind shows the host's directory, and writes go through" {
  make_tree
  run -0 can -a "$tree:/mnt" -- sh -c 'cat /mnt/file && echo two >/mnt/new'
  assert_output one
  run -0 cat "$tree/new"
  assert_output two
}

@test "a bind of a single file" {
  make_tree
  run -0 can -a "$tree/file:/etc/motd" -- cat /etc/motd
  assert_output one
  run -1 can -a "$tree/file:/etc/motd:ro" -- sh -c 'echo changed >/etc/motd'
  run -0 cat "$tree/file"
  assert_output one
}

@test "a bind carries the mounts below it" {
  hosted -0 --clean -- "$launcher" -m /mnt/closed/can -a /mnt/tree:/mnt/target -- /bin/cat /mnt/target/sub/file
  assert_output two
}

@test "several binds, in the order in which they were asked for" {
  make_tree
  run -0 can -a "$tree:/mnt:ro" -a "$tree/file:/mnt/sub" -- cat /mnt/sub 2>&1 || true
  mkdir "$BATS_TEST_TMPDIR/other" && echo other >"$BATS_TEST_TMPDIR/other/file"
  run -0 can -a "$tree:/mnt" -a "$BATS_TEST_TMPDIR/other:/mnt/sub" -- cat /mnt/file /mnt/sub/file
  assert_output "$(printf 'one\nother')"
}

@test "a bind's target may be a symlink inside the root" {
  make_tree
  local copy=$BATS_TEST_TMPDIR/root
  cp -a "$root" "$copy"
  ln -s /mnt "$copy/absolute"
  ln -s ../../../mnt "$copy/etc/relative"
  run -0 limited "$launcher" -m "$copy" -a "$tree:/absolute" -- cat /mnt/file
  assert_output one
  run -0 limited "$launcher" -m "$copy" -a "$tree:/etc/relative" -- cat /mnt/file
  assert_output one
}

@test "roots and binds are what their names lead to, through links and dots, in every chapter" {
  make_tree
  mkdir -m 700 "$BATS_TEST_TMPDIR/closed" "$BATS_TEST_TMPDIR/closed/deep" && cp -a "$root" "$BATS_TEST_TMPDIR/closed/root"
  echo here >"$BATS_TEST_TMPDIR/closed/root/etc/motd"
  ln -s closed/root "$BATS_TEST_TMPDIR/link" && ln -s "$tree" "$BATS_TEST_TMPDIR/to-tree" && ln -s tree/file "$BATS_TEST_TMPDIR/to-file"
  local number name
  for number in $(chapters_from 05); do
    for name in link link/. closed/deep/../root ./closed//root/ link/bin/..; do
      run -0 limited "$build/chapter-$number" -m "$BATS_TEST_TMPDIR/$name" -a "$BATS_TEST_TMPDIR/to-tree:/mnt/../mnt/:ro" -a "$BATS_TEST_TMPDIR/closed/../to-file:/etc/../probe:ro" -- \
        sh -c 'cat /etc/motd /mnt/file /probe; stat -c %F /probe; grep -c " /mnt .*ro," /proc/self/mountinfo; ! touch /mnt/new && ! touch /probe 2>/dev/null'
      assert_line --index 0 here
      assert_line --index 1 one
      assert_line --index 2 one
      assert_line --index 3 'regular file'
      assert_line --index 4 1
    done
    run -0 bash -c 'cd "$0" && exec "$@"' "$BATS_TEST_TMPDIR/closed/root" "$build/chapter-$number" -m . -a ../../tree:/mnt:ro -- cat /etc/motd /mnt/file
    assert_output "$(printf 'here\none')"
  done
}

@test "a bind that cannot be had is refused, and nothing is made" {
  make_tree
  find "$root" | sort >"$BATS_TEST_TMPDIR/before"
  run -125 can -a "$tree:/no/such/place" -- echo RAN
  assert_output --partial 'openat2 /no/such/place: ENOENT'
  assert_output --partial 'nothing is ever created in your tree'
  run -125 can -a "$tree:/etc/motd" -- echo RAN
  assert_output --partial 'move_mount on /etc/motd: EINVAL'
  run -125 can -a "$tree/file:/mnt" -- echo RAN
  run -125 can -a /no/such/source:/mnt -- echo RAN
  assert_output --partial 'open_tree /no/such/source: ENOENT'
  refute_output --partial RAN
  run -0 diff <(find "$root" | sort) "$BATS_TEST_TMPDIR/before"
}

@test "nothing is put over the root, over what the container has of its own, or over another bind" {
  make_tree
  local number to
  for number in $(chapters_from 05); do
    for to in / /.. /proc /proc/cpuinfo /proc/self/fd /sys/kernel /dev /dev/pts /dev/mqueue /dev/null /dev/fd /tmp /mnt; do
      run -125 limited "$build/chapter-$number" -m "$root" --tmp -a "$tree:/mnt" -a "$tree/file:/etc/motd" -a "$tree:$to" -- echo RAN
      assert_output --partial ": put on $to: EBUSY"
    done
  done
  # Nor is anybody told to make a place where nobody can.
  for to in /proc/none /proc/none/below /sys/none /dev/pts/9 /dev/mqueue/none; do
    run -125 can -a "$tree:$to" -- echo RAN
    assert_output --partial ': EBUSY (Device or resource busy): nothing can be put on or below /proc'
  done
  run -125 can --tmp -a "$tree:/tmp/a/b" -a "$tree:/tmp/a" -- echo RAN
  assert_output --partial 'it would cover what another -a has put on /tmp/a/b'
  run -125 can -a "$tree:/mnt" -a "$tree:/mnt/sub" -a "$tree:/mnt/sub/.." -- echo RAN
  # Beside another whose name goes on longer, below another, and on what is there for programs, it may be.
  run -0 can --tmp -a "$tree:/tmp/ab" -a "$tree:/tmp/a" -- cat /tmp/ab/file /tmp/a/file
  assert_output "$(printf 'one\none')"
  run -0 can -a "$tree:/mnt" -a "$tree:/mnt/sub" -a "$tree:/dev/shm" -- cat /mnt/sub/file /dev/shm/file
  assert_output "$(printf 'one\none')"
}

@test "a symlink in the root does not lead a bind over /proc either" {
  make_tree
  local copy=$BATS_TEST_TMPDIR/root
  cp -a "$root" "$copy"
  ln -s /proc "$copy/mnt/link"
  run -125 limited "$launcher" -m "$copy" -a "$tree:/mnt/link" -- echo RAN
  assert_output --partial 'put on /mnt/link: EBUSY'
}

@test "a mount point that is missing is made in the container's own memory" {
  make_tree
  local number
  find "$root" | sort >"$BATS_TEST_TMPDIR/before"
  for number in $(chapters_from 05); do
    run -0 bash -c 'umask 077 && exec "$@"' bash "$build/chapter-$number" -m "$root" --tmp -a "$tree:/tmp/a/b//c/:ro" -a "$tree/file:/tmp/a/file:ro" -a "$tree:/dev/data:ro" -a "$tree/file:/dev/shm/x/file:ro" -- \
      sh -c 'cat /tmp/a/b/c/file /tmp/a/file /dev/data/file /dev/shm/x/file; stat -c %a /tmp/a /tmp/a/b /dev/shm/x | tr "\n" " "'
    assert_output "$(printf 'one\none\none\none\n755 755 755 ')"
  done
  run -125 can -a "$tree:/tmp/a" -- echo RAN
  run -0 diff <(find "$root" | sort) "$BATS_TEST_TMPDIR/before"
}

@test "a start opens each of its mount points once, and looks once at each and at what is put there" {
  command -v strace >/dev/null || skip 'strace is not installed'
  strace -f -qq -o "$BATS_TEST_TMPDIR/calls" -e trace=openat2,statx "$launcher" -m "$root" -- true
  assert_equal "$(grep -c 'openat2(AT_FDCWD' "$BATS_TEST_TMPDIR/calls")" 6
  # And at the root.
  assert_equal "$(grep -c 'statx(.*STATX_MNT_ID' "$BATS_TEST_TMPDIR/calls")" 13
}

@test "what can be shown and never opened is refused, and a link that leads nowhere is named" {
  ln -s /no/such "$BATS_TEST_TMPDIR/link"
  mknod "$BATS_TEST_TMPDIR/disk" b 7 0
  local number to
  for number in $(chapters_from 05); do
    for to in /mnt /dev/null /dev/new; do
      run -125 limited "$build/chapter-$number" -m "$root" -a "/dev/zero:$to" -- echo RAN
      assert_output --partial 'show /dev/zero: ENODEV'
    done
    run -125 limited "$build/chapter-$number" -m "$root" -a "$BATS_TEST_TMPDIR/disk:/etc/motd" -- echo RAN
    assert_output --partial 'disk: ENODEV'
    run -125 limited "$build/chapter-$number" -m "$root" -a "$BATS_TEST_TMPDIR/link:/mnt" -- echo RAN
    assert_output --partial "link: ENOENT (No such file or directory): it is a symlink to '/no/such', which is not there"
  done
}

@test "a colon and a backslash in the paths of a bind" {
  mkdir "$BATS_TEST_TMPDIR/a:b" "$BATS_TEST_TMPDIR/c\\" "$BATS_TEST_TMPDIR/d\\x"
  local name
  for name in a:b 'c\' 'd\x'; do echo "$name" >"$BATS_TEST_TMPDIR/$name/file"; done
  run -0 can --tmp -a "$BATS_TEST_TMPDIR/"'a\:b:/tmp/x\:y' -a "$BATS_TEST_TMPDIR/"'c\\:/tmp/c' -a "$BATS_TEST_TMPDIR/"'d\x:/tmp/d' -- cat /tmp/x:y/file /tmp/c/file /tmp/d/file
  assert_output "$(printf '%s\n' a:b 'c\' 'd\x')"
}

@test "malformed binds are wrong usage" {
  local bind
  for bind in '' : /a /a: :/a /a:b a:b:c /a:/b:rw /a:/b:ro:ro /a:/b: /a::ro /a:../b '/a\:/b' '/a:/b:\ro' '/a:\:/b'; do
    run -2 can -a "$bind" -- true
    assert_output --partial '--add'
  done
}

@test "a root without /proc, /dev or /sys is refused, naming what is missing" {
  local copy=$BATS_TEST_TMPDIR/root place
  for place in proc dev sys; do
    rm -rf "$copy"
    cp -a "$root" "$copy"
    rmdir "$copy/$place"
    run -125 limited "$launcher" -m "$copy" -- echo RAN
    assert_output --partial "openat2 /$place: ENOENT"
  done
}

@test "a symlink in the place of /proc, /dev or /sys is refused" {
  local copy=$BATS_TEST_TMPDIR/root place
  for place in proc dev sys; do
    rm -rf "$copy"
    cp -a "$root" "$copy"
    rmdir "$copy/$place"
    ln -s /etc "$copy/$place"
    run -125 limited "$launcher" -m "$copy" -- echo RAN
    assert_output --partial "openat2 /$place: ELOOP"
  done
}

@test "R14 the error is the cause, not the cleaning up after it" {
  run -125 can -a /no/such/source:/mnt -- true
  assert_equal "${#lines[@]}" 1
}

@test "EX-04 a command that only the host has is not found" {
  run -0 test -x /usr/bin/bats
  run -127 can -- /usr/bin/bats --version
  run -127 can -- bats
}

@test "--share mount is refused: the steps would change the host" {
  run -2 can --share mount -- true
  assert_output --partial "'mount' cannot be shared"
}

@test "-m is required, and must be a directory" {
  local number
  for number in $(chapters_from 05); do
    run -2 "$build/chapter-$number" -- true
    assert_output --partial '--mount: is missing'
  done
  run -2 "$launcher" -m /etc/passwd -- true
  run -2 "$launcher" -m /no/such/root -- true
}

@test "a kernel without one of the mount calls is refused, naming it" {
  refuses_without 05 open_tree move_mount fsopen openat2 mount_setattr
}

@test "DEV-04 a /dev/null of the host's that is none is refused" {
  local where
  for where in $(running_chapters); do
    has_root "$where" || continue
    container "$where" -- echo RAN
    # Who may make no nodes has to take the host's.
    run -125 limited unshare -m --propagation private sh -c 'mount --bind /dev/zero /dev/null && exec "$@"' sh \
      setpriv --inh-caps -mknod --bounding-set -mknod "${container_argv[@]}"
    assert_output --partial ENODEV
    refute_output --partial RAN
    # In a user namespace, where a class is graded, nobody may make any.
    mknod "$BATS_TEST_TMPDIR/null-$where" c 1 3 || continue
    container "$where" -- stat -c %t:%T /dev/null
    run -0 limited unshare -m --propagation private sh -c 'mount --bind /dev/zero /dev/null && exec "$@"' sh "${container_argv[@]}"
    assert_output 1:3
  done
}

@test "nodes of the host's, where none can be made, are read-only, and work" {
  local number lack
  for number in $(chapters_from 05); do
    container "$number" -- sh -c 'echo lost >/dev/null && head -c 1 /dev/zero | wc -c
      for node in null zero full random urandom tty; do touch /dev/$node; done 2>&1 | grep -c "Read-only"
      grep -c " /dev/[a-z]* ro,nosuid,noexec" /proc/self/mountinfo'
    for lack in -mknod -chown; do
      # Root of 05 makes them for itself, and needs no chown.
      [ "$lack:$number" != -chown:05 ] || continue
      run -0 limited setpriv --inh-caps "$lack" --bounding-set "$lack" "${container_argv[@]}"
      assert_output "$(printf '1\n6\n6')"
    done
  done
}

@test "the caller's /dev/null on 0, 1 and 2 is the one inside, and can be read or written as before" {
  local number
  for number in $(chapters_from 05); do
    container "$number" -- sh -c 'echo lost && echo lost >&2 && [ -z "$(cat)" ] && [ /dev/stdin -ef /dev/null ] && [ /dev/stdout -ef /dev/null ] &&
      ! echo lost 2>/dev/null >&0'
    limited "${container_argv[@]}" </dev/null >/dev/null 2>/dev/null || fail "chapter $number: status $?"
  done
}

@test "the nodes belong to root inside, and the caller's umask does not count" {
  local number
  for number in $(chapters_from 05); do
    container "$number" -- stat -c '%a %u:%g' /dev/null /dev/tty
    umask 077
    run -0 limited "${container_argv[@]}"
    umask 022
    assert_output "$(printf '666 0:0\n666 0:0')"
  done
}

@test "a bind's target through a magic link of /proc is refused" {
  make_tree
  local copy=$BATS_TEST_TMPDIR/root
  cp -a "$root" "$copy"
  # It leads to /mnt: through a descriptor it could as well lead to what the caller has left open.
  ln -s /proc/self/cwd/mnt "$copy/magic"
  run -125 limited "$launcher" -m "$copy" -a "$tree:/magic" -- echo RAN
  assert_output --partial 'openat2 /magic: ELOOP'
}
