#!/usr/bin/env bats
# bats file_tags=chapter:10
# Chapter 10: init, terminal, environment, and programs that need more than themselves.

load support/promise

setup() {
  launcher=$build/chapter-10
  root=$(readlink -f "$project/build/root")
}

# can [FLAG...] -- COMMAND...: in a container on the busybox root.
can() { limited "$launcher" -m "$root" "$@"; }

# caller [STEP...] -- [FLAG...] -- COMMAND...: the same, by a person at a terminal (tests/probe/caller.cpp).
caller() {
  local steps=()
  while [ "$1" != -- ]; do
    steps+=("$1")
    shift
  done
  shift
  limited "$build/probe" caller "${steps[@]}" -- "$launcher" -m "$root" -a "$build/probe:/probe:ro" "$@"
}

@test "EX-02-PROC no process inside holds the caller's secrets" { promise EX-02-PROC; }
@test "EX-ARGV the launcher's arguments are not shown inside" { promise EX-ARGV; }
@test "MNT-05 no --workdir leads to the host" { promise MNT-05; }
@test "PTY-01 nothing can be typed into the caller's terminal" { promise PTY-01; }
@test "PTY-TTY /dev/tty is not the caller's terminal" { promise PTY-TTY; }
@test "PTY-03 no symlink in the place of the console is followed" { promise PTY-03; }
@test "PTY-04 orphans leave no zombies" { promise PTY-04; }
@test "PTY-05-DEAF when the launcher is killed, the command dies even if it asked not to" { promise PTY-05-DEAF; }
@test "PTY-06 SIGTERM ends a command that has no handler for it" { promise PTY-06; }
@test "RES-18 with --timeout nothing outlives that time" { promise RES-18; }
@test "PTY-06-DEAF a command that ignores SIGTERM is killed after --stop-timeout" { promise PTY-06-DEAF; }
@test "PTY-08 no control byte reaches the operator's terminal" { promise PTY-08; }
@test "PTY-09 what one container holds keeps no other of its ids from starting on a terminal" { promise PTY-09; }

# Init.

@test "process 1 is a small init, and the command is its child, each in a session of its own" {
  run -0 can -- sh -c 'for pid in 1 2; do cut -d" " -f1,2,4,5,6 /proc/$pid/stat; done'
  assert_output "$(printf '1 (init) 0 1 1\n2 (sh) 1 2 2')"
}

# look_at_init: starts a container, and sets init to the pid of its process 1 as the host sees it.
look_at_init() {
  coproc inner { exec timeout -k 1 "$((10 * patience))" "$launcher" -m "$root" -- sh -c 'echo ready; read -r _'; }
  pid=$inner_PID
  read -rt $((5 * patience)) line <&"${inner[0]}"
  init=$(pgrep -P "$(pgrep -P "$pid")")
}

@test "init holds no descriptor but 2, and nothing of the launcher's memory that /proc shows" {
  export SECRET_TOKEN=sesame
  look_at_init
  run -0 ls "/proc/$init/fd"
  assert_output 2
  run -0 tr -d '\0' <"/proc/$init/cmdline"
  assert_output init
  run -0 tr -d '\0' <"/proc/$init/environ"
  assert_output ''
  run -0 cat "/proc/$init/comm"
  assert_output init
  echo >&"${inner[1]}"
  wait "$pid"
}

@test "process 1 cannot be looked into from inside" {
  run can -- cat /proc/1/environ
  assert_output --partial 'Permission denied'
  # Where no change of user has done it by the way.
  run can --share user -- cat /proc/1/environ
  assert_output --partial 'Permission denied'
  run can -- ls /proc/1/fd
  assert_output --partial 'Permission denied'
  run can -- ls /proc/1/root/
  assert_output --partial 'Permission denied'
  run -0 can -- sh -c 'tr -d "\0" </proc/1/cmdline; ps -o pid,comm | head -2'
  assert_output --partial init
}

@test "R13 the status is the command's, through init" {
  local status
  for status in 0 1 2 77 125 255; do
    run "-$status" can -- sh -c "exit $status"
  done
  # An orphan's is not.
  run -5 can --tmp -- sh -c '(sh -c "echo \$\$ >/tmp/pid; exit 9" &); until [ -s /tmp/pid ] && [ ! -d "/proc/$(cat /tmp/pid)" ]; do :; done; exit 5'
  run -143 can -- sh -c 'kill -TERM $$'
  run -137 can -- sh -c 'kill -KILL $$'
}

@test "--help has a part for each chapter, in order, and a line that can be typed" {
  run -0 "$launcher" --help
  assert_equal "$(grep -oE '^[A-Z].*\(chapter [0-9]+\)[:;]' <<<"$output" | grep -oE '[0-9]+' | tr '\n' ' ')" '02 03 04 05 06 07 08 09 10 10 10 10 '
  assert_line "Example: chapter-10 -m build/root -- sh -c 'echo hello; pwd'"
}

@test "a long help on a full disk: what is known of the failure is said, and no more" {
  run -125 bash -c '"$@" >/dev/full' bash "$launcher" --help
  assert_output --regexp 'write standard output: (ENOSPC|not all of it went out; the disk may be full)'
}

@test "a missing command is still 127, one that cannot be executed 126" {
  run --separate-stderr -127 can -- no-such-command
  assert_equal "$output" ''
  assert_regex "$stderr" 'no such command in the container'
  run -126 can -- /etc/motd
  assert_output --partial EACCES
}

@test "every signal that people send reaches the command, through init" {
  local signal
  for signal in HUP INT QUIT TERM USR1 USR2 WINCH CONT; do
    coproc inner { exec timeout -k 1 "$((10 * patience))" env --default-signal "$launcher" -m "$root" -- sh -c 'trap "echo got; exit 42" "$0"; echo ready; while :; do read -rt 0.1 _ </dev/zero; done' "$signal"; }
    read -rt $((5 * patience)) line <&"${inner[0]}"
    pid=$inner_PID
    kill -s "$signal" "$(pgrep -P "$pid")"
    read -rt $((5 * patience)) line <&"${inner[0]}"
    assert_equal "$signal $line" "$signal got"
    wait "$pid" && status=0 || status=$?
    assert_equal "$signal $status" "$signal 42"
  done
}

