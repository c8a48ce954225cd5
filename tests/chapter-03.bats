#!/usr/bin/env bats
# bats file_tags=chapter:03
# Chapter 03: a command in a child, with a clean start.

load support/promise

setup() { launcher=$build/chapter-03; }
teardown() {
  once_more_if_slow
  [ -z "${pid:-}" ] || kill -9 "$pid" 2>/dev/null || true
}

# start COMMAND...: in the background, its output into a pipe; returns when it has written a line.
start() {
  mkfifo "$BATS_TEST_TMPDIR/pipe"
  "$@" >"$BATS_TEST_TMPDIR/pipe" 3>&- &
  pid=$!
  exec 8<"$BATS_TEST_TMPDIR/pipe"
  read -rt $((5 * patience)) line <&8
}

@test "a call that a filter around us forbids is named, and nothing else is blamed" {
  command -v strace >/dev/null || skip 'strace is not installed'
  local where call
  for where in $(running_chapters); do
    for call in clone3 pidfd_send_signal close_range $( ((10#$where < 5)) || echo open_tree openat2 mount_setattr); do
      container "$where" -- echo RAN
      run -125 limited strace -f -qq -o /dev/null -e trace="$call" -e inject="$call":error=EPERM "${container_argv[@]}"
      assert_output --partial "$call (Linux 5."
      assert_output --partial 'a filter of system calls around this process forbids it'
      refute_output --partial RAN
    done
  done
}

@test "where /proc is that of a pid namespace above, the child is found in it all the same" {
  local where
  for where in $(running_chapters); do
    container "$where" -- echo RAN
    run -0 limited unshare --pid --fork "${container_argv[@]}"
    assert_output RAN
  done
}

@test "where /proc is that of strangers, nothing runs, and the message says so" {
  local where beside
  # A pid namespace beside ours, with its /proc.
  coproc other { exec unshare --mount --pid --fork --mount-proc --kill-child sh -c 'echo ready; read -r _'; }
  # shellcheck disable=SC2154  # coproc sets it
  read -rt 8 _ <&"${other[0]}"
  beside=$(cat "/proc/$other_PID/task/$other_PID/children")
  for where in $(running_chapters); do
    container "$where" -- echo RAN
    run -125 limited nsenter --mount --target "${beside// /}" --wd="$PWD" "${container_argv[@]}"
    assert_output --partial 'find this process in /proc: ENOENT'
    refute_output --partial RAN
  done
  echo go >&"${other[1]}"
}

@test "EX-01 no descriptor but 0, 1 and 2 reaches the command" { promise EX-01; }
@test "EX-STDIO closed standard descriptors are filled with /dev/null, not with the launcher's own" { promise EX-STDIO; }
@test "EX-STDDIR a host directory on standard input is refused" { promise EX-STDDIR; }
@test "EX-02 the caller's environment, and the secrets in it, stay outside" { promise EX-02; }
@test "EX-IGNORED no signal is ignored because the caller ignored it" { promise EX-IGNORED; }
@test "EX-BLOCKED no signal is blocked because the caller blocked it" { promise EX-BLOCKED; }
@test "EX-UMASK the umask is 022, whatever the caller's was" { promise EX-UMASK; }
@test "EX-CWD the working directory is /, not the caller's" { promise EX-CWD; }
@test "EX-TIMERS no timer of the caller's goes off in the command" { promise EX-TIMERS; }
@test "EX-PERSONALITY address randomisation is on, whatever the caller's personality was" { promise EX-PERSONALITY; }
@test "EX-NICE a raised nice value is not inherited" { promise EX-NICE; }
@test "EX-POLICY a real-time scheduling policy is not inherited" { promise EX-POLICY; }
@test "EX-IOPRIO a real-time io class is not inherited" { promise EX-IOPRIO; }
@test "EX-OOM protection from the OOM killer is not inherited" { promise EX-OOM; }
@test "EX-KEYRING the keys in the caller's session keyring cannot be found" { promise EX-KEYRING; }
@test "EX-CORE a crash leaves no core dump" { promise EX-CORE; }

@test "a hard core limit of 0 that cannot be raised is no obstacle, and stays" {
  local number directory
  for number in $(chapters_from 03); do
    directory=()
    ((10#$number < 5)) || directory=(-m "$project/build/root")
    run --separate-stderr -0 bash -c 'ulimit -Hc 0 && exec setpriv --bounding-set=-sys_resource "$@"' bash \
      "$build/chapter-$number" "${directory[@]}" -- sh -c 'ulimit -c; ulimit -Hc'
    assert_output $'0\n0'
  done
}
@test "USER-04 the caller's supplementary groups open no file" { promise USER-04; }
@test "MNT-04 no inherited descriptor leads to a file of the host" { promise MNT-04; }
@test "NS-10 no inherited descriptor leads back into a namespace of the host" { promise NS-10; }
@test "NS-12 the command's chdir() and umask() do not move the launcher" { promise NS-12; }
@test "PTY-05 when the launcher is killed, the command dies too" { promise PTY-05; }

# What must still work beside all that.

@test "the command's output is all there is on standard output" {
  run --separate-stderr -0 limited "$launcher" --debug -- echo 'a  b'
  assert_output 'a  b'
}

@test "the command's standard input is the caller's" {
  run -0 limited "$launcher" -- cat <<<'fed'
  assert_output fed
}

@test "EX-06 the command's exit status is the launcher's" {
  local status
  for status in 0 1 3 124 255; do
    run "-$status" limited "$launcher" -- "$build/probe" exit "$status"
  done
}

@test "EX-06 death by signal n is 128 + n" {
  run -139 limited "$launcher" -- "$build/probe" segv
  run -137 limited "$launcher" -- sh -c 'kill -KILL $$'
}

@test "a missing command is 127, and said so" {
  run --separate-stderr -127 limited "$launcher" -- no-such-command
  assert_equal "$output" ''
  assert_regex "$stderr" 'execve no-such-command: ENOENT .*no such command'
  run -127 limited "$launcher" -- /no/such/command
  run -127 limited "$launcher" -- /etc/passwd/command
}

@test "a file that is not executable is 126, and said so" {
  run -126 limited "$launcher" -- /etc/passwd
  assert_output --partial 'execve /etc/passwd: EACCES'
  run -126 limited "$launcher" -- /etc
}

@test "EX-04 a file without a format is not handed to a shell" {
  printf 'echo a shell ran this\n' >"$BATS_TEST_TMPDIR/script"
  chmod +x "$BATS_TEST_TMPDIR/script"
  run -126 limited "$launcher" -- "$BATS_TEST_TMPDIR/script"
  assert_output --partial ENOEXEC
  refute_output --partial 'a shell ran this'
}

@test "a script whose interpreter is missing is 126, and said so" {
  printf '#!/no/such/interpreter\n' >"$BATS_TEST_TMPDIR/script"
  chmod +x "$BATS_TEST_TMPDIR/script"
  run -126 limited "$launcher" -- "$BATS_TEST_TMPDIR/script"
  assert_output --partial 'loader or interpreter'
}

@test "a script with an interpreter runs" {
  printf '#!/bin/sh\necho "$1"\n' >"$BATS_TEST_TMPDIR/script"
  chmod +x "$BATS_TEST_TMPDIR/script"
  run -0 limited "$launcher" -- "$BATS_TEST_TMPDIR/script" works
  assert_output works
}

@test "EX-04 the caller's PATH is not searched" {
  printf '#!/bin/sh\necho found\n' >"$BATS_TEST_TMPDIR/only-here"
  chmod +x "$BATS_TEST_TMPDIR/only-here"
  PATH=$BATS_TEST_TMPDIR:$PATH run -127 limited "$launcher" -- only-here
}

@test "the command has a PATH and nothing else in its environment" {
  run -0 limited "$launcher" -- env
  assert_output 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'
}

@test "signals that people send reach the command" {
  local signal
  mkfifo "$BATS_TEST_TMPDIR/tick"
  for signal in HUP INT QUIT TERM USR1 USR2 WINCH CONT; do
    start env --default-signal "$launcher" -- bash -c 'trap "echo got; exit 42" "$0"; echo ready; while :; do read -rt 1 _ <>"$1"; done' "$signal" "$BATS_TEST_TMPDIR/tick"
    kill -s "$signal" "$pid"
    read -rt $((5 * patience)) line <&8
    assert_equal "$signal $line" "$signal got"
    wait "$pid" && status=0 || status=$?
    assert_equal "$signal $status" "$signal 42"
    exec 8<&-
    rm "$BATS_TEST_TMPDIR/pipe"
  done
}

# A script's background job ignores SIGINT and SIGQUIT: env(1) undoes that.
@test "all others reach it too, real-time ones as well" {
  local -a numbers
  mapfile -t numbers < <(people_send)
  mkfifo "$BATS_TEST_TMPDIR/tick"
  start env --default-signal "$launcher" -- bash -c 'tick=$1; shift; for n; do trap "echo $n" "$n"; done; trap "exit 42" TERM; echo ready; while :; do read -rt 1 _ <>"$tick"; done' bash "$BATS_TEST_TMPDIR/tick" "${numbers[@]}"
  each_arrives "$pid" 8 "${numbers[@]}"
  wait "$pid" && status=0 || status=$?
  assert_equal "$status" 42
}

@test "a signal that the caller ignores is not for the command either, in every chapter" {
  local where
  for where in $(running_chapters); do
    container "$where" -- sh -c 'trap "exit 41" HUP; trap "exit 42" USR1; echo ready; while :; do read -rt 0.1 _ </dev/zero; done'
    start env --ignore-signal=HUP "${container_argv[@]}"
    kill -HUP "$pid"
    kill -USR1 "$pid"
    wait "$pid" && status=0 || status=$?
    assert_equal "$where $status" "$where 42"
    exec 8<&-
    rm "$BATS_TEST_TMPDIR/pipe"
  done
}

@test "Ctrl-Z stops the command and bg continues it, in every chapter" {
  local where marker state
  for where in $(running_chapters); do
    marker=41.$RANDOM$RANDOM
    container "$where" -- sh -c "echo ready; exec sleep $marker"
    state="send:until grep -q \"State:.\$x\" /proc/\$(pgrep -fx 'sleep $marker')/status; do :; done; echo s''een \$x"$'\r'
    can=$(printf '%q ' "${container_argv[@]}") PS1='P> ' TERM=dumb HISTFILE='' run -0 timeout -k 1 "$((12 * patience))" "$build/probe" caller 'expect:P> ' $'send:eval "$can"\r' \
      expect:ready rest:200 $'send:\x1a' expect:Stopped $'send:x=T\r' "$state" 'expect:seen T' $'send:bg\r' $'send:x=S\r' "$state" 'expect:seen S' $'send:kill -9 %1; wait\r' $'send:exit 0\r' -- \
      "$(type -P bash)" --norc --noprofile -i
  done
}

@test "a command that reads the terminal in the background stops, or waits, and reads after fg; it spins in no chapter" {
  local where who rests state
  for where in $(running_chapters); do
    container "$where" -- cat
    who=cat rests=T
    ((10#$where < 10)) || who=init rests=S
    # Of the child's state it is asked, and not of the launcher's, which the terminal stops in any case.
    state="send:until grep -q 'State:.$rests' /proc/\$(pgrep -P \$! -x $who)/status 2>/dev/null; do :; done; echo s''een"$'\r'
    can=$(printf '%q ' "${container_argv[@]}") PS1='P> ' TERM=dumb HISTFILE='' run -0 timeout -k 1 "$((12 * patience))" "$build/probe" caller 'expect:P> ' $'send:eval "exec $can" &\r' \
      'expect:P> ' "$state" expect:seen 'expect:P> ' $'send:fg\r' 'expect:eval "exec $can"' rest:400 $'send:ty\'\'ped\r' "expect:ty''ped" "expect:ty''ped" $'send:\x04' 'expect:P> ' $'send:exit 0\r' -- \
      "$(type -P bash)" --norc --noprofile -i
  done
}

@test "what the command was given as standard output and errors can be opened again by name, in every chapter" {
  local where flag
  for where in $(running_chapters); do
    for flag in '' '-u 1000'; do
      ((10#$where >= 6)) || [ -z "$flag" ] || continue
      # shellcheck disable=SC2086  # two words or none
      container "$where" $flag -- sh -c 'echo out >/dev/stdout; echo err >/dev/stderr; cat </dev/stdin; echo both | tee /dev/stderr'
      run -0 limited "${container_argv[@]}" < <(echo in)
      assert_equal "$where $output" "$where $(printf '%s\n' out err in both both)"
    done
  done
}

@test "a pipe keeps its owner: who holds the other end can open that again, too" {
  run -0 bash -c '"$0" -- echo | { read -r _ && stat -L -c %u:%a /proc/self/fd/0; }' "$launcher"
  assert_output "$(id -u):666"
}

@test "a file of the caller's on standard output keeps its mode: whom it is closed to, it stays" {
  local file=$BATS_TEST_TMPDIR/file fifo=$BATS_TEST_TMPDIR/fifo
  mkfifo -m 600 "$fifo"
  run -0 bash -c 'umask 077 && "$0" -- echo RAN >"$1" 2>>"$1" <>"$2" && stat -c %a "$1" "$2"' "$launcher" "$file" "$fifo"
  assert_output "$(printf '600\n600')"
}

@test "keyrings that a filter hides are not taken for none, in every chapter" {
  command -v strace >/dev/null || skip 'strace is not installed'
  [ -e /proc/keys ] || skip 'this kernel was built without keyrings'
  local where
  for where in $(running_chapters); do
    container "$where" -- echo RAN
    run -125 limited strace -f -qq -o /dev/null -e trace=keyctl -e inject=keyctl:error=ENOSYS "${container_argv[@]}"
    assert_output --regexp 'keyctl JOIN_SESSION_KEYRING: ENOSYS .*: the kernel has keyrings'
    refute_output --partial $'\nRAN'
  done
}

@test "the keyring of a container counts for who starts it, not for the user that all of its range share, in every chapter" {
  local where
  for where in $(chapters_from 06); do
    container "$where" --map 0:345600000:65536 -- sh -c 'echo ready; sleep 10'
    start "${container_argv[@]}"
    run ! grep -E '^ *345600000:' /proc/key-users
    kill -KILL "$pid"
    exec 8<&-
    rm "$BATS_TEST_TMPDIR/pipe"
  done
}

@test "standard error that nobody reads keeps the launcher from its end for a second, not for ever" {
  mkfifo "$BATS_TEST_TMPDIR/full"
  exec 9<>"$BATS_TEST_TMPDIR/full"
  dd if=/dev/zero of=/proc/self/fd/9 bs=4096 count=16 oflag=nonblock status=none
  run -127 bash -c 'exec timeout -k 1 "$0" "$@" 2>&9' "$((5 * patience))" "$launcher" -- no-such-command
  exec 9<&-
}

@test "a child that cannot even report runs nothing of the launcher, in every chapter" {
  command -v strace >/dev/null || skip 'strace is not installed'
  local where
  for where in $(running_chapters); do
    # The second message of the child's: after "ready", that there is no such command.
    container "$where" -- no-such-command
    run -127 limited strace -f -qq -o /dev/null -e trace=sendmsg -e inject=sendmsg:error=ENOBUFS:when=2+ "${container_argv[@]}"
    refute_output --partial 'send message'
  done
}

@test "a signal that the caller blocked is passed on all the same" {
  hosted -143 -- "$(type -P bash)" -c '"$0" -- sleep 10 & kill -TERM $!; wait $!' "$launcher"
}

@test "without any standard descriptor a launcher starts a command that has all three, in every chapter" {
  local where
  closed() { "$@" 0<&- 1>&- 2>&-; }
  for where in $(running_chapters); do
    container "$where" -- sh -c 'for n in 0 1 2; do [ /dev/fd/$n -ef /dev/null ] || exit 1; done; exit 42'
    run closed limited "${container_argv[@]}"
    assert_equal "$where $status" "$where 42"
  done
}

@test "a caller with a real-time policy and a raised priority starts a command that has neither, in every chapter" {
  local where raised=(nice -n -25) # below 0, whatever that of the tests is
  ! chrt -r 1 true 2>/dev/null || raised+=(chrt -r 1)
  for where in $(running_chapters); do
    container "$where" -- cut -d ' ' -f 19,41 /proc/self/stat
    run limited "${raised[@]}" "${container_argv[@]}"
    assert_equal "$where $output" "$where 0 0"
  done
}

@test "the log goes to standard error, with time and level" {
  run --separate-stderr -0 limited "$launcher" --debug -- true
  assert_regex "$stderr" '[0-9-]+T[0-9:.]+Z debug chapter-03: child: leave the caller'
}

@test "an ordinary user is refused, and told about --keep-groups" {
  run -125 setpriv --reuid 65534 --regid 65534 --groups 4242 "$launcher" -- true
  assert_output --partial EPERM
  assert_output --partial -- --keep-groups
}

@test "an ordinary user in no group but the own one has none to leave" {
  run -0 setpriv --reuid 65534 --regid 65534 --clear-groups "$launcher" -- id -G
  assert_output 65534
  run -0 setpriv --reuid 65534 --regid 65534 --groups 65534 "$launcher" -- id -G
  assert_output 65534
}

@test "an ordinary user who says --keep-groups keeps them" {
  run -0 setpriv --reuid 65534 --regid 65534 --groups 4242 "$launcher" --keep-groups -- id -G
  assert_output '65534 4242'
}

@test "a kernel without one of the calls is refused, naming it" {
  refuses_without 03 clone3 pidfd_send_signal close_range
}

@test "what the caller has lowered is kept: it is the caller's limit" {
  run -0 nice -n 7 "$launcher" -- nice
  assert_output "$(nice -n 7 nice)"
  local policy
  for policy in batch:3 idle:5; do
    run -0 chrt "--${policy%:*}" 0 "$launcher" -- cut -d ' ' -f 41 /proc/self/stat
    assert_output "${policy#*:}"
  done
  run -0 ionice -c 3 "$launcher" -- ionice
  assert_output --partial idle
  run -0 ionice -c 2 -n 7 "$launcher" -- ionice
  assert_output 'best-effort: prio 7'
  run -0 choom -n 500 -- "$launcher" -- cat /proc/self/oom_score_adj
  assert_output 500
}

@test "what the kernel sends the launcher for an affair of its own ends it, and with it the command" {
  command -v perl >/dev/null || skip 'perl is not installed'
  local where
  for where in $(keepers 03); do
    container "$where" -- sleep 20
    run -142 limited perl -e 'alarm 1; exec @ARGV' "${container_argv[@]}"
    assert_output --partial 'signal 14 came'
  done
}

@test "no core file, and no program that is started for one: the limit is 1, in every chapter" {
  local where
  takes_limit core 1
  for where in $(running_chapters); do
    container "$where" -- grep 'Max core' /proc/self/limits
    run -0 limited "${container_argv[@]}"
    assert_output --regexp '^Max core file size  *1  *1  *bytes'
  done
}

# options CHAPTER: every name in its --help, short and long.
options() { "$build/chapter-$1" --help | sed -nE 's/^  (-[a-z-]+(,-[a-z-]+)*)( .*|$)/\1/p' | tr , '\n' | sort; }

@test "an option that comes later is refused by name, with the chapter from which on all have it" {
  local number option here refused=0 numbers
  [ -x "$build/chapter-10" ] || skip 'the later chapters are not built'
  declare -A since gone
  mapfile -t numbers < <(tr -s ' ' '\n' <<<"01 02 $(running_chapters)" | grep . | sort -r)
  for option in $(options "${numbers[0]}"); do since[$option]=${numbers[0]}; done
  for number in "${numbers[@]:1}"; do
    here=$(options "$number")
    for option in "${!since[@]}"; do
      if ! grep -qxe "$option" <<<"$here"; then
        run -2 "$build/chapter-$number" "$option" x
        assert_output --partial " $option: chapter-$number cannot do that yet: use chapter-${since[$option]} or later"
        gone[$option]=yes refused=$((refused + 1))
      elif [ -z "${gone[$option]:-}" ]; then
        since[$option]=$number
      fi
    done
  done
  ((refused > 100))
}

@test "an option that one chapter brings, every later one has" {
  local number before=
  for number in $(running_chapters); do
    [ -z "$before" ] || assert_equal "chapter $number lacks: $(comm -23 <(options "$before") <(options "$number"))" "chapter $number lacks: "
    before=$number
  done
}

@test "no command, or an empty one, is wrong usage" {
  local number
  for number in $(running_chapters); do
    container "$number" --debug
    run -2 "${container_argv[@]}" -- ''
    assert_output --partial 'the command is an empty word'
    run -2 "${container_argv[@]}"
    assert_output --partial 'no command: say what to run'
  done
}
