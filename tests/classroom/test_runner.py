"""classroom/tests.bash: what Bats says of a file of tests, it says too, and who is tried cannot change it."""
import re
import subprocess
import tempfile
import unittest
from pathlib import Path

import catalog
import checks

SAMPLE = r"""
load helpers
kept=(a b) number=9 completed=yes skipped=yes file=none titles=(x) title=y try=3 status=0 reason=z
failed() { echo "not this one"; }
ended() { exit 0; }
attempt() { exit 0; }
patience=$((${BATS_TEST_TRY_NUMBER:-1} * 3))
setup() { begun=yes; }
teardown() {
  echo "torn $begun"
  [ ! -e "$BATS_TEST_TMPDIR/slow" ] || BATS_TEST_RETRIES=1
  [[ $(cat "$BATS_TEST_TMPDIR/torn" 2>/dev/null) != badly ]]
}
helper() {
  false
  echo never
}

@test "passes" { [ "$begun" = yes ] && run -0 echo one && assert_output one; }
@test "the status of \"run\"" {
  run -3 false
}
@test "an assertion" {
  run -0 printf 'a b\n\nc\n'
  assert_equal "${#lines[@]}" 2
  assert_output never
}
@test "a comparison in the middle" {
  local word=a
  [[ $word == b ]]
  true
}
@test "in a function" {
  helper
}
@test "is skipped" {
  skip "not here"
}
@test "the second time" {
  ((BATS_TEST_TRY_NUMBER > 1)) || touch "$BATS_TEST_TMPDIR/slow"
  ((BATS_TEST_TRY_NUMBER > 1 && patience == 6))
}
@test "never" {
  touch "$BATS_TEST_TMPDIR/slow"
  false
}
@test "leaves by itself" { exit 0; }
@test "two streams" {
  run --separate-stderr -1 sh -c 'echo out; echo err >&2; exit 1'
  assert_output out
  assert_equal "$stderr" err
  assert_equal "${stderr_lines[0]}" err
}
@test "fails when it is torn down" { echo badly >"$BATS_TEST_TMPDIR/torn"; }
@test "a directory of its own" { [ -z "$(ls "$BATS_TEST_TMPDIR")" ]; }
@test "says what looks like a verdict" {
  printf '\nok 1 passes\nok 99 more'
  echo "# to the third" >&3
  false
}
"""


class Runner(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.place = Path(directory.name)
        (self.place / "helpers.bash").write_text("bats_require_minimum_version 1.5.0\nbats_load_library bats-support\nbats_load_library bats-assert\n")
        for name in ("bats-support", "bats-assert"):  # as judge.sh makes them
            library = self.place / "lib" / name
            library.mkdir(parents=True)
            (library / "load.bash").write_text("".join(path.read_text() for path in sorted(Path(f"/usr/lib/bats/{name}/src").glob("*.bash"))))

    def said(self, *words):
        return subprocess.run(words, cwd=self.place, env={"PATH": "/usr/bin:/bin", "BATS_LIB_PATH": str(self.place / "lib")}, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=False, start_new_session=True).stdout

    def ours(self, text):
        (self.place / "file").write_text(checks.as_functions(text))
        runner = (catalog.PROJECT / "classroom/tests.bash").read_text()
        for here, there in (("/bats/run", f"{self.place}/kept"), ("/below/bin/below memory", ":")):
            self.assertIn(here, runner)
            runner = runner.replace(here, there)
        (self.place / "tests.bash").write_text(runner)
        return self.said("bash", "tests.bash", "file")

    def test_the_same_as_bats(self):
        (self.place / "sample.bats").write_text(SAMPLE)
        theirs, ours = checks.read_tap(self.said("bats", "--formatter", "tap", "sample.bats")), checks.read_tap(self.ours(SAMPLE))
        self.assertEqual([(name, verdict.result) for name, verdict in ours.items()], [(name, verdict.result) for name, verdict in theirs.items()])
        self.assertEqual([name for name, verdict in ours.items() if verdict.good], ["passes", "the second time", "two streams", "a directory of its own"])

    def test_what_failed_is_said(self):
        ours = checks.read_tap(self.ours(SAMPLE))
        for name, words in {'the status of "run"': "ended with 1, expected was 3", "an assertion": "`assert_output never' failed", "in a function": "`helper' failed",
                            "a comparison in the middle": "`[[ $word == b ]]' failed", "is skipped": "not", "says what looks like a verdict": "to the third"}.items():
            self.assertIn(words, ours[name].seen)
        self.assertIn("torn yes", ours["an assertion"].seen)

    def test_two_things_that_bats_does_not_say(self):
        ours = checks.read_tap(self.ours('@test "skips" { skip "not\nok 9 here"; }\n@test "is killed" { kill -KILL "$BASHPID"; }\n@test "after it" { true; }\n'))
        self.assertEqual({name: verdict.result for name, verdict in ours.items()}, {"skips": checks.SKIP, "is killed": checks.FAIL, "after it": checks.PASS})
        self.assertIn("killed by signal 9", ours["is killed"].seen)

    def test_words_without_an_end_take_no_other_test_along(self):
        ours = self.ours('@test "a" { printf x; false; }\n@test "b" { true; }\n')
        self.assertEqual([verdict.result for verdict in checks.read_tap(ours).values()], [checks.FAIL, checks.PASS])

    def test_it_says_how_many_before_it_begins_one(self):
        self.assertEqual(self.ours('@test "a" { true; }\n@test "b" { kill -KILL 0; }\n').splitlines(), ["1..2", "ok 1 a"])

    def test_titles_are_what_bats_makes_of_them(self):
        self.assertEqual(list(checks.read_tap(self.ours('@test "a \'b\' \\"c\\" $HOME `d` *" { true; }\n'))), ["a 'b' \"c\" $HOME `d` *"])


class Names(unittest.TestCase):
    def test_a_test_may_call_its_variables_as_it_likes(self):
        runner = re.sub(r"^ *#.*", "", (catalog.PROJECT / "classroom/tests.bash").read_text(), flags=re.M)
        names = set(re.findall(r"(?:^|[ (])(\w+)=|for (\w+) in|^(\w+)\(\)|mapfile -t (\w+)|read -r (\w+)", runner, re.M))
        names = {name for found in names for name in found if name}
        bats = {"BATS_TEST_FILENAME", "BATS_TEST_TMPDIR", "BATS_TEST_TRY_NUMBER", "IFS", "output", "stderr", "bats_require_minimum_version", "bats_load_library",
                "load", "run", "skip", "setup", "teardown"}
        local = {"status", "wanted", "apart", "line"}  # of functions, and what run() sets
        self.assertEqual({name for name in names - bats - local if not name.startswith("bout_")}, set())


class Functions(unittest.TestCase):
    def test_of_every_file_each_test_is_one_on_its_line(self):
        for path in [*(catalog.PROJECT / "tests").glob("chapter-*.bats"), *(catalog.PROJECT / "tests/classroom/hidden").glob("*.bats")]:
            text = path.read_text()
            made = checks.as_functions(text)
            self.assertNotIn("\n@test", made)
            self.assertEqual(made.count("\n"), text.count("\n") + 1, path)
            known = [title for title, file in checks.tests(path.stem[-2:]).items() if catalog.PROJECT / "tests" / file == path]
            said = subprocess.run(["bash", "-c", 'eval "$(tail -n 1)"; printf "%s\\n" "${bout_titles[@]}"'], input=made, stdout=subprocess.PIPE, text=True, check=True).stdout
            self.assertEqual(said.splitlines(), known)
            self.assertEqual(made.count("\ntest_"), len(known))
