#!/usr/bin/env bats
# bats file_tags=chapter:07
# Chapter 07: capabilities. Masks exactly, and by effect.

load support/promise

setup() {
  launcher=$build/chapter-07
  root=$(readlink -f "$project/build/root")
}

# can [FLAG...] -- COMMAND...: in a container on the busybox root.
can() { limited "$launcher" -m "$root" "$@"; }

# masks [FLAG...]: in there, the inheritable, permitted, effective, bounding and ambient set without leading
# zeros, and NoNewPrivs.
masks() { can "$@" -- sh -c 'grep -E "^(Cap|NoNew)" /proc/self/status' | sed -E 's/.*:\s*0*(.)/\1/' | tr '\n' ' '; }

@test "MNT-21 what is mounted read-only cannot be made writable again" { promise MNT-21; }
@test "CAP-01 all five capability sets are exactly those of the table" { promise CAP-01; }
@test "CAP-02 a dropped capability cannot be raised again" { promise CAP-02; }
@test "CAP-03 a set-uid program of root's gains no more than the bounding set" { promise CAP-03; }
@test "CAP-04 inheritable capabilities of the caller are cleared" { promise CAP-04; }
@test "CAP-05 ambient capabilities of the caller are cleared" { promise CAP-05; }
@test "CAP-06 capabilities newer than the tutorials are dropped too" { promise CAP-06; }
@test "CAP-07 the caller's securebits are cleared" { promise CAP-07; }
@test "CAP-08 if the capabilities cannot be limited, nothing runs" { promise CAP-08; }
@test "CAP-10 without any capability, user id 0 alone opens none of the kernel's settings" { promise CAP-10; }
@test "CAP-11 a set-uid program inside gives nobody another user id" { promise CAP-11; }
@test "CAP-13 a process cannot pose as another program" { promise CAP-13; }
@test "CAP-12 all threads of the command's process have the same capabilities" { promise CAP-12; }

# Each by what it does, as root of the host: NET_BROADCAST, MAC_OVERRIDE and MAC_ADMIN have no effect here.
@test "CAP-09-DAC_READ_SEARCH root inside cannot open files by handle" { promise CAP-09-DAC_READ_SEARCH; }
@test "CAP-09-LINUX_IMMUTABLE root inside cannot make files append-only" { promise CAP-09-LINUX_IMMUTABLE; }
@test "CAP-09-NET_ADMIN root inside cannot change network interfaces" { promise CAP-09-NET_ADMIN; }
@test "CAP-09-NET_RAW root inside cannot send raw packets" { promise CAP-09-NET_RAW; }
@test "CAP-09-IPC_LOCK root inside cannot lock memory without a limit" { promise CAP-09-IPC_LOCK; }
@test "CAP-09-IPC_OWNER root inside cannot attach other users' shared memory" { promise CAP-09-IPC_OWNER; }
@test "CAP-09-SYS_MODULE root inside cannot unload kernel modules" { promise CAP-09-SYS_MODULE; }
@test "CAP-09-SYS_RAWIO root inside cannot ask where on the disk a file is" { promise CAP-09-SYS_RAWIO; }
@test "CAP-09-SYS_PTRACE root inside cannot read other users' processes" { promise CAP-09-SYS_PTRACE; }
@test "CAP-09-SYS_PACCT root inside cannot switch process accounting" { promise CAP-09-SYS_PACCT; }
@test "CAP-09-SYS_ADMIN root inside cannot set the host name" { promise CAP-09-SYS_ADMIN; }
@test "CAP-09-SYS_BOOT root inside cannot call reboot()" { promise CAP-09-SYS_BOOT; }
@test "CAP-09-SYS_NICE root inside cannot take more processor time" { promise CAP-09-SYS_NICE; }
@test "CAP-09-SYS_RESOURCE root inside cannot lift limits" { promise CAP-09-SYS_RESOURCE; }
@test "CAP-09-SYS_TIME root inside cannot set the clock" { promise CAP-09-SYS_TIME; }
@test "CAP-09-SYS_TTY_CONFIG root inside cannot hang up terminals" { promise CAP-09-SYS_TTY_CONFIG; }
@test "CAP-09-MKNOD root inside cannot make device nodes" { promise CAP-09-MKNOD; }
@test "CAP-09-LEASE root inside cannot take leases on other users' files" { promise CAP-09-LEASE; }
@test "CAP-09-AUDIT_WRITE root inside cannot write to the audit log" { promise CAP-09-AUDIT_WRITE; }
@test "CAP-09-AUDIT_CONTROL root inside cannot ask for the audit state" { promise CAP-09-AUDIT_CONTROL; }
@test "CAP-09-SETFCAP root inside cannot give files capabilities" { promise CAP-09-SETFCAP; }
@test "CAP-09-SYSLOG root inside cannot read the kernel's log" { promise CAP-09-SYSLOG; }
@test "CAP-09-WAKE_ALARM root inside cannot set alarms that wake the machine" { promise CAP-09-WAKE_ALARM; }
@test "CAP-09-BLOCK_SUSPEND root inside cannot keep the machine awake" { promise CAP-09-BLOCK_SUSPEND; }
@test "CAP-09-AUDIT_READ root inside cannot read the audit log" { promise CAP-09-AUDIT_READ; }
@test "CAP-09-PERFMON root inside cannot watch a whole processor" { promise CAP-09-PERFMON; }
@test "CAP-09-BPF root inside cannot load eBPF maps" { promise CAP-09-BPF; }
@test "CAP-09-CHECKPOINT_RESTORE root inside cannot choose pids" { promise CAP-09-CHECKPOINT_RESTORE; }

