#!/usr/bin/env bats
# What somebody types in the first hour, and what the scripts behind it say.

load support/promise

setup() {
  cd "$project" || return
  unset MAKEFLAGS MFLAGS MAKELEVEL CMD ARGS NO_COLOR
}

# at_terminal [STEP...] -- NN [FLAG...]: run.sh, by a person at a terminal (tests/probe/caller.cpp).
at_terminal() {
  local steps=() chapter
  while [ "$1" != -- ]; do steps+=("$1") && shift; done
  chapter=$2
  shift 2
  limited "$build/probe" caller "${steps[@]}" -- common/run.sh "$build" "$chapter" "$@"
}

# without NAME...: a PATH that has everything but these, and where `id -u` is what $uid says.
without() {
  local name dir=$BATS_TEST_TMPDIR/bin
  mkdir -p "$dir"
  cp -sf /usr/sbin/* /usr/bin/* /sbin/* /bin/* "$dir" 2>/dev/null || true
  for name in "$@"; do rm -f "$dir/$name"; done
  fake id "echo ${uid:-0}"
}

# fake NAME SCRIPT: the program of that name, in that PATH.
fake() {
  rm -f "$BATS_TEST_TMPDIR/bin/$1"
  printf '#!/bin/bash\n%s\n' "$2" >"$BATS_TEST_TMPDIR/bin/$1"
  chmod +x "$BATS_TEST_TMPDIR/bin/$1"
}

kinds() { sed -nE 's/^with_number := //p' Makefile; }

# What is read before anything is typed.

# beginning FILE: of its first block of commands, the two with which everybody begins.
beginning() { sed -n '/^```$/,/^```$/p' "$1" | sed -n 2,3p; }

@test "README, the start page and the file for a virtual machine begin alike: where the code is, and how to get it" {
  local page
  for page in README.md docs/start.md; do
    assert_equal "$page: $(beginning "$page")" "$page: $(printf 'git clone ADDRESS tincan\ncd tincan')"
    grep -q '^ADDRESS is that of the repository' "$page" || fail "$page does not say what ADDRESS is"
  done
  assert_equal "$(sed -n '/^## Start/,/^```$/p' README.md | tail -n +3)" "$(sed -n '/^## Get it/,/^```$/p' docs/start.md | tail -n +3)"
  grep -qF 'git clone ADDRESS tincan && cd tincan' .lima/tincan.yaml
}

# Words with a number.

@test "every pattern target that is listed is one whose number is looked at" {
  local target
  while read -r target; do
    [[ " $(kinds) " == *" $target "* ]] || fail "$target-% takes anything"
  done < <(sed -nE 's/^([a-z]+)-%:.*## .*/\1/p' Makefile)
}

@test "a number that there is not is refused at once, with those that there are" {
  local kind what
  for kind in $(kinds); do
    for what in 99 abc 0 5x; do
      run timeout 5 make "$kind-$what"
      assert_equal "$kind-$what $status" "$kind-$what 2"
      assert_output --regexp "There is no $kind-$what: make $kind-NN takes, for NN, one of [0-9]+ .*[0-9]+"
      refute_line --regexp '^  (CXX|LINK|ROOT)'
    done
    run timeout 5 make "$kind-"
    assert_output --partial "make $kind-NN takes"
  done
  run timeout 5 make run
  assert_output --partial 'run takes a number: make run-NN takes'
}

@test "a word that is no goal at all, a folder and a number apart are refused at once, wherever they stand" {
  local typed said
  while IFS='|' read -r typed said; do
    # shellcheck disable=SC2086  # words
    run timeout 5 make $typed
    assert_equal "$typed $status" "$typed 2"
    assert_output --partial "$said"
    refute_line --regexp '^  (CXX|LINK|ROOT)'
  done <<'END'
tset|There is no make tset. Make alone lists what there is
tests|There is no make tests.
chapters|There is no make chapters.
test 05|There is no make 05, but make test-05 and its like: the number is part of the word.
test-05 6|There is no make 6, but make test-6 and its like
test-02 tset|There is no make tset.
mutants 05|There is no make 05, but
grade-05|What is to be graded? Add SUBMISSION=
grade-class CHAPTER=05|Which class is to be graded? Add CHAPTER= and SUBMISSIONS=
END
}

