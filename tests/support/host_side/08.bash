# The host's side of chapter 08: the filter.

# What the kernel has for the command, instruction by instruction, is what --dump-seccomp prints.
attack_SEC_02() {
  # Capabilities that are added open calls: what is shown has to know of them.
  local where=$1 flags=()
  [ "$where" != control ] || flags=(--seccomp none) where=08
  start "$where" --cap-add ALL "${flags[@]}" -- @probe@ hold || not_testable 'it did not start'
  "$build/probe" filter-of "$(deepest "$inside")" >"$work/installed" || not_testable 'it cannot be traced'
  "$build/chapter-$where" --cap-add ALL --dump-seccomp | grep -oE '^ *[0-9]+ ( [0-9a-f]{2}){3} [0-9a-f]{8}' | sed -E 's/^ *[0-9]+ +//' >"$work/shown"
  [ -s "$work/shown" ] || not_testable '--dump-seccomp shows nothing'
  cmp -s "$work/installed" "$work/shown" && blocked "$(wc -l <"$work/shown") instructions, and the kernel has the same"
  reached "the kernel has $(wc -l <"$work/installed") instructions, not the $(wc -l <"$work/shown") that are shown"
}
