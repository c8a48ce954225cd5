#!/usr/bin/env bash
# What `make` alone prints: the targets, in groups, in 80 columns. Usage: help.sh MAKEFILE 'NUMBERS'
# A target that is for people says so behind its prerequisites: ## GROUP: what it does.
set -euo pipefail

# list GROUP: its targets.
list() {
  sed -nE "s/^([a-zA-Z_%.-]+):.*## $1: (.*)/\1\t\2/p" "$makefile" | sed 's/%/NN/' |
    while IFS=$'\t' read -r target text; do
      fold -s -w 56 <<<"$text" | sed "1s/^/$(printf '  make %-17s' "$target")/;1!s/^/$(printf '%24s' '')/"
    done | sed 's/ *$//'
}

makefile=$1
first='make demo'
# A hand-out for students has exercises, and nothing to show.
grep -q '^demo:' "$makefile" || first="make exercise-$(find chapters -name exercises.md | sed -E 's,.*/([0-9]+)-.*,\1,' | sort | head -1)"
cat <<END
tincan: build a container in C++, one kernel feature at a time

First time? $first.
NN is $2; 5 will do for 05.
END
for group in 'learn|Look, run, attack' 'exercise|Exercises' 'teach|Teach a class' 'maintain|Keep the house'; do
  [ -n "$(list "${group%|*}")" ] || continue
  printf '\n%s\n' "${group#*|}"
  list "${group%|*}"
done
