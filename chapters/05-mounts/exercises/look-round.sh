#!/bin/sh
# Runs inside: are the mounts as they should be? Status 0: yes. 1: no, and a line says which one.
# exercise: look-round
wrong() {
  echo "$place has $options"
  exit 1
}

has() { case ,$options, in *,"$1",*) return 0 ;; *) return 1 ;; esac }

while read -r _ _ _ _ place options _; do
  case $place in / | /tmp | /tmp/*) continue ;; esac
  has nosuid || wrong
  case $place in
    /sys) has ro || wrong ;;
    /dev/pts) ;;
    /dev/null | /dev/zero | /dev/full | /dev/random | /dev/urandom | /dev/tty) has noexec || wrong ;;
    *) has nodev || wrong ;;
  esac
done </proc/self/mountinfo
exit 0
# end of exercise
