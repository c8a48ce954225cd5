#!/usr/bin/env bash
# The main job, seen: a shell command in a full container, the isolation report of another one beside the
# host's, and that container and the host in short. Usage: demo.sh BUILD CHAPTER
set -euo pipefail

build=$1
chapter=$2
as_root=()
[ "$(id -u)" -eq 0 ] || as_root=(sudo)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'echo "interrupted: the containers have ended" >&2; exit 130' INT TERM

look_around='
echo "  my name is       $(hostname)"
echo "  I am process     $$, and these are all there are:"
ps | sed "s/^/    /"
echo "  my files are     $(echo /*)"
echo "  my devices are   $(cd /dev && echo *)"
echo "  my network is    $(cd /sys/class/net && echo *)"
'

bold='' plain=''
if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then bold=$'\033[1m' plain=$'\033[0m'; fi

# say HEADING: what comes next.
say() { printf '\n%s%s%s\n' "$bold" "$*" "$plain"; }

# The same words for both.
in_short='
uname -n
echo /proc/[0-9]* | wc -w
echo "$(ls -d /* | wc -l) at the top, $(ls /dev | wc -l) in /dev"
echo "$(cd /sys/class/net && echo *)"
'
# uid_outside PID: whose process it is to the host.
uid_outside() { echo "user $(awk '/^Uid:/ { print $2 }' "/proc/$1/status")"; }

child_of() { tr -d ' ' <"/proc/$1/task/$1/children"; }

# compare: the closing table, from what the two said.
compare() {
  paste -d '|' <(printf '%s\n' 'name' 'processes in sight' 'files' 'network' 'to the host') "$work/inside" "$work/host" |
    while IFS='|' read -r what inside host; do printf '   %-20s %-26s %.30s\n' "$what" "$inside" "$host"; done
}

say "1. A shell command in a container made by chapter-$chapter:"
echo "   $build/chapter-$chapter -m build/root -- sh"
"${as_root[@]}" "$build/chapter-$chapter" -m build/root -- sh <<<"$look_around"

# The container waits at the end of a pipe; it ends when this script closes it, or ends.
coproc container { exec "${as_root[@]}" "$build/chapter-$chapter" -m build/root -- sh -c "$in_short echo ready; read -r _"; }
while read -r line <&"${container[0]}" && [ "$line" != ready ]; do echo "$line" >>"$work/inside"; done
name=$(head -n 1 "$work/inside")
say "2. Another one, $name: its isolation report (left) beside the host's (right):"
# The shell forgets it, with its pipes, as soon as it has seen it end.
started=$container_PID launcher=$container_PID
# With sudo in between the launcher is its child, or its child's, where sudo gives it a terminal (use_pty).
while [ "$(cat "/proc/$launcher/comm")" = sudo ]; do launcher=$(child_of "$launcher"); done
inside=$(child_of "$launcher")
"${as_root[@]}" "$build/chapter-01" "$inside" --against "$$" | tee "$work/report"
uid_outside "$inside" >>"$work/inside"
eval "exec ${container[1]}>&-"
wait "$started" || true

say "3. In short: what $name of part 2 sees, and what the host has"
{
  sh -c "$in_short"
  uid_outside "$$"
} >"$work/host"
printf '   %-20s %-26s %s\n' '' inside 'the host'
compare
# The legend below it has the sign, too, and stands at the margin with it.
echo "   It worked: both containers ran and have ended. The report above differs"
echo "   in $(grep -v '^<>' "$work/report" | grep -c '<>') lines, marked with <>."

say "Yours to try:"
echo "   make run-$chapter                a shell in such a container"
echo "   make test                  every promise, attacked"
echo "   make lab-05                an attack that works, and then does not"
echo "How it is done: $(echo chapters/"$chapter"-*/main.cpp)"
