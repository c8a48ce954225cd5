# Control groups of its own for what runs apart: a bout of judge.sh, or the test of a mutant (tests/mutants/slots.py).
# shellcheck shell=bash
#
#     GROUPS_MADE=$(make_groups NAME)     "MOUNT-POINT GROUP" on a line each, as `below bout` and `below apart` take them
#     remove_groups "$GROUPS_MADE"        ends whoever is in there, too

# Of each hierarchy that a limit needs, "MOUNT-POINT DIRECTORY": groups are made in that directory.
hierarchies() {
  local names path root at rest wanted own
  while IFS=: read -r _ names path; do
    [[ -z $names || ,$names, =~ ,(memory|pids|cpu|blkio), ]] || continue
    wanted='* - cgroup2 *'
    [ -z "$names" ] || wanted="* - cgroup *,${names%%,*},*"
    while read -r _ _ _ root at rest; do
      # shellcheck disable=SC2053  # a pattern
      [[ $rest, == $wanted && $path/ == "${root%/}"/* ]] || continue
      own=$at/${path#"${root%/}/"}
      # On version 2 a group has processes, or groups below it that have controllers.
      [ -n "$names" ] || [ "$own" = "$at/" ] || own=${own%/*}
      echo "$at ${own%/}"
      break
    done </proc/self/mountinfo
  done </proc/self/cgroup
}

# Of each hierarchy a group of that name; in it "keeper", for who waits, and "tests", which is as a session to what runs there.
make_groups() {
  local at group name offered share
  while read -r at group; do
    offered='' share=0
    [ ! -e "$group/cgroup.controllers" ] || read -r offered <"$group/cgroup.controllers"
    for name in memory pids cpu io; do
      [[ " $offered " != *" $name "* ]] || echo "+$name" >"$group/cgroup.subtree_control"
    done
    # On version 1 a new group may use no real-time policy (CONFIG_RT_GROUP_SCHED); EX-POLICY and its like need one.
    [ ! -e "$group/cpu.rt_runtime_us" ] || read -r share <"$group/cpu.rt_runtime_us"
    group+=/$1
    mkdir -p "$group/keeper" "$group/tests" || return
    [ "$share" -le 0 ] || { echo 50000 >"$group/cpu.rt_runtime_us" && echo 50000 >"$group/tests/cpu.rt_runtime_us"; }
    echo "$at $group"
  done < <(hierarchies)
}

remove_groups() {
  local group pid tries
  while read -r _ group; do
    for ((tries = 0; tries < 500; tries++)); do
      find "$group" -depth -type d -delete 2>/dev/null
      [ -e "$group" ] || break
      while read -r pid; do
        [ "$pid" = 0 ] || kill -KILL "$pid" # 0 is somebody who cannot be seen from here; and for kill(2), ourselves
      done < <(find "$group" -name cgroup.procs -exec cat {} + 2>/dev/null) 2>/dev/null
      sleep 0.05
    done
  done <<<"$1"
}
