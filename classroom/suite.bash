# Around the tests of a bout: their own files lie in a file system that whoever is tried may use, and nothing
# else of what Bats keeps does.

setup_suite() {
  mkdir "$BATS_RUN_TMPDIR/test" && /below/bin/below memory "$BATS_RUN_TMPDIR/test" 128m
}

teardown_suite() { umount -l "$BATS_RUN_TMPDIR/test"; }