@test "it builds in a directory whose name has blanks and signs in it" {
  local place="$BATS_TEST_TMPDIR/a place (mine) & 'yours'"
  mkdir "$place"
  cp -r Makefile common chapters "$place"
  cd "$place" || return
  run -0 make build/obj/common/split.o compile_commands.json
  assert_equal "$(jq -r '.[0].directory' compile_commands.json)" "$place"
}

@test "5 is 05; for a post, 05 is 5" {
  local kind
  for kind in chapter run debug diff test mutants lab exercise check hint watch solution grade; do
    run -0 make -n "$kind-5" SUBMISSION=.
    assert_output --regexp '05|chapters/05-mounts'
    assert_equal "$(grep -v '^:$' <<<"$output")" "$(make -n "$kind-05" SUBMISSION=.)"
  done
  run -0 make -n post-05
  assert_output --partial chapters/05-mounts
  run -0 make -n lab-05-double-chroot
}

@test "make lists every target that says what it does, in a group, in 80 columns" {
  local target said
  said=$(make)
  while read -r target; do
    [ "$(grep -cE "^  make ${target/\%/NN} " <<<"$said")" = 1 ] || fail "make does not list $target once"
  done < <(sed -nE 's/^([a-zA-Z_%.-]+):.*## .*/\1/p' Makefile)
  [ "$(awk '{ print length }' <<<"$said" | sort -n | tail -1)" -le 80 ] || fail "too wide: $said"
  for target in progress chapter-05; do
    run -0 make -o build/chapter-05 -o build/root "$target"
    [ "$(grep -v ' make run' <<<"$output" | awk '{ print length }' | sort -n | tail -1)" -le 80 ] || fail "too wide: $output"
  done
  [ "$(grep -cE '^(Look|Exercises|Teach|Keep)' <<<"$said")" = 4 ] || fail "four groups: $said"
}

@test "a word that names nothing is refused in a sentence, and nothing is said to hold" {
  run -2 make -n ARCH=riscv all
  assert_output --partial 'ARCH=riscv: there is aarch64, and x86_64'
  run -1 common/debug.py "$BATS_TEST_TMPDIR" 05
  assert_output "There is no $BATS_TEST_TMPDIR/chapter-05. make check-05 builds your own, once it is begun."
  run -2 tests/support/matrix 99
  assert_output --partial 'there is no column 99; there are: 03 '
  ONLY=NO-SUCH run -2 tests/support/matrix 05
  assert_output --partial 'no promise is called NO-SUCH'
  ONLY=no_such run -1 limited unshare -m -n tests/faults/run "$build"
  assert_output --partial 'a start makes no call no_such that can fail; there are: '
  refute_output --partial Traceback
  FUZZ_SECONDS=abc run -2 tests/fuzz/run build
  assert_output 'fuzz: FUZZ_SECONDS=abc is no number of seconds'
}

# Root.