@test "so do all others, real-time ones too" {
  local -a numbers
  mapfile -t numbers < <(people_send)
  coproc inner { exec timeout -k 1 "$((10 * patience))" env --default-signal "$launcher" -m "$root" -- sh -c 'for n; do trap "echo $n" "$n"; done; trap "exit 42" TERM; echo ready; while :; do read -rt 0.1 _ </dev/zero; done' sh "${numbers[@]}"; }
  pid=$inner_PID
  read -rt $((5 * patience)) line <&"${inner[0]}"
  each_arrives "$(pgrep -P "$pid")" "${inner[0]}" "${numbers[@]}"
}

@test "a kernel that refuses init its calls ends the container, with a word and a status" {
  command -v strace >/dev/null || skip 'strace is not installed'
  local call
  for call in rt_sigtimedwait wait4; do
    # With strace, the launcher is to end too. And a hang is no slow machine here, but the fault.
    run -125 timeout -k 1 "$((10 * patience))" strace -f -qq -o /dev/null -e trace="$call" -e inject="$call":error=EPERM setpriv --pdeathsig KILL "$launcher" -m "$root" -- true
    assert_output --regexp 'init cannot go on: .*EPERM'
  done
}

@test "init's memory is wiped whatever /proc says, and whatever the arguments and the environment are" {
  local fake=$BATS_TEST_TMPDIR/proc
  mkdir -p "$fake/self"
  head -c 20000000 /dev/zero >"$fake/self/cmdline"
  run limited "$launcher" -m "$root" -a "$fake:/proc:ro" -- true
  assert_regex "$status" '^(0|2|125)$'
  if command -v strace >/dev/null; then
    run -0 limited strace -f -qq -e trace=openat,openat2 "$launcher" -m "$root" -- true
    refute_output --partial /proc/self/cmdline
  fi
  local long
  printf -v long '%090000d' 0
  run -0 limited env -i "$launcher" -m "$root" -- sh -c 'tr -d "\0" </proc/1/cmdline; wc -c </proc/1/cmdline; : "$0"' "$long"
  assert_output --regexp '^init90[0-9]{3}$'
}

@test "a signal that init gets from inside goes to the command" {
  run -42 can -- sh -c 'trap "exit 42" TERM; kill -TERM 1; while :; do read -rt 0.1 _ </dev/zero; done'
}

@test "where no second process can be made, nothing runs" {
  command -v strace >/dev/null || skip 'strace is not installed'
  # The launcher's own call is clone3; fork of the C library is clone.
  run -125 limited strace -f -qq -o /dev/null -e trace=clone -e inject=clone:error=EAGAIN "$launcher" -m "$root" -- echo RAN
  refute_output --partial RAN
  assert_output --partial 'fork the command: EAGAIN'
}

@test "init cannot be killed or stopped from inside" {
  run -0 can -- sh -c 'kill -KILL 1; kill -STOP 1; echo alive'
  assert_output alive
}

@test "when the command ends, what it left running ends too" {
  local marker=31.$RANDOM$RANDOM
  run -0 can -- sh -c "(sleep $marker &) ; true"
  run -1 pgrep -f "^sleep $marker"
}

@test "--timeout kills with everything, says so, and leaves alone what ends before" {
  local marker=31.$RANDOM$RANDOM
  run -137 can --timeout 1 -- sh -c "(trap '' TERM; sleep $marker) & sleep $marker"
  assert_output --partial 'not ended after 1 s (--timeout): killed'
  run -1 pgrep -fx "sleep $marker"
  run -3 can --timeout 60 -- sh -c 'exit 3'
  assert_output ''
}

@test "--stop-timeout 0 kills at once" {
  run -137 caller expect:holding kill:15 -- --stop-timeout 0 -- /probe hold-on
  assert_output --partial 'not stopped 0 s after SIGTERM: killed'
}

@test "a second SIGTERM does not begin the time anew" {
  run -137 caller expect:holding kill:15 rest:2000 kill:15 unread:2500 -- --stop-timeout 3 -- /probe hold-on
}

@test "SIGINT starts no timer: Ctrl-C is a word to the program" {
  run -0 caller expect:ready kill:2 expect:again -- --stop-timeout 0 -- sh -c 'trap "echo again; exit 0" INT; echo ready; while :; do read -rt 0.1 _ </dev/zero; done'
}

@test "the pid namespace cannot be shared: init would not be process 1" {
  run -2 can --share pid -- true
}

# Terminal.

@test "-t: what -a would put in the place of /dev/console is refused; without -t it is put there" {
  run -125 caller -- -t -a /etc/passwd:/dev/console:ro -- true
  assert_output --partial "EBUSY (Device or resource busy): with -t it is the terminal"
  run -0 can -a /etc/passwd:/dev/console:ro -- grep -c ^root: /dev/console
}

@test "-t: a terminal of its own, with the caller's size, and as /dev/console" {
  run -0 caller -- -t -- sh -c 'tty; stty size; stat -c %t /dev/console; echo seen >/dev/console; ls /dev/pts; [ -t 0 ] && [ -t 1 ] && [ -t 2 ] && echo three; : </dev/tty && echo controlling'
  assert_output "$(printf '/dev/pts/0\r\n24 80\r\n88\r\nseen\r\n0     ptmx\r\nthree\r\ncontrolling\r\n\ntyped: 0 bytes\nmodes: same')"
}

@test "-t: the session leader is the command, and job control works" {
  run -0 caller 'expect:# ' $'send:cut -d" " -f1,5,6,8 /proc/$$/stat\r' 'expect:2 2 2 3' $'send:sleep 50 & jobs; kill %1\r' 'expect:Running' $'send:exit 0\r' -- -t -- sh
}

@test "-t: the terminal belongs to the user that -u names" {
  run -0 caller -- -t -u 1000 -- sh -c 'stat -c %u:%g /dev/pts/0; echo again >/dev/tty; echo console >/dev/console; echo $HOME'
  assert_output --partial "$(printf '1000:5\r\nagain\r\nconsole\r\n/\r\n')"
}

@test "-t: the window size follows" {
  run -0 caller expect:24 size:40x100 'expect:now 40 100' -- -t -- sh -c 'trap "echo now \$(stty size); exit 0" WINCH; stty size; while :; do read -rt 0.1 _ </dev/zero; done'
}

@test "-t: Ctrl-C is typed to the command, not to the launcher" {
  run -0 caller expect:ready $'send:\x03' expect:interrupted -- -t -- sh -c 'trap "echo interrupted; exit 0" INT; echo ready; while :; do read -rt 0.1 _ </dev/zero; done'
}

@test "-t: the caller's terminal is raw while it runs" {
  run -0 caller expect:holding 'send:x' -- -t -- sh -c "stty raw -echo; echo holding; timeout $((3 * patience)) dd bs=1 count=1 2>/dev/null"
  assert_output --partial x
}

