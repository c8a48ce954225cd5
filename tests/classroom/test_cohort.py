"""One submission, one verdict: whose error it is, and what is kept. Nothing is really tried here."""
import contextlib
import io
import json
import os
import shutil
import tempfile
import unittest
from pathlib import Path
from types import SimpleNamespace
from unittest import mock

import catalog
import checks
import cohort
import entries
import grading
import reports


def all_pass(chapter, taken, directory):
    return [(one, {check.name: checks.Verdict(checks.PASS) for check in one.checks}) for one in catalog.exercises(chapter)], []


class Graded(unittest.TestCase):
    def setUp(self):
        self.directory = Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.directory)
        for name in ("ada", "bob", "eve"):
            (self.directory / "class" / name).mkdir(parents=True)
            (self.directory / "class" / name / "exec.cpp").write_text(f"// {name}\n")
        self.asked = []

    def grade(self, judge=all_pass, only=None, jobs=2):
        def asked(chapter, taken, directory):
            self.asked.append(taken["exec.cpp"][3:6])
            return judge(chapter, taken, directory)

        students, _ = entries.listed(self.directory / "class", list(catalog.files("03")))
        chosen = next((one for one in students if one.key == only), None)
        self.said = io.StringIO()
        with mock.patch.object(grading, "grade", asked), contextlib.redirect_stderr(self.said):
            found = cohort.Cohort("03", students, self.directory / ".kept", self.directory / "scratch", chosen).run(jobs)
        return {one.student: one for one in found}

    def test_an_error_is_of_its_submission(self):
        for error in (RuntimeError("the guest did not start\nat /root/x"), OSError(28, "No space left on device", "/x"), ValueError("\x1b[2J"), UnicodeError(), KeyError("x"),
                      MemoryError(), RecursionError()):
            def judge(chapter, taken, directory, error=error):
                if "bob" in taken["exec.cpp"]:
                    raise error
                return all_pass(chapter, taken, directory)

            found = self.grade(judge)
            self.assertEqual([found[name].state for name in ("ada", "bob", "eve")], [reports.GRADED, reports.NOT_GRADED, reports.GRADED])
            self.assertFalse(found["bob"].is_counted, "no zero")
            self.assertNotRegex(found["bob"].reason, "[\0-\x1f]|Traceback")
        self.assertEqual(self.asked.count("bob"), 14, "each time tried once more, and not kept")
        self.assertEqual(self.asked.count("ada"), 1)

    def test_what_is_gone_at_the_second_time_costs_nothing(self):
        def judge(chapter, taken, directory):
            if len(self.asked) == 1:
                raise RuntimeError("a group vanished")
            return all_pass(chapter, taken, directory)

        found = self.grade(judge, jobs=1)
        self.assertEqual({one.state for one in found.values()}, {reports.GRADED})
        self.assertIn("tried once more", self.said.getvalue())

    def test_a_submission_that_cannot_be_read_is_not_tried(self):
        (self.directory / "class/mal").symlink_to("/root")
        (self.directory / "class/zed.zip").write_bytes(b"PK no")
        found = self.grade()
        self.assertEqual((found["mal"].state, found["zed"].state), (reports.NOT_GRADED, reports.NOT_GRADED))
        self.assertIn("symlink", found["mal"].reason)
        self.assertEqual(len(self.asked), 3)

    def test_kept_and_graded_again_where_it_must_be(self):
        self.grade()
        self.grade()
        self.assertEqual(len(self.asked), 3, "nothing runs again")
        (self.directory / "class/ada/exec.cpp").write_text("// ada, better\n")
        self.grade()
        self.assertEqual(self.asked[3:], ["ada"])
        for spoiled in ("", "{", "[]", '{"key": "x"}', '"x"'):
            (self.directory / ".kept/bob.json").write_text(spoiled)
            self.grade()
        self.assertEqual(self.asked[4:], ["bob"] * 5)

    def test_of_one_student_alone(self):
        found = self.grade(only="bob")
        self.assertEqual((found["ada"].state, found["bob"].state), (reports.WAITING, reports.GRADED))
        self.grade()
        found = self.grade(only="bob")
        self.assertEqual(found["ada"].state, reports.GRADED)
        self.assertEqual(self.asked.count("bob"), 2, "anew, though it was kept")

    def test_what_another_machine_kept_is_taken(self):
        self.grade()
        shutil.move(self.directory / ".kept", self.directory / "other")
        (self.directory / ".kept").mkdir()
        for path in (self.directory / "other").glob("*.json"):
            shutil.copy(path, self.directory / ".kept")
        self.grade()
        self.assertEqual(len(self.asked), 3)

    def test_with_other_weights_nothing_runs(self):
        before = self.grade()["ada"].points
        rubric = catalog.read_rubric

        def dearer(path):
            found = rubric(path)
            found["groups"][0].points *= 2
            return found

        with mock.patch.object(catalog, "read_rubric", dearer):
            self.assertGreater(self.grade()["ada"].points, before)
        self.assertEqual(len(self.asked), 3)

    def test_what_a_verdict_depends_on(self):
        read, before = Path.read_bytes, cohort.version_of("03")

        def version(changed):
            with mock.patch.object(Path, "read_bytes", lambda path: read(path) + (b"x" if path.match(changed) else b"")):
                return cohort.version_of("03")

        for changed in ("exercises/rubric.tsv", "classroom/reports.py", "tests/classroom/run", "*.md"):
            self.assertEqual(version(changed), before, changed)
        for changed in ("classroom/judge.sh", "tests/classroom/hidden/chapter-03.bats", "chapters/03-process/exec.cpp", "common/error.hpp", "exercises/groups.stub"):
            self.assertNotEqual(version(changed), before, changed)

    def test_no_text_of_a_student_is_kept(self):
        self.grade()
        for path in (self.directory / ".kept").iterdir():
            self.assertNotIn("// ", path.read_text())


