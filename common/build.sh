#!/usr/bin/env bash
# Builds targets: on a terminal under one bar, elsewhere line by line. Usage: MAKE=make build.sh TARGET...
set -euo pipefail

: "${MAKE:=make}"
# It says nothing of what is up to date, unless V=1 asks for all.
quiet=-s
[ -z "${V:-}" ] || quiet=--no-print-directory
wide=30

# draw DONE FILE: the bar, over the one before, and the file with its directory: each chapter has a main.cpp.
draw() {
  local full=$((wide * $1 / total))
  printf '\r\033[K  [%s%*s] %d of %d  %.30s' "$(printf '%*s' "$full" '' | tr ' ' '#')" $((wide - full)) '' "$1" "$total" "${2#"${2%/*/*}"/}"
}

# follow: draws what make says, and lets pass what is no step, a warning or an error; what is up to date is no news.
follow() {
  local line done=0
  while IFS= read -r line; do
    if [[ $line =~ ^\ \ (CXX|LINK|ROOT)\ +(.*) ]]; then
      done=$((done < total ? done + 1 : total))
      draw "$done" "${BASH_REMATCH[2]}"
    elif [[ $line != *' is up to date.' ]]; then
      printf '\r\033[K%s\n' "$line"
    fi
  done
  printf '\r\033[K'
}

if [ ! -t 1 ]; then exec $MAKE --no-print-directory $quiet "$@"; fi
# What would be done, with the variables of the make that started this and without its jobs.
variables=
[[ " ${MAKEFLAGS:-}" != *' -- '* ]] || variables="-- ${MAKEFLAGS#*-- }"
total=$(MAKEFLAGS=$variables MFLAGS='' $MAKE -n "$@" | grep -cE "^printf '  %-5s" || true)
[ "$total" -gt 0 ] || exit 0
start=$SECONDS
trap 'printf "\r\033[K  interrupted: what is built stays built\n"; exit 130' INT TERM
$MAKE --no-print-directory "$@" 2>&1 | follow
printf '  built: %d steps in %d s\n' "$total" "$((SECONDS - start))"
