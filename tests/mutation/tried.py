"""Where mutants are tried: a slot, in which tests run until the first of them fails.

A test is a file and a title; a unit test's file is "unit-tests", and that of the faults of a system call "faults".
"""
import os
import re
import select
import shutil
import subprocess
import time
from dataclasses import dataclass, field

from slots import BUILD, PROJECT, Slot, run
from write import with_switch

UNIT, ALL_UNITS = "unit-tests", "unit tests"  # their program; what stands for all of them
FAULTS = "faults"
RESULT = re.compile(r"^(ok|not ok) \d+ (.*?)(?: in (\d+)ms)?(?: # skip ?(.*))?$")
UNIT_RESULT = re.compile(r"\[ +(RUN|OK|FAILED|SKIPPED) +\] (\w+(?:/\w+)*\.\w+(?:/\w+)*)(?:.*\((\d+) ms\))?")
AT_ONCE = 8  # so many tests, and one start of bats
SECONDS_MORE, UNIT_SECONDS = 60, 30  # than a test takes where nothing is wrong; for all unit tests
NOTED = r"""
note_reached() {
  local name=/tmp/seen/${BATS_TEST_FILENAME##*/}.$BATS_TEST_NUMBER.${BATS_TEST_TRY_NUMBER:-1}
  cp /tmp/reached "$name"
  printf '%s' "$BATS_TEST_DESCRIPTION" >"$name.title"
  dd if=/dev/zero of=/tmp/reached conv=notrunc bs="$(stat -c %s /tmp/reached)" count=1 status=none
}
"""
FAULTS_OF = """
said=$(ONLY=$1 SEED=1 FAULTS_SECONDS=12 python3 tests/faults/run /tmp/programs 2>&1) && result=ok || result='not ok'
# Without ONLY that is no failure.
[[ $said != *'a start makes no call'* ]] || result='ok # skip'
echo "$said"
echo "${result%% #*} 1 $1 in ${SECONDS}000ms${result#${result%% #*}}"
"""
UNITS_NOTED = """
size=$(stat -c %s /tmp/reached) number=0
for name; do
  dd if=/dev/zero of=/tmp/reached conv=notrunc bs="$size" count=1 status=none
  /tmp/programs/unit-tests --gtest_filter="$name"
  cp /tmp/reached /tmp/seen/$((number++))
done
"""


@dataclass
class Outcome:
    results: dict = field(default_factory=dict)  # title -> (ok, not ok, skipped; milliseconds)
    output: str = ""
    late: bool = False  # it was ended by the clock

    def red(self):
        """The title of the first test that was not passed as it should be."""
        return next((title for title, (result, _) in self.results.items() if result != "ok"), None)


