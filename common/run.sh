#!/usr/bin/env bash
# What `make run-NN` does: CMD, or a shell, in a container of a chapter; says what it is, and how to leave.
# Usage: run.sh BUILD NN [FLAG...]. With TRACE=PREFIX it runs under strace, whose output goes there.
set -euo pipefail

build=$1 chapter=$2
shift 2
launcher=("$build/chapter-$chapter")
# What a start is made of. With a question mark: not every processor has it.
calls='execve,clone3,clone,?fork,unshare,setns,write,openat,openat2,open_tree,move_mount,mount_setattr,fsopen,fsconfig,fsmount'
calls+=',mount,umount2,pivot_root,chroot,chdir,fchdir,?mkdir,mkdirat,?mknod,mknodat,?symlink,symlinkat,sethostname,setgroups'
calls+=',setresuid,setresgid,capset,prctl,seccomp,keyctl,personality,umask,prlimit64,setpriority,sched_setscheduler,ioctl'
calls+=',socketpair,sendmsg,recvmsg,setsid,close_range,pidfd_send_signal,kill,exit_group'

[ -x "${launcher[0]}" ] || {
  echo "There is no ${launcher[0]}. make check-$chapter builds your own, once it is begun." >&2
  exit 1
}

# note TEXT: for people; what the command writes stays alone on standard output.
note() { echo "$*" >&2; }

at_terminal() { [ -t 0 ] && [ -t 1 ] && [ -t 2 ]; }

case $chapter in
  01)
    [ -n "${CMD:-}" ] || note "Chapter 01 starts nothing. Its report on itself; on another: CMD=PID"
    # shellcheck disable=SC2086  # words
    exec "${launcher[@]}" "$@" ${CMD:-}
    ;;
  02) note "Chapter 02 runs nothing yet: it prints the plan that it has understood, and ends." ;;
  *)
    [ -z "${TRACE:-}" ] || launcher=(strace -ff -q -s 200 -e "trace=$calls" -o "$TRACE" "${launcher[@]}")
    [ "$(id -u)" -eq 0 ] || launcher=(sudo "${launcher[@]}")
    ;;
esac

# From chapter 10 on there are terminals of one's own.
flags=("$@")
own=
if ((10#$chapter >= 10)) && at_terminal; then
  own='its own'
  [[ " $* " =~ \ (--tty|-[a-z]*t)\  ]] || flags+=(-t)
fi

[ -z "${CMD:-}" ] || exec "${launcher[@]}" "${flags[@]}" -- sh -c "$CMD"

shell=(sh)
what="Busybox in a container of chapter $chapter, on ${own:-your} terminal."
case $chapter in
  02) exec "${launcher[@]}" "${flags[@]}" -- sh ;;
  # The host's. Not every sh can be process 1 on a terminal of others: dash ends with an error.
  03) what="Bash after a clean start; the files are the host's." shell=(bash --norc --noprofile) ;;
  04) what="Bash in namespaces of its own; the files are the host's." shell=(bash --norc --noprofile) ;;
esac
if ! at_terminal; then
  note "${what/, on your terminal/} It reads commands from standard input."
  exec "${launcher[@]}" "${flags[@]}" -- "${shell[@]}"
fi
note "$what Leave: exit, Ctrl-D"
((10#$chapter < 5 || 10#$chapter >= 10)) || note "It cannot control the terminal, and says so; from chapter 10 on it can."
# What somebody typed last is no failure of this command; that there was no container is one.
"${launcher[@]}" "${flags[@]}" -- "${shell[@]}" && status=0 || status=$?
[ "$status" -ne 125 ] || exit 125