@test "without sudo, whatever takes root is refused in one sentence, before anything is built" {
  local target sentence='This takes root, and there is no sudo: become root'
  uid=1000 without sudo
  while read -r target; do
    [ "$target" != debian-% ] || target=debian-12
    PATH=$BATS_TEST_TMPDIR/bin run -2 timeout 5 make -n B="$BATS_TEST_TMPDIR/nothing" "${target/\%/05}"
    assert_output --partial "$sentence"
    assert_equal "${#lines[@]}" 1
  done < <(awk '/^[a-z][a-zA-Z_%-]*:/ { split($0, part, ":"); target = part[1] }
    /^\t.*(\$\(as_root\)|\$\(grading\)|common\/(run|demo)\.sh|common\/debug\.py|student (check|watch))/ && target != "doctor" { print target }' Makefile | sort -u)
  # What takes none is not refused.
  for target in help labs hint-05 chapter-05 run-01 run-2 progress docs-lint; do
    PATH=$BATS_TEST_TMPDIR/bin run -0 make -n "$target"
  done
  PATH=$BATS_TEST_TMPDIR/bin run -1 python3 -B -c 'import os, sys
sys.path.insert(0, "classroom")
import catalog, leash
os.geteuid = lambda: 1000
try:
    leash.as_root()
except catalog.Fault as fault:
    sys.exit(str(fault))'
  assert_output --partial "$sentence"
}

@test "packages: what is missing is said, quietly installed, and the log is named if that fails" {
  uid=0 without sudo
  fake dpkg-query 'exit 1'
  fake apt-get 'for i in {1..300}; do echo "line $i of $*"; done; [ "$2" != fail ]'
  mkdir -p "$BATS_TEST_TMPDIR/place"
  cd "$BATS_TEST_TMPDIR/place"
  PATH=$BATS_TEST_TMPDIR/bin run -0 "$project/common/deps.sh" --mutants
  assert_line --partial 'will now be installed: python3 patch'
  assert_line --partial 'downloading 2 packages'
  [ "${#lines[@]}" -le 5 ] || fail "not quiet: $output"
  fake apt-get 'echo "E: no such host"; exit 100'
  PATH=$BATS_TEST_TMPDIR/bin run -1 "$project/common/deps.sh" --mutants
  assert_line --partial 'FAILED. The last lines of build/packages.log'
  assert_line --partial 'E: no such host'
  uid=1000 without sudo
  fake dpkg-query 'exit 1'
  PATH=$BATS_TEST_TMPDIR/bin run -1 "$project/common/deps.sh" --mutants
  assert_line --partial 'missing: python3 patch'
  assert_line --partial 'Installing takes root, and there is no sudo'
}

# Looking.

@test "the bar: on a terminal one line, elsewhere a line a step; a failure is not hidden" {
  local fake=$BATS_TEST_TMPDIR/make
  printf '%s\n' '#!/bin/bash' \
    'for i in 1 2 3; do [[ " $* " == *" -n "* ]] && echo "printf '"'  %-5s %s\\n' 'CXX' '\$i'"'" || echo "  CXX   some/file-$i.cpp"; done' \
    'case " $* " in *" -n "*) ;; *) echo "make[1]: x is up to date." ;; esac' \
    'case " $* " in *" -n "*) ;; *bad*) echo "some error"; exit 2 ;; esac' >"$fake"
  chmod +x "$fake"
  MAKE=$fake run -0 common/build.sh good
  assert_output --partial "$(printf '  CXX   some/file-%s.cpp\n' 1 2 3)"
  MAKE=$fake run -2 common/build.sh bad
  MAKE=$fake run -0 "$build/probe" caller -- common/build.sh good
  assert_output --partial $'\r\033[K  [####################          ] 2 of 3  some/file-2.cpp'
  assert_output --partial 'built: 3 steps'
  refute_output --partial 'up to date'
  MAKE=$fake run -2 "$build/probe" caller -- common/build.sh bad
  assert_output --partial $'\r\033[Ksome error'
}

@test "what is counted for the bar has the variables that were typed, and what builds for minutes has the bar" {
  local fake=$BATS_TEST_TMPDIR/make target
  printf '%s\n' '#!/bin/bash' "[[ \" \$* \" == *' -n '* && \$MAKEFLAGS != '-- SANITIZE=1' ]] || echo \"printf '  %-5s %s\\n' 'CXX' 'x'\"" >"$fake"
  chmod +x "$fake"
  MAKE=$fake MAKEFLAGS=' -j2 --jobserver-auth=3,4 -- SANITIZE=1' run -0 "$build/probe" caller -- common/build.sh good
  assert_output --partial 'built: 1 steps'
  for target in test test-05; do
    run -0 make -n "$target"
    assert_output --partial common/build.sh
  done
}

@test "the demo ends with a table that fits a screen, and colours nothing that is no terminal" {
  run -0 limited common/demo.sh "$build" 10
  refute_output --partial $'\033'
  mapfile -t closing < <(sed -n '/^3\. In short/,$p' <<<"$output")
  [ "${#closing[@]}" -ge 10 ] && [ "${#closing[@]}" -le 20 ] || fail "${#closing[@]} lines at the end"
  [ "$(printf '%s\n' "${closing[@]}" | awk '{ print length }' | sort -n | tail -1)" -le 80 ] || fail "too wide"
  assert_line --regexp '^   to the host +user 100000 +user 0'
  assert_line --regexp '^   network +lo +'
  # The line that explains the sign does not differ.
  assert_line --partial 'It worked: both containers ran'
  assert_line --partial "  in $(sed -n '/^2\. /,/^3\. /p' <<<"$output" | grep -v '^<>' | grep -c '<>') lines"
}

@test "each part of the demo says whose it is: two containers, each by its own name" {
  local first second
  run -0 limited common/demo.sh "$build" 10
  first=$(sed -nE 's/^ +my name is +(\S+)$/\1/p' <<<"$output")
  second=$(sed -nE 's/^2\. Another one, (\S+): .*/\1/p' <<<"$output")
  [ -n "$first" ] && [ -n "$second" ] && [ "$first" != "$second" ] || fail "'$first' and '$second'"
  assert_line "3. In short: what $second of part 2 sees, and what the host has"
  assert_line --regexp "^   name +$second +$(uname -n | cut -c -30)"
}

@test "the demo shows the container, and not what starts it, behind a sudo of either kind" {
  local kind
  uid=1000 without sudo
  # One process, or two: with a monitor, as sudo does it by default since 1.9.14.
  for kind in '"$@"; exit $?' '("$@"; exit $?); exit $?'; do
    fake sudo "$kind"
    PATH=$BATS_TEST_TMPDIR/bin run -0 limited common/demo.sh "$build" 10
    assert_line --regexp '^   to the host +user 100000 +user 0'
    assert_line --regexp '^ns pids +[0-9]+ 1 '
  done
}

# make run-NN [CMD=...] [ARGS=...]: as the Makefile does it, of the programs that were built.
typed_make() {
  local word number flags=(-m build/root)
  local -x CMD=''
  for word in "$@"; do
    case $word in
      run-*) number=${word#run-} ;;
      CMD=*) CMD=${word#CMD=} ;;
      ARGS=*) read -ra args <<<"${word#ARGS=}" && flags+=("${args[@]}") ;;
    esac
  done
  [[ $number != 0[34] ]] || flags=("${flags[@]:2}")
  common/run.sh "$build" "$number" "${flags[@]}" </dev/null
}

