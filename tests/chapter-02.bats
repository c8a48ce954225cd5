#!/usr/bin/env bats
# bats file_tags=chapter:02
# Chapter 02: the command line, what it takes and what it refuses.

load support/promise

setup() {
  program=$build/chapter-02
  root=$project/build/root
}

# refuses MESSAGE ARGUMENT...: exit status 2, nothing on standard output, MESSAGE on standard error.
refuses() {
  local message=$1
  shift
  run --separate-stderr "$program" "$@"
  assert_equal "status $status of: $*" "status 2 of: $*"
  assert_equal "$output" ''
  assert_regex "$stderr" "^[0-9-]+T[0-9:.]+Z error chapter-02: .*$message"
}

@test "a good command line gives the plan" {
  run --separate-stderr -0 "$program" -m "$root" -u 1000 -- ls -l '/a b'
  assert_output "$(printf 'root     %s\nuser     1000\ncommand  [ls] [-l] [/a b]' "$root")"
  assert_equal "$stderr" ''
}

@test "the long names mean the same" {
  run -0 "$program" --mount "$root" --uid 0 --command "sh -c 'echo \"a  b\"'"
  assert_line 'command  [sh] [-c] [echo "a  b"]'
  run -0 "$program" "--mount=$root" -u7 -c ls
  assert_line 'user     7'
}

@test "what follows -- belongs to the command, whatever it looks like" {
  run -0 "$program" -m "$root" -- ls -m /etc --help -- -d
  assert_line 'command  [ls] [-m] [/etc] [--help] [--] [-d]'
}

@test "user ids: the borders" {
  local uid
  for uid in 0 1 65534 2147483648 4294967294; do
    run -0 "$program" -m "$root" -u "$uid" -- ls
    assert_line "user     $uid"
  done
}

@test "user ids that are none" {
  local uid
  for uid in ' ' 01 00 +1 -1 4294967295 4294967296 18446744073709551616 0x0 1a a1 1: :1 1:1 ' 1' '1 ' $'1\n' 1.0 1e1 root ١; do
    refuses '--uid: .* is not a decimal number from 0 to 4294967294' -m "$root" "--uid=$uid" -- ls
  done
  refuses '--uid: .. is not a decimal number' -m "$root" -u '' -- ls
  refuses '--uid' -m "$root" --uid= -- ls
  refuses '--uid' -m "$root" -u
}

@test "roots that are none" {
  refuses "--mount: is missing" -- ls
  refuses "--mount: '/no/such/directory': ENOENT" -m /no/such/directory -- ls
  refuses "--mount: '/etc/passwd' is not a directory" -m /etc/passwd -- ls
  refuses "--mount: '/etc/passwd/x': ENOTDIR" -m /etc/passwd/x -- ls
  refuses "--mount.*DIR missing" --mount= -- ls
  refuses '--mount.*DIR' -m
}

@test "commands that are none" {
  refuses 'no command: say what to run' -m "$root"
  refuses '--: no command follows' -m "$root" --
  refuses '--: the command is an empty word' -m "$root" -- ''
  refuses '--command: the command is empty' -m "$root" -c ''
  refuses '--command: the command is empty' -m "$root" -c "  "
  refuses 'the command is an empty word' -m "$root" -c "''"
  refuses "--command: the quote ' is never closed" -m "$root" -c "sh 'a"
  refuses '--command: the quote " is never closed' -m "$root" -c 'sh "a'
  refuses '--command: a backslash at the end' -m "$root" -c 'sh \'
  refuses '--command: the command was given twice' -m "$root" -c ls -- ls
  refuses '--command.*CMD ARGS' -m "$root" -c
}

@test "flags that are none, repeated, or have a value too many" {
  refuses '--bogus' -m "$root" --bogus -- ls
  refuses '-x' -m "$root" -x -- ls
  refuses 'a command goes after --' -m "$root" ls
  refuses '--debug' -m "$root" -d -d -- ls
  refuses 'debug' -m "$root" --debug=1 -- ls
  refuses '--mount' -m "$root" -m "$root" -- ls
  refuses '--uid' -m "$root" -u 1 -u 1 -- ls
  refuses '--command' -m "$root" -c ls -c ls
  refuses '--deb' -m "$root" --deb -- ls
  refuses "--log-level: 'loud' is none of" -m "$root" --log-level loud -- ls
  refuses '--log-level' -m "$root" --log-level
  refuses 'use chapter-05' -m "$root" -a /etc:/etc -- ls
}

@test "--help and --version are answers, not errors" {
  run --separate-stderr -0 "$program" --help
  assert_line --partial -- --mount
  assert_equal "$stderr" ''
  run -0 "$program" -h
  run --separate-stderr -0 "$program" --version
  assert_output --regexp '^chapter-02 \(tincan [0-9.]+\)$'
}

@test "log lines have time and level, and go to standard error" {
  run --separate-stderr -0 "$program" --log-level info -m "$root" -- ls
  assert_regex "$stderr" '^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}\.[0-9]{3}Z info chapter-02: '
  assert_line --index 0 "root     $root"
}
