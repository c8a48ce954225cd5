# Attacks and their verdicts.
#
#   attack NS-01 04        # prints "BLOCKED NS-01 ..." or REACHED, NOT-TESTABLE, BROKEN
#
# Most attacks are the probe's alone. Those that need the host's side, or flags, have a function here,
# attack_ID STAGE; STAGE "control" asks for the attack where it must work.

# shellcheck source=tests/support/stages.bash
source "${BASH_SOURCE[0]%/*}/stages.bash"

# verdict STATUS ID OUTPUT: what a status of the hostile host means, in one line. What could not be tried is
# NOT-TESTABLE; BROKEN is no word on the promise either: the container did not start, or what was to
# attack died.
verdict() {
  local line said='' seals=0 all=${3//$'\n'/ } scarce=': (EMFILE|ENFILE|ENOMEM|EAGAIN|EDQUOT|ENOSPC)[^A-Z]'
  while read -r line; do
    case $line in
      BLOCKED\ * | REACHED\ * | NOT-TESTABLE\ * | ATTEMPTED\ * | HOST-CHANGED\ *) said=$line ;;
      # For a grader, who looks at the probe's seals (classroom/seal.py); and no more, for the rest may be anything.
      SEAL\ *)
        [[ -z ${TINCAN_EVIDENCE:-} || ! $line =~ ^SEAL\ [A-Z0-9_-]+\ [0-9a-f]{16}$ ]] || ((seals++ >= 9)) || echo "$line" >>"$TINCAN_EVIDENCE"
        ;;
    esac
  done <<<"$3"
  line=${said#* }
  case $1 in
    70) echo "BLOCKED $2 ${line#* }" ;;
    71) echo "REACHED $2 ${line#* }" ;;
    72) echo "NOT-TESTABLE $2 ${line#* }" ;;
    73) echo "REACHED $2 the host was changed: $line" ;;
    74) echo "BLOCKED $2 ${line#* }, and the host did not change" ;;
    75) echo "NOT-TESTABLE $2 could not be tried: $all" ;;
    124) echo "NOT-TESTABLE $2 could not be tried: time limit, no end within $((${within:-40} * patience)) s" ;;
    *)
      if [[ $1 == 125 && $all =~ $scarce ]]; then
        echo "NOT-TESTABLE $2 could not be tried: status 125: $all"
      else
        echo "BROKEN $2 status $1: ${3:-no output}"
      fi
      ;;
  esac
}

