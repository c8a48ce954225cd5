#!/bin/bash
# Runs a command, and ends all that it started when it ends, when its time is over, or when whoever asked is gone.
# Usage: leash.sh SECONDS PROCESSOR-SECONDS COMMAND...; standard input is a pipe that whoever asked holds open.
#
# A pid namespace is the leash: with its first process everything in it dies, whatever it has made of itself. No
# single process gets more of the processor than so many seconds; SIGXCPU (152) is told from a wait that never ends.
exec timeout -s KILL "$1" unshare --mount --pid --mount-proc --fork --kill-child=KILL bash -c '
ulimit -S -c 0 && ulimit -S -t "$1" && ulimit -H -t "$(($1 + 1))" && exec 3<&0 </dev/null || exit
"${@:2}" 3<&- &
command=$!
{
  read -r _ <&3
  kill -KILL "$command"
} &
# Of this one: "wait -n" may miss what has ended before it is asked.
wait "$command"
exit' leash "$2" "${@:3}"
