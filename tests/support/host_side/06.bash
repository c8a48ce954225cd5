# The host's side of chapter 06: users, and what is left on the host's directories.

# A hundred fast starts: whoever runs before the maps are there is nobody.
attack_NS_13() {
  local n output
  if [ "$1" = control ]; then
    output=$(unshare -U "$build/probe" NS-13)
    judged $? "$output"
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

# Without a user namespace of its own root inside is root of the host, wherever it writes.
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
