#!/usr/bin/env bash
# Attacks that need the host's side: what happens around a running container. Runs on a hostile host,
# as: host_side.bash ID STAGE. Ends with a verdict line and its status, as the probe does.
set -uo pipefail

# shellcheck source=tests/support/stages.bash
source "${BASH_SOURCE[0]%/*}/stages.bash"

conclude() { # STATUS WORD EVIDENCE
  echo "$2 $id $3"
  exit "$1"
}
blocked() { conclude 70 BLOCKED "$1"; }
reached() { conclude 71 REACHED "$1"; }
not_testable() { conclude 72 NOT-TESTABLE "$1"; }

# until_true SECONDS COMMAND...: polls a condition; false when time is up.
until_true() {
  local deadline=$((SECONDS + $1 * patience))
  shift
  until "$@"; do
    [ "$SECONDS" -lt "$deadline" ] || return 1
    read -rt 0.01 _ <>"$tick" || true
  done
}

# has_option STAGE OPTION: does that chapter know it? has_limits STAGE: does it set any?
has_option() { [[ $("$build/chapter-$1" --help) == *"$2"* ]]; }
has_limits() { has_option "$1" --no-limits; }

# children PID: the processes that it has made and that are still there.
children() { cat "/proc/$1/task/$1/children" 2>/dev/null; }
gone() { [ ! -d "/proc/$1" ] || grep -q '^State:.Z' "/proc/$1/status" 2>/dev/null; }

# start STAGE [FLAG...] -- COMMAND...: in the background; returns when COMMAND has written a line.
# Sets launcher and inside, the pids of both as the host sees them.
start() {
  stage "$@"
  "${stage_argv[@]}" >"$pipe" &
  launcher=$!
  read -rt "$((8 * patience))" _ <"$pipe" || return 1
  read -r inside _ <<<"$(children "$launcher")"
}

# Both: what is under test may be that the one does not outlive the other.
end() {
  kill -9 "$launcher" 2>/dev/null || true
  [ -z "$inside" ] || kill -9 "$inside" 2>/dev/null || true
}

attack_NS_12() {
  local command=(/bin/sh -c 'cd /tmp && umask 077 && echo moved && exec sleep 10')
  if [ "$1" = control ]; then
    "$build/probe" careless "${command[@]}" >"$pipe" &
    launcher=$!
    read -rt "$((8 * patience))" _ <"$pipe"
    read -r inside _ <<<"$(children "$launcher")"
  else
    start "$1" -- "${command[@]}" || not_testable 'it did not start'
  fi
  local where
  where=$(readlink "/proc/$launcher/cwd")
  kill -9 "$inside" "$launcher" 2>/dev/null
  [ "$where" = "$PWD" ] || reached "the launcher was moved to $where"
  blocked "the launcher stayed in $where"
}

attack_PTY_05() {
  if [ "$1" = control ]; then
    "$(type -P bash)" -c '"$0" hold; :' "$build/probe" >"$pipe" &
    launcher=$!
    read -rt "$((8 * patience))" _ <"$pipe"
    read -r inside _ <<<"$(children "$launcher")"
  else
    start "$1" -- @probe@ hold || not_testable 'it did not start'
  fi
  kill -9 "$launcher"
  wait "$launcher" 2>/dev/null
  until_true 2 gone "$inside" && blocked 'the command died with its launcher'
  kill -9 "$inside"
  reached 'the command outlived its launcher'
}

# at_terminal STAGE [FLAG...] -- COMMAND...: the same, by a caller who sits at a terminal. Sets seen
# and status.
at_terminal() {
  stage "$@"
  seen=$("$build/probe" caller -- "${stage_argv[@]}" 2>&1) && status=0 || status=$?
}

# What is typed into the caller's terminal, its shell runs when the container has ended.
attack_PTY_01() {
  local where=$1 flag open=
  [ "$where" != control ] || where=05
  # The filter refuses the call too, and would hide a terminal that is within reach.
  ! has_option "$where" --seccomp || open='--seccomp none'
  for flag in '' -t; do
    [ "$where:$flag" != 05:-t ] || continue
    # shellcheck disable=SC2086  # two words or none
    at_terminal "$where" $open $flag -- @probe@ PTY-01
    case $status:$seen in
      7[04]:*'typed: 0 bytes'*) ;;
      74:*) reached "the caller's shell would run what was typed inside" ;;
      *) not_testable "status $status: $seen" ;;
    esac
  done
  blocked 'nothing was typed into the terminal of the caller, with -t or without'
}