kept=(CHOWN DAC_OVERRIDE FOWNER FSETID KILL SETGID SETUID SETPCAP NET_BIND_SERVICE SYS_CHROOT)

@test "what is kept works, and no longer when it is dropped" {
  local name
  for name in "${kept[@]}"; do
    run -0 attack "CAP-09-$name" 07
    assert_output --partial "REACHED CAP-09-$name"
    run -0 attack "CAP-09-$name" 07 --cap-drop "$name"
    assert_output --partial "BLOCKED CAP-09-$name"
  done
}

@test "what is kept works in the own user namespace too" {
  local name
  for name in "${kept[@]}"; do works "CAP-09-$name" 07 --tmp; done
}

@test "what is dropped works when it is added, and nothing else does" {
  local name
  for name in NET_ADMIN NET_RAW SYS_ADMIN SYS_PTRACE MKNOD SYS_TIME BPF; do
    run -0 attack "CAP-09-$name" 07 --cap-add "$name"
    assert_output --partial "REACHED CAP-09-$name"
    run -0 attack CAP-09-SYS_BOOT 07 --cap-add "$name"
    assert_output --partial 'BLOCKED CAP-09-SYS_BOOT'
  done
}

@test "R1 the masks are exactly the table's, with and without a user namespace of its own" {
  local number
  for number in $(chapters_from 07); do
    launcher=$build/chapter-$number
    run -0 masks
    assert_output '0 405fb 405fb 405fb 0 1 '
    run -0 masks --share user
    assert_output '0 405fb 405fb 405fb 0 1 '
  done
}

@test "C11 nothing beyond the table is kept by --cap-add ALL" {
  run -0 masks --cap-add ALL
  assert_output '0 1ffffffffff 1ffffffffff 1ffffffffff 0 1 '
}

@test "--cap-drop ALL leaves nothing, and single names have the last word" {
  run -0 masks --cap-drop ALL
  assert_output '0 0 0 0 0 1 '
  run -0 masks --cap-drop ALL --cap-add CHOWN
  assert_output '0 1 1 1 0 1 '
  run -0 masks --cap-add CHOWN --cap-drop ALL
  assert_output '0 1 1 1 0 1 '
  run -0 masks --cap-add ALL --cap-drop CHOWN
  assert_output '0 1fffffffffe 1fffffffffe 1fffffffffe 0 1 '
  run -0 masks --cap-add SYS_TIME --cap-drop KILL
  assert_output '0 20405db 20405db 20405db 0 1 '
}

@test "names with and without CAP_, in any case" {
  local name
  for name in sys_time SYS_TIME CAP_SYS_TIME cap_sys_time Cap_Sys_Time; do
    run -0 masks --cap-drop all --cap-add "$name"
    assert_output '0 2000000 2000000 2000000 0 1 '
  done
}

