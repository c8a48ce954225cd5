#!/bin/sh
# The version and the commit, on one line: "0.1.0 1f2e3d4c5b6a". In an archive (make dist, or a download) git has
# written the commit into version.txt; in a working tree, git is asked. Changes that are not committed make
# a "-changed" of it; where there is neither, "unknown".
set -eu

cd "$(dirname "$0")/.."
{ read -r version && read -r commit; } <common/version.txt
case $commit in
  '$Format'*)
    # The tree may be another user's (sudo), and lie inside another repository.
    git() { command git -c safe.directory="$PWD" "$@" 2>/dev/null; }
    if [ -e .git ] && commit=$(git rev-parse --short=12 HEAD); then
      git diff --quiet HEAD -- || commit=$commit-changed
    else
      commit=unknown
    fi
    ;;
  *) commit=$(printf '%.12s' "$commit") ;;
esac
echo "$version $commit"