attack_PTY_TTY() {
  at_terminal "$1" -- @probe@ PTY-TTY
  case $status in
    70) blocked 'there is no /dev/tty without -t' ;;
    71) reached "/dev/tty is the caller's terminal" ;;
    *) not_testable "status $status: $seen" ;;
  esac
}

# Links to the host in the place of the console and of what leads to it, below the root's /dev and on
# a /dev that -a would bring along, which is refused. The hostile host watches the tree that they
# point to.
attack_PTY_03() {
  local where=$1
  [ "$where" != control ] || attack_PTY_03_control
  make_decoy "$where"
  ln -s /mnt/tree/file "$decoy/dev/console"
  ln -s /mnt/tree "$decoy/dev/pts"
  ln -s /mnt/tree/file "$decoy/dev/ptmx"
  local flags
  for flags in '' "-a $decoy/dev:/dev"; do
    # shellcheck disable=SC2086  # two words or none
    stage "$where" -t $flags -- /bin/sh -c 'echo SCRIBBLE >/dev/console; exit 0'
    on_decoy
    seen=$("$build/probe" caller -- "${stage_argv[@]}" 2>&1) && status=0 || status=$?
    case $status:$flags in
      0:*) ;;
      125:-a*) [[ $seen == *EBUSY* ]] || not_testable "status $status: $seen" ;;
      *) not_testable "status $status: $seen" ;;
    esac
  done
  grep -q one /mnt/tree/file || reached 'the console was the host'"'"'s file'
  blocked 'the links were not followed'
}

attack_PTY_03_control() {
  make_decoy control
  ln -s /mnt/tree/file "$decoy/dev/console"
  : >"$decoy/dev/console"
  [ -s /mnt/tree/file ] && not_testable 'the link was not followed'
  reached 'a launcher that opens the console by its path empties a file of the host'
}

# deepest PID: its youngest descendant, which is the command, whether or not an init is above it.
deepest() {
  local pid=$1 next
  while read -r next _ <<<"$(children "$pid")" && [ -n "$next" ]; do pid=$next; done
  echo "$pid"
}

# The command has asked the kernel not to be told of the death of its parent.
# As another user too: a change of ids clears the wish to die with the parent.
# Without control groups, whose guard would end it too.
attack_PTY_05_DEAF() {
  local flag flags=('' '-u 1000') command alone=
  ! has_limits "$1" || alone=--no-limits
  # A container of an ordinary user has no other user.
  ! by_user "$1" || flags=('')
  for flag in "${flags[@]}"; do
    # shellcheck disable=SC2086  # two words or none
    start "$1" $alone $flag -- @probe@ hold-on || not_testable "with '$flag' it did not start"
    command=$(deepest "$inside")
    kill -9 "$launcher"
    wait "$launcher" 2>/dev/null
    until_true 2 gone "$command" && continue
    kill -9 "$inside"
    reached "with '$flag' the command outlived its launcher"
  done
  blocked 'the command died with its launcher, deaf as it was'
}

attack_PTY_06() {
  local flags=()
  # What --stop-timeout ends, SIGTERM has not ended; on a busy machine the ten seconds are soon over.
  ! has_option "$1" --stop-timeout || flags=(--stop-timeout 600)
  start "$1" "${flags[@]}" -- @probe@ hold || not_testable 'it did not start'
  kill -TERM "$launcher"
  until_true 2 gone "$launcher" && blocked 'SIGTERM ended a command that has no handler for it'
  end
  reached 'process 1 ignored SIGTERM'
}

attack_PTY_06_DEAF() {
  local where=$1 flags=(--stop-timeout 1)
  [ "$where" != control ] || where=05 flags=()
  start "$where" "${flags[@]}" -- @probe@ hold-on || not_testable 'it did not start'
  kill -TERM "$launcher"
  until_true 4 gone "$launcher" && blocked 'one second after SIGTERM it was killed'
  reached 'it runs on after SIGTERM'
}

# A command that listens to no signal.
attack_RES_18() {
  local where=$1 flags=(--timeout 1)
  [ "$where" != control ] || where=10 flags=()
  start "$where" "${flags[@]}" -- @probe@ hold-on || not_testable 'it did not start'
  until_true 4 gone "$launcher" && blocked 'one second after its start it was killed'
  reached 'it runs on after its time'
}

