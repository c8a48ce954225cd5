#!/bin/bash
# The trusted part of a place where strange programs are tried: runs bouts, one after the other, each in
# namespaces of its own, and writes one record for each. It is process 1 of a container (classroom/place.py)
# or the command of a guest, and root there. On standard input: a nonce that begins each record, and the first of
# 1048576 ids that are nobody's; then a line a bout:
#
#     NAME SECONDS PROGRAMS HIDDEN FILE                   fields parted by tabs; HIDDEN is yes or no
#     NAME SECONDS PROGRAMS script SCRIPT PROGRAM [ROOT]  a student's probe, see classroom/probe-once.sh
#
# A record is: NONCE NAME STATUS OUTPUT EVIDENCE, the last two in base64.
#
# There are three floors, each a user namespace whose ids are others for the kernel. Above, this script. In
# the middle, the tests. Below, what is tried, and what attacks it. Who is root on one floor
# has no power over what is above: tests/classroom/below.cpp says how.
set -uo pipefail

read -r nonce first
here=$PWD # holds tests/, classroom/ and build/root
source "$here/classroom/groups.bash"
export GROUPS_MADE
hidden=$here/tests/classroom/hidden
most=200000
# Before these may stand what is tried: they are started below, too.
tools=(strace setpriv prlimit unshare chroot nsenter)

# Control groups, for the chapters that make some. In a container of ours there is none to be seen yet.
show_groups() {
  local names at
  if ! grep -q ' - cgroup' /proc/self/mountinfo; then
    mount -t tmpfs -o size=1m groups /sys/fs/cgroup || return
    while IFS=: read -r _ names _; do
      case $names in
        '') mount_groups cgroup2 "${hybrid:-}" ;;
        # Those that a limit needs; a group of cpuset takes no process before it is told where it may run.
        *memory* | *pids* | *cpu | cpu,* | *blkio*) hybrid=/unified && mount_groups cgroup "/${names//,/-}" -o "$names" ;;
      esac
    done </proc/self/cgroup
  fi
  # Out of the way: a group of version 2 that holds processes gives no controllers to those below it.
  while read -r at _; do
    [ ! -e "$at/cgroup.subtree_control" ] || { mkdir -p "$at/judge" && echo 0 >"$at/judge/cgroup.procs"; }
  done < <(hierarchies)
}
mount_groups() {
  local kind=$1 place=/sys/fs/cgroup$2
  shift 2
  mkdir -p "$place"
  mount -t "$kind" "$@" none "$place"
}

# What a bout has to itself: delegated, but for its limits, which are less than what the whole place has: who runs into
# them is in there. Where the container has no group of its own, others make theirs beside it: its ids tell whose it is.
groups_for() {
  local group
  GROUPS_MADE=$(make_groups "bout-$first-$1")
  while read -r _ group; do
    chown "$first:$first" "$group"{,/keeper,/tests}{,/cgroup.procs,/tasks,/cgroup.threads,/cgroup.subtree_control} 2>/dev/null
    limit "$group" memory.max memory.limit_in_bytes 805306368
    limit "$group" pids.max pids.max 220
  done <<<"$GROUPS_MADE"
}
limit() {
  local file
  for file in "$1/$2" "$1/$3"; do [ ! -e "$file" ] || echo "$4" >"$file"; done
}

# Onto the middle floor, with no limits but those of the group: below, none can be raised.
enter() { # SECONDS WORDS...
  local resource
  for resource in i l q e r; do ulimit -$resource unlimited 2>/dev/null; done
  stop_forks "$BASHPID" <>/evidence/never >/dev/null 2>&1 &
  exec timeout -s KILL "$1" /below/bin/below bout "${@:2}"
}
# Who forks and forks is stopped before its time is over: it takes a processor from whoever is graded beside it.
stop_forks() {
  local file count refused
  while kill -0 "$1" && ! read -rt 2 _; do
    refused=0
    for file in $(while read -r _ group; do echo "$group"{,/tests,/keeper}/pids.events; done <<<"$GROUPS_MADE"); do
      [ ! -r "$file" ] || { read -r _ count <"$file" && refused=$((refused + count)); }
    done
    [ "$refused" -lt 3000 ] || kill -KILL "$1"
  done
}

bout() {
  local name=$1 seconds=$2 programs=$3 kind=$4 covered=$hidden command=(bash "$here/classroom/tests.bash") status output seen=
  shift 4
  [ "$kind" != yes ] || covered=
  [ "$kind" != script ] || command=(bash "$here/classroom/probe-once.sh")
  # Evidence goes into a pipe: what the tests have put there, nobody can read but the reader here.
  # shellcheck disable=SC2094  # a fifo: opened for both, so that opening it does not wait
  exec 7<>/evidence/seen 8</evidence/seen
  ([ "$kind" = script ] || exec head -c "$most" <&8 >/evidence/closed/seen) 7>&- &
  exec 8<&-
  groups_for "$name"
  output=$(TINCAN_BUILD=$programs TINCAN_PLAIN=$programs/plain TINCAN_EVIDENCE=/evidence/seen TMPDIR=/tmp \
    enter "$seconds" "$first" "$covered" "$programs" "${command[@]}" "$@" </dev/null 2>&1 7>&- |
    head -c "$most" | base64 -w 0)
  status=$?
  exec 7>&-
  wait "$!"
  [ "$kind" = script ] || seen=$(base64 -w 0 </evidence/closed/seen)
  printf '%s %s %s %s %s\n' "$nonce" "$name" "$status" "${output:--}" "$seen"
  remove_groups "$GROUPS_MADE"
}

# In a container of ours: /sys and /dev as a host has them, to be hidden. Nodes of our own, for whom it may be.
make_devices() {
  mount -t tmpfs -o size=1m,mode=755,nosuid dev /dev
  local name major minor mode
  while read -r name major minor mode; do
    mkdir -p "$(dirname "/dev/$name")" && mknod -m "$mode" "/dev/$name" c "$major" "$minor"
  done <<<'null 1 3 666
zero 1 5 666
full 1 7 666
random 1 8 666
urandom 1 9 666
tty 5 0 666
kmsg 1 11 600
mem 1 1 600
net/tun 10 200 666
fuse 10 229 666'
  ln -s /proc/self/fd /dev/fd && ln -s /proc/self/fd/0 /dev/stdin && ln -s /proc/self/fd/1 /dev/stdout && ln -s /proc/self/fd/2 /dev/stderr
  mkdir /dev/pts /dev/shm /dev/mqueue && : >/dev/ptmx
}

mkdir -p /evidence /below /bats
mount -t tmpfs -o size=1m,mode=755 evidence /evidence && mkdir -m 700 /evidence/closed && mkfifo /evidence/never && mkfifo -m 666 /evidence/seen
mount -t tmpfs -o size=64m,mode=755 below /below && mkdir -p /below/bin/real /below/ns && : >/below/ns/user
cp "$here/build/below" /below/bin/below
for tool in "${tools[@]}"; do
  real=$(type -P "$tool") && ln /below/bin/below "/below/bin/$tool" && ln -s "$real" "/below/bin/real/$tool"
done
# Of each of Bats' libraries one file, without the words: their own loaders start a program for each of many.
for library in bats-support bats-assert; do
  mkdir -p "/below/lib/$library" && sed '/^ *#/d' "/usr/lib/bats/$library/src/"*.bash >"/below/lib/$library/load.bash"
done
if [ -d /closed ]; then
  mount -o remount,bind,rw /sys
  make_devices
fi
umount -l /media/job 2>/dev/null
show_groups >&2
while IFS=$'\t' read -r -a fields; do
  bout "${fields[@]}"
done
