"""Honest students, played through.

OtherWords      right solutions whose messages are others than ours (other-words/) pass every check
Endless         a loop, a wait, a function that is missing: a sentence, an end, and nothing left running
PlayedThrough   a hand-out of 03 to 07, solved chapter by chapter: every exercise holds in it, with every point
"""
import os
import re
import shutil
import subprocess
import sys
import unittest
from pathlib import Path

import catalog
import regions

HERE = Path(__file__).resolve().parent
PROJECT = catalog.PROJECT
PLACE = PROJECT / "build/classroom/honest"
# The student's loop with shorter limits, for what runs into them: 2 s of the processor, and so many on the clock.
HURRIED = """
import runpy, sys
import attempt, leash
leash.PROCESSOR, attempt.START, attempt.PROBE = 2, int(sys.argv[1]), int(sys.argv[1])
sys.argv = ["student", *sys.argv[2:]]
runpy.run_path("classroom/student", run_name="__main__")
"""


def put(work, one, text):
    """The exercise's region in a working copy."""
    path = work / catalog.chapter_folder(one.chapter).name / one.file
    path.write_text(regions.replaced(path.read_text(), one.id, text))


class AtTheDesk(unittest.TestCase):
    """In this repository, where what is not begun counts as solved."""

    def setUp(self):
        self.work = PLACE / "work"
        shutil.rmtree(self.work, ignore_errors=True)

    program, more = (PROJECT / "classroom/student",), {}

    def student(self, *words):
        return subprocess.run([*self.program, *words], env=dict(os.environ, TINCAN_WORK=str(self.work), **self.more), stdin=subprocess.DEVNULL, cwd=PROJECT,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False).stdout

    def check(self, chapter, **answers):
        self.student("exercise", chapter)
        for name, text in answers.items():
            put(self.work, catalog.exercise(chapter, name.replace("_", "-")), text)
        return self.student("check", chapter)


class OtherWords(AtTheDesk):
    def test_the_same_in_other_words_passes(self):
        for chapter in sorted({path.name[:2] for path in HERE.glob("other-words/*.inc")}):
            answers = {path.stem[3:]: path.read_text() for path in HERE.glob(f"other-words/{chapter}-*.inc")}
            said = self.check(chapter, **answers)
            for name in answers:
                self.assertRegex(said, rf"(?m)^  ok  {name} ", said)


class Endless(AtTheDesk):
    more = {"TINCAN_PATIENCE": "2"}

    def setUp(self):
        super().setUp()
        # What waits is given up soon; what burns the processor may get little of it on a busy machine.
        self.program = (sys.executable, "-c", HURRIED, "4" if "wait" in self.id() else "90")

    def tearDown(self):
        found = subprocess.run(["pgrep", "-fx", f"{PROJECT}/build/work/05/chapter-05 .*"], stdout=subprocess.PIPE, text=True, check=False).stdout
        self.assertEqual(found, "", "it runs still")

    def test_a_loop_in_every_start(self):
        said = self.check("05", private="  for (volatile int i = 0;; i = i + 1) {\n  }\n")
        self.assertIn("it used 2 s of the processor and did not end", " ".join(said.split()))

    def test_a_wait(self):
        said = " ".join(self.check("05", private="  pause();\n").split())
        self.assertRegex(said, "did not end within 8 s")

    def test_a_loop_that_one_option_leads_to(self):
        said = self.check("05", bind_syntax='  while (text.size() != 9999) {\n  }\n  refuse("x");\n  return {};\n')
        self.assertIn("152 is 128 + SIGXCPU", said)

    def test_a_function_that_is_missing_has_a_name(self):
        self.student("exercise", "03")
        path = self.work / "03-process/clean_start.cpp"
        path.write_text(path.read_text().replace("void reset_signals() {", "void reset_the_signals() {"))
        said = self.check("03", groups="  (void)options;\n  // mine\n")
        self.assertIn("reset_signals() is called, and defined nowhere", said)
        self.assertNotIn("ld returned", said)

    def test_a_script_that_never_ends(self):
        said = self.check("03", inheritance="while :; do :; done\n")
        self.assertIn("the end of its processor time", " ".join(said.split()), said)

    def test_a_script_that_waits(self):
        said = self.check("03", inheritance="sleep 600\n")
        self.assertIn("a time limit, 4 s", " ".join(said.split()), said)


class PlayedThrough(unittest.TestCase):
    def test_every_point_in_a_hand_out(self):
        place, chapters = PLACE / "handout", ["03", "04", "05", "06", "07"]
        shutil.rmtree(place, ignore_errors=True)
        PLACE.mkdir(parents=True, exist_ok=True)
        self.run_in(PROJECT, "classroom/handout", place, "03-07")
        self.run_in(place, "make", "-s", *(f"exercise-{chapter}" for chapter in chapters))
        for chapter in chapters:
            for one in catalog.exercises(chapter):
                answer = regions.content(one.source.read_text(), one.id)
                put(place / "work", one, ("// The hole: what it lets through, in a sentence of mine.\n" if one.kind == "hole" else "") + answer)
            said = self.run_in(place, "make", f"check-{chapter}")
            self.assertIn(f"All of chapter {chapter} holds.", said, said)
        for line in self.run_in(place, "make", "progress").splitlines():
            points, most = re.search(r"(\d+) of (\d+) points", line).groups()
            self.assertEqual(points, most, line)

    def run_in(self, place, *words):
        # A student's machine: warnings are none of the end there.
        mine = {name: value for name, value in os.environ.items() if name not in ("CI", "WERROR", "MAKEFLAGS", "MAKELEVEL")}
        done = subprocess.run([str(word) for word in words], cwd=place, env=mine, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stdout)
        return done.stdout
