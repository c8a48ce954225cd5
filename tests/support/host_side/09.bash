# The host's side of chapter 09: control groups and limits.

# A process that goes on, whatever happens in containers; and the host goes on making processes.
make_neighbour() {
  begin "$build/probe" hold
  neighbour=$launcher
}
host_goes_on() {
  local n
  for ((n = 0; n < 50; n++)); do "$(type -P true)" || return 1; done
  kill -0 "$neighbour" && ! gone "$neighbour"
}

# bomb STAGE [FLAG...]: 500 processes, if nothing stops it.
bomb() {
  local count why
  make_neighbour
  stage "$@" -- @probe@ bomb 500
  "${stage_argv[@]}" >"$pipe" &
  launcher=$!
  read -rt "$((20 * patience))" count why <"$pipe" || not_testable 'it did not start'
  host_goes_on || reached "the host cannot make processes while $count run inside"
  ((count <= 64)) || reached "$count processes: $why"
  [ "$why" = EAGAIN ] || not_testable "$count processes: $why"
  blocked "$count processes, then EAGAIN; the host goes on"
}
attack_RES_01() { bomb "$1"; }
# As user 0 of the host, whom RLIMIT_NPROC does not count.
attack_RES_13() { bomb "$1" --share user --reachable; }

# 64 MiB more than there may be. What the kernel kills is inside, and the launcher says why.
attack_RES_02() {
  local flags=() output status
  ! has_limits "$1" || flags=(--memory 64M)
  make_neighbour
  stage "$1" "${flags[@]}" -- @probe@ hog 128
  output=$("${stage_argv[@]}" 2>&1) && status=0 || status=$?
  host_goes_on || reached 'a process of the host was killed'
  case $status:$output in
    0:*touched*) reached "${output##*$'\n'}" ;;
    137:*'for memory'*'limit is 64.0 MiB'*'peak was 64.0 MiB'*) blocked 'killed at 64 MiB, and the launcher says why' ;;
    137:*) reached "killed, and the launcher says: ${output:-nothing}" ;;
    *) not_testable "status $status: $output" ;;
  esac
}

# cpu_time PID: in milliseconds, so far.
cpu_time() { awk -v hertz="$(getconf CLK_TCK)" '{ printf "%d", ($14 + $15) * 1000 / hertz }' "/proc/$1/stat"; }

# Beside a burner of the host that never leaves the same processor alone: less than half of what that
# one gets meanwhile. A weight of 25 is a quarter, a peer gets as much. Both in sessions of their own: where
# the scheduler groups by session (sched_autogroup, sched(7)), whatever else this session runs, on any
# processor, would take from the share of the one and give to the other.
attack_RES_03_WEIGHT() {
  local processor got burner meanwhile
  processor=$(awk '/^Cpus_allowed_list/ { split($2, range, /[-,]/); print range[1] }' /proc/self/status)
  setsid taskset -c "$processor" sh -c 'while :; do :; done' &
  burner=$!
  stage "$1" -- @probe@ burn
  meanwhile=$(cpu_time "$burner")
  got=$(setsid -w taskset -c "$processor" "${stage_argv[@]}")
  meanwhile=$(($(cpu_time "$burner") - meanwhile))
  kill "$burner"
  ((got > 50 && meanwhile > 50)) || not_testable "$got ms inside, $meanwhile ms on the host"
  ((got * 2 < meanwhile)) && blocked "$got ms inside, $meanwhile ms on the host"
  reached "$got ms inside, $meanwhile ms on the host"
}

# Every process of the container, and its groups in the hierarchies that limit it, v2 included: there
# the kernel kills all of them at once.
descendants() {
  local list child found
  for list in "/proc/$1/task/"*/children; do
    found=()
    # The line has no end; builtins alone, for a bomb has many.
    read -ra found <"$list" || true
    for child in "${found[@]}"; do
      echo "$child"
      descendants "$child"
    done
  done 2>/dev/null
}
groups_of() {
  local hierarchies='[^:]*\b(pids|memory|cpu)\b[^:]*'
  ! grep -q ' - cgroup2 ' /proc/self/mountinfo || hierarchies+='|'
  local files=("${@/#//proc/}")
  sed -nE "s/^[0-9]+:($hierarchies):(.*)/\\3/p" "${files[@]/%//cgroup}"
}