@test "-t: the modes are restored however it ends" {
  local signal
  run -7 caller -- -t -- sh -c 'exit 7'
  assert_output --partial 'modes: same'
  run -127 caller -- -t -- no-such-command
  assert_output --partial 'modes: same'
  assert_output --partial 'ENOENT'
  run -125 caller -- -t --workdir /no/such -- true
  assert_output --partial 'modes: same'
  for signal in 1 2 3 10 12 14 15 24 26 29 34 64; do
    run caller expect:holding kill:"$signal" -- -t -- /probe hold
    assert_equal "$status" "$((128 + signal))"
    assert_output --partial 'modes: same'
  done
}

@test "-t: after a stop and a continue the terminal is raw again" {
  run -0 caller expect:holding modes kill:18 send:x -- -t -- sh -c "stty raw -echo; echo holding; timeout $((3 * patience)) dd bs=1 count=1 2>/dev/null"
  assert_output --partial 'modes: same'
}

@test "-t: a continue without a stop changes nothing" {
  run -0 caller expect:holding kill:18 rest:200 kill:18 send:x -- -t -- sh -c "stty raw -echo; echo holding; timeout $((3 * patience)) dd bs=1 count=1 2>/dev/null"
  assert_output --partial 'modes: same'
}

@test "-t: the terminal inside begins with the modes of the caller's" {
  printf '#!/bin/bash\nstty erase "#"\nexec %q -m %q -t -- stty -a\n' "$launcher" "$root" >"$BATS_TEST_TMPDIR/script"
  run -0 limited "$build/probe" caller -- /bin/bash "$BATS_TEST_TMPDIR/script"
  assert_output --partial 'erase = #'
}

@test "-t: after SIGKILL of the launcher nothing runs, and the terminal needs stty sane" {
  run -137 caller expect:holding kill:9 -- -t -- /probe hold
  assert_output --partial 'modes: changed'
}

@test "-t: no output is lost at the end" {
  run -0 caller -- -t -- sh -c 'i=0; while [ $i -lt 3000 ]; do echo "line $i of the long output"; i=$((i + 1)); done; echo last line'
  assert_output --partial 'last line'
  assert_equal "$(grep -c 'of the long output' <<<"$output")" 3000
}

@test "-t: what came last is shown, also if the launcher comes to it late" {
  # More than the launcher reads at once, and less than a terminal holds: the command has ended by then.
  run -0 caller expect:ready kill:19 rest:600 kill:18 -- -t -- sh -c 'echo ready; sleep 0.3; head -c 6000 /dev/zero | tr "\\0" y; echo last'
  assert_output --partial last
}

@test "who reads slowly, and a terminal that does not block, get every line once and in order, with -t and without" {
  local flag script=$BATS_TEST_TMPDIR/script begin=exec
  ! command -v perl >/dev/null || begin="exec perl -MFcntl -e 'fcntl(STDOUT, F_SETFL, O_RDWR | O_NONBLOCK); exec @ARGV'"
  for flag in '' -t; do
    printf '#!/bin/bash\n%s %q -m %q %s -- sh -c "echo ready; seq 9000"\n' "$begin" "$launcher" "$root" "$flag" >"$script"
    run -0 limited "$build/probe" caller expect:ready rest:1000 -- /bin/bash "$script"
    assert_equal "$(tr -d '\r' <<<"$output" | grep -xE '[0-9]+')" "$(seq 9000)"
  done
}

@test "without -t what came last is shown, also if the launcher comes to it late" {
  run -0 caller expect:ready kill:19 rest:600 kill:18 -- -- sh -c 'echo ready; sleep 0.3; seq 9000; echo last'
  assert_output --partial last
  assert_equal "$(tr -d '\r' <<<"$output" | grep -xE '[0-9]+')" "$(seq 9000)"
}

@test "-t: what is typed while the command does not read waits for it, every byte" {
  run -0 caller expect:ready fill expect:got -- -t -- sh -c 'stty raw -echo; echo ready; sleep 0.5; echo got$(timeout 1 cat | wc -c)'
  assert_equal "$(grep -oE 'got[0-9]+' <<<"$output")" "got$(sed -n 's/^filled: //p' <<<"$output" | tr -d '\r')"
}

@test "-t: who reads the launcher's output no more ends it, as any program" {
  local script=$BATS_TEST_TMPDIR/script
  printf '#!/bin/bash\nset -o pipefail\n%q -m %q -t -- sh -c "echo one; exec yes" | head -n 1\n' "$launcher" "$root" >"$script"
  run -141 limited "$build/probe" caller -- /bin/bash "$script"
  assert_output --partial one
  assert_output --partial 'modes: same'
}

@test "without -t a caller who has set single keys for the command has them read by it" {
  local script=$BATS_TEST_TMPDIR/script
  printf '#!/bin/bash\nstty -icanon -echo\n%q -m %q -- sh -c "echo ready; dd bs=1 count=1 2>/dev/null; echo got"\nstty sane\n' "$launcher" "$root" >"$script"
  run -0 limited "$build/probe" caller expect:ready send:k expect:kgot -- /bin/bash "$script"
}

@test "-t: a command that does not read keeps the launcher from nothing" {
  run -0 caller expect:ready fill kill:10 expect:heard -- -t -- sh -c 'stty raw -echo; trap "echo heard; exit 0" USR1; echo ready; while :; do read -rt 0.1 _ </dev/zero; done'
}

@test "-t: the launcher's own messages end their lines as a raw terminal needs it" {
  run -137 caller expect:holding kill:15 -- -t --stop-timeout 0 -- /probe hold-on
  assert_output --partial $'killed\r\n'
}

@test "a terminal that nobody reads keeps nobody from stopping the launcher, with -t and without" {
  local flag
  for flag in '' -t; do
    # shellcheck disable=SC2086  # a word or none
    run -143 caller expect:ready rest:200 kill:15 unread:3000 -- --stop-timeout 1 $flag -- sh -c 'echo ready; exec yes'
  done
  # What comes after the command has ended is for the launcher.
  run -130 caller expect:ready rest:800 kill:2 unread:2000 -- -- sh -c 'echo ready; sleep 0.3; head -c 30000 /dev/zero | tr "\\0" y'
  # But a new size of the window ends nobody, and loses nothing.
  run -0 caller expect:ready rest:800 size:30x90 rest:200 expect:end -- -- sh -c 'echo ready; sleep 0.3; head -c 30000 /dev/zero | tr "\\0" y; echo end'
  # Nor does SIGCONT, which only ever wakes.
  run -0 caller expect:ready rest:800 kill:18 rest:200 expect:end -- -- sh -c 'echo ready; sleep 0.3; head -c 30000 /dev/zero | tr "\\0" y; echo end'
}

