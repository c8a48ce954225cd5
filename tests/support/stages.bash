# Stages: the places where an attack is started. A chapter, nothing at all, a chroot, another tool by its name
# (bwrap: as it is by default; bwrap+: as much like the last chapter as its flags allow; run-tool has them).
#
#   stage 05 --read-only -- @probe@ NS-01 @facts@     # fills the array stage_argv
#   on_hostile_host "${stage_argv[@]}"                # runs it there, with a time limit

project=$(cd "${BASH_SOURCE[0]%/*}/../.." && pwd)
build=${TINCAN_BUILD:-build}
case $build in /*) ;; *) build=$project/$build ;; esac

# What stands in front of each launcher, if anything: tests/kernels/run.
read -ra kernel <<<"${TINCAN_KERNEL:-}"

# The chapters that can run a command and are built, "03 04 05 ...", but for one under construction (Makefile), which
# counts in its own tests alone: TINCAN_BEGUN=1.
running_chapters() {
  local dir number
  for dir in "$project"/chapters/[0-9][0-9]-*; do
    [ -n "${TINCAN_BEGUN:-}" ] || [ -e "$dir/README.md" ] || [ ! -e "$dir/main.cpp" ] || continue
    number=${dir##*/} number=${number%%-*}
    ((10#$number < 3)) || [ ! -x "$build/chapter-$number" ] || printf '%s ' "$number"
  done
}

# has_root CHAPTER: from chapter 05 on there is a root directory.
has_root() { ((10#$1 >= 5)); }

# has_option CHAPTER OPTION: does it know it? has_limits CHAPTER: does it set any?
has_option() { [[ $("$build/chapter-$1" --help) == *"$2"* ]]; }
has_limits() { has_option "$1" --no-limits; }

# With TINCAN_AS_USER=1 the launchers of chapter 06 and later, which need no root, are started by an
# ordinary user (the one whom the hostile host gives /mnt/home), with a root directory of his own.
as_user=(setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps=-all --ambient-caps=-all --bounding-set=-all)

# by_user STAGE: whether that user is the one to start it.
by_user() { [ -n "${TINCAN_AS_USER:-}" ] && [[ $1 == [0-9][0-9] ]] && ((10#$1 >= 6)); }

# root_of STAGE: the directory that becomes its root.
root_of() { if by_user "$1"; then echo /mnt/home/can; else echo /mnt/closed/can; fi; }

# stage STAGE [FLAG...] -- COMMAND...: how COMMAND is started there, into stage_argv. @probe@ in
# COMMAND is the probe as that stage sees it. If TINCAN_STAGED names a file, it is written there too.
stage() {
  local name=$1 flags=() probe=$build/probe
  shift
  while [ "$1" != -- ]; do
    flags+=("$1")
    shift
  done
  shift
  case $name in
    bare) stage_argv=() ;;
    chroot)
      stage_argv=("$(type -P unshare)" -m sh -c 'mount --bind "$0" /mnt/closed/can/probe && exec chroot /mnt/closed/can "$@"' "$build/probe")
      probe=/probe
      ;;
    [0-9][0-9])
      stage_argv=("${kernel[@]}" "$build/chapter-$name")
      ! by_user "$name" || stage_argv=("$(type -P setpriv)" "${as_user[@]:1}" "${stage_argv[@]}")
      if has_root "$name"; then
        stage_argv+=(-m "$(root_of "$name")" -a "$build/probe:/probe:ro")
        # What is built may lie where others reach it; for that user, "ro" is no wall in every chapter.
        ! by_user "$name" || stage_argv+=(--reachable)
        probe=/probe
      fi
      stage_argv+=("${flags[@]}" --)
      ;;
    *)
      stage_argv=("$project/tests/support/run-tool" "$name" "$build")
      probe=/probe
      ;;
  esac
  stage_argv+=("${@//@probe@/$probe}")
  note_stage
}
note_stage() { [ -z "${TINCAN_STAGED:-}" ] || printf '%s\n' "$(printf '%q ' "${stage_argv[@]}")" >>"$TINCAN_STAGED"; }

# What has to end is waited for as many times longer as more wants to run than there are processors, six times at
# most; or TINCAN_PATIENCE=N times: under emulation everything takes longer.
read -r patience _ </proc/loadavg
patience=$((1 + ${patience%.*} / $(nproc)))
patience=${TINCAN_PATIENCE:-$((patience < 6 ? patience : 6))}

# on_hostile_host [--clean ...] -- COMMAND...: runs it there; 40 seconds at most, then all is killed and the
# status is 124. It is 75 if there could be no hostile host.
# `world` may name another program for it.
on_hostile_host() { timeout -k 2 "$((${within:-40} * patience))" "${world:-$build/hostile}" "$@"; }
