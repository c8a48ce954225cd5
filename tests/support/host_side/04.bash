# The host's side of chapter 04: namespaces.

# Each namespace in turn cannot be had: in an outer user namespace whose limit for it is zero.
attack_NS_14() {
  [ "$1" != control ] || attack_NS_14_control
  local kind kinds=(uts pid ipc net mnt cgroup) flags=() output status
  # From chapter 06 on there is one more; and of ids, that outer namespace has but one.
  if ((10#$1 >= 6)); then
    kinds+=(user)
    flags=(--map 0:0:1 --map-host-root --no-idmap --reachable)
  fi
  for kind in "${kinds[@]}"; do
    stage "$1" "${flags[@]}" -- /bin/sh -c 'echo RAN'
    output=$(unshare -Urm sh -c "echo 0 >/proc/sys/user/max_${kind}_namespaces && exec \"\$@\"" sh \
      "${stage_argv[@]}" 2>&1) && status=0 || status=$?
    case $status:$output in
      *RAN*) reached "without a $kind namespace the command ran" ;;
      125:*ENOSPC*max_*namespaces*) ;;
      *) not_testable "$kind: status $status: $output" ;;
    esac
  done
  blocked "${#kinds[@]} times one namespace was refused, and nothing ran"
}

# Something that goes on when it is refused: what a launcher that only warns does.
attack_NS_14_control() {
  unshare -Ur sh -c 'echo 0 >/proc/sys/user/max_uts_namespaces; unshare -u true 2>/dev/null || echo RAN' |
    grep -q RAN && reached 'a launcher that goes on without the namespace runs the command'
  not_testable 'limits on namespaces do not work here'
}