@test "standard error that nobody reads keeps no message, and nobody, for long" {
  mkfifo "$BATS_TEST_TMPDIR/full"
  exec 9<>"$BATS_TEST_TMPDIR/full"
  dd if=/dev/zero of=/proc/self/fd/9 bs=4096 count=16 oflag=nonblock status=none
  run -125 bash -c 'exec timeout -k 1 "$0" "$@" 2>&9' "$((5 * patience))" "$launcher" -m "$root" --workdir /no/such -- true
  exec 9<&-
}

@test "SIGTERM and its timeout count before the command has begun, too" {
  command -v strace >/dev/null || skip 'strace is not installed'
  timeout -k 1 10 strace -f -qq -o /dev/null -e trace=sethostname -e inject=sethostname:delay_enter=8000000 \
    "$launcher" -m "$root" --hostname slow --stop-timeout 0 -- echo RAN >"$BATS_TEST_TMPDIR/output" 2>&1 3>&- &
  pid=$!
  # The child is there, not only the guard.
  until child=$(pgrep -nf "^$launcher -m $root --hostname slow") && uts=$(readlink "/proc/$child/ns/uts") &&
    [ "$uts" != "$(readlink /proc/self/ns/uts)" ]; do :; done
  kill -TERM "$(pgrep -of "^$launcher -m $root --hostname slow")"
  wait "$pid" && status=0 || status=$?
  run -0 cat "$BATS_TEST_TMPDIR/output"
  assert_output --partial 'not stopped 0 s after SIGTERM: killed'
  refute_output --partial RAN
}

@test "-t without a terminal on standard input is refused" {
  run --separate-stderr -125 can -t -- echo RAN </dev/null
  assert_equal "$output" ''
  assert_regex "$stderr" 'ENOTTY .*leave it out'
}

@test "-t with output into a pipe: the output goes there" {
  script=$BATS_TEST_TMPDIR/script
  printf '#!/bin/bash\n%q -m %q -t -- sh -c "tty; echo through" | tr a-z A-Z\n' "$launcher" "$root" >"$script"
  run -0 limited "$build/probe" caller -- /bin/bash "$script"
  assert_output --partial '/DEV/PTS/0'
  assert_output --partial THROUGH
}

@test "without -t a terminal is stood in for by pipes, in order, and input ends" {
  run -0 caller 'send:typed
' $'send:\x04' -- -- sh -c 'for fd in 0 1 2; do test ! -t $fd || echo "terminal: $fd"; done; tty; cat; echo one; echo two >&2; echo three; echo four >&2'
  refute_output --partial 'terminal: '
  assert_output --partial 'not a tty'
  assert_output --regexp 'typed.*one.*two.*three.*four'
}

@test "without -t what is written to output and to errors arrives in the order in which it was written" {
  run -0 caller -- -- sh -c 'i=0; while [ $i -lt 300 ]; do echo "$i"; echo "$((i + 1))" >&2; i=$((i + 2)); done'
  assert_equal "$(grep -E '^[0-9]+' <<<"$output" | tr -d '\r')" "$(seq 0 299)"
}

@test "without -t the pipes belong to the user that -u names" {
  run -0 caller -- -u 1000 -- sh -c 'echo out >/dev/stdout; echo err >/dev/stderr'
  assert_output --regexp 'out.*err'
}

@test "without -t the pipes count for who starts it: what a neighbour of the same ids holds makes none of them small" {
  local i line
  coproc inner { exec timeout -k 1 "$((20 * patience))" "$launcher" -m "$root" -a "$build/probe:/probe:ro" -- /probe fill-pipes 1600; }
  pid=$inner_PID
  for i in {1..4}; do read -rt $((5 * patience)) line <&"${inner[0]}"; done
  run -0 caller -- -- /probe pipe-sizes
  kill -KILL "$(pgrep -P "$pid")"
  wait "$pid" || true
  # The control: inside, a new pipe is small by now.
  [[ $output != *'new: 65536'* ]] || skip "the kernel has no limit on a user's pipes, or does not keep it"
  assert_output --regexp 'output: 65536, new: (4096|8192)'
}

@test "without -t Ctrl-C reaches the command: it hears what the terminal sends to the launcher" {
  run -0 caller expect:ready $'send:\x03' expect:interrupted -- -- sh -c 'trap "echo interrupted; exit 0" INT; echo ready; for _ in $(seq "$0"); do read -rt 0.1 _ </dev/zero; done' $((30 * patience))
}

# shell [STEP...]: a person at a shell with job control, which is waiting for a line again at the end; $can in what
# is typed starts a container.
shell() {
  can="$launcher -m $root --" PS1='P> ' TERM=dumb HISTFILE='' timeout -k 1 "$((12 * patience))" "$build/probe" caller 'expect:P> ' "$@" 'expect:P> ' $'send:exit 0\r' -- \
    "$(type -P bash)" --norc --noprofile -i
}

@test "without -t in the background it runs on when somebody types, and what is typed is the shell's" {
  run -0 shell $'send:$can sh -c "echo rea\'\'dy; sleep 1.5; echo do\'\'ne" &\r' expect:ready $'send:read -r line; echo "got<$line>"\r' rest:500 $'send:mine\r' 'expect:got<mine>' $'send:jobs\r' expect:Running expect:done $'send:\r'
}

@test "without -t nothing is taken from the terminal but the line that the command reads, and one ahead" {
  run -0 shell $'send:$can sh -c "echo rea\'\'dy; sleep 0.3"\r' expect:ready $'send:ahead\r' $'send:echo ke""pt\r' expect:kept
  # Nor that one, if the command has closed its input.
  run -0 shell $'send:$can sh -c "exec <&-; echo rea\'\'dy; sleep 0.3"\r' expect:ready $'send:echo ke""pt\r' expect:kept
  run -0 shell $'send:$can sh -c "echo rea\'\'dy; head -n 2"\r' expect:ready $'send:one\r' $'send:two\r' 'expect:P> ' $'send:echo ke""pt\r' expect:kept
}