@test "names that are none, named twice, or added and dropped at once are refused" {
  local name
  run -2 can --cap-add '' -- echo RAN
  assert_output --partial "'' is no capability"
  for name in CAP_ CAP 'CHOWN,' CHOW CHOWNS ' CHOWN' 'CHOWN ' 0 41 CAP_CAP_CHOWN CHOWN,KILL -CHOWN ALLL CAP_ALL_; do
    run -2 can --cap-add="$name" -- echo RAN
    assert_output --partial "--cap-add: '$name' is no capability"
    run -2 can --cap-drop="$name" -- echo RAN
    refute_output --partial RAN
  done
  run -2 can --cap-add CHOWN --cap-add cap_chown -- true
  assert_output --partial 'named twice'
  run -2 can --cap-drop ALL --cap-drop all -- true
  assert_output --partial 'named twice'
  run -2 can --cap-add KILL --cap-drop KILL -- true
  assert_output --regexp '--cap-(add|drop).*KILL'
  run -2 can --cap-add ALL --cap-drop ALL -- true
  assert_output --regexp '--cap-(add|drop).*ALL'
}

@test "another user than root has no capabilities, whatever was added" {
  run -0 masks -u 1000
  assert_output '0 0 0 405fb 0 1 '
  run -0 masks -u 1000 --cap-add SYS_TIME
  assert_output '0 0 0 20405fb 0 1 '
}

@test "switching the user works also when the command may not" {
  run -0 can -u 1000 --cap-drop SETUID --cap-drop SETGID --cap-drop SETPCAP -- id -u
  assert_output 1000
  run -0 can -u 1000 --cap-drop ALL -- id -u
  assert_output 1000
}

@test "the capabilities survive an exec of root's, and no more do" {
  run -0 can --allow-new-privs -- sh -c 'sh -c "grep -E ^Cap /proc/self/status" | tr -s "\t" " " | tr "\n" " "'
  assert_output --partial 'CapPrm: 00000000000405fb CapEff: 00000000000405fb CapBnd: 00000000000405fb'
}

@test "--allow-new-privs leaves no_new_privs off, and only that" {
  run -0 masks --allow-new-privs
  assert_output '0 405fb 405fb 405fb 0 0 '
}

@test "a read-only root that others can reach is refused where CAP_SYS_ADMIN is kept, and there alone" {
  local number
  cp -a "$root" "$BATS_TEST_TMPDIR/root" && chmod 755 "$BATS_TEST_TMPDIR/root"
  open_the_way
  for number in $(chapters_from 07); do
    run -0 limited "$build/chapter-$number" -m "$BATS_TEST_TMPDIR/root" --read-only -- true
    run -125 limited "$build/chapter-$number" -m "$BATS_TEST_TMPDIR/root" --read-only --cap-add SYS_ADMIN -- echo RAN
    assert_output --partial 'keep from other users'
    run -125 limited "$build/chapter-$number" -m "$BATS_TEST_TMPDIR/root" --read-only --cap-add ALL -- echo RAN
    run -0 limited "$build/chapter-$number" -m "$BATS_TEST_TMPDIR/root" --read-only --cap-add ALL --cap-drop SYS_ADMIN -- true
    # A bind by its own word, whatever the root's is.
    run -0 limited "$build/chapter-$number" -m "$root" --share user -a "$BATS_TEST_TMPDIR/root:/mnt:ro" -- true
    run -125 limited "$build/chapter-$number" -m "$root" --share user --read-only -a "$BATS_TEST_TMPDIR/root:/mnt" -- echo RAN
    assert_output --partial 'keep from other users'
  done
}

@test "CAP-08 in a user namespace of its own the launcher's missing capabilities do not matter" {
  run -0 limited setpriv --bounding-set -setpcap,-chown --inh-caps -setpcap,-chown "$launcher" -m "$root" -- grep CapPrm /proc/self/status
  assert_output --partial 00000000000405fb
}

@test "a capability that cannot be had is refused, not left out" {
  run -125 limited setpriv --bounding-set -chown --inh-caps -chown "$launcher" -m "$root" --share user -- echo RAN
  assert_output --partial 'capset CAP_CHOWN: EPERM'
  refute_output --partial RAN
}

