# The host's side of chapter 07: capabilities.

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
  judged "$status" "$output"
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

# Securebits that the caller has set; a user namespace of its own would clear them by itself.
attack_CAP_07() {
  local status output
  stage "$1" --share user --reachable -- @probe@ CAP-07
  output=$(setpriv --securebits +no_setuid_fixup "${stage_argv[@]}" 2>&1) && status=0 || status=$?
  judged "$status" "$output"
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