# judge ID STAGE [HOSTILE-FLAG...] [-- FLAG...] [-- FACT...]: the probe's attack ID at STAGE.
judge() {
  local id=$1 where=$2 hostile=() flags=() output status
  shift 2
  while [ $# -gt 0 ] && [ "$1" != -- ]; do hostile+=("$1") && shift; done
  [ $# -eq 0 ] || shift
  while [ $# -gt 0 ] && [ "$1" != -- ]; do flags+=("$1") && shift; done
  [ $# -eq 0 ] || shift
  stage "$where" "${flags[@]}" -- @probe@ "$id" @facts@ "$@"
  output=$(on_hostile_host "${hostile[@]}" -- "${stage_argv[@]}" 2>&1) && status=0 || status=$?
  verdict "$status" "$id" "$output"
}

# script ID STAGE: a function below host_side/, run on a clean hostile host, is the attack. Where a class is graded
# (classroom/judge.sh) script and host are above what is tried, and the probe is one without a key.
script() {
  local output status world=${TINCAN_PLAIN:+$TINCAN_PLAIN/real/hostile}
  output=$(TINCAN_BUILD=${TINCAN_PLAIN:-$build} on_hostile_host --clean -- "$(type -P bash)" "$project/tests/support/host_side.bash" "$1" "$2" 2>&1) &&
    status=0 || status=$?
  verdict "$status" "$1" "$output"
}
scripts() {
  local name id
  while IFS='(' read -r name _; do
    id=${name#attack_}
    eval "$name() { script ${id//_/-} \"\$1\"; }"
  done < <(grep -hoE '^attack_[A-Z0-9_]+\(' "$project"/tests/support/host_side/*.bash)
}
scripts

attack_EX_STDIO() { judge EX-STDIO "$1" --closed-stdio; }

# Refusing to start is the defence here.
attack_EX_STDDIR() {
  local line
  line=$(judge MNT-04 "$1" --clean --directory-stdin)
  case $line in
    'BROKEN MNT-04 status 125: '*EISDIR*) echo 'BLOCKED EX-STDDIR refused: EISDIR' ;;
    *) echo "${line/MNT-04/EX-STDDIR}" ;;
  esac
}

# on_hostile_host_as COMMAND... -- STAGED...: STAGED behind COMMAND, setpriv(1) for example; a verdict.
on_hostile_host_as() {
  local id as=() output status
  while [ "$1" != -- ]; do as+=("$1") && shift; done
  shift
  id=$(printf '%s\n' "$@" | grep -xE '(CAP|USER|NS|MNT|EX|RES)-[0-9A-Z_-]+' | head -1)
  output=$(on_hostile_host --clean -- "$(type -P "${as[0]}")" "${as[@]:1}" "$@" 2>&1) && status=0 || status=$?
  verdict "$status" "$id" "$output"
}

# bind_attack ID STAGE PATH: into a bind that is read-only, or, as control, is not.
bind_attack() {
  local where=$2 mode=:ro
  [ "$where" != control ] || where=05 mode=
  judge "$1" "$where" -- -a "/mnt/tree:/mnt/target$mode" -- "path=$3"
}
attack_MNT_09() { bind_attack MNT-09 "$1" /mnt/target; }
attack_MNT_10() { bind_attack MNT-10 "$1" /mnt/target/sub; }

# root_attack ID STAGE PATH: into a root that is read-only, or, as control, is not.
root_attack() {
  local where=$2 flags=(--read-only)
  [ "$where" != control ] || where=05 flags=()
  judge MNT-ROROOT "$where" -- "${flags[@]}" -- "path=$3" | sed "s/MNT-ROROOT/$1/"
}
attack_MNT_ROROOT() { root_attack MNT-ROROOT "$1" /var; }
attack_MNT_ROSUB() { root_attack MNT-ROSUB "$1" /mnt; }

# The probe lies in the root already: without a /proc of its own a launcher puts no -a anywhere.
attack_MNT_14() {
  local word argv=() output status
  [[ $1 == [0-9][0-9] ]] || {
    judge MNT-14 "$1"
    return
  }
  stage "$1" -- @probe@ MNT-14
  for word in "${stage_argv[@]}"; do
    [[ $word == -a || $word == *:/probe:ro ]] || argv+=("$word")
  done
  # shellcheck disable=SC2016  # the inner shell's
  output=$(on_hostile_host -- "$(type -P unshare)" -m sh -c 'mount --bind "$0" "$1/probe" && shift && exec "$@"' \
    "$build/probe" "$(root_of "$1")" "${argv[@]}" 2>&1) && status=0 || status=$?
  verdict "$status" MNT-14 "$output"
}

# Into a /tmp from which nothing can be executed, or, as control, from which it can.
attack_MNT_TMPEXEC() {
  local where=$1 flag=--tmp-noexec
  [ "$where" != control ] || where=05 flag=--tmp
  judge MNT-TMPEXEC "$where" -- "$flag"
}

# without_limits STAGE: the flag for it, where limits would be set: an ordinary user, to whom no control
# group is delegated, is refused otherwise.
without_limits() { ! has_option "$1" --no-limits || echo --no-limits; }

# --- users (chapter 06) -----------------------------------------------------------------------

# The group that refuses is kept by an ordinary user; root, as control, may leave it.
attack_USER_03() {
  local as=(setpriv --reuid 65534 --regid 65534 --groups 4242) where=$1 flags
  [ "$where" != control ] || as=(setpriv --groups 4242) where=06
  mapfile -t flags < <(without_limits "$where")
  stage "$where" "${flags[@]}" --keep-groups --reachable -a /mnt/refusing:/mnt/file:ro -- @probe@ USER-03 path=/mnt/file
  stage_argv=("${stage_argv[@]/\/mnt\/closed/\/mnt\/home}")
  on_hostile_host_as "${as[@]}" -- "${stage_argv[@]}"
}

# -u 1000; as control, whoever one is without it.
attack_USER_05() {
  local flags=(-u 1000) where=$1
  [ "$where" != control ] || flags=() where=06
  judge USER-05 "$where" -- "${flags[@]}" -- uid=1000
}

# A file of the host's on standard input, opened for reading.
attack_EX_05() { judge EX-05 "$1" <"$project/LICENSE"; }

# The launcher is made to run inside, by the path that names its own file; there it starts the probe in
# its own pid namespace.
attack_MNT_15() {
  local inner=() keep=() output status
  ((10#$1 < 6)) || inner=(--share user --reachable)
  ((10#$1 < 7)) || { keep=(--cap-add ALL) && inner+=(--cap-add ALL); }
  ! has_option "$1" --seccomp || { keep+=(--seccomp none) && inner+=(--seccomp none); }
  # Inside, no control groups are mounted.
  ! has_option "$1" --no-limits || inner+=(--no-limits)
  # From chapter 10 on there is an init, which is no use in somebody else's pid namespace.
  ((10#$1 >= 10)) || inner+=(--share pid)
  stage "$1" "${keep[@]}" -- /proc/self/exe -m / --share net "${inner[@]}" -- @probe@ MNT-15
  output=$(on_hostile_host --clean -- "${stage_argv[@]}" 2>&1) && status=0 || status=$?
  case $status:$output in
    126:*loader*) echo 'NOT-TESTABLE MNT-15 only a static launcher can run again inside' ;;
    *) verdict "$status" MNT-15 "$output" ;;
  esac
}

# Without the filter, which refuses the calls: it is the mounts themselves that have to hold.
attack_MNT_21() {
  local flags
  mapfile -t flags < <(others_off "$1")
  judge MNT-21 "$1" -- --read-only "${flags[@]}"
}

# --- capabilities (chapter 07) ----------------------------------------------------------------

# others_off STAGE: flags that switch later layers off, which would hide a missing drop.
others_off() { ! has_option "$1" --seccomp || printf '%s\n' --seccomp none; }

# The filter refuses keyctl(2), and would hide a keyring that was inherited.
attack_EX_KEYRING() {
  local flags=()
  [ "$1" = bare ] || mapfile -t flags < <(others_off "$1")
  judge EX-KEYRING "$1" -- "${flags[@]}"
}

# As root of the host: a user namespace of its own would clear the inherited sets by itself, and refuse most
# acts whatever the sets say.
as_host_root() {
  local id=$1 where=$2 flags
  shift 2
  mapfile -t flags < <(others_off "$where")
  ((10#$where < 5)) || flags+=(--tmp)
  # The probe is bound from where others may reach it.
  ((10#$where < 6)) || flags+=(--share user --reachable)
  judge "$id" "$where" -- "${flags[@]}" "$@"
}
attack_CAP_04() { as_host_root CAP-04 "$1"; }
attack_CAP_05() { as_host_root CAP-05 "$1"; }

# What the default keeps: CHOWN DAC_OVERRIDE FOWNER FSETID KILL SETGID SETUID SETPCAP NET_BIND_SERVICE
# SYS_CHROOT, by their numbers 0 1 3 4 5 6 7 8 10 18.
kept_capabilities=405fb
attack_CAP_01() { judge CAP-01 "$1" -- -- cap=$kept_capabilities bnd=$kept_capabilities; }

# Authority by user id alone: without any capability, in the own user namespace or, as control, not.
attack_CAP_10() {
  local flags=(--cap-drop ALL) where=$1
  [ "$where" != control ] || flags+=(--share user --reachable) where=07
  judge CAP-10 "$where" -- "${flags[@]}"
}

attack_CAP_12() {
  [ "$1" != control ] || {
    judge CAP-12-THREADS 06
    return
  }
  judge CAP-12 "$1"
}

# From chapter 10 on the pid namespace cannot be shared: there is an init in it.
audit_power() {
  if ((10#$2 >= 10)); then as_host_root "$@"; else as_host_root "$1" "$2" --share pid "${@:3}"; fi
}

# host_has_power NUMBER: is the capability in our effective set?
host_has_power() {
  local word set
  while read -r word set; do
    [ "$word" != CapEff: ] || return "$((!(16#$set >> $1 & 1)))"
  done </proc/self/status
}

# power ID STAGE [FLAG...]: an act that takes one capability. CAP_SYS_RESOURCE counts in a user
# namespace too, and a host may lack it; the audit subsystem listens to the first pid namespace only.
power() {
  case $1 in
    CAP-09-SYS_RESOURCE)
      if ((10#$2 < 6)) && ! host_has_power 24; then
        echo "NOT-TESTABLE $1 root of this host has not that capability"
      else
        judge "$1" "$2" -- "${@:3}"
      fi
      ;;
    CAP-09-AUDIT_CONTROL) audit_power "$@" ;;
    *) as_host_root "$@" ;;
  esac
}

# --- limits (chapter 09) ----------------------------------------------------------------------

attack_RES_03() {
  local flags=() most=0.24
  ! has_option "$1" --cpus || flags=(--cpus 0.1)
  # An emulated processor that the host lets wait overruns its slices.
  [ -z "${TINCAN_PATIENCE:-}" ] || most=0.5
  judge RES-03 "$1" --clean -- "${flags[@]}" -- "most=$most"
}
# can_have RESOURCE N: may a process have as much? too_low RESOURCE N: why not.
can_have() { prlimit "--$1=$2:$2" true 2>/dev/null; }
too_low() {
  echo "it takes a limit '$1' of $2, and the hard limit here is $(prlimit "--$1" --output HARD --noheadings --raw), which root without CAP_SYS_RESOURCE may not raise"
}

# By a caller who may open more: what is inherited is no limit of ours.
attack_RES_04() {
  can_have nofile 4096 || {
    echo "NOT-TESTABLE RES-04 $(too_low nofile 4096)"
    return
  }
  stage "$1" -- @probe@ RES-04 nofile=1024
  on_hostile_host_as prlimit --nofile=4096:4096 -- "${stage_argv[@]}"
}
# Where the caller may lock as much as it likes, and queue as many signals.
attack_RES_06() { unlimited_caller RES-06 "$1"; }
attack_RES_06_LOCKED() { unlimited_caller RES-06-LOCKED "$1"; }
unlimited_caller() {
  stage "$2" -- @probe@ "$1"
  local raised=() resource
  for resource in sigpending memlock rtprio nice; do
    ! prlimit "--$resource=unlimited:unlimited" true 2>/dev/null || raised+=("--$resource=unlimited:unlimited")
  done
  on_hostile_host_as prlimit "${raised[@]}" -- "${stage_argv[@]}"
}
# From the last chapter whose root is the host's.
attack_RES_08() { judge RES-08 "${1/control/05}" --clean; }
# CVE-2022-0492: who may mount a hierarchy, may name the program.
attack_RES_09() { judge RES-09 "${1/control/05}" --clean; }
attack_RES_14() { unlimited_caller RES-14 "$1"; }
# limited_by STAGE FLAG...: the flags; none at STAGE "control", which is the chapter that brings them.
limited_by() { [ "$1" = control ] || printf '%s\n' "${@:2}"; }
attack_RES_16() {
  local flags
  mapfile -t flags < <(limited_by "$1" --fsize 1M)
  judge RES-16 "${1/control/09}" --clean -- "${flags[@]}" -- most=1048576
}
attack_RES_17() {
  local flags most=2.5
  # This limit is counted in ticks, and an emulated processor that the host lets wait misses some.
  [ -z "${TINCAN_PATIENCE:-}" ] || most=5
  mapfile -t flags < <(limited_by "$1" --cpu-time 1 --cpu-weight 10000)
  judge RES-17 "${1/control/09}" --clean -- "${flags[@]}" -- "most=$most"
}
# Whatever it may mount. As control, where the groups are shown. Where they are not its starter's, neither works.
attack_RES_19() {
  local flags=(--cap-add SYS_ADMIN --seccomp none)
  [ "$1" != control ] || flags+=(-a /sys/fs/cgroup:/mnt)
  judge RES-19 "${1/control/11}" --clean -- "${flags[@]}"
}

# --- devices (chapter 12) ---------------------------------------------------------------------

# Where root inside is the host's, who may mount, make nodes and call what it likes: the rules stand alone.
# Where an ordinary user starts it, as far as he can have that.
as_strong_root() {
  local id=$1 where=$2 flags=(--cap-add MKNOD --cap-add SYS_ADMIN --seccomp none)
  shift 2
  by_user "$where" || flags+=(--share user --reachable)
  judge "$id" "$where" --clean -- "${flags[@]}" "$@"
}
# without_rules STAGE: the flag for it, at STAGE "control".
without_rules() { [ "$1" != control ] || echo --no-device-rules; }

# What root of the host may write counts too; where an ordinary user starts it, what root of a network may.
attack_DEV_05() { if by_user "$1"; then judge DEV-05 "$1" -- --cap-add NET_ADMIN; else as_host_root DEV-05 "$1"; fi; }
# Without the filter, and with capabilities in a user namespace inside; as control, with them outside of one.
attack_MNT_18() {
  local flags=(--seccomp none)
  [ "$1" != control ] || flags+=(--cap-add SYS_ADMIN)
  judge MNT-18 "${1/control/12}" -- "${flags[@]}"
}
attack_DEV_13() {
  local flags
  mapfile -t flags < <(without_rules "$1")
  as_strong_root DEV-13 "${1/control/12}" "${flags[@]}"
}
attack_DEV_14() {
  local device access=:r
  [ "$1" != control ] || access=
  for device in /dev/fuse /dev/loop-control /dev/kmsg; do
    [ -e "$device" ] || continue
    judge DEV-14 "${1/control/12}" -- --device "$device:/dev/granted$access" -- path=/dev/granted
    return
  done
  echo 'NOT-TESTABLE DEV-14 there is no device to be granted'
}
attack_DEV_15() {
  local flags
  mapfile -t flags < <(without_rules "$1")
  as_strong_root DEV-15 "${1/control/12}" "${flags[@]}"
}
# attack ID STAGE [FLAG...]
attack() {
  local id=$1 where=$2 function=attack_${1//-/_}
  shift 2
  case $id in
    CAP-09-*)
      power "$id" "$where" "$@"
      return
      ;;
  esac
  if declare -F "$function" >/dev/null; then
    "$function" "$where"
  else
    judge "$id" "$where" -- "$@"
  fi
}
