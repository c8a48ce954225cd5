#!/usr/bin/env bats
# bats file_tags=chapter:12
# Chapter 12: one device is granted and all others are refused; what /proc and /sys tell too much is covered.

load support/promise

setup() {
  launcher=$build/chapter-12
  [ -x "$launcher" ] || skip 'NOT-TESTABLE: chapter 12 is not built'
  root=$(readlink -f "$project/build/root")
}

# can [FLAG...] -- COMMAND...: in a container on the busybox root.
can() { limited "$launcher" -m "$root" "$@"; }
# strong [FLAG...] -- COMMAND...: where root inside is the host's and may do what it likes, so that the rules stand alone.
strong() { can --share user --reachable --tmp --cap-add MKNOD --cap-add SYS_ADMIN --seccomp none "$@"; }
# node NAME TYPE MAJOR MINOR [MODE [OWNER]]: one of the host's, in this test's directory.
node() {
  mknod "$BATS_TEST_TMPDIR/$1" "$2" "$3" "$4" 2>/dev/null || skip 'NOT-TESTABLE: no node can be made here'
  chown "${6:-0:0}" "$BATS_TEST_TMPDIR/$1"
  chmod "${5:-600}" "$BATS_TEST_TMPDIR/$1"
}

@test "bad input: each line is refused with its status and its words, and nothing runs" {
  run "$project/tests/support/bad-input" "$launcher" "$root"
  [ "$status" -eq 0 ] || fail "$output"
}

@test "DEV-03 what /proc and /sys tell too much is covered" { promise DEV-03; }
@test "DEV-05 no setting of the kernel's below /proc can be written, whoever root inside is" { promise DEV-05; }
@test "MNT-18 what is covered stays covered, whoever unmounts it or makes a namespace for it" { promise MNT-18; }
@test "DEV-13 no device but those that were given can be opened, whatever node comes in by whatever way" { promise DEV-13; }
@test "DEV-14 a device that was granted to be read cannot be written" { promise DEV-14; }
@test "DEV-15 a process that moves to another group of its container's opens no more devices there" { promise DEV-15; }

# --- what is granted ---

@test "a device is there under its own name, or another, in directories that are made for it" {
  run -0 --separate-stderr can --device /dev/zero:/dev/mine --device /dev/zero:/dev/a/b/mine --device /dev/zero:/probe:rw -- \
    sh -c 'for place in /dev/mine /dev/a/b/mine /probe; do stat -c "%F %t:%T" $place; head -c 2 $place | wc -c; done; stat -c %a /dev/a/b'
  assert_output "$(printf 'character special file 1:5\n2\ncharacter special file 1:5\n2\ncharacter special file 1:5\n2\n755')"
  run -0 find "$root/dev" "$root/probe"
  assert_output "$(printf '%s\n' "$root/dev" "$root/probe")"
}

@test "its node is the container's own: with mode and owner of the host's, which do not change with it" {
  node mine c 1 5 640 5:20
  run -0 can --device "$BATS_TEST_TMPDIR/mine:/dev/mine" -- sh -c 'stat -c "%a %u:%g" /dev/mine; chmod 600 /dev/mine; chown 7:7 /dev/mine; stat -c "%a %u:%g" /dev/mine; grep -o " /dev/mine [a-z,]*" /proc/self/mountinfo'
  assert_output "$(printf '640 5:20\n600 7:7\n /dev/mine rw,nosuid,noexec,relatime')"
  run -0 stat -c '%a %u:%g' "$BATS_TEST_TMPDIR/mine"
  assert_output '640 5:20'
  # On the host they are ids of the container's range.
  can --device "$BATS_TEST_TMPDIR/mine:/dev/mine" -- sh -c 'echo ready; exec sleep 30' >"$BATS_TEST_TMPDIR/said" 3>&- &
  local try inside=
  for ((try = 0; try < 100 * patience; try++)); do
    grep -q ready "$BATS_TEST_TMPDIR/said" && inside=$(pgrep -nxf 'sleep 30') && break
    sleep 0.05
  done
  run stat -c '%u:%g' "/proc/$inside/root/dev/mine"
  kill "$inside" && wait $! || true
  assert_output 100005:100020
}

