# The host's side of chapter 11: an ordinary user to whom ids are granted, and the system's helpers.

# granted [SETPRIV-OPTION...] -- COMMAND...: by ann, 4200, to whom these ids are granted, and no others.
uids=ann:300000:65536 gids=ann:400000:65536
granted() { "$project/tests/support/as-granted" "$uids" "$gids" "$@"; }

# home: a root directory of hers, in $work/home.
home() {
  command -v newuidmap >/dev/null || not_testable 'newuidmap is not installed'
  chmod 755 "$work"
  mkdir -m 700 "$work/home" && mkdir "$work/home/root"
  cp -a "$project/build/root/." "$work/home/root"
  chown -R 4200:4200 "$work/home"
}

# can STAGE [FLAG...] -- COMMAND...: how she starts it, into stage_argv.
can() {
  stage_argv=("$build/chapter-$1" -m "$work/home/root" --no-limits --reachable -a "$build/probe:/probe:ro" "${@:2}")
  note_stage
}

# belongs FILE: to her, or to what is granted to her.
belongs() {
  local owner group
  read -r owner group < <(stat -c '%u %g' "$1")
  ((owner == 4200 || owner >= 300000 && owner < 365536)) && ((group == 4200 || group >= 400000 && group < 465536))
}

# last_line TEXT
last_line() { echo "${1##*$'\n'}"; }

# stranger FILE: does it belong to an id that is not hers? As control, to one that root's map has beyond hers.
stranger() {
  if [ "$ordinary" ]; then ! belongs "$1"; else [[ $(stat -c %u "$1") == 50000? ]]; fi
}

# acted COMMAND...: the probe made what it could; what it wrote into a map is in `written`.
acted() {
  seen=$("$@" 2>&1)
  case $? in
    71) written=${seen#* * } ;;
    74) ;;
    *) not_testable "$(last_line "$seen")" ;;
  esac
}

# Neither the filter nor no_new_privs is what has to hold here; in the map alone there is neither.
attack_USER_11() {
  local where=$1 ordinary=1 by=(granted --) flags=() name file count=0 written=
  [ "$where" != control ] || {
    where=10 ordinary='' by=(env)
    flags=(--map 0:4200:1 --map 1:300000:65536 --map 65537:500000:10 --no-idmap)
  }
  home
  mkdir -m 1777 "$work/shared"
  mkdir -m 755 "$work/lent"
  for name in root:0 other:4300 stranger:500000; do
    cp "$build/probe" "$work/lent/${name%:*}"
    chown "${name#*:}" "$work/lent/${name%:*}"
    chmod 4755 "$work/lent/${name%:*}"
  done
  can "$where" --allow-new-privs --cap-add ALL --seccomp none "${flags[@]}" -a "$work/shared:/mnt" -a "$work/lent:/home:ro" -- \
    /probe USER-11 path=/mnt as= lent=/home
  acted "${by[@]}" "${stage_argv[@]}"
  [ ! "$ordinary" ] || acted granted -- "$build/chapter-$where" --as-mapped -- "$build/probe" USER-11 path="$work/shared" as=mapped lent="$work/lent"
  for file in "$work/shared"/*; do
    count=$((count + 1))
    ! stranger "$file" || reached "what was made as ${file##*/} belongs to $(stat -c %u:%g "$file")"
  done
  [ -z "$written" ] || reached "$written"
  [ "$count" -ge 72 ] || not_testable "only $count files were made"
  blocked "$count files, each hers or of what is granted"
}

# spies DIRECTORY: the probe, set-uid as they are, in the place of both helpers: it writes down in /mnt/helpers/seen
# what it has inherited, and goes on as the real one.
spies() {
  local name
  decoy=/mnt/helpers
  mkdir -p "$1" /mnt/helpers/real
  for name in newuidmap newgidmap; do
    cp "/usr/bin/$name" "/mnt/helpers/real/$name" && cp "$build/probe" "$1/$name" && chmod 4755 "/mnt/helpers/real/$name" "$1/$name"
  done
  : >/mnt/helpers/seen
}

# What she, or who set her PATH, has left lying about; it has all that a helper has, but the place.
attack_USER_12() {
  local where=$1
  home
  spies "$work/planted"
  cd "$work/planted" || not_testable 'no directory'
  if [ "$where" = control ]; then
    PATH=$work/planted:$PATH granted -- sh -c 'newuidmap 1; newgidmap 1' >/dev/null 2>&1
  else
    can "$where" -- cat /proc/self/uid_map
    seen=$(PATH=$work/planted::$PATH granted -- "${stage_argv[@]}" 2>&1)
  fi
  [ ! -s /mnt/helpers/seen ] || reached "a planted one was run: $(head -n 1 /mnt/helpers/seen)"
  [[ $seen == *300000* ]] || not_testable "$(last_line "$seen")"
  blocked 'the map was written by those of the system'
}

# Where the system has them.
attack_USER_13() {
  local where=$1 line dirty=(env --ignore-signal=HUP --ignore-signal=USR1 --block-signal=USR2 LANG=C SECRET=token)
  home
  spies /mnt/helpers
  cd "$work" || not_testable 'no directory'
  umask 077
  exec 7<"$work/home" 8>>/mnt/helpers/seen
  if [ "$where" = control ]; then
    granted -- "${dirty[@]}" /mnt/helpers/newuidmap 1 >/dev/null 2>&1 </etc/passwd
  else
    can "$where" -- true
    seen=$(HELPERS=/mnt/helpers granted -- "${dirty[@]}" "${stage_argv[@]}" 2>&1 </etc/passwd) || not_testable "$(last_line "$seen")"
  fi
  exec 7<&- 8>&-
  while read -r line; do
    [[ $line == *'inherited nothing' ]] || reached "$line"
  done </mnt/helpers/seen
  [ "$(wc -l </mnt/helpers/seen)" = 2 ] || not_testable "both did not run: $(cat /mnt/helpers/seen)"
  blocked 'both have inherited nothing of the caller'
}

# The file is everybody's to read, but not the group's; in three ways to start. As control, root leaves the group.
attack_USER_14() {
  local where=$1 way output status
  home
  echo secret >"$work/refusing" && chown 65534:4242 "$work/refusing" && chmod 604 "$work/refusing"
  if [ "$where" = control ]; then
    output=$(setpriv --groups 4242 --inh-caps=-all --bounding-set=-dac_override,-dac_read_search "$build/probe" USER-14 path="$work/refusing")
    judged $? "$output"
  fi
  for way in kept map none; do
    can "$where" --keep-groups --cap-add ALL --seccomp none -a "$work/refusing:/etc/motd:ro" -- /probe USER-14 path=/etc/motd
    [ "$way" != map ] || stage_argv=("$build/chapter-$where" --as-mapped -- "$build/probe" USER-14 "path=$work/refusing")
    [ "$way" != none ] || uids='' gids=''
    output=$(granted --groups 4242 -- "${stage_argv[@]}" 2>&1) && status=0 || status=$?
    [ "$status" = 70 ] || judged "$status" "$way: $output"
  done
  blocked 'kept, in the map alone and without a grant: setgroups() is refused'
}
