# Some attacks start a launcher as an ordinary user, who may not be able to reach this directory. Then
# TINCAN_BUILD becomes a copy of it that he can reach, and `reachable` is what to remove at the end.

reachable=
if ! setpriv --reuid 65534 --regid 65534 --clear-groups test -x "$(readlink -f "${TINCAN_BUILD:-build}")/probe"; then
  reachable=$(mktemp -d)
  chmod 755 "$reachable"
  (
    cd "${TINCAN_BUILD:-build}" || exit
    for made in bench chapter-* probe hostile doctor inject seams unit-tests; do [ ! -e "$made" ] || cp -rp "$made" "$reachable"; done
  )
  export TINCAN_BUILD=$reachable
fi
