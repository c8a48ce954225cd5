# Some attacks start a launcher as an ordinary user, some as a root who has no capabilities, or no id but his own:
# none of them gets through another user's closed directory. Where the tree lies behind one, or the directory of
# the containers' root is not root's, everything is made from a copy that is root's and stands open: `reachable`,
# which is what to remove at the end; TINCAN_BUILD is in it.

reachable=

# stands_open BUILD: can all of them use this tree, and what is built? What somebody else keeps closed is no wall to
# root, and to root without capabilities it is one.
stands_open() {
  setpriv --reuid 65534 --regid 65534 --clear-groups bash -c '[ -x "$0/probe" ] && [ -x tests/run ]' "$(readlink -f "$1")" &&
    [ "$(stat -c %u "$(readlink -f build)/closed" 2>/dev/null || echo 0)" = 0 ]
}

# copy_tree BUILD DIR: all but what is compiled on the way, and what is nobody's business here.
copy_tree() {
  local made
  tar --exclude=./.git --exclude=./build --exclude=./work -cf - . | tar -C "$2" --no-same-owner -xf -
  mkdir -p "$2/build" "$2/${1#/}"
  (
    cd "$1" || exit
    for made in bench chapter-* probe hostile doctor inject kernel-without seams unit-tests; do [ ! -e "$made" ] || cp -r --preserve=timestamps "$made" "$2/${1#/}"; done
  )
  chmod -R a+rX "$2"
  (cd "$2" && common/make-root.sh build/root)
}

if [ "$(id -u)" -eq 0 ] && ! stands_open "${TINCAN_BUILD:-build}"; then
  reachable=$(mktemp -d)
  copy_tree "${TINCAN_BUILD:-build}" "$reachable"
  TINCAN_BUILD=${TINCAN_BUILD:-build}
  export TINCAN_BUILD=$reachable/${TINCAN_BUILD#/}
fi
