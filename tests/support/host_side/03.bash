# The host's side of chapter 03: a child that its launcher starts.

# CVE-2013-1858 was of this kind.
attack_NS_12() {
  local command=(/bin/sh -c 'cd /tmp && umask 077 && echo moved && exec sleep 10')
  if [ "$1" = control ]; then
    begin "$build/probe" careless "${command[@]}"
  else
    start "$1" -- "${command[@]}" || not_testable 'it did not start'
  fi
  local where
  where=$(readlink "/proc/$launcher/cwd")
  kill -9 "$inside" "$launcher" 2>/dev/null
  [ "$where" = "$PWD" ] || reached "the launcher was moved to $where"
  blocked "the launcher stayed in $where"
}

attack_PTY_05() {
  if [ "$1" = control ]; then
    begin "$(type -P bash)" -c '"$0" hold; :' "$build/probe"
  else
    start "$1" -- @probe@ hold || not_testable 'it did not start'
  fi
  kill -9 "$launcher"
  wait "$launcher" 2>/dev/null
  dies_soon "$1" "$inside" && blocked 'the command died with its launcher'
  kill -9 "$inside"
  reached 'the command outlived its launcher'
}