@test "without -t another program at the terminal gets the keys that it reads" {
  # It does not yet read when they come: who takes what is not its own has the time for it.
  run -0 shell $'send:$can sh -c "echo rea\'\'dy >&2; sleep 2" | { sleep 0.4; stty -icanon -echo </dev/tty; echo no""w; sleep 0.5; k=$(dd bs=1 count=5 2>/dev/null </dev/tty); stty icanon echo </dev/tty; echo "got<$k>"; }\r' expect:now send:keys! 'expect:got<keys!>'
}

@test "without -t output and errors that go to two terminals stay apart" {
  local script=$BATS_TEST_TMPDIR/script inner
  inner="exec $(printf '%q ' "$launcher" -m "$root" -- sh -c 'echo to-output; echo to-errors >&2') 2>&3"
  printf '#!/bin/bash\nexec 3>&1\n%q caller -- /bin/bash -c %q >%q\n' "$build/probe" "$inner" "$BATS_TEST_TMPDIR/output" >"$script"
  run -0 limited "$build/probe" caller -- /bin/bash "$script"
  assert_output --partial to-errors
  refute_output --partial to-output
  run -0 cat "$BATS_TEST_TMPDIR/output"
  assert_output --partial to-output
  refute_output --partial to-errors
}

@test "without -t no terminal reaches the command, wherever the others of 0, 1, 2 lead" {
  local script=$BATS_TEST_TMPDIR/script where
  for where in '' '</dev/null' '>/dev/null' '2>/dev/null' '| cat' '</dev/null | cat' '2>&1 | cat'; do
    printf '#!/bin/bash\nset -o pipefail\n%q -m %q -- sh -c "for fd in 0 1 2; do ! test -t \\$fd || exit 9; done" %s\n' "$launcher" "$root" "$where" >"$script"
    run -0 limited "$build/probe" caller -- /bin/bash "$script"
  done
}

# The shell says "Stopped" of the launcher; a "fg" that init sees at once with the stop takes that back, and stops nobody.
@test "without -t after Ctrl-Z and fg all goes on that the command has started in its group" {
  run -0 shell $'send:$can sh -c "(echo rea\'\'dy; sleep 3; echo chi\'\'ld) & wait; echo do\'\'ne"\r' expect:ready $'send:\x1a' expect:Stopped rest:$((500 * patience)) $'send:fg\r' expect:child expect:done
}

@test "without -t Ctrl-C reaches what the command has started in its group" {
  run -0 shell $'send:$can sh -c "trap : INT; (echo rea\'\'dy; exec sleep 60); echo aft\'\'er"\r' expect:ready $'send:\x03' expect:after
}

@test "a stop of a group that no shell would continue stops nobody" {
  run -0 caller expect:t2 kill:20 unread:$((3000 * patience)) -- -- sh -c 'i=0; while [ $i -lt 10 ]; do echo "t$i"; i=$((i + 1)); sleep 0.05; done'
  assert_output --partial t9
}

@test "a file or a pipe stays what it is" {
  run -0 can -- sh -c 'readlink /proc/self/fd/0 | grep -c pipe; cat' < <(echo fed)
  assert_output "$(printf '1\nfed')"
}

# Environment and working directory.

@test "R17 the environment is PATH, HOME, HOSTNAME, and TERM if there is a terminal" {
  run -0 can --hostname my-can -- env
  assert_output "$(printf 'HOME=/root\nHOSTNAME=my-can\nPATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin')"
  local longest
  printf -v longest 'a%.0s' {1..64}
  run -0 can --hostname "${longest:0:62}.a" -- sh -c 'echo "$HOSTNAME"'
  assert_output "${longest:0:62}.a"
  TERM=screen-256color run -0 caller -- -t -- sh -c 'echo $TERM'
  assert_output --partial screen-256color
  TERM=../../etc/passwd run -0 caller -- -t -- sh -c 'echo $TERM'
  assert_output --partial xterm
  refute_output --partial passwd
}

@test "--env sets, passes on, and replaces" {
  FROM_HERE=here run -0 can --env A=1 --env FROM_HERE --env 'B=two words=and more' --env HOME=/var --env EMPTY= -- sh -c 'echo "$A|$FROM_HERE|$B|$HOME|${EMPTY-unset}"'
  assert_output '1|here|two words=and more|/var|'
}

@test "--env-file, its comments, and --env on top of it" {
  printf '# a comment\n\nA=from file\nB="quoted" $HOME\n_C1= blank\n' >"$BATS_TEST_TMPDIR/env"
  run -0 can --env-file "$BATS_TEST_TMPDIR/env" --env A=line -- sh -c 'echo "$A|$B|$_C1|"'
  assert_output 'line|"quoted" $HOME| blank|'
}

@test "--env-file: what is wrong is named by its line" {
  local text
  while IFS='|' read -r text problem; do
    printf '%b' "$text" >"$BATS_TEST_TMPDIR/env"
    run --separate-stderr -2 can --env-file "$BATS_TEST_TMPDIR/env" -- echo RAN
    assert_equal "$output" ''
    assert_regex "$stderr" "$problem"
  done <<'END'
A=1\nB\n|line 2: there is no '='
1A=1\n|line 1: '1A' is no name
 A=1\n|line 1: ' A' is no name
=1\n|line 1: '' is no name
A=1\nA=2\n|line 2: 'A' is set twice
#\n\nA=1\r\n|line 3: a control byte
A=\033[31m\n|line 1: a control byte
A B=1\n|line 1: 'A B' is no name
END
}

@test "--env-file without end, and none at all" {
  run -125 can --env-file /dev/zero -- echo RAN
  assert_output --partial EFBIG
  run -2 can --env-file /no/such/file -- echo RAN
  assert_output --partial "'/no/such/file': ENOENT"
}

@test "files of the user's are read up to their border, and no byte further" {
  local option border refusal size file=$BATS_TEST_TMPDIR/file
  while read -r option border refusal; do
    case $option in --seccomp) echo 'default allow' ;; *) echo A=1 ;; esac >"$file"
    size=$(stat -c %s "$file")
    head -c $((border - size)) /dev/zero | tr '\0' '#' >>"$file"
    run -0 can "$option" "$file" -- true
    echo >>"$file"
    run "-$refusal" can "$option" "$file" -- true
    assert_output --partial EFBIG
  done <<<$'--seccomp 65536 2\n--env-file 1048576 125'
}

@test "the command is found by the PATH that was set, inside" {
  run -127 can --env PATH=/nowhere -- ls
  run -0 can --env PATH=/bin -- ls /etc/motd
}

@test "--workdir: the command begins there" {
  run -0 can --workdir /etc -- pwd
  assert_output /etc
  run -0 can --workdir /etc/../var -- pwd
  assert_output /var
}

