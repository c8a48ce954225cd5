#!/bin/bash
# Tries a student's probe, a shell script, in one program after the other, and answers as TAP.
# Usage: try-probe.sh SECONDS TARGETS SCRIPT, where a line of TARGETS is: STATUS PROGRAM CHECK...
# STATUS is the one that the script has to end with there.
seconds=$1 targets=$2 script=$3
cd "${BASH_SOURCE[0]%/*}/.." || exit
echo "1..$(wc -l <"$targets")"
number=0
while read -r wanted program check; do
  number=$((number + 1))
  place=()
  [[ $program == *-0[34]* ]] || place=(-m build/root)
  output=$(timeout -k 1 "$seconds" "$program" "${place[@]}" -- /bin/sh -s <"$script" 2>&1)
  status=$?
  case $status in
    124) status="a time limit, $seconds s" ;;
    # SIGXCPU, or SIGKILL a second later: leash.sh.
    137 | 152) status='the end of its processor time: does it go round in circles?' ;;
  esac
  if [ "$status" = "$wanted" ]; then
    echo "ok $number $check"
  else
    echo "not ok $number $check"
    printf '# it has to end with %s there, and ended with %s\n' "$wanted" "$status"
    head -5 <<<"$output" | sed 's/^/# /'
  fi
done <"$targets"
