#!/bin/bash
# Tries a student's probe, a shell script, in one program: says the status that it ended with, and what it
# said. What the program is, and which status is right, is known outside only.
# Usage: probe-once.sh SCRIPT PROGRAM [ROOT]
script=$1 program=$2
place=()
[ -z "${3:-}" ] || place=(-m "$3")
cd "${BASH_SOURCE[0]%/*}/.." || exit
{
  output=$(
    timeout -k 1 "$((20 * ${TINCAN_PATIENCE:-1}))" "$program" "${place[@]}" -- /bin/sh -s <"$script" 2>&1 | head -c 4000
    exit "${PIPESTATUS[0]}"
  )
} 2>/dev/null # a null byte is left out, and the shell says so
echo "status $?"
mapfile -t -n 5 lines <<<"$output"
printf '%s\n' "${lines[@]}"
