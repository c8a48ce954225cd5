#!/usr/bin/env bats
# bats file_tags=chapter:13
# The documents of chapter 13: tests/documents.tsv, each of which does what it says; tests/bad-documents.tsv, each of
# which is refused; and roots that hold what nobody expects.

load support/promise

export TINCAN_BEGUN=1

setup() {
  runtime=$build/chapter-13
  [ -x "$runtime" ] || skip 'NOT-TESTABLE: chapter 13 is not built'
  work=$BATS_TEST_TMPDIR
  id=d$BATS_TEST_NUMBER-$$
  cp -a "$(readlink -f "$project/build/root")" "$work/root"
  mkdir -m 755 "$work/there" "$work/root/real" "$work/bundle"
  echo text >"$work/there/file"
  ln -s /real "$work/root/etc/link"
  ln -s ../real/later "$work/root/etc/dangling"
  ln -s /proc "$work/root/etc/to-proc"
  ln -s loop "$work/root/etc/loop"
  "$runtime" spec --bundle "$work/bundle"
  mv "$work/bundle/config.json" "$work/spec.json"
}

teardown() {
  "$runtime" --root "$work/state" delete --force "$id" || true
}

# document CHANGE COMMAND
document() {
  jq --arg there "$work/there" --arg root "$work/root" --arg command "${2:-echo RAN}" --arg path "/tincan-$id" \
    ".root = {path: \$root} | .process.terminal = false | .linux.cgroupsPath = \$path | .process.args = [\"sh\", \"-c\", \$command, \$path] | $1" \
    "$work/spec.json" >"$work/bundle/config.json"
}
oci() { limited "$runtime" --root "$work/state" "$@" 3>&- 4>&-; }
nothing_left() {
  ! compgen -G "/sys/fs/cgroup/*/tincan-$id" >/dev/null || fail "$1: a control group was left"
  [ ! -e "/sys/fs/cgroup/tincan-$id" ] || fail "$1: a control group was left"
  [ ! -e "$work/state/$id" ] || fail "$1: a state was left"
}
# rows FILE: without its comments.
rows() { grep -vE '^(#|$)' "$project/tests/$1"; }

@test "each field of a document does what it says" {
  local change command output said failed=0
  while IFS=$'\t' read -r change command output <&5; do
    document "$change" "$command"
    said=$(oci run --bundle "$work/bundle" "$id" 2>"$work/log" </dev/null | awk 'NR > 1 {printf "; "} {printf "%s", $0}') || true
    [[ $said =~ ^($output)$ ]] || {
      printf '%s\n    says  %s\n    wants %s\n' "$change" "$said$(cat "$work/log")" "$output"
      failed=1
    }
    nothing_left "$change"
  done 5< <(rows documents.tsv)
  [ "$failed" -eq 0 ]
}

@test "a bad document is refused with status 1 and a sentence that says where: nothing runs, nothing is left" {
  local words change failed=0
  while IFS=$'\t' read -r words change <&5; do
    if [[ $change = =* ]]; then printf '%b' "${change#=}" >"$work/bundle/config.json"; else document "$change"; fi
    run oci run --bundle "$work/bundle" "$id" </dev/null
    # shellcheck disable=SC2154
    [[ $status -eq 1 && $output =~ $words && $output != *RAN* && ${#lines[@]} -eq 1 ]] || {
      printf '%s\n    status %s, %s\n' "$change" "$status" "$output"
      failed=1
    }
    nothing_left "$change"
  done 5< <(rows bad-documents.tsv)
  [ "$failed" -eq 0 ]
}

@test "a document of 100 MB, one of 10000 levels, one of a million values: refused, in little memory" {
  local kind
  for kind in bytes levels values; do
    case $kind in
      bytes) { cat "$work/spec.json" && head -c 100000000 /dev/zero | tr '\0' ' '; } ;;
      levels) head -c 10000 /dev/zero | tr '\0' '[' ;;
      values) echo '[' && yes '0,' | head -n 1000000 && echo '0]' ;;
    esac >"$work/bundle/config.json"
    run -1 bash -c 'ulimit -v 100000 && exec "$@"' bash "$runtime" --root "$work/state" run --bundle "$work/bundle" "$id"
    assert_output --regexp "^config.json: .*more than (4194304 bytes|64 levels|100000 values)"
    assert [ "${#lines[@]}" -eq 1 ]
  done
  nothing_left big
}

# CVE-2019-19921, CVE-2021-30465, CVE-2025-31133, CVE-2025-52881.
@test "a root whose /proc, /sys or /dev is a symlink: nothing is put behind it" {
  local place target
  for place in proc sys dev; do
    for target in tmp /proc etc; do
      rm -rf "${work:?}/root/$place"
      ln -s "$target" "$work/root/$place"
      document .
      run oci run --bundle "$work/bundle" "$id"
      if [ "$place $target" = 'dev tmp' ] || [ "$place $target" = 'dev etc' ]; then
        assert_success # inside it may be what it likes, as long as nobody believes it
      else
        assert_failure 1
        refute_output --partial RAN
      fi
    done
    rm "$work/root/$place"
    mkdir "$work/root/$place"
  done
}

@test "a root whose /dev/null is a file or leads to one: it is no null device" {
  local kind
  for kind in file link; do
    rm -rf "${work:?}/root/dev"
    mkdir "$work/root/dev"
    if [ "$kind" = file ]; then touch "$work/root/dev/null"; else ln -s /etc/motd "$work/root/dev/null"; fi
    document '.mounts |= map(select(.destination | startswith("/dev") | not))'
    run -1 oci run --bundle "$work/bundle" "$id"
    assert_output --partial 'mknod /dev/null: EEXIST'
    [ ! -s "$work/root/dev/null" ] || [ "$kind" = link ]
  done
}

# device: one that this machine has, that root may open without more, and that no container has by default.
device() {
  local one
  for one in /dev/fuse /dev/net/tun /dev/loop-control /dev/cpu_dma_latency; do
    [ -c "$one" ] && (: <"$one") 2>/dev/null && stat -c '{path: "/dev/given", type: "c", major: (%Hr), minor: (%Lr)}' "$one" && return
  done
  skip 'NOT-TESTABLE: this machine has no device to be given'
}

@test "a device that is given and not allowed cannot be opened; allowed to be read, it cannot be written" {
  local given rule
  given=$(device)
  rule="(.linux.devices[0] | {allow: true, type, major, minor, access: \"r\"})"
  document ".linux.devices = [$given]" '(: </dev/given) 2>&1'
  run oci run --bundle "$work/bundle" "$id"
  assert_output --regexp '(Operation not permitted|Permission denied)'
  document ".linux.devices = [$given] | .linux.resources.devices += [$rule]" '(: </dev/given) && echo read; (: >/dev/given) 2>&1'
  run oci run --bundle "$work/bundle" "$id"
  assert_line read
  assert_output --regexp '(Operation not permitted|Permission denied)'
}

@test "nothing that is mounted inside is seen on the host, and the host's mounts are as before" {
  local before after
  before=$(cat /proc/self/mountinfo)
  document '.mounts += [{destination: "/a", source: $there, options: ["rbind", "rshared"]}] | .linux.rootfsPropagation = "rshared"'
  run -0 oci run --bundle "$work/bundle" "$id"
  after=$(cat /proc/self/mountinfo)
  [ "$before" = "$after" ]
}
