# The host's side of chapter 10: an init, the terminal, messages.

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
  judged "$status" "$seen"
}

# Links to the host in the place of the console and of what leads to it, below the root's /dev and on
# a /dev that -a would bring along, which is refused. The hostile host watches the tree that they
# point to. CVE-2025-52565 was such a console.
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
    dies_soon "$1" "$command" && continue
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
  dies_soon "$1" "$launcher" && blocked 'SIGTERM ended a command that has no handler for it'
  end
  reached 'process 1 ignored SIGTERM'
}

attack_PTY_06_DEAF() {
  local where=$1 flags=(--stop-timeout 1)
  [ "$where" != control ] || where=05 flags=()
  start "$where" "${flags[@]}" -- @probe@ hold-on || not_testable 'it did not start'
  kill -TERM "$launcher"
  dies_soon "$1" "$launcher" 4 && blocked 'one second after SIGTERM it was killed'
  reached 'it runs on after SIGTERM'
}

# A command that listens to no signal.
attack_RES_18() {
  local where=$1 flags=(--timeout 1)
  [ "$where" != control ] || where=10 flags=()
  start "$where" "${flags[@]}" -- @probe@ hold-on || not_testable 'it did not start'
  dies_soon "$1" "$launcher" 4 && blocked 'one second after its start it was killed'
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