# Escape sequences in what a message quotes: a script's first line, a command's name, a host name.
attack_PTY_08() {
  local where=$1 escape=$'\e]0;owned\a' word
  make_decoy "$where"
  printf '#!/no/%s/sh\n' "$escape" >"$decoy/bin/script"
  chmod +x "$decoy/bin/script"
  [ "$where" != control ] || attack_PTY_08_control
  for word in /bin/script "/no/$escape"; do
    stage "$where" -- "$word"
    on_decoy
    seen+=$("${stage_argv[@]}" 2>&1)
  done
  stage "$where" --hostname "x$escape" -- /bin/true
  seen+=$("${stage_argv[@]}" 2>&1) && reached 'a host name with an escape in it was taken'
  [[ $seen == *owned*owned* ]] || not_testable "nothing was quoted: $seen"
  case $seen in *$'\e'* | *$'\a'*) reached 'an escape sequence reaches the terminal' ;; esac
  blocked 'messages show escapes, and do not send them'
}

# What a shell says of such a command.
attack_PTY_08_control() {
  seen=$(sh -c 'exec "$0"' "/no/$escape" 2>&1)
  case $seen in *$'\e'*) reached "a shell's message sends the escape on" ;; esac
  not_testable "the shell says: $seen"
}

# A neighbour has as many descriptors on their way as its user may, unix(7); both may hold 1024 open. Can
# another container of these ids start on a terminal?
attack_PTY_09() {
  local where=$1 limit=(prlimit --nofile=1024:1024) neighbour
  start "${where/control/10}" -- @probe@ send-descriptors 2000 || not_testable 'the neighbour did not start'
  neighbour=$launcher
  if [ "$where" = control ]; then
    stage 10 -- @probe@ send-descriptors 1
    "${stage_argv[@]}" >/dev/null && status=0 || status=$?
  else
    stage "$where" -t -- /bin/true
    seen=$("${limit[@]}" "$build/probe" caller -- "${stage_argv[@]}" 2>&1) && status=0 || status=$?
  fi
  kill -9 "$neighbour"
  case $where:$status in
    control:1) reached 'its user cannot hand on a single descriptor' ;;
    *:0) blocked 'beside it another one started' ;;
    *:125) reached "beside it none starts: $seen" ;;
  esac
  not_testable "status $status: $seen"
}

# Directories of the host, by way of the descriptors that a careless caller has left open.
attack_MNT_05() {
  local where=$1 path
  [ "$where" != control ] || attack_MNT_05_control
  make_decoy "$where"
  ln -s /proc/self/fd/9 "$decoy/magic"
  ln -s /mnt/tree "$decoy/absolute"
  ln -s ../../../../mnt "$decoy/climbing"
  local paths=(/proc/self/fd/{3..12} /proc/self/fd/9/mnt /proc/thread-self/fd/9 /proc/1/fd/9 /dev/fd/9
    /proc/self/cwd /proc/self/root /proc/self/root/mnt /proc/1/root/../mnt /magic /magic/.. /absolute /climbing
    /../../mnt /mnt/.. //mnt)
  for path in "${paths[@]}"; do
    stage "$where" --workdir "$path" -- @probe@ MNT-05 canary="$TINCAN_FACT_canary" token="$TINCAN_FACT_token"
    on_decoy
    seen=$("${stage_argv[@]}" 8</mnt/tree 9</ 10</mnt 2>&1) && status=0 || status=$?
    case $status:$seen in
      70:* | 125:*'enter --workdir'*) ;;
      71:*) reached "--workdir $path: $seen" ;;
      *) not_testable "--workdir $path: status $status: $seen" ;;
    esac
  done
  blocked "${#paths[@]} directories, each refused or inside"
}

