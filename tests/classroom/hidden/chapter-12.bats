#!/usr/bin/env bats
# Hidden tests of chapter 12: the names are others in every run. They come into no hand-out.

load ../../support/promise

setup() { launcher=$build/chapter-12; }

# can [FLAG...] -- COMMAND...
can() { limited "$launcher" -m "$project/build/root" --no-device-rules "$@"; }

@test "a name may have colons, and what is no grant is refused" {
  local name=n$SRANDOM other=$SRANDOM grant
  for grant in "/dev/zero:/dev/$name" "/dev/zero:/dev/$name:rw" "/dev/zero:/dev/$name:wmr"; do
    run -0 can --device "$grant" -- stat -c %t:%T "/dev/$name"
    assert_output 1:5
  done
  run -0 can --device "/dev/zero:/dev/$name\\:$other" --device "/dev/zero:/dev/r\\:$name:mwr" -- stat -c %t:%T "/dev/$name:$other" "/dev/r:$name"
  assert_output "$(printf '1:5\n1:5')"
  # By its own name, and whole: it stands there already, or nothing rules over less.
  for grant in /dev/zero /dev/zero:rw; do
    run -125 can --device "$grant" -- echo RAN
    assert_output --partial 'EBUSY'
  done
  for grant in "/dev/zero:/dev/$name:r" "/dev/zero:/dev/$name:mw"; do
    run -2 can --device "$grant" -- echo RAN
    assert_output --partial "only rules could hold anybody to '${grant##*:}'"
  done
  for grant in '' : "dev/$name" "/dev/zero:" "/dev/zero:dev/$name" "/dev/zero:/dev/$name:" "/dev/zero:/dev/$name:rr" "/dev/zero:/dev/$name:rwx" "/dev/zero:rx" \
    "/dev/zero:r:/dev/$name" "/dev/zero:/dev/$name:/dev/$other" "/dev/zero:/dev/$name:r:w" ":/dev/$name"; do
    run -2 can --device "$grant" -- echo RAN
    assert_output --partial --device
    refute_output --partial RAN
  done
}