@test "who may use it inside is whom owner and mode let; an owner who is nobody inside is root there" {
  node mine c 1 5 660 0:20
  run -0 can -u 1000:20 --device "$BATS_TEST_TMPDIR/mine:/dev/mine" -- sh -c 'head -c 1 /dev/mine | wc -c'
  assert_output 1
  run -1 can -u 1000:1000 --device "$BATS_TEST_TMPDIR/mine:/dev/mine" -- head -c 1 /dev/mine
  assert_output --partial 'Permission denied'
  node far c 1 5 600 70000:80000
  run -0 can --device "$BATS_TEST_TMPDIR/far:/dev/far" -- sh -c 'stat -c "%a %u:%g" /dev/far; head -c 1 /dev/far | wc -c'
  assert_output "$(printf '600 0:0\n1')"
  run -0 can --share user --reachable --device "$BATS_TEST_TMPDIR/far:/dev/far" -- stat -c '%a %u:%g' /dev/far
  assert_output '600 70000:80000'
}

@test "the set-uid bits of a node do not come in with it, nor the caller's umask" {
  node mine c 1 5 6777
  umask 077
  run -0 can --device "$BATS_TEST_TMPDIR/mine:/dev/mine" -- stat -c %a /dev/mine
  assert_output 777
}

@test "rules: r reads, w writes, and a neighbour is refused" {
  [ -c /dev/fuse ] || skip 'NOT-TESTABLE: this host has no /dev/fuse'
  run -0 can --device /dev/fuse -- sh -c 'true </dev/fuse && true >/dev/fuse && true <>/dev/fuse && echo all'
  assert_output all
  run -0 can --device /dev/fuse:w -- sh -c 'true >/dev/fuse && ! true </dev/fuse && ! true <>/dev/fuse && echo written'
  assert_line written
  run -0 can --device /dev/fuse:r -- sh -c 'true </dev/fuse && ! true >/dev/fuse && ! true <>/dev/fuse && echo read'
  assert_line read
  # The nodes are open to all: it is the rules that know the one from the other.
  run -0 strong --device /dev/fuse -- sh -c 'mount -o remount,dev /tmp && mknod /tmp/229 c 10 229; mknod /tmp/228 c 10 228; mknod /tmp/b b 10 229; true </tmp/229 && ls /tmp'
  assert_line 229
  refute_line 228
  refute_line b
}

@test "a node that comes with the root directory, or with what is added, opens nothing, whatever its mount says" {
  [ -c /dev/fuse ] || skip 'NOT-TESTABLE: this host has no /dev/fuse'
  local copy=$BATS_TEST_TMPDIR/root shown=$BATS_TEST_TMPDIR/shown inside='mount -o remount,bind,dev / && mount -o remount,bind,dev /mnt && { true </fuse; true </mnt/fuse; echo tried; }'
  cp -a "$root" "$copy" && mkdir "$shown" && mknod "$copy/fuse" c 10 229 && mknod "$shown/fuse" c 10 229
  root=$copy run -0 strong -a "$shown:/mnt" -- sh -c "$inside"
  assert_line --regexp '/fuse: Operation not permitted'
  assert_line --regexp '/mnt/fuse: Operation not permitted'
  root=$copy run -0 strong -a "$shown:/mnt" --no-device-rules -- sh -c "$inside"
  assert_output tried
}

@test "m: a node for it can be made, and opened as far as r and w go" {
  [ -c /dev/fuse ] || skip 'NOT-TESTABLE: this host has no /dev/fuse'
  run -0 strong --device /dev/fuse:rm -- sh -c 'mount -o remount,dev /tmp; mknod /tmp/x c 10 229 && true </tmp/x && ! true >/tmp/x && echo made'
  assert_line made
  run -0 strong --device /dev/fuse:rw -- sh -c 'mknod /tmp/x c 10 229 || echo refused'
  assert_line refused
}