# A launcher that goes where it is told, descriptors open.
attack_MNT_05_control() {
  seen=$(unshare -m sh -c 'mount --bind "$0" /mnt/closed/can/probe && mount -t proc proc /mnt/closed/can/proc &&
      exec chroot /mnt/closed/can /bin/sh -c "cd /proc/self/fd/9 && exec /probe MNT-05 $1 $2"' "$build/probe" \
    canary="$TINCAN_FACT_canary" token="$TINCAN_FACT_token" 9</ 2>&1) && status=0 || status=$?
  [ "$status" = 71 ] && reached 'cd /proc/self/fd/9 leads to the host'
  not_testable "status $status: $seen"
}

# Each namespace in turn cannot be had: in an outer user namespace whose limit for it is zero.
attack_NS_14() {
  [ "$1" != control ] || attack_NS_14_control
  local kind kinds=(uts pid ipc net mnt cgroup) flags=() output status
  # From chapter 06 on there is one more; and of ids, that outer namespace has but one.
  if ((10#$1 >= 6)); then
    kinds+=(user)
    flags=(--map 0:0:1 --map-host-root --no-idmap --reachable)
  fi
  for kind in "${kinds[@]}"; do
    stage "$1" "${flags[@]}" -- /bin/sh -c 'echo RAN'
    output=$(unshare -Urm sh -c "echo 0 >/proc/sys/user/max_${kind}_namespaces && exec \"\$@\"" sh \
      "${stage_argv[@]}" 2>&1) && status=0 || status=$?
    case $status:$output in
      *RAN*) reached "without a $kind namespace the command ran" ;;
      125:*ENOSPC*max_*namespaces*) ;;
      *) not_testable "$kind: status $status: $output" ;;
    esac
  done
  blocked "${#kinds[@]} times one namespace was refused, and nothing ran"
}

# Something that goes on when it is refused: what a launcher that only warns does.
attack_NS_14_control() {
  unshare -Ur sh -c 'echo 0 >/proc/sys/user/max_uts_namespaces; unshare -u true 2>/dev/null || echo RAN' |
    grep -q RAN && reached 'a launcher that goes on without the namespace runs the command'
  not_testable 'limits on namespaces do not work here'
}

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
# the canary tree must be as it was (the hostile host compares).
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
# places.
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

# --- users and capabilities -------------------------------------------------------------------

# Files that several users inside make on a directory of the host's: there, whose are they?
attack_USER_02() {
  local where=$1 owner name
  [ "$where" != control ] || where=05
  mkdir -m 1777 "$work/shared" && chmod 755 "$work"
  stage "$where" -a "$work/shared:/mnt/target" -- @probe@ USER-02 path=/mnt/target
  "${stage_argv[@]}" >/dev/null
  for name in 0 1 1000 65534; do
    owner=$(stat -c '%u %g' "$work/shared/$name") || not_testable "file $name was not made"
    [ "$owner" = "$((100000 + name)) $((100000 + name + 1))" ] || reached "user $name inside is $owner outside"
  done
  blocked 'four users are 100000 and more outside, their groups too'
}

# set_uid_program STAGE FLAGS... -- PLACE: root inside puts the probe there, with its set-uid bit.
set_uid_program() {
  local stage=$1 flags=() place
  shift
  while [ "$1" != -- ]; do flags+=("$1") && shift; done
  place=$2
  stage "$stage" "${flags[@]}" -- /bin/sh -c "/bin/busybox cp @probe@ $place && /bin/busybox chmod 4755 $place"
  stage_argv=("${stage_argv[@]//@probe@//probe}")
  "${stage_argv[@]}" 2>"$work/error"
}

# as_other COMMAND...: as an ordinary user of the host. The shell in between matters: setpriv(1) itself
# still has root's capabilities when it looks the command up.
as_other() { setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps=-all sh -c 'exec "$@"' sh "$@" 2>/dev/null; }

# On a directory that everybody reaches.
attack_USER_08() {
  local where=$1 ran
  [ "$where" != control ] || where=05
  mkdir -m 777 "$work/shared" && chmod 755 "$work"
  set_uid_program "$where" -a "$work/shared:/mnt/target" -- /mnt/target/gift || not_testable "$(cat "$work/error")"
  ran=$(as_other "$work/shared/gift" ids) || not_testable 'it did not run'
  case ${ran% *} in
    1[0-9][0-9][0-9][0-9][0-9]) blocked "a set-uid program made inside makes one user ${ran% *}, who is nobody" ;;
    *) reached "a set-uid program made inside makes one user ${ran% *} of the host" ;;
  esac
}

# On a directory where root inside writes as an account of the host's: by the map, or because an
# ordinary user started it.
attack_USER_09() {
  local where=$1 flags=() ran
  [ "$where" != control ] || flags=(--reachable) where=06
  mkdir -m 777 "$work/shared" && chmod 755 "$work"
  set_uid_program "$where" --map 0:1000:1 "${flags[@]}" --no-idmap -a "$work/shared:/mnt/target" -- /mnt/target/gift ||
    { grep -q 'keep from other users' "$work/error" && blocked 'refused: others could reach it'; }
  ran=$(as_other "$work/shared/gift" ids) || not_testable 'it did not run'
  reached "a set-uid program made inside makes one user ${ran% *} of the host"
}