@test "CAP-07 the caller's securebits do not stop it" {
  run -0 limited setpriv --securebits +no_setuid_fixup "$launcher" -m "$root" --share user -- true
  # Locked ones cannot be cleared.
  run -125 limited setpriv --securebits +noroot,+noroot_locked "$launcher" -m "$root" --share user -- echo RAN
  refute_output --partial RAN
}

@test "each failing call that changes the privileges ends the start" {
  command -v strace >/dev/null || skip 'strace is not installed'
  run -125 strace -f -qq -o /dev/null -e trace=capset -e inject=capset:error=EPERM "$launcher" -m "$root" -- echo RAN
  refute_output --partial RAN
  # A call that pretends to have worked: reading back finds it.
  run -125 strace -f -qq -o /dev/null -e trace=capset -e inject=capset:retval=0 "$launcher" -m "$root" -- echo RAN
  refute_output --partial RAN
  # The same for a caller who has exactly what is kept, but inherits more.
  local exactly=-all,+chown,+dac_override,+fowner,+fsetid,+kill,+setgid,+setuid,+setpcap,+net_bind_service,+sys_chroot
  run -125 setpriv --bounding-set="$exactly,+sys_admin" --inh-caps=+chown strace -f -qq -o /dev/null -e trace=capset -e inject=capset:retval=0 \
    "$launcher" -m "$root" --cap-add SYS_ADMIN --share user --share net -- echo RAN
  refute_output --partial RAN
  # And for the bounding set: nothing is dropped, and nothing is there to be read.
  run -125 strace -f -qq -o /dev/null -e trace=prctl -e inject=prctl:retval=0 "$launcher" -m "$root" --allow-new-privs -- echo RAN
  refute_output --partial RAN
}

@test "a prctl that pretends to have worked is found by reading back, each by itself" {
  command -v strace >/dev/null || skip 'strace is not installed'
  local number option nth traces=$BATS_TEST_TMPDIR/trace flags start
  for number in $(keepers 07); do
    flags=(--share user)
    ! has_option "$number" --seccomp || flags+=(--seccomp none)
    start=("$build/chapter-$number" -m "$root" "${flags[@]}" -- echo RAN)
    # Which prctl of the child's it is; and with securebits of the caller's, so that something is to be done.
    rm -f "$traces".*
    run -0 limited setpriv --securebits +no_setuid_fixup strace -ff -qq -o "$traces" -e trace=prctl "${start[@]}"
    for option in PR_SET_SECUREBITS PR_SET_NO_NEW_PRIVS 'PR_CAPBSET_DROP, CAP_SYS_TIME' 'PR_CAPBSET_DROP, CAP_BPF'; do
      nth=$(grep -h '^prctl(' "$(grep -lF "$option" "$traces".* | head -n 1)" | grep -nF "$option" | cut -d: -f1)
      run -125 limited setpriv --securebits +no_setuid_fixup strace -f -qq -o /dev/null -e trace=prctl -e inject=prctl:retval=0:when="$nth" "${start[@]}"
      refute_output --partial RAN
    done
  done
}

@test "an ordinary user's container keeps the same" {
  mkdir -m 700 "$BATS_TEST_TMPDIR/own" && cp -a "$root" "$BATS_TEST_TMPDIR/own/root" && chown -R 65534:65534 "$BATS_TEST_TMPDIR/own"
  open_the_way
  run --separate-stderr -0 limited setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps=-all --bounding-set=-all "$launcher" -m "$BATS_TEST_TMPDIR/own/root" -- \
    sh -c 'grep -E "^Cap" /proc/self/status | cut -f2 | tr "\n" " "'
  assert_output '0000000000000000 00000000000405fb 00000000000405fb 00000000000405fb 0000000000000000 '
}

@test "--list-capabilities has a line and a reason for each of the 41, and runs nothing" {
  local number name
  for number in $(chapters_from 07); do
    run -0 "$build/chapter-$number" --list-capabilities
    assert_equal "$(grep -cE '^(kept|dropped) +CAP_[A-Z_]+ +[A-Za-z]' <<<"$output")" 41
    assert_equal "$(grep -cE '^kept +CAP_' <<<"$output")" 10
    assert_equal "$(grep -oE 'CAP_[A-Z_]+' <<<"$output" | sort -u | wc -l)" 41
    for name in "${kept[@]}"; do assert_line --regexp "^kept +CAP_$name "; done
  done
}
