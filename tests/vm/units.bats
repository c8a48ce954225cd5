#!/usr/bin/env bats
# Containers with limits, started by root in a service under systemd, which owns the groups that they are made in. For
# a guest that tests/vm/session starts.

bats_require_minimum_version 1.5.0
bats_load_library bats-support
bats_load_library bats-assert

@test "a limit of root's container stays, whatever systemd does with its own groups meanwhile" {
  local chapter line name value launcher input
  for chapter in 09 10 11; do
    coproc inner { exec "/project/build/chapter-$chapter" -m /project/build/root --memory 96M --pids 17 --cpus 0.25 --cpu-weight 50 -- sh -c 'echo ready; read -r _ || true' 3>&-; }
    # shellcheck disable=SC2154  # coproc sets it
    launcher=$inner_PID input=${inner[1]}
    read -rt 30 line <&"${inner[0]}"
    assert_equal "$line" ready
    group=$(find /sys/fs/cgroup/system.slice -maxdepth 1 -name "tincan-$launcher-*")
    systemctl daemon-reload
    systemd-run --quiet --wait -p CPUWeight=7 true
    systemd-run --quiet --wait true
    while read -r name value; do
      assert_equal "$chapter: $name $(cat "$group/$name")" "$chapter: $name $value"
    done <<'END'
memory.max 100663296
pids.max 17
cpu.max 25000 100000
cpu.weight 50
END
    eval "exec $input>&-"
    wait "$launcher"
    [ ! -e "$group" ]
  done
}

# learner, a group of his that nobody else is in, and that is no unit of systemd's: nobody would clear it away.
@test "a user's group that is no unit is not divided: his systemd is asked, and nothing stays in it" {
  local mine=/sys/fs/cgroup/mine can
  can=$(eval echo ~learner)/can
  mkdir "$mine"
  chown learner "$mine" "$mine"/cgroup.{procs,subtree_control}
  run -0 sh -c "echo 0 >$mine/cgroup.procs && exec setpriv --reuid learner --regid learner --init-groups --inh-caps=-all /project/build/chapter-11 -d -m $can -- true"
  assert_output --partial 'systemd has made tincan-'
  [ ! -e "$mine/launcher" ]
  rmdir "$mine"
}
