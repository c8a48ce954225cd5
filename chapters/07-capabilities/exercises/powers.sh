#!/bin/sh
# Runs inside: has root few powers? Status 0: yes. 1: no, and a line says what it has.
# exercise: powers
kept=$((0x405fb))

while read -r name value; do
  case $name in
    CapInh: | CapAmb:) most=0 ;;
    CapPrm: | CapEff: | CapBnd:) most=$kept ;;
    NoNewPrivs:) [ "$value" = 1 ] || { echo "$name $value" && exit 1; } && continue ;;
    *) continue ;;
  esac
  # Beyond what is kept there must be no bit.
  [ $((0x$value & ~most)) -eq 0 ] || { echo "$name $value" && exit 1; }
done </proc/self/status
exit 0
# end of exercise
