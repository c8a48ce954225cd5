# Once before all tests: is everything there? What they leave, tests/run looks for.

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
}
