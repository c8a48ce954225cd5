#!/usr/bin/env bats
# The doctor: does it say what is so? Hosts that lack something are acted out with throw-away means.

load support/promise
load support/left-behind

doctor() { limited "$build/doctor" "$@"; }

# as_user COMMAND...: as an ordinary user, without any capability.
as_user() { setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps=-all --bounding-set=-all "$@"; }

# lacking CALL...: a kernel without these calls.
lacking() {
  local call arguments=()
  while [ "$1" != -- ]; do arguments+=(-e inject="$1":error=ENOSYS) && shift; done
  shift
  limited strace -f -qq -o /dev/null "${arguments[@]}" "$@"
}

# is STATE USER ID...: what the JSON in $output says of these trials.
is() {
  local state=$1 user=$2 id
  shift 2
  for id in "$@"; do
    [ "$(jq -r --arg id "$id" --arg user "$user" '.trials[] | select(.id == $id)[$user].state' <<<"$output")" = "$state" ] ||
      fail "$id as $user is not '$state': $(jq -c --arg id "$id" '.trials[] | select(.id == $id)' <<<"$output")"
  done
}

# says ID WORDS: how the JSON in $output explains what root lacks.
says() {
  jq -r --arg id "$1" '.trials[] | select(.id == $id).root | .cause, .remedy, .seen' <<<"$output" | grep -qF -- "$2" ||
    fail "$1 does not say '$2': $(jq -c --arg id "$1" '.trials[] | select(.id == $id)' <<<"$output")"
}

@test "the table fits 100 columns, and its status and JSON agree" {
  local status_of_table
  run doctor
  status_of_table=$status
  [ "$(awk '{ print length }' <<<"$output" | sort -n | tail -1)" -le 100 ] || fail "too wide: $output"
  refute_output --partial $'\033'
  run doctor --json
  [ "$status" = "$status_of_table" ] || fail "status $status as JSON, $status_of_table as a table"
  [ "$(jq -r .ok <<<"$output")" = "$([ "$status" = 0 ] && echo true || echo false)" ]
  [ "$(jq '.trials | length' <<<"$output")" -ge 30 ]
  # Whatever is missing comes with a reason.
  [ "$(jq '[.trials[] | .root, .user | select(.state == "missing" and .cause == "")] | length' <<<"$output")" = 0 ]
}

@test "wrong usage is 2, an unknown trial too" {
  run -2 doctor --nonsense
  run -2 doctor --why nonsense
  assert_output --partial "'nonsense' is no trial"
}

@test "a promise is skipped exactly where the doctor finds missing what it needs" {
  local id lack line count=0
  while IFS=$'\t' read -r id lack; do
    line=$(control "$id" "$(field "$id" 2)" "$(field "$id" 3)")
    if doctor --why "$lack" >/dev/null; then
      [[ $line == REACHED* ]] || fail "$lack works, says the doctor, but: $line"
    else
      [[ $line != REACHED* ]] || fail "$lack is missing, says the doctor, but: $line"
    fi
    count=$((count + 1))
  done < <(grep -v '^#' "$project/tests/expected-skips.txt")
  [ "$count" -gt 0 ]
}

@test "what the doctor finds working for root, a container of the last chapter does" {
  doctor >/dev/null || skip 'NOT-TESTABLE: the doctor finds something missing here'
  local numbers
  read -ra numbers <<<"$(running_chapters)"
  container "${numbers[-1]}" -- true
  run -0 limited "${container_argv[@]}"
}

@test "without root, root's trials are not tried, and not said to work" {
  cp "$build/doctor" "$BATS_TEST_TMPDIR/doctor"
  run as_user "$BATS_TEST_TMPDIR/doctor" --json <&-
  [ "$status" != 126 ] || run as_user "$build/doctor" --json
  is 'not tried' root setgroups mntns idmap cgroup-memory
  is works user pidfd openat2
}

@test "a kernel without a call: the row that needs it, and no other" {
  run -1 lacking openat2 mount_setattr -- "$build/doctor" --json
  is missing root openat2 copy-tree idmap
  is works root pidfd pivot-root
  says openat2 'does not have the call'
  run -1 lacking pidfd_send_signal -- "$build/doctor" --json
  is missing root pidfd
  is works root mntns openat2
}

@test "a host without user namespaces: the rows behind them, and the limit is named" {
  run -1 limited unshare -Ur sh -c 'echo 0 >/proc/sys/user/max_user_namespaces && exec "$0" --json' "$build/doctor"
  is missing root userns userns-power proc-userns idmap
  is works root mntns openat2 seccomp
  says userns 'max_user_namespaces'
  says userns 'sysctl user.max_user_namespaces: 0'
}

@test "a root without powers: what needs them is missing, and it is said what to do" {
  run -1 limited setpriv --bounding-set -sys_admin,-setpcap --inh-caps=-all "$build/doctor" --json
  is missing root mntns copy-tree bounding-set
  is works root userns pidfd
  says mntns CAP_SYS_ADMIN
  says bounding-set CAP_SETPCAP
}

@test "a host that hides parts of /proc: no fresh one in a user namespace" {
  run -1 limited unshare -m sh -c 'mount -t tmpfs none /proc/scsi 2>/dev/null || mount -t tmpfs none /proc/irq; exec "$0" --json' "$build/doctor"
  is missing root proc-userns
  is works root proc
  says proc-userns 'hides parts of its /proc'
}

# granted FILE: what the doctor says of ids for the ordinary user, where that is /etc/subuid and /etc/subgid.
granted() {
  run limited unshare -m --propagation private sh -c 'mount --bind "$1" /etc/subuid && mount --bind "$1" /etc/subgid && exec "$2" --json' sh "$1" "$build/doctor"
  output=$(jq -r '.trials[] | select(.id == "id-ranges").user | .state, .cause' <<<"$output")
}

@test "ids for a user's containers: none is granted, or there is nobody to write the map, or all is well" {
  local rows=$BATS_TEST_TMPDIR/rows
  echo 'somebody:200000:65536' >"$rows"
  SUDO_UID=65534 granted "$rows"
  assert_output --regexp '^missing.*usermod'
  echo "$(id -un 65534):200000:65536" >"$rows"
  SUDO_UID=65534 granted "$rows"
  if [ -u /usr/bin/newuidmap ]; then assert_output --partial works; else assert_output --partial newuidmap; fi
}

@test "limits for a user's containers: what keeps them from being set is said, with the way out" {
  run doctor --why user-limits
  if [ "$status" = 1 ]; then
    assert_output --regexp '\. What to do: .*--no-limits'
    return
  fi
  # Where somebody has handed a group to this very user, nothing does.
  TINCAN_AS_USER=1 stage 11 -- true
  hosted -0 --clean -- "${stage_argv[@]}"
}

@test "a refusal of the host's points to the doctor, one of the request does not" {
  container 04 -- true
  run -125 limited setpriv --bounding-set -sys_admin --inh-caps=-all "${container_argv[@]}"
  assert_output --partial "make doctor"
  container 05 -a /no/such/file:/mnt -- true
  run -125 limited "${container_argv[@]}"
  assert_output --partial 'no such file or directory on the host'
  refute_output --partial 'make doctor'
}

@test "it leaves no control group behind" {
  local before left deadline=$((SECONDS + 5 * patience))
  before=$(orphaned_groups)
  run doctor
  # One of others', whose launcher was killed, goes a moment later.
  while left=$(comm -13 <(echo "$before") <(orphaned_groups)) && [ -n "$left" ]; do
    [ "$SECONDS" -lt "$deadline" ] || fail "left behind: $left"
    sleep 0.2
  done
}