class Started(unittest.TestCase):
    """A place that comes up, and a bout in it that does not: whose fault it is depends on what ran there before."""

    def grade(self, *places):
        """What each place answers: exercise id -> output of its bout."""
        answers = iter(places)

        class Place:
            def __init__(self, directory):
                self.answers = next(answers)

            def remember(self, verdicts):
                pass

            def run(self, bouts):
                return {bout.name: SimpleNamespace(status=0, output=self.answers[bout.name], evidence="") for bout in bouts if bout.name in self.answers}

        def prepare(chapter, place, begun, taken):
            return {one.id: SimpleNamespace(bouts=[SimpleNamespace(name=one.id, script="")], verdicts=lambda records, one=one: {
                check.name: checks.Verdict(checks.PASS if "1.." in getattr(records.get(one.id), "output", "") else checks.NONE) for check in one.checks}) for one in begun}

        texts = catalog.with_holes("03")
        with mock.patch.object(grading.places, "GuestPlace", Place), mock.patch.object(grading, "prepare", prepare), mock.patch.dict(os.environ), \
                mock.patch.object(grading, "is_begun", lambda one, text: one.id in ("groups", "signals")):
            os.environ.pop("HOST", None)
            results, _ = grading.grade("03", texts, Path("/nowhere"))
        return {one.id: {verdict.result for verdict in found.values()} for one, found in results if one.id in ("groups", "signals")}

    def test_it_starts(self):
        self.assertEqual(self.grade({"groups": "1..3\nok", "signals": "1..2\nok"}), {"groups": {checks.PASS}, "signals": {checks.PASS}})

    def test_it_starts_in_a_second_place(self):
        self.assertEqual(self.grade({"groups": "bash: line 1: Permission denied", "signals": "1..2"}, {"groups": "1..3"}), {"groups": {checks.PASS}, "signals": {checks.PASS}})

    def test_it_never_starts(self):
        with self.assertRaisesRegex(grading.builder.PlaceFault, "'groups' did not start: bash: line 1: no"):
            self.grade({"groups": "bash: line 1: no", "signals": "1..2"}, {"groups": "bash: line 1: no"})

    def test_what_the_students_own_work_spoiled_is_a_verdict(self):
        self.assertEqual(self.grade({"groups": "1..3", "signals": "no"}, {"signals": "1..2"})["signals"], {checks.PASS})
        self.assertEqual(self.grade({"groups": "no", "signals": "no"}, {"groups": "1..1", "signals": "no"})["signals"], {checks.NONE})
        self.assertEqual(self.grade({})["groups"], {checks.NONE}, "nothing was said: the submission ended the place")
