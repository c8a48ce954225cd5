"""Classes that are graded for real. With FULL=1 all hostile submissions are, in guests.

Class   three honest and all hostile submissions, with HOST=1, against expected.csv
Guest   honest submissions of chapters 03 and 09, and three hostile ones, chosen by what the classroom and its tests are
"""
import contextlib
import csv
import fcntl
import hashlib
import os
import random
import shutil
import signal
import subprocess
import time
import unittest
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import container
import place

HERE = Path(__file__).resolve().parent
PROJECT = HERE.parents[1]


def places_left():
    """What no grader owns any more (classroom/interrupt.py): others may be at work beside this one."""
    found = []
    for path in (PROJECT / "build/classroom/grade").glob("*.lock"):
        with contextlib.suppress(OSError), open(path, "rb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            found.append(path.name)
    return found


class Graded(unittest.TestCase):
    """What the two below have in common."""

    def setUp(self):
        self.directory = PROJECT / f"build/classroom/test/{type(self).__name__}"
        shutil.rmtree(self.directory, ignore_errors=True)
        self.directory.mkdir(parents=True)

    def grade(self, names, chapter="03", directory=None, jobs=2, **environment):
        directory = directory or self.directory
        subprocess.run([HERE / "make-class", "--chapter", chapter, directory / "class", *names], check=True)
        done = subprocess.run([PROJECT / "classroom/grade", "class", chapter, directory / "class", "--csv", directory / "grades.csv", "--jobs", str(jobs),
                               "--report", directory / "reports", "--export", directory / "export"],
                              env=dict(os.environ, **environment), stdout=subprocess.PIPE, text=True)
        self.assertEqual(done.returncode, 0)
        return {row["student"]: row for row in csv.DictReader((directory / "grades.csv").read_text().splitlines())}

    def expected(self):
        return {row["student"]: row for row in csv.DictReader((HERE / "expected.csv").read_text().splitlines())}

    def compare(self, rows):
        wanted = self.expected()
        for name, row in rows.items():
            report = (self.directory / f"reports/{name}/report.md").read_text()
            with self.subTest(student=name):
                for column, value in wanted[name].items():
                    if column != "says":
                        self.assertEqual(row[column], value, column)
                self.assertIn(wanted[name]["says"].lower(), report.lower(), "what is told")


class Class(Graded):
    def test_the_whole_class(self):
        names = [name for name in self.expected()]
        start = time.monotonic()
        # One of them sleeps, one burns the processor until its time is over.
        quick = {"jobs": 3, "HOST": "1", "TINCAN_PATIENCE": "2"}
        rows = self.grade(names, **quick)
        self.assertEqual(list(rows), sorted(names))
        self.compare(rows)
        self.hidden_tests_stay_hidden()
        self.nothing_was_taken_along()
        self.no_report_tells_of_this_machine()
        first = time.monotonic() - start
        before = (self.directory / "grades.csv").read_text()
        shutil.rmtree(self.directory / "class")
        start = time.monotonic()
        self.grade(names, **quick)
        self.assertEqual((self.directory / "grades.csv").read_text(), before, "graded again it is the same")
        self.assertLess(time.monotonic() - start, first / 2, "and what was graded is not graded again")
        self.assertTrue((self.directory / "export/submissions/perfect/groups.cpp").exists())
        self.assertTrue((self.directory / "export/base/groups.cpp").exists())

    def test_what_this_machine_cannot_show_costs_its_own_points_alone(self):
        row = self.grade(["perfect"], "09", HOST="1", TINCAN_PATIENCE="2")["perfect"]
        self.assertEqual(float(row["points"]) + float(row["not graded"]), float(row["max"]), "right answers have every point")

    def test_groups_that_a_killed_judge_has_left_go_with_who_is_in_them(self):
        this = place.HostPlace(self.directory / "place")
        made = container.ask_groups("make_groups", f"bout-{this.first}-killed").split()[1::2]
        inside = subprocess.Popen(["sleep", "600"])
        for group in made:
            Path(group, "tests/cgroup.procs").write_text(str(inside.pid))
        this.remove_groups()
        self.assertEqual([group for group in made if Path(group).exists()], [])
        self.assertEqual(inside.wait(10), -signal.SIGKILL)

    def hidden_tests_stay_hidden(self):
        hidden = (HERE / "hidden/chapter-03.bats").read_text()
        for path in self.directory.glob("reports/*/*"):
            if path.is_file():
                for line in hidden.splitlines()[7:]:
                    if len(line) > 30 and not line.startswith("@test"):
                        self.assertNotIn(line.strip(), path.read_text(), path)

    def no_report_tells_of_this_machine(self):
        own = {line.strip() for name in ("machine-id", "hosts", "fstab", "resolv.conf") if (path := Path("/etc", name)).exists()
               for line in path.read_text(errors="replace").splitlines() if len(line) > 12}
        for path in self.directory.glob("reports/*/*"):
            text = path.read_text() if path.is_file() else ""
            self.assertEqual([line for line in own if line in text], [], path)

    def nothing_was_taken_along(self):
        self.assertFalse(Path("/tmp/tincan-was-here").exists(), "a submission's Makefile was used")
        self.assertEqual(places_left(), [])


class Guest(Graded):
    def test_honest_and_hostile_ones(self):
        with ThreadPoolExecutor() as pool:
            # A guest has control groups of version 2 alone, other than most places with containers.
            groups = pool.submit(self.grade, ["perfect"], "09", self.directory / "09")
            # One of all sleeps for eight minutes.
            self.compare(self.grade(["perfect", "half-done", *self.chosen()], jobs=3 if os.environ.get("FULL") else 2))
        row = groups.result()["perfect"]
        self.assertEqual(float(row["points"]) + float(row["not graded"]), float(row["max"]), "right answers have every point")

    def chosen(self):
        """Other ones after each change, the same ones for the same tree."""
        names = sorted(name for name in self.expected() if name not in ("perfect", "half-done"))
        if os.environ.get("FULL"):
            return names
        files = sorted(path for folder in ("classroom", "tests/classroom") for path in (PROJECT / folder).rglob("*") if path.is_file())
        digest = hashlib.sha256(b"".join(path.read_bytes() for path in files)).digest()
        # What takes all of its time has eight times as much of it in a guest: a quarter of an hour.
        return random.Random(digest).sample([name for name in names if name != "dozes"], 3)
