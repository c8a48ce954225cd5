# The host's side of chapter 05: mounts, a hostile root directory, device nodes.

attack_MNT_07() {
  local where=$1 path=/mnt/target
  [ "$where" != control ] || where=04 path=/mnt/tree/target
  local flags=()
  [ "$where" = 04 ] || flags=(-a /mnt/tree/target:/mnt/target)
  stage "$where" "${flags[@]}" -- /bin/sh -c 'echo ready; read -r _; test -e "$0/arrived" && echo SEEN || echo UNSEEN' "$path"
  coproc inner { "${stage_argv[@]}"; }
  read -rt "$((8 * patience))" _ <&"${inner[0]}" || not_testable 'it did not start'
  mount -t tmpfs late /mnt/tree/target && : >/mnt/tree/target/arrived
  echo go >&"${inner[1]}"
  local answer
  read -rt "$((8 * patience))" answer <&"${inner[0]}"
  umount /mnt/tree/target
  case $answer in
    SEEN) reached 'what the host mounted later arrived inside' ;;
    UNSEEN) blocked 'what the host mounted later did not arrive' ;;
    *) not_testable "no answer: $answer" ;;
  esac
}

attack_MNT_11() {
  local where=$1 source=/mnt/tree/inert status
  [ "$where" != control ] || where=05 source=/mnt/tree
  stage "$where" -a "$source:/mnt/target:ro" -- /mnt/target/busybox true
  "${stage_argv[@]}" 2>/dev/null && status=0 || status=$?
  case $status in
    0) reached "a program on $source ran" ;;
    126) blocked 'a program on a noexec bind did not run' ;;
    *) not_testable "status $status" ;;
  esac
}

# A root directory full of links that lead to the host; each start has to refuse or stay inside, and
# the canary tree must be as it was (the hostile host compares). CVE-2019-19921 was such a link.
attack_MNT_12() {
  local where=$1 link target status output
  [ "$where" != control ] || attack_MNT_12_control
  make_decoy "$where"
  for link in proc sys dev etc/hosts mnt/link; do
    for target in /mnt/tree ../../../../mnt/tree /mnt/canary /nowhere /proc/self/fd/9 /proc/1/root/mnt/tree; do
      swap_for_link "$link" "$target"
      stage "$where" -a /mnt/tree/file:/"$link" -- @probe@ MNT-03 canary="$TINCAN_FACT_canary" token="$TINCAN_FACT_token"
      on_decoy
      output=$("${stage_argv[@]}" 9</mnt/tree 2>&1) && status=0 || status=$?
      restore "$link"
      case $status in
        70 | 125) ;;
        71) reached "/$link -> $target: $output" ;;
        *) not_testable "/$link -> $target: status $status: $output" ;;
      esac
    done
  done
  diff <(find /mnt/tree "$decoy" -xdev | sort) "$work/before" >/dev/null || reached 'something was made in the tree'
  blocked 'thirty links, each refused or kept inside'
}

# What happens to a launcher that mounts by path before it changes its root: bwrap does it safely,
# mount(8) with a path through the link does not.
attack_MNT_12_control() {
  make_decoy control
  swap_for_link proc /mnt/tree/target
  mount -t tmpfs naive "$decoy/proc"
  local arrived=no
  grep -q ' /mnt/tree/target .*- tmpfs naive' /proc/self/mountinfo && arrived=yes
  umount "$decoy/proc"
  [ "$arrived" = yes ] && reached 'mount(8) on the link mounted on the host'
  not_testable 'the link was not followed'
}

# make_decoy STAGE: a copy of its root, to be furnished with links; on_decoy: stage_argv starts on that.
make_decoy() {
  local root
  root=$(root_of "$1")
  decoy=${root%/can}/decoy
  cp -a "$root" "$decoy"
  : >"$decoy/etc/hosts"
  mkdir "$decoy/mnt/link"
  find /mnt/tree "$decoy" -xdev | sort >"$work/before"
}
on_decoy() { stage_argv=("${stage_argv[@]/"${decoy%decoy}can"/"$decoy"}"); }
swap_for_link() {
  mv "$decoy/$1" "$decoy/$1.away"
  ln -s "$2" "$decoy/$1"
}
restore() {
  rm "$decoy/$1"
  mv "$decoy/$1.away" "$decoy/$1"
}

# While the container starts again and again, a directory in its root and a link to the host change
# places: CVE-2021-30465.
attack_MNT_13() {
  local where=$1 n swapper status
  [ "$where" != control ] || attack_MNT_12_control
  make_decoy "$where"
  ln -s /mnt/tree "$decoy/bait"
  "$build/probe" swap "$decoy/mnt/link" "$decoy/bait" &
  swapper=$!
  stage "$where" -a /mnt/tree/sub:/mnt/link -- /bin/true
  on_decoy
  for ((n = 0; n < 100; n++)); do
    "${stage_argv[@]}" 2>/dev/null && status=0 || status=$?
    [ "$status" = 0 ] || [ "$status" = 125 ] || break
  done
  kill "$swapper"
  wait "$swapper" 2>/dev/null
  [ "$n" = 100 ] || not_testable "start $n ended with status $status"
  blocked '100 starts against a swapping link'
}

