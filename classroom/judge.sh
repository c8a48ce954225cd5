#!/bin/bash
# The trusted part of a place where strange programs are tried: runs bouts, one after the other, each in
# namespaces of its own, and writes one record for each. It is process 1 of a container (classroom/place.py)
# or the command of a guest. On standard input: a nonce that begins each record, then a line a bout:
#
#     NAME SECONDS PROGRAMS HIDDEN FILTER FILE...      fields parted by tabs; HIDDEN is yes or no
#     NAME SECONDS PROGRAMS script TARGETS SCRIPT      a student's probe, see classroom/try-probe.sh
#
# A record is: NONCE NAME STATUS OUTPUT EVIDENCE, the last two in base64.
#
# What is tried is root in this kernel, but: it lives in a pid namespace below this process and has no
# other /proc, so that it can neither see nor signal nor trace what is here; and this output is a pipe that
# only this process holds.
set -uo pipefail

read -r nonce
here=$PWD # holds tests/, docs/ ... and build/root
hidden=$here/tests/classroom/hidden
most=200000

# Control groups, for the chapters that make some. In a container of ours there is none to be seen yet.
make_groups() {
  local id names
  if ! grep -q ' - cgroup' /proc/self/mountinfo; then
    mount -t tmpfs -o size=1m groups /sys/fs/cgroup || return
    while IFS=: read -r id names _; do
      case $names in
        '') mount_groups cgroup2 "${hybrid:-}" ;;
        # Those that a limit needs; a group of cpuset takes no process before it is told where it may run.
        *memory* | *pids* | *cpu | cpu,* | *blkio*) hybrid=/unified && mount_groups cgroup "/${names//,/-}" -o "$names" ;;
      esac
    done </proc/self/cgroup
  fi
  hierarchies=$(awk '$(NF - 2) ~ /^cgroup/ && $NF !~ /cpuset|freezer|devices|name=/ { print $5 }' /proc/self/mountinfo)
}
mount_groups() {
  local kind=$1 place=/sys/fs/cgroup$2
  shift 2
  mkdir -p "$place"
  mount -t "$kind" "$@" none "$place"
}

# What judges, as it stands on the disk: the times of changes cannot be set back. A bout that changed any of
# it is void, and those after it are not begun.
fingerprint() {
  find "$here" /programs/ \( -path "$here/build/closed" -prune \) -o \( -path '/programs/*/chapter-*' -prune \) -o -type f -printf '%p %s %C@\n' | sort | sha256sum
}

# Of each hierarchy a group that a bout has to itself: "MOUNT-POINT GROUP" on a line each.
groups_for() {
  local at group
  while read -r at; do
    group=$at/bout-$1
    if [ -e "$at/cgroup.subtree_control" ]; then
      mkdir -p "$at/judge" && echo 0 >"$at/judge/cgroup.procs"
      sed 's/[^ ][^ ]*/+&/g' "$at/cgroup.controllers" >"$at/cgroup.subtree_control"
    fi
    mkdir -p "$group/keeper" "$group/tests" && echo "$at $group"
    # Less than the whole place has: what runs into it is in there, and not this process.
    limit "$group" memory.max memory.limit_in_bytes 805306368
    limit "$group" pids.max pids.max 220
  done <<<"$hierarchies"
}

limit() {
  local file
  for file in "$1/$2" "$1/$3"; do [ ! -e "$file" ] || echo "$4" >"$file"; done
}

# Into the group, which is then the root of a namespace of groups; out of it again into one below, for a group of
# version 2 that holds processes gives no controllers to those below it; out of every other namespace, and into a
# group beside it, as a session is. What the tests see then: no way back to this process' /proc, file systems in
# memory that cannot be filled beyond their size, hidden tests only where they are due. Without the capabilities
# that reach the kernel itself.
enter='while read -r _ group; do echo 0 >"$group/cgroup.procs" || exit; done <<<"$GROUPS_MADE"
exec unshare -C bash -c "$1" bash "${@:2}"'
leave='while read -r _ group; do echo 0 >"$group/keeper/cgroup.procs" || exit; done <<<"$GROUPS_MADE"
exec unshare -m -i -u -n -p --fork --kill-child --propagation private bash -c "$1" bash "${@:2}"'
inside='umount -l /var && umount -l /proc && mount -t proc proc /proc || exit
while read -r at group; do echo 0 >"$group/tests/cgroup.procs" && mount --bind "$group" "$at" || exit; done <<<"$GROUPS_MADE"
unset GROUPS_MADE
mount -t tmpfs -o size=256m,mode=1777 none /tmp && mount -t tmpfs -o size=64m,mode=1777 none /dev/shm || exit
[ "$1" = yes ] || umount -l "$2" 2>/dev/null || mount -t tmpfs none "$2" || exit
shift 2
exec setpriv --bounding-set=-sys_module,-sys_rawio,-sys_boot,-sys_time "$@"'

bout() {
  local name=$1 seconds=$2 programs=$3 kind=$4 status output reader
  shift 4
  # Evidence goes into a pipe: what the tests have put there, nobody can read but the reader here.
  # shellcheck disable=SC2094  # a fifo: opened for both, so that opening it does not wait
  rm -rf /evidence/* && mkfifo /evidence/seen && chmod 666 /evidence/seen && exec 7<>/evidence/seen 8</evidence/seen
  head -c "$most" <&8 7>&- >/var/seen &
  reader=$!
  exec 8<&-
  GROUPS_MADE=$(groups_for "$name")
  export GROUPS_MADE
  local command=(bats --formatter tap -f "$@")
  [ "$kind" != script ] || command=(bash "$here/classroom/try-probe.sh" "$@")
  output=$(TINCAN_BUILD=$programs TINCAN_EVIDENCE=/evidence/seen TMPDIR=/tmp \
    timeout -s KILL "$seconds" bash -c "$enter" bash "$leave" "$inside" "$kind" "$hidden" "${command[@]}" </dev/null 2>&1 7>&- | head -c "$most" | base64 -w 0)
  status=$?
  exec 7>&-
  wait "$reader"
  [ "$(fingerprint)" = "$untouched" ] || status=99
  printf '%s %s %s %s %s\n' "$nonce" "$name" "$status" "${output:--}" "$(base64 -w 0 </var/seen)"
}

# What a bout left running is gone with its pid namespace; its groups may be still there.
mkdir -p /evidence
mount -t tmpfs -o size=1m,mode=777 evidence /evidence
mount -t tmpfs -o size=8m,mode=700 private /var
# In a container of ours: a root to start others in, and /sys and /dev as a host has them, to be hidden.
if [ -d /closed ]; then
  mount -o remount,bind,rw /sys
  mount -t devtmpfs dev /dev && mount -t devpts -o newinstance,ptmxmode=0666,mode=0620,gid=5 devpts /dev/pts
  mount -t tmpfs -o mode=1777 shm /dev/shm
  [ ! -d /dev/mqueue ] || mount -t mqueue mqueue /dev/mqueue
  mount -t tmpfs -o size=64m,mode=700 root "$here/build/closed" && cp -a /closed/. "$here/build/closed"
fi
make_groups >&2
untouched=$(fingerprint)
while IFS=$'\t' read -r -a fields; do
  bout "${fields[@]}"
  [ "$(fingerprint)" = "$untouched" ] || break
done
