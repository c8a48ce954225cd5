#!/usr/bin/env bash
# The main job, seen: a shell command in a full container, and the isolation report of that
# container beside the host's. Usage: demo.sh BUILD CHAPTER
set -euo pipefail

build=$1
chapter=$2
as_root=()
[ "$(id -u)" -eq 0 ] || as_root=(sudo)

look_around='
echo "  my name is       $(hostname)"
echo "  I am process     $$, and these are all there are:"
ps | sed "s/^/    /"
echo "  my files are     $(echo /*)"
echo "  my devices are   $(cd /dev && echo *)"
echo "  my network is    $(cd /sys/class/net && echo *)"
'

# say HEADING: what comes next.
say() { printf '\n\033[1m%s\033[0m\n' "$*"; }

say "1. A shell command in a container made by chapter-$chapter:"
echo "   $build/chapter-$chapter -m build/root -- sh"
"${as_root[@]}" "$build/chapter-$chapter" -m build/root -- sh <<<"$look_around"

say "2. The same container from outside: its isolation report (left), beside the host's (right):"
# The container waits at the end of a pipe; it ends when this script closes it, or ends.
coproc container { exec "${as_root[@]}" "$build/chapter-$chapter" -m build/root -- sh -c 'echo ready; read -r _'; }
read -r _ <&"${container[0]}"
launcher=$container_PID
# With sudo in between, the launcher is its child.
if [ "${#as_root[@]}" -gt 0 ]; then launcher=$(cat "/proc/$launcher/task/$launcher/children"); fi
inside=$(cat "/proc/${launcher// /}/task/${launcher// /}/children")
"${as_root[@]}" "$build/chapter-01" "${inside// /}" --against "$$"
eval "exec ${container[1]}>&-"
wait "$container_PID" || true

say "3. Yours to try:"
echo "   make run-$chapter              a shell in such a container"
echo "   make test                every promise, attacked"
echo "   less chapters/$chapter-*/main.cpp   how it is done"
