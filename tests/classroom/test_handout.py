"""A hand-out tells no solution, in whatever words, and offers nothing that does not work in it."""
import re
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

import answers
import catalog
import handout
import regions

PROJECT = catalog.PROJECT
ALL = catalog.chapters()
# Hints, which are shown one by one, and what they are told of: these may name a call.
HINTED = "exercises.md"


class HandOut(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.directory = Path(tempfile.mkdtemp(dir=PROJECT / "build"))
        cls.exercises = [one for chapter in ALL for one in catalog.exercises(chapter)]
        handout.write(cls.directory / "all", ALL)
        handout.write(cls.directory / "07", ["07"])

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.directory)

    def texts(self, name):
        return {path.relative_to(self.directory / name): path.read_text(errors="replace") for path in (self.directory / name).rglob("*") if path.is_file()}

    def test_no_call_of_a_solution_stands_anywhere(self):
        calls = [call for one in self.exercises for call in answers.calls_of(one)]
        self.assertIn('umount2(".",MNT_DETACH)', calls)
        for path, text in self.texts("all").items():
            text = answers.squeezed(text).replace("&quot;", '"')
            self.assertEqual([call for call in calls if call in text and path.name != HINTED], [], path)

    def test_no_line_of_a_solution_stands_anywhere(self):
        told = {line for one in self.exercises for line in answers.of(one)}
        for path, text in self.texts("all").items():
            self.assertEqual(answers.telling_lines(text) & told, set(), path)

    def test_a_text_shows_a_hole_with_the_hole_in_it(self):
        text = (self.directory / "all/docs/03-process.md").read_text()
        self.assertIn("close_range_on_exec(STDERR_FILENO + 2)", text)
        self.assertNotIn("STDERR_FILENO + 1", text)

    def test_the_passages_that_tell_a_solution_pair_and_name_an_exercise(self):
        for page in PROJECT.glob("docs/[0-9][0-9]-*.md"):
            marks = re.findall(r"^<!-- (exercise: [a-z0-9-]+|end of exercise) -->$", page.read_text(), re.M)
            known = {one.id for one in catalog.exercises(page.name[:2])} if page.name[:2] in ALL else set()
            self.assertEqual([bool(mark.startswith("end")) for mark in marks], [False, True] * (len(marks) // 2), page)
            self.assertLessEqual({mark.removeprefix("exercise: ") for mark in marks[::2]}, known, page)

    def test_they_are_left_out_where_the_exercise_is_open_and_there_alone(self):
        self.assertNotIn("pulls the cloth", (self.directory / "all/docs/05-mounts.md").read_text())
        self.assertNotIn("Leave the cloth", (self.directory / "all/docs/05-mounts.md").read_text())
        self.assertIn("pulls the cloth", (self.directory / "07/docs/05-mounts.md").read_text())
        self.assertNotIn("<!-- exercise", (self.directory / "07/docs/05-mounts.md").read_text())

    def test_what_comes_before_is_whole(self):
        for chapter, is_whole in (("05", True), ("07", False)):
            for name, source in catalog.files(chapter).items():
                there = self.directory / "07/chapters" / source.parent.name / name
                self.assertEqual(there.exists() and there.read_text() == source.read_text(), is_whole and name.endswith("pp"), there)

    def test_what_is_whole_in_it_is_known(self):
        self.assertEqual(handout.whole(["05", "07"]), ["02", "03", "04", "06"])
        self.assertEqual(handout.whole(ALL), [])

    def test_every_make_that_is_mentioned_works(self):
        words = "".join(text for path, text in self.texts("all").items() if path.name in ("README.md", HINTED) or path.parts[0] == "classroom")
        words += subprocess.run(["make", "-s"], cwd=self.directory / "all", stdout=subprocess.PIPE, text=True, check=True).stdout
        named = set(re.findall(r"(?<=make )(?:[a-z]+-(?:\d\d|NN|\{chapter\}|\{first\})|(?:deps|progress|vm|test|labs|lint|doctor|demo|handout)\b)", words))
        self.assertGreater(len(named), 12)
        for goal in named - ALLOWED:
            goal = re.sub(r"NN|\{\w+\}", "05", goal)
            done = subprocess.run(["make", "-n", goal], cwd=self.directory / "all", stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
            self.assertEqual(done.returncode, 0, done.stdout)
            self.assertNotIn("hand-out has no", done.stdout, goal)

    def test_the_others_say_that_they_are_not_there(self):
        for goal in ("test", "lab-05", "mutants-05", "solution-05", "doctor", "grade-class", "bench", "docs"):
            done = subprocess.run(["make", goal], cwd=self.directory / "all", stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
            self.assertIn(f"A hand-out has no make {goal}", done.stdout)

    def test_editors_know_what_is_in_work(self):
        place = self.directory / "07"
        subprocess.run(["make", "-s", "exercise-07"], cwd=place, stdout=subprocess.DEVNULL, check=True)
        self.assertIn('"file": "work/07-capabilities/capabilities.cpp"', (place / "compile_commands.json").read_text())

    def test_every_tool_that_a_tool_asks_for_is_there(self):
        there = {Path(name).stem for name in handout.TOOLS}
        for name in handout.TOOLS:
            text = (PROJECT / "classroom" / name).read_text()
            asked = set(re.findall(r"^import (\w+)$|^from (\w+) import", text, re.M))
            ours = {path.stem for path in (PROJECT / "classroom").glob("*.py")}
            self.assertLessEqual({a or b for a, b in asked} & ours, there, name)


# Said only where the chapter is no hand-out's.
ALLOWED = {"solution-{chapter}", "doctor"}


class Regions(unittest.TestCase):
    def test_the_marks_of_the_chapters_pair(self):
        for path in PROJECT.glob("chapters/*/*.?pp"):
            self.assertEqual(regions.complaints(path.read_text()), [], path)