# In the root directory itself.
attack_MNT_19() {
  local where=$1 ran
  [ "$where" != control ] || where=05
  set_uid_program "$where" -- /gift || not_testable "$(cat "$work/error")"
  if [ "$1" = control ]; then chmod 755 /mnt/closed; fi
  ran=$(as_other /mnt/closed/can/gift ids) || ran=
  rm /mnt/closed/can/gift
  chmod 700 /mnt/closed
  [ -z "$ran" ] || reached "a set-uid program in the root directory makes one user ${ran% *} of the host"
  # And where others would reach it, nothing starts.
  chmod 755 /mnt/closed
  set_uid_program "$where" -- /gift && ran=started
  chmod 700 /mnt/closed
  [ -z "$ran" ] || reached 'it starts in a root directory that others can reach'
  grep -q 'keep from other users.*--reachable' "$work/error" || not_testable "$(cat "$work/error")"
  blocked 'the root directory is out of reach, or nothing starts'
}

# opened_gift STAGE FLAG... -- COMMAND: others can reach the root directory; COMMAND inside makes a
# set-uid program of what is on /gift.
opened_gift() {
  local ran
  stage "$@"
  chmod 755 /mnt/closed
  cp "$build/probe" /mnt/closed/can/gift
  "${stage_argv[@]}" 2>"$work/error"
  ran=$(as_other /mnt/closed/can/gift ids) || ran=
  chmod 700 /mnt/closed
  rm /mnt/closed/can/gift
  [ "${ran% *}" = 65534 ] || reached "a set-uid program in the root directory makes one user ${ran% *} of the host"
}

# The root is read-only, until somebody inside takes that off.
attack_MNT_22() {
  local where=$1 flags=(--read-only) gift='/bin/busybox mount -o remount,bind,rw / && /bin/busybox chmod 4755 /gift'
  [ "$where" != control ] || flags=(--read-only --reachable) where=06
  opened_gift "$where" "${flags[@]}" -- /bin/sh -c "$gift"
  ((10#$where < 7)) || {
    grep -q 'mount: permission denied' "$work/error" || not_testable "$(cat "$work/error")"
    flags+=(--cap-add SYS_ADMIN)
    ! has_option "$where" --seccomp || flags+=(--seccomp none)
    opened_gift "$where" "${flags[@]}" -- /bin/sh -c "$gift"
  }
  grep -q 'keep from other users.*--reachable' "$work/error" || not_testable "$(cat "$work/error")"
  blocked 'read-only holds, or others could reach it and nothing starts'
}

# Without an own user namespace root inside is root of the host, wherever it writes.
attack_USER_10() {
  local where=$1 flags=(--share user)
  [ "$where" != control ] || flags=() where=05
  opened_gift "$where" "${flags[@]}" -- /bin/busybox chmod 4755 /gift
  grep -q 'keep from other users.*--reachable' "$work/error" || not_testable "$(cat "$work/error")"
  mkdir -m 777 "$work/shared" && chmod 755 "$work"
  stage "$where" --share user -a "$work/shared:/mnt/target" -- /bin/sh -c 'echo RAN'
  seen=$("${stage_argv[@]}" 2>&1)
  [[ $seen != *RAN* ]] || reached 'it starts with a bind that others can reach'
  blocked 'refused: others could reach it'
}

# --- device nodes -----------------------------------------------------------------------------

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
  case $node in
    70) blocked "${seen#* * }" ;;
    71) reached "${seen#* * }" ;;
    *) not_testable "$seen" ;;
  esac
}

# A hundred fast starts: whoever runs before the maps are there is nobody.
attack_NS_13() {
  local n output
  if [ "$1" = control ]; then
    output=$(unshare -U "$build/probe" NS-13)
    [ $? = 71 ] && reached "${output#* * }"
    not_testable "$output"
  fi
  stage "$1" -- @probe@ NS-13
  for ((n = 0; n < 100; n++)); do
    output=$("${stage_argv[@]}" 2>&1)
    case $? in
      70) ;;
      71) reached "start $n: $output" ;;
      *) not_testable "start $n: $output" ;;
    esac
  done
  blocked '100 starts, and always root with its map'
}

