# What a run of tests leaves on the host, and nothing that others have there. Other containers may live on
# it meanwhile, begin and end; so each trace is looked for where only this run can have made it.

# start_apart COMMAND...: starts it in namespaces of its own. What is mounted, shared or named there, this
# run has made. Processes need the host's pid namespace: they are known by their descent instead. Who loses
# its parent becomes a child of the nearest subreaper (PR_SET_CHILD_SUBREAPER, 36), which survives an
# exec: COMMAND. A daemon, with a session, groups and an environment of its own, does not get away from it.
start_apart() {
  exec unshare --mount --ipc --uts --net perl -e '
my $prctl = {x86_64 => 157, aarch64 => 167}->{shift()} or die "prctl: no number for this processor\n";
syscall($prctl, 36, 1, 0, 0, 0) == 0 or die "prctl(PR_SET_CHILD_SUBREAPER): $!\n";
exec {$ARGV[0]} @ARGV or die "$ARGV[0]: $!\n"' "$(uname -m)" "$@"
}

# settle DIR: what namespaces do not give: POSIX shared memory and a root directory for containers, for this
# run alone. DIR must be on the file system of build/root: not every one can be mounted with other ids.
settle() {
  [ ! -d /dev/shm ] || mount -t tmpfs -o mode=1777,nosuid,nodev shm /dev/shm
  common/make-root.sh "$1/root"
  mount --bind "$1/root" build/root
}

host_traces() {
  # Not where: what others have mounted, they may rename.
  awk '{ $5 = ""; print }' /proc/self/mountinfo | sort
  grep -o '^ *[^ ]*:' /proc/self/net/dev
  cat /proc/sysvipc/{shm,sem,msg} | awk '{ print $1, $2 }'
  ls -A /dev/shm
  cat /proc/sys/kernel/hostname
  find build/root/ | sort
}

# Control groups have no owner that could be asked. What a launcher left bears the pid of one that is gone,
# and is empty: whoever is in it still is a process that was left. Others' groups have a launcher, or, where
# that counts its pids in another namespace, somebody in them.
orphaned_groups() {
  local group pid
  find /sys/fs/cgroup -name 'mutants-[0-9]*' -prune -o -name 'tincan-*' -type d -print 2>/dev/null | sort |
    while read -r group; do
      [[ $group =~ /tincan-(doctor-)?([0-9]+) ]] || continue
      [ -d "/proc/${BASH_REMATCH[2]}" ] || grep -qs . "$group/cgroup.procs" "$group"/*/cgroup.procs || echo "$group"
    done
}

# The children of this shell: none of its own are running, so they are what was left. Subshells are its
# children too: what is to be read comes through builtins.
show_orphans() {
  local children='' pid name
  read -r children <"/proc/$$/task/$$/children" || true
  for pid in $children; do
    { read -r name <"/proc/$pid/comm"; } 2>/dev/null || continue
    grep -qs '^State:.Z' "/proc/$pid/status" || echo "process $pid ($name)"
  done
}

# below PID: what it has started, and what that has.
below() {
  local children='' pid
  { read -r children <"/proc/$1/task/$1/children"; } 2>/dev/null || true
  for pid in $children; do
    echo "$pid"
    below "$pid"
  done
}

# end_soon PID: of an interrupted run, PID, and of what it has left, until nothing is. What timeout(1) runs is in a
# group of its own, which a terminal's signals do not reach. A guard ends by itself, when it has removed its groups.
end_soon() {
  local pid name children deadline=$((SECONDS + 5))
  while kill -0 "$1" 2>/dev/null && [ "$SECONDS" -lt "$deadline" ]; do
    for pid in $(below "$1"); do
      { read -r name <"/proc/$pid/comm"; } 2>/dev/null || continue
      [ "$name" != timeout ] || kill "$pid" 2>/dev/null || true
    done
    sleep 0.2
  done
  for ((deadline = SECONDS + 5; SECONDS < deadline; )); do
    children=''
    read -r children <"/proc/$$/task/$$/children" || true
    [ -n "$children" ] || return 0
    for pid in $children; do
      { read -r name <"/proc/$pid/comm"; } 2>/dev/null || continue
      [ "$name" = tincan-guard ] || kill -KILL "$pid" 2>/dev/null || true
    done
    sleep 0.1
  done
}

# remember_host WORK, and after the tests left_nothing WORK SECONDS: fails if they left something. What is
# ending has so long for it.
remember_host() {
  host_traces >"$1/host-before"
  orphaned_groups >"$1/groups-before"
}
left_nothing() {
  local deadline=$((SECONDS + $2))
  # What is orphaned only after the tests, and for a moment, is another's.
  comm -13 "$1/groups-before" <(orphaned_groups) >"$1/groups"
  while :; do
    {
      show_orphans
      diff "$1/host-before" <(host_traces) | grep '^[<>]' || true
      comm -12 "$1/groups" <(orphaned_groups)
    } >"$1/left"
    [ -s "$1/left" ] || return 0
    [ "$SECONDS" -lt "$deadline" ] || break
    sleep 0.1
  done
  echo "The tests did not leave the host as they found it:" >&2
  head -20 "$1/left" >&2
  # shellcheck disable=SC2046  # one word each
  kill -KILL $(sed -n 's/^process \([0-9]*\) .*/\1/p' "$1/left") 2>/dev/null || true
  # On a busy machine a process that was killed is there for a moment longer.
  for ((deadline = SECONDS + 5; SECONDS < deadline; )); do
    show_orphans >"$1/left"
    [ -s "$1/left" ] || break
    sleep 0.1
  done
  return 1
}