@test "the default rules: six devices and terminals, with capabilities and mounts of all kinds" {
  run -0 strong -- sh -c 'mount -o remount,dev /tmp; cd /tmp
    for number in 3 5 7 8 9; do mknod 1:$number c 1 $number && true <1:$number || echo "1:$number"; done
    mknod 5:0 c 5 0 || echo 5:0
    for node in "c 1 4" "c 1 11" "c 4 0" "c 5 1" "c 5 2" "c 136 0" "c 137 0" "b 1 3" "b 7 0" "c 10 229"; do mknod node $node 2>/dev/null && echo "made $node"; done
    true <>/dev/ptmx && echo terminal'
  assert_output terminal
}

@test "terminals work with -t and without, and a second one can be made" {
  run -0 can -- sh -c 'exec 3<>/dev/ptmx && ls /dev/pts'
  assert_output "$(printf '0\nptmx')"
  command -v script >/dev/null || skip 'script(1) is not installed'
  run -0 limited script -qec "$launcher -m $root -t -- sh -c 'tty; echo x >/dev/console && echo y >/dev/tty && echo z >/dev/pts/0 && stty size >/dev/null && echo sized'" /dev/null
  assert_output --partial /dev/pts/0
  assert_output --partial sized
}

@test "what is no device is refused, and told what it is" {
  mkdir "$BATS_TEST_TMPDIR/directory" && : >"$BATS_TEST_TMPDIR/file" && mkfifo "$BATS_TEST_TMPDIR/pipe" && ln -s /dev/zero "$BATS_TEST_TMPDIR/link"
  local name
  for name in directory:'a directory' file:'a file' pipe:'a named pipe'; do
    run -125 can --device "$BATS_TEST_TMPDIR/${name%%:*}:/dev/mine" -- echo RAN
    assert_output --partial "ENODEV (No such device): it is ${name#*:}, not a device"
    refute_output --partial RAN
  done
  run -125 can --device "$BATS_TEST_TMPDIR/link:/dev/mine" -- echo RAN
  assert_output --partial "ELOOP (Too many levels of symbolic links): it is a symlink to '/dev/zero'"
  run -125 can --device "$BATS_TEST_TMPDIR/none:/dev/mine" -- echo RAN
  assert_output --partial "ENOENT (No such file or directory): the host has no such device"
  run -125 can --device "$BATS_TEST_TMPDIR/file/x:/dev/mine" -- echo RAN
  assert_output --partial "ENOTDIR (Not a directory): it goes on behind"
}

@test "a device covers nothing of the container's, and no other device" {
  local to
  for to in /dev/null /dev/tty /dev/pts /dev/pts/0 /dev/mqueue/x /dev/fd /proc/kcore /sys/x /dev /; do
    run -125 can --device "/dev/zero:$to" -- echo RAN
    refute_output --partial RAN
  done
  run -125 can --device /dev/zero:/dev/mine --device /dev/zero:/dev/mine -- echo RAN
  assert_output --partial 'put on /dev/mine: EBUSY'
  run -125 can --device /dev/zero:/no/such/place -- echo RAN
  assert_output --partial 'openat2 /no/such/place: ENOENT'
}

@test "a symlink in the root leads a device nowhere but inside" {
  local copy=$BATS_TEST_TMPDIR/own/root
  mkdir -m 700 "${copy%/*}" && cp -a "$root" "$copy"
  ln -s /etc/motd "$copy/link" && ln -s /proc/sys/kernel/hostname "$copy/bad" && ln -s /proc/self/cwd "$copy/magic"
  run -0 limited "$launcher" -m "$copy" --device /dev/zero:/link -- stat -c %t:%T /etc/motd
  assert_output 1:5
  run -125 limited "$launcher" -m "$copy" --device /dev/zero:/bad -- echo RAN
  assert_output --partial EBUSY
  run -125 limited "$launcher" -m "$copy" --device /dev/zero:/magic/etc/motd -- echo RAN
  assert_output --partial ELOOP
}