# A program that forks as its first act: is every process counted? Ten starts.
attack_RES_10() {
  local where=$1 n pids
  [ "$where" != control ] || attack_RES_10_control
  for ((n = 0; n < 10; n++)); do
    start "$where" -- @probe@ bomb 20 || not_testable "start $n did not work"
    mapfile -t pids < <(descendants "$launcher")
    [ "${#pids[@]}" -gt 20 ] || not_testable "start $n made ${#pids[@]} processes"
    ! groups_of "${pids[@]}" | grep -v '/tincan-[^/]*/inside$' >"$work/others" ||
      reached "a process of start $n is in $(<"$work/others")"
    end
    wait "$launcher" 2>/dev/null
    # Until then something in there could still hold the pipe.
    until_true 4 gone "$inside"
  done
  blocked 'ten starts of a program that forks at once: every process is in the group'
}

# The series' way: it runs, and then it is moved.
attack_RES_10_control() {
  local tree=/sys/fs/cgroup/pids own left=
  [ -d "$tree" ] || tree=/sys/fs/cgroup
  own=$tree/tincan-test-$$
  mkdir "$own" || not_testable 'no group can be made here'
  "$build/probe" bomb 20 >"$pipe" &
  launcher=$!
  read -rt "$((8 * patience))" _ <"$pipe"
  echo "$launcher" >"$own/cgroup.procs"
  local pid
  for pid in $(descendants "$launcher"); do
    [[ $(groups_of "$pid") == */tincan-test-* ]] || left=$pid
  done
  kill -9 "$launcher"
  wait "$launcher" 2>/dev/null
  until_true 3 rmdir "$own" 2>/dev/null
  [ -n "$left" ] && reached 'what is moved after the start leaves its children behind'
  not_testable 'the children were moved too'
}

# A daemon that has left everything behind, where the pid namespace does not end it.
attack_RES_11() {
  local flags=() daemon
  ((10#$1 >= 10)) || flags=(--share user --reachable --share pid)
  stage "$1" "${flags[@]}" -- /bin/sh -c '@probe@ hold-on & read -r _'
  stage_argv=("${stage_argv[@]//@probe@//probe}")
  coproc inside_of { exec "${stage_argv[@]}"; }
  launcher=$!
  read -rt "$((8 * patience))" _ <&"${inside_of[0]}" || not_testable 'it did not start'
  daemon=$(descendants "$launcher" | tail -1)
  echo end >&"${inside_of[1]}"
  until_true 4 gone "$launcher" || true
  if until_true 1 gone "$daemon"; then
    wait "$launcher"
    blocked 'the daemon ended with the container'
  fi
  kill -9 "$daemon" "$launcher"
  reached 'a daemon outlives the container'
}

# refused_without_groups STAGE COMMAND...: COMMAND starts what was staged where no group can be made.
refused_without_groups() {
  local where=$1 output status
  shift
  output=$("$@" "${stage_argv[@]}" 2>&1) && status=0 || status=$?
  case $status:$output in
    *RAN*) reached 'it runs, and nothing limits it' ;;
    125:*'control group'*--no-limits* | 125:*controller*--no-limits*) ;;
    *) not_testable "status $status: $output" ;;
  esac
}

# Where the control groups are read-only, and where they offer no controllers.
attack_RES_15() {
  stage "$1" -- /bin/sh -c 'echo RAN'
  refused_without_groups "$1" unshare -m sh -c '
    for at in $(awk "\$9 ~ /^cgroup/ || \$8 ~ /^cgroup/ { print \$5 }" /proc/self/mountinfo); do mount -o remount,ro,bind "$at"; done
    exec "$@"' sh
  refused_without_groups "$1" unshare -m sh -c 'mount -t tmpfs none /sys/fs/cgroup && exec "$@"' sh
  blocked 'refused on read-only control groups, and without any'
}

# A user to whom nothing is delegated.
attack_RES_15_USER() {
  stage "$1" -- /bin/sh -c 'echo RAN'
  stage_argv=("${stage_argv[@]/\/mnt\/closed/\/mnt\/home}")
  refused_without_groups "$1" setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps=-all --bounding-set=-all
  blocked 'refused for a user who may make no groups'
}