@test "what a chapter gives to try ends well: make adds no error of its own to what was refused" {
  local line number=0
  while read -r line; do
    # 09 shows how a command ends that takes too much.
    [[ $line != *--memory* ]] || continue
    eval "run typed_${line}"
    [ "$status" -eq 0 ] || fail "status $status of: $line
$output"
    number=$((number + 1))
  done < <(sed -n '/^## Try/,/^## /{/^make run/p}' chapters/*/README.md)
  [ "$number" -ge 15 ] || fail "$number were tried"
}

# Shells.

@test "a shell of every chapter has a prompt, lives through Ctrl-C, and ends with exit" {
  local chapter root
  root=$(readlink -f build/root)
  for chapter in 03 04 05 06 07 08 09 10 11 12; do
    flags=(-m "$root")
    case $chapter in 03 | 04) flags=() ;; esac
    run -0 at_terminal 'expect:Leave: exit' 'expect:# ' $'send:sleep 60\r' rest:200 $'send:\x03' 'expect:# ' $'send:echo still-$((40 + 2)); false\r' expect:still-42 'expect:# ' $'send:exit\r' -- "$chapter" "${flags[@]}"
    refute_output --regexp "not found|process group|job control|tty:|ENOTTY|status"
    [ "$(sed -n 1p <<<"$output" | tr -d '\r' | wc -m)" -le 81 ] || fail "too wide: $output"
  done
}

@test "from chapter 10 on the shell has a terminal of its own, unless there is none or ARGS ask for it" {
  local root
  root=$(readlink -f build/root)
  run -0 at_terminal 'expect:own terminal' 'expect:# ' $'send:tty; stty size\r' expect:/dev/pts/0 'expect:24 80' $'send:exit\r' -- 10 -m "$root"
  run -0 at_terminal 'expect:# ' $'send:exit\r' -- 10 -m "$root" -t
  CMD='tty' run -0 at_terminal -- 10 -m "$root"
  assert_line --partial /dev/pts/0
  run -0 --separate-stderr common/run.sh "$build" 10 -m "$root" <<<'echo in; tty; true'
  assert_line in
  refute_line --partial pts
  # shellcheck disable=SC2154  # set by run
  assert_regex "$stderr" 'container of chapter 10. It reads commands from standard input'
}

@test "a shell's last status is no failure, a command's is, and so is no container" {
  local root
  root=$(readlink -f build/root)
  CMD='exit 7' run -7 common/run.sh "$build" 05 -m "$root"
  run -125 at_terminal -- 05 -m "$root" -a /etc/hostname:/mnt
  CMD=1 run -0 common/run.sh "$build" 01 --json
  assert_output --partial '"pid": 1,'
  run -0 --separate-stderr common/run.sh "$build" 02 -m "$root"
  assert_line 'command  [sh]'
  assert_regex "$stderr" 'runs nothing yet'
}

# A start that fails in the middle.

@test "debug shows the call that the kernel refused, and in which step" {
  local root
  root=$(readlink -f build/root)
  # A kernel that says no in the middle.
  without strace
  fake strace "exec $(command -v strace) -e inject=pivot_root:error=EPERM \"\$@\""
  PATH=$BATS_TEST_TMPDIR/bin run -0 common/debug.py "$build" 05 -m "$root"
  assert_line --partial 'error chapter-05: pivot_root'
  assert_line --partial "failed in 'child: move into the root'"
  assert_line --regexp '^    pivot_root.*EPERM'
  refute_line --regexp 'debug chapter-05|write\(2|killed by'
  # What comes after that, an exit or a kill by the launcher, says nothing.
  refute_output --partial $'sendmsg: "failure"\n    '
  run -0 common/debug.py "$build" 09 -m "$root" --memory 1
  assert_line --partial 'the launcher itself said no'
}

@test "debug shows a whole start, and a child that dies in it" {
  local root
  root=$(readlink -f build/root)
  CMD=id run -0 common/debug.py "$build" 10 -m "$root"
  assert_line 'uid=0(root) gid=0(root)'
  assert_line --partial 'The start succeeded'
  assert_line --regexp '^    execve\("/bin/sh", \["sh", "-c", "id"\]\) = 0'
  assert_line '    recvmsg: "ready"'
  # A kernel, or a colleague, that kills the child in the middle.
  without strace
  fake strace "exec $(command -v strace) -e inject=pivot_root:signal=KILL \"\$@\""
  PATH=$BATS_TEST_TMPDIR/bin run -0 common/debug.py "$build" 05 -m "$root"
  assert_line --partial 'the child ended with status 137 before it was ready'
  assert_line --partial "died in 'child: move into the root': killed by SIGKILL"
}

# Somebody's own tree.

@test "the tests are made in a tree of an ordinary user's that nobody else may look into, too" {
  local home=$BATS_TEST_TMPDIR/home wall
  mkdir -p "$home/tincan/build" && cd "$project" && tar --exclude=./.git --exclude=./build --exclude=./work -cf - . | tar -C "$home/tincan" -xf -
  cp -a "$build"/{chapter-0[3-6],probe,hostile} "$home/tincan/build" && cp "$(type -P true)" "$home/tincan/build/unit-tests"
  cd "$home/tincan" && common/make-root.sh build/root
  # bats takes each line that begins with the word for a test of this file.
  sed 's/^test /@&/' >tests/made.bats <<'MADE'
load support/promise
setup() { can=("$build/chapter-06" -m "$(readlink -f "$project/build/root")"); }
test "root without capabilities" { setpriv --inh-caps=-all --bounding-set=-all,+setfcap "${can[@]}" --map-host-root -- true; }
test "root of a user namespace" { run -125 unshare -Urm "${can[@]}" -- true && assert_output --partial 'map to host ids'; }
test "nobody" { TINCAN_TAP=/dev/null setpriv --reuid 65534 --clear-groups "$project/tests/support/tell" </dev/null; }
test "a door" { env -u SUDO_UID "${can[@]}" --share user -- true; }
MADE
  chown -R 7001:7001 "$home" && chmod -R go= "$home"
  for wall in "$home" "$home/tincan/build/closed"; do
    TINCAN_BUILD=build run env -u TINCAN_FILTER -u TINCAN_APART tests/run made
    [ "$status" = 0 ] || fail "behind $wall: $output"
    assert_line --partial '4 passed, 0 failed, 0 skipped'
    # Without the wall there are still the directory that is hers and the files that are closed.
    chmod -R go+rX "$home" && chmod 700 "$home/tincan/build/closed"
  done
}