@test "--workdir: what is no directory inside is refused, and nothing is made" {
  local path
  for path in /no/such /etc/motd /usr/bin/../../home/nobody; do
    run --separate-stderr -125 can --workdir "$path" -- echo RAN
    assert_equal "$output" ''
    assert_regex "$stderr" 'enter --workdir'
  done
}

# Real programs.

@test "a dynamic bash runs with the host's libraries shown inside" {
  run -0 can -a /lib:/lib:ro -a /lib64:/lib64:ro -a /usr:/usr:ro -- bash -c 'echo "$BASH_VERSION" "$$"'
  assert_output --regexp '^[0-9.]+.* 2$'
}

@test "a Debian file system, read-only, as the root" {
  local debian=$BATS_TEST_TMPDIR/closed/debian name
  mkdir -m 700 "$BATS_TEST_TMPDIR/closed"
  mkdir -p "$debian"/{dev,proc,sys,tmp,usr,etc,var}
  for name in bin sbin lib lib64; do ln -s "usr/$name" "$debian/$name"; done
  run -0 limited "$launcher" -m "$debian" -a /usr:/usr:ro -a /etc:/etc:ro -a /var:/var:ro --tmp --read-only -- bash -c '. /etc/os-release; echo "$NAME"; dpkg --print-architecture; perl -e "print 6*7, qq(\n)"; ps -o pid= -o comm= | head -2'
  assert_line --index 1 "$(dpkg --print-architecture)"
  assert_line --index 2 42
}

@test "a program whose loader is missing: loader and libraries are named" {
  run --separate-stderr -126 can -a "$(type -P bash):/probe:ro" -- /probe
  assert_equal "$output" ''
  assert_regex "$stderr" 'needs the loader /lib.*/ld-linux.*, which is not in the container'
  assert_regex "$stderr" 'libc\.so\.6'
  assert_regex "$stderr" '-a /lib:/lib:ro'
}

@test "a program whose library is missing: the loader names it" {
  local libraries=$BATS_TEST_TMPDIR/lib64 loader
  loader=$(readlink -e /lib64/ld-linux-x86-64.so.2 || readlink -e /lib/ld-linux-aarch64.so.1)
  mkdir "$libraries"
  cp "$loader" "$libraries/ld-linux-x86-64.so.2"
  cp "$loader" "$libraries/ld-linux-aarch64.so.1"
  local place=/lib64
  [ "$(uname -m)" = x86_64 ] || place=/lib
  run -127 can -a "$libraries:$place:ro" -a "$(type -P bash):/probe:ro" -- /probe
  assert_output --regexp 'lib[a-z]*\.so\.[0-9]+: cannot open shared object file'
}

# in_copy: a root of this test's own, to put programs in.
in_copy() {
  copy=$BATS_TEST_TMPDIR/closed/root
  [ -d "$copy" ] || { mkdir -m 700 "$BATS_TEST_TMPDIR/closed" && cp -a "$root" "$copy"; }
  printf '%b' "$1" >"$copy/bin/program"
  chmod +x "$copy/bin/program"
}

@test "a script whose interpreter is missing: it is named" {
  in_copy '#!/usr/bin/python3 -u\n'
  run -126 limited "$launcher" -m "$copy" -- program
  assert_output --partial 'its first line asks for /usr/bin/python3, which is not in the container'
  in_copy '#!/bin/sh\r\necho\r\n'
  run -126 limited "$launcher" -m "$copy" -- program
  assert_output --partial 'asks for /bin/sh\x0d, which is not'
  assert_output --partial 'carriage return'
}

@test "a script whose interpreter lacks its loader: both are named" {
  in_copy '#!/bin/bash\n'
  cp "$(type -P bash)" "$copy/bin/bash"
  run -126 limited "$launcher" -m "$copy" -- program
  assert_output --partial 'asks for /bin/bash, which is there, but it needs the loader'
}

@test "a program for another kind of machine is called that" {
  in_copy ''
  head -c 64 /bin/busybox | { head -c 18 && printf '\xf3\x00' && tail -c +3; } >"$copy/bin/program"
  run -126 limited "$launcher" -m "$copy" -- program
  assert_output --partial 'another kind of machine: riscv'
}

# looks_up PATH STATUS REGEX: `program` with that PATH, as an ordinary user in the copy.
looks_up() {
  run "-$2" limited "$launcher" -m "$copy" -u 1000 -e "PATH=$1" -- program
  assert_output --regexp "$3"
}

@test "the look-up of a command goes on past what does not run, and says at the end what was there" {
  in_copy '#!/bin/sh\necho ran\n'
  mkdir -p "$copy"/{plain,broken,text,dir/program} && mkdir -m 700 "$copy/closed"
  cp "$copy/bin/program" "$copy/plain" && chmod -x "$copy/plain/program"
  printf '#!/no/such\n' >"$copy/broken/program"
  printf 'echo a shell ran this\n' >"$copy/text/program"
  chmod +x "$copy"/{broken,text}/program
  local before
  for before in plain broken dir closed absent etc/passwd "plain:/broken:/dir:/closed"; do
    looks_up "/$before:/bin" 0 '^ran$'
  done
  looks_up /absent:/plain:/absent 126 'execve /plain/program: EACCES.*: it is not executable'
  looks_up /plain:/broken:/dir 126 'execve /plain/program: EACCES'
  looks_up /absent:/dir 126 'execve /dir/program: EACCES.*: it is a directory'
  looks_up /closed:/absent 126 "execve /closed/program: EACCES.*: it lies behind '/closed', a directory"
  looks_up /broken:/absent 126 'execve /broken/program: ENOENT.* asks for /no/such, which is not'
  looks_up /text:/bin 126 'execve /text/program: ENOEXEC'
  looks_up /absent:/etc/passwd 127 'execve program: ENOENT.*no such command.*PATH is /absent:/etc/passwd'
  looks_up '' 127 'no such command'
  looks_up /absent: 127 'no such command'
  run -0 limited "$launcher" -m "$copy" -w /bin -e PATH=/absent: -- program
  assert_output ran
}

# says ERRNO SENTENCE: of the program in the copy.
says() {
  run -126 limited "$launcher" -m "$copy" -u 1000 -- program
  assert_output --regexp ": $1 .*\): $2"
}