class Place(Slot):
    def __init__(self, number):
        super().__init__(number, "mutation")
        self.environment = {}

    def precompile_headers(self):
        """Not before something is built here."""

    def make_builder(self):
        if not (self.tree / "system.hpp").exists():
            super().precompile_headers()

    def put(self, programs, environment=None):
        """`programs`: name -> what writes it to a path. And a root as it was."""
        self.environment = environment or {}
        shutil.rmtree(self.tree / "build/closed", ignore_errors=True)
        run(["cp", "-a", BUILD / "closed", self.tree / "build"], check=True)
        shutil.rmtree(self.tmp, ignore_errors=True)
        (self.tmp / "programs").mkdir(parents=True)
        self.tmp.chmod(0o1777)
        for name in ("probe", "hostile", "inject", "doctor"):
            shutil.copy2(BUILD / name, self.tmp / "programs" / name)
        for name, write in programs.items():
            write(self.tmp / "programs" / name)

    def try_tests(self, tests, expected, until_red=True):
        """Runs them, a few at a time. `expected`: test -> the milliseconds that it takes where nothing is wrong."""
        outcome = Outcome()
        if units := [title for file, title in tests if file == UNIT]:
            self.unit_tests(units, outcome)
        for call in [title for file, title in tests if file == FAULTS]:
            if not until_red or not outcome.red():
                self.faults(call, outcome, until_red)
        tests = [test for test in tests if test[0] not in (UNIT, FAULTS)]
        for start in range(0, len(tests), AT_ONCE):
            if until_red and (outcome.red() or outcome.late):
                break
            batch = tests[start:start + AT_ONCE]
            self.some(batch, SECONDS_MORE + sum(expected.get(test, 0) for test in batch) * 3 // 1000, outcome, until_red)
        return outcome

    def unit_tests(self, titles, outcome):
        wanted = "*" if ALL_UNITS in titles else ":".join(titles)
        self.follow([f"/tmp/programs/{UNIT}", "--gtest_fail_fast", f"--gtest_filter={wanted}"], UNIT_SECONDS, outcome, False)
        found = unit_results(outcome.output)
        if not found:  # it does not even come to its first
            found[titles[0]] = "not ok", 0
        if ALL_UNITS in titles:
            found[ALL_UNITS] = "ok" if all(result == "ok" for result, _ in found.values()) else "not ok", 0
        outcome.results.update({title: found[title] for title in titles if title in found})

    def faults(self, call, outcome, until_red=False):
        """Where a system call of a start fails."""
        self.follow(["bash", "-c", FAULTS_OF, "bash", call], SECONDS_MORE * 2, outcome, until_red)

    def noting_units(self, titles, seconds):
        """Unit tests one by one; what each reaches is in a file with its number as its name."""
        (self.tmp / "seen").mkdir()
        outcome = Outcome()
        self.follow(["bash", "-c", UNITS_NOTED, "bash", *titles], seconds, outcome, False)
        outcome.results = unit_results(outcome.output)
        return outcome

    def some(self, tests, seconds, outcome, until_red):
        by_file = {}
        for file, title in tests:
            by_file.setdefault(file, []).append(title)
        alone = [self.write_alone(file, titles) for file, titles in by_file.items()]
        self.follow(["bats", "--timing", "--formatter", "tap", *alone], seconds, outcome, until_red)

    def noting(self, file, titles, seconds):
        """Tests of a file, with what each reaches noted."""
        (self.tmp / "seen").mkdir()
        promise = self.tree / "tests/support/promise.bash"
        original = (PROJECT / "tests/support/promise.bash").read_text()
        promise.write_text(re.sub(r"^teardown\(\) \{ ", "teardown() { note_reached; ", original + NOTED, flags=re.M))
        alone = self.write_alone(file, titles)
        text = re.sub(r"^teardown\(\) \{\n", "teardown() {\n  note_reached\n", (self.tree / alone).read_text(), flags=re.M)
        (self.tree / alone).write_text(text)
        outcome = Outcome()
        self.follow(["bats", "--timing", "--formatter", "tap", alone], seconds, outcome, False)
        promise.write_text(original)
        return outcome

    def follow(self, words, seconds, outcome, until_red):
        """Reads what tests say while they run, and ends them at the first red, or when their time is over."""
        how = self.apart(words, False, seconds)
        how["env"] |= {"TINCAN_QUICK": "1"} | self.environment
        process = subprocess.Popen(**how)
        end, pending = time.monotonic() + seconds, b""
        while (left := end - time.monotonic()) > 0:
            if not select.select([process.stdout], [], [], left)[0]:
                continue
            piece = os.read(process.stdout.fileno(), 65536)
            *lines, pending = (pending + piece).split(b"\n")
            for line in lines:
                note(line.decode(errors="replace"), outcome)
            if not piece or (until_red and outcome.red()):
                break
        else:
            outcome.late = True
        process.kill()  # and with it its pid namespace
        process.stdout.close()
        process.wait()
        self.end_all()


def unit_results(output):
    """title -> (ok, not ok, skipped; milliseconds). What began and did not end is not ok."""
    words = {"OK": "ok", "SKIPPED": "skipped"}
    return {title: (words.get(word, "not ok"), int(took or 0)) for word, title, took in UNIT_RESULT.findall(output)}


def faulty_calls():
    """The system calls that can fail."""
    return re.findall(r'^    "(\w+)": \[', (PROJECT / "tests/faults/run").read_text(), re.M)


def unit_titles(program):
    """What the program lists: suites, and below each its tests."""
    found, suite = [], ""
    for line in run([program, "--gtest_list_tests"], check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines():
        name = line.partition("#")[0].strip()
        if line.startswith(" "):
            found.append(suite + name)
        elif name.endswith("."):
            suite = name
    return found


def titles_in(file):
    found = re.findall(r'^@test "(.*)" \{', (PROJECT / "tests" / file).read_text(), re.M)
    return [re.sub(r"\\(.)", r"\1", title) for title in found]


def note(line, outcome):
    outcome.output += line + "\n"
    match = RESULT.match(line)
    if match and not match[2].startswith(("teardown_suite", "setup_suite")):
        outcome.results[match[2]] = ("skipped" if match[4] is not None else match[1], int(match[3] or 0))


def linked(build, name):
    """Writes the program as it is."""
    return lambda path: shutil.copy2(build / name, path)


def switched(build, name, number=-1, reached=""):
    return lambda path: with_switch(build / name, path, number, reached)