# helper STAGE ID USER-FLAGS... [-- FACT...]: user 65534 inside runs a set-uid program of root's.
helper() {
  local where=$1 attack=$2 flags=() status output
  shift 2
  while [ $# -gt 0 ] && [ "$1" != -- ]; do flags+=("$1") && shift; done
  [ $# -eq 0 ] || shift
  install -m 4755 "$build/probe" /mnt/closed/can/helper
  stage "$where" -u 65534 "${flags[@]}" -- /helper "$attack" "$@"
  output=$("${stage_argv[@]}" 2>&1) && status=0 || status=$?
  rm /mnt/closed/can/helper
  case $status in
    70) blocked "${output#* * }" ;;
    71) reached "${output#* * }" ;;
    *) not_testable "$output" ;;
  esac
}

attack_CAP_03() {
  local flags=()
  ((10#$1 < 7)) || flags=(--allow-new-privs)
  ! has_option "$1" --seccomp || flags+=(--seccomp none)
  helper "$1" CAP-03 "${flags[@]}" -- bnd=405fb
}

attack_CAP_11() {
  local flags=()
  [ "$1" != control ] || helper 07 CAP-11 --allow-new-privs
  helper "$1" CAP-11 "${flags[@]}"
}

# Securebits that the caller has set; an own user namespace would clear them by itself.
attack_CAP_07() {
  local status output
  stage "$1" --share user --reachable -- @probe@ CAP-07
  output=$(setpriv --securebits +no_setuid_fixup "${stage_argv[@]}" 2>&1) && status=0 || status=$?
  case $status in
    70) blocked "${output#* * }" ;;
    71) reached "${output#* * }" ;;
    *) not_testable "$output" ;;
  esac
}

# A launcher that may not limit its bounding set must not go on.
attack_CAP_08() {
  local output status
  stage "$1" --share user --reachable -- /bin/sh -c 'echo RAN'
  output=$(setpriv --bounding-set -setpcap --inh-caps -setpcap "${stage_argv[@]}" 2>&1) && status=0 || status=$?
  case $status:$output in
    *RAN*) reached 'without CAP_SETPCAP it runs, with whatever it got' ;;
    125:*EPERM*CAP_SETPCAP*) blocked 'refused: CAP_SETPCAP is missing' ;;
    *) not_testable "status $status: $output" ;;
  esac
}

# --- the filter -------------------------------------------------------------------------------

# What the kernel has for the command, instruction by instruction, is what --dump-seccomp prints.
attack_SEC_02() {
  # Capabilities that are added open calls: what is shown has to know of them.
  local where=$1 flags=()
  [ "$where" != control ] || flags=(--seccomp none) where=08
  start "$where" --cap-add ALL "${flags[@]}" -- @probe@ hold || not_testable 'it did not start'
  "$build/probe" filter-of "$(deepest "$inside")" >"$work/installed" || not_testable 'it cannot be traced'
  "$build/chapter-$where" --cap-add ALL --dump-seccomp | grep -oE '^ *[0-9]+ ( [0-9a-f]{2}){3} [0-9a-f]{8}' | sed -E 's/^ *[0-9]+ +//' >"$work/shown"
  [ -s "$work/shown" ] || not_testable '--dump-seccomp shows nothing'
  cmp -s "$work/installed" "$work/shown" && blocked "$(wc -l <"$work/shown") instructions, and the kernel has the same"
  reached "the kernel has $(wc -l <"$work/installed") instructions, not the $(wc -l <"$work/shown") that are shown"
}

# --- limits -----------------------------------------------------------------------------------

# A process that goes on, whatever happens in containers; and the host goes on making processes.
neighbour=
make_neighbour() {
  "$build/probe" hold >"$pipe" &
  neighbour=$!
  read -rt "$((8 * patience))" _ <"$pipe"
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
    [[ $(group_of "$pid") == */tincan-test-* ]] || left=$pid
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

id=$1
seen=''
work=$(mktemp -d /mnt/work.XXXXXX)
pipe=$work/pipe
tick=$work/tick
mkfifo "$pipe" "$tick"
launcher=''
inside=''
started=()
decoy=''
cleanup() {
  end
  [ -z "$neighbour" ] || kill -9 "$neighbour" 2>/dev/null || true
  ! mountpoint -q "$work/nodes" || umount -l /dev/{null,zero,full,random,urandom,tty} "$work/nodes"
  ! mountpoint -q "$work/build" || umount "$work/build" /tmp
  rm -rf --one-file-system "$work" "$decoy"
}
trap cleanup EXIT
"attack_${id//-/_}" "$2"