@test "a disk: its contents, read and written, as far as was granted" {
  local file=$BATS_TEST_TMPDIR/disk loop
  truncate -s 1M "$file" && printf 'on the disk' | dd of="$file" conv=notrunc status=none
  loop=$(losetup -f --show "$file" 2>/dev/null) || skip 'NOT-TESTABLE: this host has no loop device'
  run can --device "$loop:/dev/disk:r" -- sh -c 'stat -c %F /dev/disk; head -c 11 /dev/disk; echo; true >/dev/disk || echo refused'
  local read_only=$output
  run can --device "$loop:/dev/disk" -- sh -c 'printf inside | dd of=/dev/disk conv=notrunc,fsync 2>/dev/null; head -c 11 /dev/disk'
  losetup -d "$loop"
  assert_equal "$(grep -v Operation <<<"$read_only")" "$(printf 'block special file\non the disk\nrefused')"
  assert_output 'inside disk'
  run -0 head -c 11 "$file"
  assert_output 'inside disk'
}

@test "fuse: with CAP_SYS_ADMIN a file system is mounted inside, and a program inside serves it" {
  [ -c /dev/fuse ] || skip 'NOT-TESTABLE: this host has no /dev/fuse'
  command -v fuse2fs >/dev/null && command -v mke2fs >/dev/null || skip 'NOT-TESTABLE: fuse2fs or mke2fs is not installed'
  local copy=$BATS_TEST_TMPDIR/closed/root shown=$BATS_TEST_TMPDIR/shown file
  mkdir -m 700 "${copy%/*}" && mkdir "$shown" && cp -a "$root/." "$copy" && echo served >"$shown/file"
  for file in "$(type -P fuse2fs)" $(ldd "$(type -P fuse2fs)" | grep -o '/[^ ]*'); do
    mkdir -p "$copy${file%/*}" && cp -L "$file" "$copy$file"
  done
  mke2fs -q -F -t ext4 -d "$shown" "$copy/disk" 2M
  local serve='fuse2fs /disk /mnt -o ro,fakeroot && cat /mnt/file && grep -o "/mnt fuse[.a-z0-9]*" /proc/self/mounts' free=(--cap-add SYS_ADMIN --seccomp none)
  run -0 limited "$launcher" -m "$copy" "${free[@]}" --device /dev/fuse -- sh -c "$serve"
  assert_line served
  assert_line --regexp '^/mnt fuse'
  run ! limited "$launcher" -m "$copy" "${free[@]}" -- sh -c "$serve"
  refute_line served
}

@test "tun: with CAP_NET_ADMIN it is a network interface with an address" {
  [ -c /dev/net/tun ] || skip 'NOT-TESTABLE: this host has no /dev/net/tun'
  run -0 can --device /dev/net/tun --cap-add NET_ADMIN -- sh -c 'tunctl -t tun7 >/dev/null && ip addr add 10.9.8.7/24 dev tun7 && ip link set tun7 up && ip -4 addr show tun7'
  assert_output --partial 10.9.8.7/24
  run -1 can --cap-add NET_ADMIN -- tunctl -t tun7
}

# --- the rules ---

@test "the rules are shown as they are, with the program that is made of them" {
  run -0 limited "$launcher" --dump-device-rules --device /dev/zero:/dev/mine:r
  assert_line --index 0 'c 1:3 rwm'
  assert_line --index 8 'c 1:5 r'
  assert_line --partial 'if r4 != 136, skip'
}