# Everything that a start may leave, compared before and after ways to end.
attack_MNT_20() {
  local where=$1 before after
  [ "$where" != control ] || attack_MNT_20_control
  own_tmp
  before=$(traces)
  leave_in_every_way "$where"
  until_true 2 same_traces "$before" && blocked 'after five ways to end, everything is as before'
  after=$(traces)
  reached "left behind: $(diff <(echo "$before") <(echo "$after") | grep '^[<>]' | head -3 | tr '\n' ' ')"
}

leave_in_every_way() {
  local ways=0
  stage "$1" -- /bin/true && noted && ways=$((ways + 1))
  stage "$1" -- /no/such/command && noted || ways=$((ways + 1))
  stage "$1" -a /mnt/tree/file:/no/such/place -- /bin/true && noted || ways=$((ways + 1))
  start "$1" -- @probe@ hold && started+=("$inside" "$launcher") && kill -9 "$launcher" && wait "$launcher" 2>/dev/null
  start "$1" -- @probe@ hold && started+=("$inside" "$launcher") && kill -9 "$inside" && wait "$launcher" 2>/dev/null
  [ "$ways" = 3 ] || not_testable "only $ways of 3 ended as they should"
}

# own_tmp: a /tmp in which nobody else makes anything meanwhile. What is under test may lie in the old one,
# and an ordinary user is to reach it.
own_tmp() {
  chmod 711 "$work"
  mkdir "$work/build"
  mount --bind "$build" "$work/build"
  build=$work/build
  mount -t tmpfs own /tmp
}

# noted: runs stage_argv, whose process is one of those that may leave something.
noted() {
  "${stage_argv[@]}" 2>/dev/null &
  started+=("$!")
  wait "$!"
}

# Of the control groups those that bear the pid of a launcher of ours: others come and go on a busy host.
traces() {
  sort /proc/self/mountinfo
  ls -A /tmp /mnt/{closed,home}/can /mnt/{closed,home}/can/*/ 2>/dev/null
  ls /sys/class/net
  local pid names=(-name tincan)
  for pid in "${started[@]}"; do
    gone "$pid" || echo "process $pid"
    names+=(-o -name "tincan-$pid-*")
  done
  find /sys/fs/cgroup -type d \( "${names[@]}" \) 2>/dev/null | sort
}
same_traces() { [ "$(traces)" = "$1" ]; }

# The series' way: a directory in /tmp that stays.
attack_MNT_20_control() {
  local before
  before=$(traces)
  mkdir "$work/crumb" && mkdir /mnt/closed/can/crumb
  same_traces "$before" && not_testable 'a new directory was not noticed'
  rmdir /mnt/closed/can/crumb "$work/crumb"
  reached 'a directory that stays is noticed'
}

# own_nodes: from here on the six nodes of this hostile host are copies, so that what happens to them
# happens to nobody else.
own_nodes() {
  local name
  mkdir "$work/nodes"
  mount -t tmpfs -o mode=755 nodes "$work/nodes" || not_testable 'no place for nodes'
  for name in null zero full random urandom tty; do
    cp -a "/dev/$name" "$work/nodes" || not_testable "no own $name"
    mount --bind "$work/nodes/$name" "/dev/$name" || not_testable "no own $name"
  done
  exec </dev/null
}

# Mode, owner and times of the host's nodes, before and after somebody inside has changed them.
attack_DEV_11() {
  local before after
  own_nodes
  before=$(stat -c '%n %a %u:%g %X %Y %Z' "$work"/nodes/*)
  stage "$1" -- @probe@ DEV-11 nodes=copies
  seen=$("${stage_argv[@]}" 2>&1)
  [ $? = 74 ] || not_testable "$seen"
  after=$(stat -c '%n %a %u:%g %X %Y %Z' "$work"/nodes/*)
  [ "$before" = "$after" ] || reached "the nodes of the host were changed: ${after//$'\n'/, }"
  blocked "${seen#* * }, and those of the host are as they were"
}

# Somebody outside holds a lock on each node, and uses them all the time.
attack_DEV_12() {
  local node user
  own_nodes
  for node in null zero full random urandom; do
    exec {user}<"/dev/$node"
    flock -n "$user" || not_testable "no lock on $node"
  done
  stage "$1" -- @probe@ DEV-12
  (while :; do : </dev/zero && : </dev/null; done) &
  user=$!
  seen=$("${stage_argv[@]}" 2>&1)
  node=$?
  kill -9 "$user"
  judged "$node" "$seen"
}
