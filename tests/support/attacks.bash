# Attacks and their verdicts.
#
#   attack NS-01 04        # prints "BLOCKED NS-01 ..." or REACHED, NOT-TESTABLE, BROKEN
#
# Most attacks are the probe's alone. Those that need the host's side, or flags, have a function here,
# attack_ID STAGE; STAGE "control" asks for the attack where it must work.

# shellcheck source=tests/support/stages.bash
source "${BASH_SOURCE[0]%/*}/stages.bash"

# verdict STATUS ID OUTPUT: what a status of the hostile host means, in one line.
verdict() {
  local line
  line=$(grep -E '^(BLOCKED|REACHED|NOT-TESTABLE|ATTEMPTED|HOST-CHANGED) ' <<<"$3" | tail -1)
  line=${line#* }
  case $1 in
    70) echo "BLOCKED $2 ${line#* }" ;;
    71) echo "REACHED $2 ${line#* }" ;;
    72) echo "NOT-TESTABLE $2 ${line#* }" ;;
    73) echo "REACHED $2 the host was changed: $line" ;;
    74) echo "BLOCKED $2 ${line#* }, and the host did not change" ;;
    *) echo "BROKEN $2 status $1: ${3:-no output}" ;;
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

# script ID STAGE: a function of host_side.bash, run on a clean hostile host, is the attack.
script() {
  local output status
  output=$(on_hostile_host --clean -- "$(type -P bash)" "$project/tests/support/host_side.bash" "$1" "$2" 2>&1) &&
    status=0 || status=$?
  verdict "$status" "$1" "$output"
}

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

attack_NS_12() { script NS-12 "$1"; }
attack_NS_14() { script NS-14 "$1"; }
attack_PTY_05() { script PTY-05 "$1"; }
attack_MNT_07() { script MNT-07 "$1"; }
attack_MNT_11() { script MNT-11 "$1"; }
attack_MNT_12() { script MNT-12 "$1"; }
attack_MNT_13() { script MNT-13 "$1"; }
attack_MNT_20() { script MNT-20 "$1"; }

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

# attack ID STAGE [FLAG...]
attack() {
  local id=$1 where=$2 function=attack_${1//-/_}
  shift 2
  if declare -F "$function" >/dev/null; then
    "$function" "$where"
  else
    judge "$id" "$where" -- "$@"
  fi
}
