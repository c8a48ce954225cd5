#!/usr/bin/env bats
# Hidden tests of chapter 12: device and letters are others in every run. They come into no hand-out.

load ../../support/promise

setup() { launcher=$build/chapter-12; }

# refused_ways LETTERS PATH: each way to open the device there that is refused where it is granted so far.
refused_ways() {
  # shellcheck disable=SC2016  # the inner shell's
  limited "$launcher" -m "$project/build/root" --device "$2:/dev/granted:$1" -- sh -c '
    ! true </dev/granted && echo r; ! true >/dev/granted && echo w; ! true <>/dev/granted && echo rw; true' 2>/dev/null
}

@test "whatever letters are granted, so much opens" {
  local device letters wanted
  mapfile -t devices < <(for device in /dev/fuse /dev/loop-control /dev/net/tun; do [ ! -c "$device" ] || echo "$device"; done | shuf)
  [ "${#devices[@]}" -gt 0 ] || skip 'NOT-TESTABLE: there is no device to be granted'
  for letters in $(printf '%s\n' r w m rw wr rm mw wrm | shuf); do
    wanted=
    [[ $letters == *r* ]] || wanted+='r '
    [[ $letters == *w* ]] || wanted+='w '
    [[ $letters == *r*w* || $letters == *w*r* ]] || wanted+='rw '
    run -0 refused_ways "$letters" "${devices[0]}"
    assert_equal "$letters: $(tr '\n' ' ' <<<"$output")" "$letters: ${wanted:- }"
  done
}
