# Once before all tests and once after: is everything built, and is the host left as it was found?

# The number of processes that tests leave; mutants, which may run beside us, clean up after themselves.
ours() {
  local pid name state left=0
  while read -r pid name state _; do
    [[ $name =~ ^\((probe|hostile|chapter-|init\)) && $state != Z ]] || continue
    grep -q /mutants- "/proc/$pid/cgroup" 2>/dev/null || left=$((left + 1))
  done < <(cat /proc/[0-9]*/stat 2>/dev/null)
  echo "$left"
}

host_traces() {
  sort /proc/self/mountinfo
  ls /sys/class/net
  # Ours alone: others come and go on a busy host.
  find /sys/fs/cgroup -name 'mutants-[0-9]*' -prune -o -name 'tincan*' -type d -print 2>/dev/null | sort
  cat /proc/sysvipc/shm /proc/sysvipc/sem /proc/sysvipc/msg | awk '{ print $1, $2 }'
  ls -A /dev/shm
  cat /proc/sys/kernel/hostname
  ours
  find "${BASH_SOURCE[0]%/*}/../build/root/" | sort
}

setup_suite() {
  local build=${TINCAN_BUILD:-build} needed
  cd "${BASH_SOURCE[0]%/*}/.." || return
  for needed in "$build/probe" "$build/hostile" build/root; do
    [ -e "$needed" ] || {
      echo "$needed is missing: make all" >&2
      return 1
    }
  done
  [ "$(id -u)" -eq 0 ] || {
    echo "These tests make containers, which takes root: make test uses sudo." >&2
    return 1
  }
  host_traces >"$BATS_SUITE_TMPDIR/host-before"
}

teardown_suite() {
  local deadline=$((SECONDS + 3))
  until host_traces | cmp -s "$BATS_SUITE_TMPDIR/host-before" -; do
    if [ "$SECONDS" -ge "$deadline" ]; then
      echo "The tests did not leave the host as they found it:" >&2
      diff "$BATS_SUITE_TMPDIR/host-before" <(host_traces) | head -20 >&2
      return 1
    fi
  done
}