# read_program: into `code`, `to`, `from`, `offset` and `number`, from what --dump-device-rules has printed.
# answers TYPE MAJOR MINOR ACCESS: what it says to that question, computed as the kernel does; bpf(2) has the numbers.
read_program() {
  local line words
  code=() to=() from=() offset=() number=()
  for line in "${lines[@]}"; do
    [[ $line =~ ^\ *[0-9]+:\ (.*) ]] || continue
    read -ra words <<<"${BASH_REMATCH[1]}"
    code+=("0x${words[0]}") to+=("0x${words[1]}") from+=("0x${words[2]}") offset+=("0x${words[3]}") number+=("0x${words[4]}")
  done
}
answers() {
  local asked=($(($4 << 16 | $1)) "$2" "$3") r=() at=0 value
  for (( ; ; at++)); do
    ((at < ${#code[@]})) || fail "it does not end"
    ((value = code[at] & 8 ? r[from[at]] : number[at], 1))
    case $((code[at])) in
      97) ((r[to[at]] = asked[offset[at] / 4], 1)) ;;
      149) break ;;
      85) ((at += r[to[at]] == value ? 0 : offset[at], 1)) ;;
      *)
        case $((code[at] & 247)) in
          4) ((value = r[to[at]] + value, 1)) ;;
          20) ((value = r[to[at]] - value, 1)) ;;
          68) ((value = r[to[at]] | value, 1)) ;;
          84) ((value = r[to[at]] & value, 1)) ;;
          100) ((value = r[to[at]] << value, 1)) ;;
          116) ((value = r[to[at]] >> value, 1)) ;;
          164) ((value = r[to[at]] ^ value, 1)) ;;
          180) ;;
          *) fail "no such instruction: $((code[at]))" ;;
        esac
        ((r[to[at]] = value & 0xffffffff, 1))
        ;;
    esac
  done
  answer=${r[0]}
}
# wanted_of TYPE MAJOR MINOR LETTERS: what the rules in `lines` say to that.
wanted_of() {
  local line letters=$4 rule
  for line in "${lines[@]}"; do
    [[ $line == "$1 $2:"* && ($line == *":$3 "* || $line == *':* '*) ]] || continue
    rule=${line##* }
    [ -n "${letters//[$rule]/}" ] || return 0
  done
  return 1
}

@test "the program answers as the rules say, to each way to ask for a device" {
  local device letters type bits answer wanted
  run -0 limited "$launcher" --dump-device-rules --device /dev/zero:/dev/mine:r
  read_program
  for device in 'c 1 3' 'c 1 5' 'c 1 4' 'c 5 1' 'c 5 2' 'c 136 0' 'c 136 7' 'c 137 0' 'b 1 3' 'b 136 7'; do
    for letters in m r w rm wm rw rwm; do
      bits=0 wanted=0 type=2
      [[ $device != b* ]] || type=1
      [[ $letters != *m* ]] || ((bits |= 1))
      [[ $letters != *r* ]] || ((bits |= 2))
      [[ $letters != *w* ]] || ((bits |= 4))
      # shellcheck disable=SC2086  # three words
      ! wanted_of $device "$letters" || wanted=1
      # shellcheck disable=SC2086  # three words
      answers $type ${device#* } $bits
      assert_equal "$device $letters: $answer" "$device $letters: $wanted"
    done
  done
}

@test "without rules, because one said so, the first wall stands" {
  run -0 can --no-device-rules --device /dev/zero:/dev/mine -- sh -c 'head -c 1 /dev/mine | wc -c; mknod /tmp/x c 1 5 || echo refused'
  assert_line 1
  assert_line refused
  run -2 can --no-device-rules --device /dev/zero:/dev/mine:r -- echo RAN
  assert_output --partial "only rules could hold anybody to 'r'"
}

@test "with --no-limits there is no group for rules, and that is said" {
  run -0 can --no-limits -- echo RAN
  assert_output --partial 'warning chapter-12: no rules for devices: with --no-limits'
  run -0 can --no-limits --no-device-rules -- echo RAN
  assert_output RAN
  run -2 can --no-limits --device /dev/zero:/dev/mine:rm -- echo RAN
  refute_output --partial RAN
}

# left_since BEFORE: the control groups without a launcher that were not among BEFORE, and do not go by themselves.
left_since() {
  local try left
  for ((try = 0; try < 50 * patience; try++)); do
    left=$(comm -13 <(echo "$1") <(orphaned_groups))
    [ -n "$left" ] || return 0
    sleep 0.1
  done
  echo "$left"
}

@test "rules that cannot be had refuse the start, and leave nothing" {
  command -v strace >/dev/null || skip 'strace is not installed'
  local call operation=load before
  source "$project/tests/support/left-behind.bash"
  before=$(orphaned_groups)
  for call in 1 2; do
    run -125 limited strace -f -qq -o /dev/null -e trace=bpf -e inject=bpf:error=EPERM:when=$call "$launcher" -m "$root" -- echo RAN
    assert_output --partial "bpf $operation the device rules"
    assert_output --partial 'EPERM'
    assert_output --partial -- --no-device-rules
    refute_output --partial RAN
    operation=attach
  done
  assert_equal "$(left_since "$before")" ''
  run -0 limited strace -f -qq -o /dev/null -e trace=bpf -e inject=bpf:error=EPERM "$launcher" -m "$root" --no-device-rules -- echo RAN
  assert_output RAN
}

# on_v1 COMMAND...: where no cgroup v2 is mounted.
on_v1() {
  [ -e /sys/fs/cgroup/devices/devices.allow ] || skip 'NOT-TESTABLE: this host has no devices controller of cgroup v1'
  # shellcheck disable=SC2016  # the inner shell's
  limited unshare -m --propagation private sh -c '! mountpoint -q /sys/fs/cgroup/unified || umount /sys/fs/cgroup/unified; exec "$@"' sh "$@"
}

@test "on cgroup v1 the rules are the same, in the files of its controller" {
  local before
  run -0 on_v1 "$launcher" -m "$root" --share user --reachable --tmp --cap-add MKNOD --cap-add SYS_ADMIN --seccomp none --device /dev/zero:/dev/mine --device /dev/fuse:r -- sh -c 'mount -o remount,dev /tmp; cd /tmp
    mknod 1:3 c 1 3 && true <1:3 && echo null
    head -c 1 /dev/mine | wc -c
    for node in "c 1 11" "b 7 0" "c 5 1" "c 10 229"; do mknod node $node 2>/dev/null && echo "made $node"; done
    true </dev/fuse && echo fuse; true >/dev/fuse || echo refused; true <>/dev/ptmx && echo terminal'
  assert_line null
  assert_line 1
  refute_line --partial made
  assert_line fuse
  assert_line refused
  assert_line terminal
  source "$project/tests/support/left-behind.bash"
  before=$(orphaned_groups)
  run -0 on_v1 "$launcher" -m "$root" -- true
  assert_equal "$(left_since "$before")" ''
}

@test "where neither version of the groups has the controller, the start is refused" {
  # shellcheck disable=SC2016  # the inner shell's
  run -125 limited unshare -m --propagation private sh -c 'umount -R /sys/fs/cgroup && exec "$@"' sh "$launcher" -m "$root" --memory none --pids none --cpu-weight none -- echo RAN
  assert_output --partial 'find the controller devices'
  refute_output --partial RAN
}

# --- covers ---

@test "what is covered is empty, what is read-only can be read, and the rest is as it was" {
  run -0 --separate-stderr can --cap-add NET_ADMIN -- sh -c '
    for path in /proc/interrupts /proc/keys /proc/timer_list /proc/kcore; do [ ! -e $path ] || { [ -z "$(cat $path)" ] && [ "$(stat -c %t:%T $path)" = 1:3 ]; } || echo $path; done
    for path in /proc/acpi /proc/scsi /proc/asound /sys/firmware; do [ ! -e $path ] || { [ -z "$(ls -A $path)" ] && ! mkdir $path/x 2>/dev/null; } || echo $path; done
    cat /proc/sys/kernel/ostype; grep -c processor /proc/cpuinfo | grep -q . && head -c 1 /proc/meminfo; ls /proc/irq | grep -q . && echo irq; true 2>/dev/null >/proc/sys/net/ipv4/ip_forward || echo closed
    awk "\$5 ~ /^.(proc|sys)./ && \$6 !~ /^ro,nosuid,(nodev,)?noexec/" /proc/self/mountinfo'
  assert_output "$(printf 'Linux\nMirq\nclosed')"
}

@test "--cover and --uncover: files, directories, all" {
  run -0 can --cover /etc/motd --cover /etc/ --uncover ALL -- sh -c 'ls -A /etc | wc -l; head -c 1 /proc/interrupts | wc -c'
  assert_output "$(printf '0\n1')"
  run -0 can --cover /etc/motd --cover //proc/./version --uncover /proc/interrupts --uncover /proc/sys --cap-add NET_ADMIN -- sh -c 'cat /etc/motd /proc/version; head -c 1 /proc/interrupts | wc -c; true >/proc/sys/net/ipv4/ip_forward && echo open; stat -c %t:%T /etc/motd /proc/keys'
  assert_output "$(printf '1\nopen\n1:3\n1:3')"
  # What was read-only is empty then.
  run -0 can --cover /proc/sys -- sh -c 'ls -A /proc/sys | wc -l'
  assert_output 0
  run -0 can --cover /proc/sys/kernel/ostype -- sh -c 'cat /proc/sys/kernel/ostype; cat /proc/sys/kernel/osrelease | wc -l'
  assert_output 1
}

@test "a cover that was asked for and cannot be laid refuses the start" {
  run -125 can --cover /no/such/file -- echo RAN
  assert_output --partial 'cover /no/such/file: ENOENT (No such file or directory): there is nothing to be covered'
  run -125 can --cover /proc/mounts -- echo RAN
  assert_output --partial 'cover /proc/mounts: ELOOP'
  run -125 can --cover /dev/fd/0 -- echo RAN
  assert_output --partial 'cover /dev/fd/0: ELOOP'
  run -125 can --cover /proc -- echo RAN
  assert_output --partial 'cover /proc: EBUSY'
  run -125 can --cover /dev/shm -- echo RAN
  assert_output --partial 'cover /dev/shm: EBUSY'
  refute_output --partial RAN
}

@test "the table says of each path why, and who else covers it" {
  run -0 limited "$launcher" --list-covers
  assert_line --regexp '^covered +/proc/kcore +the memory of the machine \(Docker, Podman, runc\)$'
  assert_line --regexp '^read-only +/proc/sys '
  assert_equal "${#lines[@]}" 18
}

@test "--proc: processes alone, and not those of others" {
  run -0 can --proc subset=pid -- sh -c 'ls /proc | grep -v "^[0-9]"; cat /proc/self/comm'
  assert_output "$(printf 'self\nthread-self\ncat')"
  run -0 can --proc hidepid=invisible -- sh -c 'ls -d /proc/1; grep -o "hidepid=[a-z]*" /proc/self/mountinfo'
  assert_output --partial hidepid=invisible
  refute_line /proc/1
}

@test "--proc subset=pid: nobody inside mounts a /proc that shows more, in a user namespace of his own" {
  local flags=(-u 1000 --seccomp none) more='unshare -Urpf --mount-proc sh -c "echo mounted; ls /proc"'
  run can "${flags[@]}" --uncover ALL -- sh -c "$more"
  [[ $output == *interrupts* ]] || skip "NOT-TESTABLE: a /proc that nothing covers lets nobody mount another: $output"
  run can "${flags[@]}" --uncover ALL --proc subset=pid -- sh -c "$more"
  refute_line mounted
  run can "${flags[@]}" --proc subset=pid --proc hidepid=invisible -- sh -c "$more"
  refute_line mounted
  # What keeps it so changes nothing for who reads.
  run -0 can --proc subset=pid -- diff /proc/1/limits /proc/self/limits
}

# slowed CALL SECONDS COMMAND...: in the background, so much late after each CALL; what it says is in `said`.
# inside_has PATH: waits until the child sees it.
slowed() {
  command -v strace >/dev/null || skip 'strace is not installed'
  strace -f -qq -o /dev/null -e trace="$1" -e inject="$1:delay_exit=$(($2 * 1000000))" "${@:3}" >"$BATS_TEST_TMPDIR/said" 2>&1 3>&- &
  slowed=$!
}
inside_has() {
  local try pid
  for ((try = 0; try < 200 * patience; try++)); do
    for pid in $(pgrep -P "$(pgrep -P "$slowed" || echo 0)" || true); do
      [ ! -e "/proc/$pid/root$1" ] || return 0
    done
    sleep 0.02
  done
  fail "nobody inside has $1: $(cat "$BATS_TEST_TMPDIR/said")"
}

@test "what is moved in the root directory while it is made, is covered where it is by then" {
  local copy=$BATS_TEST_TMPDIR/root
  cp -a "$root" "$copy" && : >"$copy/marker"
  # Links are made in /dev when /proc is there, and before it is covered.
  slowed symlink 1 "$launcher" -m "$copy" --reachable --no-device-rules --cover /proc/version -- sh -c 'cat /moved/version | wc -c; head -c 1 /moved/interrupts | wc -c; cat /proc/version'
  inside_has /marker
  inside_has /proc/version
  mv "$copy/proc" "$copy/moved" && mkdir "$copy/proc" && echo posing >"$copy/proc/version"
  wait "$slowed" || true
  run -0 cat "$BATS_TEST_TMPDIR/said"
  assert_output "$(printf '0\n0\nposing')"
}

@test "a node whose name has come to mean another is not borrowed" {
  local try
  node mine c 1 5 666
  node other c 1 7 666
  open_the_way
  # It has looked at the node, may make none, and has no child yet.
  slowed mknodat 1 setpriv --inh-caps -mknod --bounding-set -mknod "$launcher" -m "$root" --device "$BATS_TEST_TMPDIR/mine:/dev/mine" -- echo RAN
  for ((try = 0; try < 400 * patience; try++)); do
    [[ $(readlink /proc/"$(pgrep -P "$slowed" || echo self)"/fd/*) != */mine* ]] || break
    sleep 0.01
  done
  mv "$BATS_TEST_TMPDIR/other" "$BATS_TEST_TMPDIR/mine"
  wait "$slowed" || true
  run -0 cat "$BATS_TEST_TMPDIR/said"
  assert_output --partial 'mine: ESTALE'
  refute_output --partial RAN
}

# --- by an ordinary user ---

home=$BATS_TEST_TMPDIR/own uids=ann:300000:65536
# by_ann [FLAG...] -- COMMAND...: in a container that an ordinary user starts, who has a root directory of her own.
by_ann() {
  command -v newuidmap >/dev/null || skip 'NOT-TESTABLE: newuidmap is not installed'
  [ -d "$home" ] || {
    mkdir -m 700 "$home"
    cp -a "$root" "$home/root"
    chown -R 4200:4200 "$home"
    open_the_way
  }
  limited "$project/tests/support/as-granted" "$uids" "$uids" -- "$launcher" -m "$home/root" --no-limits "$@"
}

@test "an ordinary user is told that there are no rules, has covers, and grants what she may open herself" {
  run -0 by_ann --cap-add NET_ADMIN -- sh -c 'head -c 1 /proc/interrupts | wc -c; true >/proc/sys/net/ipv4/ip_forward || echo closed'
  assert_output --partial 'warning chapter-12: no rules for devices: an ordinary user can give the kernel no rules'
  assert_line 0
  assert_line closed
  node mine c 1 5 600 4200:4200
  run -0 by_ann --no-device-rules --device "$BATS_TEST_TMPDIR/mine:/dev/mine" --device /dev/zero:/dev/a/zero -- \
    sh -c 'stat -c "%a %u:%g" /dev/mine; head -c 1 /dev/mine | wc -c; head -c 1 /dev/a/zero | wc -c; chmod 666 /dev/mine || true'
  assert_line '600 0:0'
  assert_line --partial 'Read-only file system'
  assert_equal "$(grep -cx 1 <<<"$output")" 2
}

@test "an ordinary user grants nothing that she may not open, and no less than all" {
  node theirs c 1 5 600 0:0
  run -125 by_ann --device "$BATS_TEST_TMPDIR/theirs:/dev/theirs" -- echo RAN
  assert_output --partial "theirs: EACCES (Permission denied): nobody but the machine's root can make a node for it"
  node readable c 1 5 604 0:0
  run -125 by_ann --device "$BATS_TEST_TMPDIR/readable:/dev/readable" -- echo RAN
  run -2 by_ann --device "$BATS_TEST_TMPDIR/readable:/dev/readable:r" -- echo RAN
  assert_output --partial "only rules could hold anybody to 'r'"
  refute_output --partial RAN
}

@test "where root may make no nodes, the host's are shown if root inside may use them" {
  node theirs c 1 5 600 0:0
  run -125 limited setpriv --inh-caps -mknod --bounding-set -mknod "$launcher" -m "$root" --device "$BATS_TEST_TMPDIR/theirs:/dev/theirs" -- echo RAN
  assert_output --partial 'EACCES'
  run -0 limited setpriv --inh-caps -mknod --bounding-set -mknod "$launcher" -m "$root" --device /dev/zero:/dev/mine:r -- sh -c 'head -c 1 /dev/mine | wc -c; touch /dev/mine || true'
  assert_line 1
}