@test "a file system of another machine that fails ends no look-up, and what it said is explained" {
  command -v strace >/dev/null || skip 'strace is not installed'
  local error
  in_copy '#!/bin/sh\necho ran\n'
  local failing=(limited strace -f -qq -o /dev/null -P /usr/program -P /etc/program -e trace=execve)
  printf '#!/bin/sh\n' >"$copy/usr/program" && chmod +x "$copy/usr/program"
  for error in ESTALE ENODEV ETIMEDOUT; do
    run -0 "${failing[@]}" -e inject=execve:error="$error" "$launcher" -m "$copy" -e PATH=/etc:/usr:/bin -- program
    assert_output ran
    run -127 "${failing[@]}" -e inject=execve:error="$error" "$launcher" -m "$copy" -e PATH=/etc -- program
    assert_output --regexp "execve program: $error .*no such command"
    run -126 "${failing[@]}" -e inject=execve:error="$error" "$launcher" -m "$copy" -e PATH=/etc:/usr:/absent -- program
    assert_output --regexp "execve /usr/program: $error .*: .*another machine"
  done
}

@test "what is said of a program that does not run is what was seen" {
  in_copy '\xef\xbb\xbf#!/bin/sh\n' && says ENOEXEC 'a byte order mark .*EF BB BF.* stands before'
  in_copy '#!/etc\n' && says EACCES 'its first line asks for /etc, which is a directory'
  in_copy '#!/etc/passwd\n' && says EACCES 'its first line asks for /etc/passwd, which is not executable'
  in_copy '#!/dev/null\n' && says EACCES 'its first line asks for /dev/null, which is no regular file'
  in_copy '#!/proc/self/status\n' && says EACCES 'its first line asks for /proc/self/status, which lies on a mount .*noexec'
  in_copy "#!/$(printf 'x%.0s' {1..300})\\n" && says ENOEXEC 'its first line has more than 255 bytes'
  in_copy '#!/bin/program\n' && says ELOOP 'it asks for a script|its first line asks for /bin/program, which is there, but'
  ln -sf /no/such "$copy/gone" && ln -sf gone "$copy/chain" && ln -sf round "$copy/round"
  in_copy '#!/gone\n' && says ENOENT "its first line asks for /gone, which is a symlink to '/no/such', which is not there"
  in_copy '#!/chain\n' && says ENOENT "its first line asks for /chain, which is a symlink to 'gone', which is a symlink to '/no/such'"
  in_copy '#!/gone/sh\n' && says ENOENT "its first line asks for /gone/sh, which lies behind '/gone', a symlink to '/no/such'"
  in_copy '#!/round\n' && says ELOOP 'its first line asks for /round, which is a symlink that leads to itself'
  in_copy '#!/etc/passwd/\n' && says ENOTDIR "its first line asks for /etc/passwd/, which goes on behind '/etc/passwd', which is a file"
  in_copy '' && cp "$(type -P bash)" "$copy/bin/program"
  loader=$(readelf -p .interp "$copy/bin/program" | grep -o '/l.*')
  mkdir -p "$copy/${loader%/*}" && ln -s /no/such "$copy$loader"
  says ENOENT "it needs the loader $loader, which is a symlink to '/no/such', which is not there"
  rm "$copy$loader"
  local type word
  for type in '\x01 an.object.file' '\x04 a.core.dump' '\x00 no.program'; do
    word=${type#* }
    in_copy '' && { head -c 16 /bin/busybox && printf '%b\x00' "${type% *}" && tail -c +19 /bin/busybox; } >"$copy/bin/program" && says ENOEXEC "it is $word"
  done
  in_copy '' && { head -c 5 /bin/busybox && printf '\x02' && tail -c +7 /bin/busybox | head -c 10 && printf '\x00\x02\x00\x16' && tail -c +21 /bin/busybox; } >"$copy/bin/program" &&
    says ENOEXEC 'it is for another kind of machine, which writes its numbers'
  in_copy '!<arch>\n' && says ENOEXEC 'it is an archive of object files'
  in_copy '' && says ENOEXEC 'it is empty'
  in_copy 'echo\n' && says ENOEXEC 'it is neither'
  in_copy '#!/bin/sh\n' && chmod 700 "$copy/bin/program" && says EACCES 'it may not be executed by this user'
  in_copy '#!/bin/sh\n' && chmod 0 "$copy/bin/program" && says EACCES 'it is not executable'
  printf 'A=%0140000d\n' 0 >"$BATS_TEST_TMPDIR/variables"
  in_copy '#!/no/such\n' && run -126 limited "$launcher" -m "$copy" --env-file "$BATS_TEST_TMPDIR/variables" -- program
  assert_output --regexp ': E2BIG .*\): its arguments and environment are too long'
  in_copy '' && chmod 755 "$copy/bin/program" && head -c 80 /bin/busybox >"$copy/bin/program" && says ENOEXEC 'it is cut off'
}

@test "a program that demands capabilities out of reach is called that" {
  command -v setcap >/dev/null || skip 'setcap is not installed'
  in_copy ''
  cp /bin/busybox "$copy/bin/program"
  setcap cap_sys_time+ep "$copy/bin/program"
  says EPERM 'the file demands capabilities .*CAP_SYS_TIME; --cap-add'
}

@test "R19 -c keeps quoted words together" {
  run -0 limited "$launcher" -m "$root" -c 'sh -c "echo \"a  b\" $0" c'
  assert_output 'a  b c'
}

# The table of bad input, and the order of steps.

@test "the borders of what each option takes are taken" {
  local words
  while read -ra words; do
    run -0 can "${words[@]}" -- true
  done <<END
--memory 16384G --pids 4194304 --cpu-weight 10000 --fsize 16384G --cpu-time 31536000
--cpu-weight 1 --cpus 0.01 --nofile 32 --cpu-time 1 --shm-size 4096 --tmp-size 4K
--cpus $(nproc) --fsize 1 --stop-timeout 86400 --timeout 31536000
--stop-timeout 0 --timeout 1 -u 65535:65535
--map 0:4294901759:65535 --env A= --workdir /
END
  # Whether a start fits into the least memory hangs on the processors: the kernel charges some ahead for each.
  run can --memory 512K -- true
  [ "$status" -eq 0 ] || assert_output --partial 'killed by the kernel for memory'
  # The least number of processes is taken, and is too few here: init is one.
  run -125 can --pids 1 -- true
  assert_output --partial 'fork the command: EAGAIN'
}

@test "options by two: good together, or refused with a reason" {
  command -v python3 >/dev/null || skip 'python3 is not installed'
  run timeout -k 2 900 "$build/hostile" -- "$(type -P python3)" "$project/tests/pairs/run" "$build"
  echo "# ${lines[-1]}" >&3
  assert_equal "$status" 0
}

@test "bad input is refused, each with its status and its message, and nothing runs" {
  run -0 "$project/tests/support/bad-input" "$launcher" "$root"
}

# acts_in CHAPTER OPTION...: with these options `true` runs there.
acts_in() {
  container "$1" "${@:2}" -- true
  run -0 limited "${container_argv[@]}"
}

@test "hands that come from Docker, bubblewrap, nspawn get a sentence that gets them on" {
  local number
  for number in 05 07 10; do
    [ -x "$build/chapter-$number" ] || continue
    run -0 "$project/tests/support/bad-input" "$build/chapter-$number" "$root" coming-from.tsv
  done
}

@test "so do those who begin with the first chapters, which have few options yet" {
  local number words input
  for number in 02 03 04; do
    while IFS='#' read -r words input; do
      # shellcheck disable=SC2086  # words
      run limited "$build/chapter-$number" $input -- true
      assert_equal "$number $input: $status" "$number $input: 2"
      assert_output --regexp "$words"
    done <<END
no subcommands: #run -it --rm debian:12 sh
images are not fetched#debian:12 sh
-m names the root directory, and the command goes after --#$root ls
no ports are published#-p 80:80
the host name inside is --hostname web#--name web
-t?i?: .*use chapter-(03|10) or later#-ti
-eA: .*use chapter-10 or later#-eA=b
-w/srv: .*use chapter-10 or later#-w/srv
a limit on memory is --memory 512m#-m 512m
Docker's --mount is another option here: say -a /a:/b#--mount type=bind,source=/a,target=/b
END
  done
}

@test "what Docker calls -v -e -w -i --rm --cap-drop=all --memory 512m acts as it does there" {
  local number
  for number in $(running_chapters); do
    acts_in "$number" -i --rm --interactive
    ! has_root "$number" || acts_in "$number" -v /etc:/mnt:rw
  done
  run -0 can -i --rm --cap-drop=all --memory 512m -w /etc -e A=b -v "$project/docs:/mnt:ro" -- sh -c 'echo "$PWD $A"; ls /mnt/limits.md; ! touch /mnt/x 2>/dev/null; grep CapEff /proc/self/status'
  assert_output $'/etc b\n/mnt/limits.md\nCapEff:\t0000000000000000'
}

@test "a start takes its steps in the order that docs/order.md gives" {
  command -v strace >/dev/null || skip 'strace is not installed'
  run -0 "$project/tests/support/check-order" "$launcher" "$root"
}

# --- a filter that init can live under ---

# calls_after_the_filter: the names of all calls that a start makes once the filter is loaded, seen by
# strace(1): those of init to its end, and those of the command's process up to its execve.
calls_after_the_filter() {
  local traces=$BATS_TEST_TMPDIR/trace
  limited strace -ff -qq -o "$traces" "$launcher" -m "$root" -- \
    sh -c 'trap "exit 3" TERM; kill -TERM 1; while :; do sleep 0.05; done' >&2 || (($? == 3)) || return 1
  {
    sed '1,/^seccomp(SECCOMP_SET_MODE_FILTER/d' "$(grep -l '^seccomp(SECCOMP_SET_MODE_FILTER' "$traces".*)"
    sed -n '1,/^execve(/p' "$(grep -lE '^setsid\(\) += 2$' "$traces".*)"
  } | sed -nE 's/^([a-z0-9_]+)\(.*/\1/p' | sort -u
}

# with_rules RULE...: status and output of a start with that policy. It never hangs.
with_rules() {
  printf '%s\n' "$@" >"$BATS_TEST_TMPDIR/policy"
  run can --seccomp "$BATS_TEST_TMPDIR/policy" -- echo RAN
  ((status != 124 && status != 137)) || fail "a start under '$*' hangs"
}

@test "--seccomp FILE: no call of the start can be forbidden and leave it hanging" {
  command -v strace >/dev/null || skip 'strace is not installed'
  local call calls action
  calls=$(calls_after_the_filter)
  # These are refused before there is a child; and that they are all there says that the trace is whole.
  for call in clone close close_range execve exit_group kill prctl recvfrom rt_sigaction rt_sigprocmask rt_sigtimedwait sendmsg setsid wait4; do
    run -0 grep -x "$call" <<<"$calls"
    for action in EPERM ENOSYS kill; do
      with_rules 'default allow' "$call $action"
      assert_equal "$status" 2
      assert_output --partial "forbids '$call'"
    done
  done
  # Whatever else is called: the start goes on without it, or says that it failed.
  for call in $calls; do
    with_rules 'default allow' "$call ENOSYS"
    [ "$output" = RAN ] || [[ $status = 125 && $output = *ENOSYS* ]] || [[ $status = 2 && $output = *"forbids '$call'"* ]] ||
      fail "$call: $status $output"
    with_rules 'default allow' "$call kill"
    refute_output --partial RAN
  done
}

@test "--seccomp FILE: nor forbidden for just the arguments that init gives it" {
  local rule
  for rule in 'rt_sigtimedwait EINTR if arg3 == 8' 'rt_sigtimedwait EAGAIN if arg2 == 0' 'wait4 EINTR if arg2 == 1' 'wait4 EPERM if arg0 == 0xffffffff'; do
    with_rules 'default allow' "$rule"
    assert_equal "$status" 2
    assert_output --partial "forbids '${rule%% *}'"
  done
}

@test "--seccomp FILE: nothing else is needed" {
  command -v strace >/dev/null || skip 'strace is not installed'
  local calls rules=('default kill')
  mapfile -t calls < <(calls_after_the_filter)
  rules+=("${calls[@]/%/ allow}")
  with_rules "${rules[@]}"
  assert_equal "$status" 159
  refute_output --partial forbids
}

@test "--seccomp FILE: what init needs cannot be forbidden by its arguments either" {
  local rule
  for rule in 'clone EPERM if arg0 & 0x200000 == 0x200000' 'clone EPERM if arg0 & 0x7e020000 == 0' 'prctl kill if arg0 == 15' \
    'prctl EPERM if arg0 == 4 and arg1 == 0'; do
    with_rules 'default allow' "$rule"
    assert_equal "$status" 2
    assert_output --partial "forbids '${rule%% *}'"
  done
  for rule in 'clone EPERM if arg0 & 0x10000000 == 0x10000000' 'prctl EPERM if arg0 == 22' 'wait4 EPERM if arg2 == 0' 'kill EPERM if arg1 == 9'; do
    with_rules 'default allow' "$rule"
    assert_output RAN
  done
}
