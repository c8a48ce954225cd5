"""Points, tables and reports: what is said of a submission, in which words, and that none of them harms a reader."""
import csv
import io
import json
import tempfile
import unittest
import xml.etree.ElementTree as xml
from fractions import Fraction
from pathlib import Path

import catalog
import checks
import clean
import entries
import exports
import grading
import reports
import roster
import tables

HOSTILE = "\x1b]0;owned\x07\x1b[2J=cmd()|'x'!A1 [a](javascript:x) <img src=x> ]]> \u202egpj.exe \ud800 \ufffe `x` http://evil.example www.evil.example\nnext, line; =1+1"


def rows_of(text):
    return list(csv.DictReader(io.StringIO(text)))


def some_grade(name="ada", chapter="03", **results):
    """Everything passed but for what is named."""
    exercises = catalog.exercises(chapter)
    verdicts = [(one, {check.name: checks.Verdict(checks.PASS) for check in one.checks}) for one in exercises]
    for _, found in verdicts:
        found.update({check: verdict for check, verdict in results.items() if check in found})
    return reports.Grade(name, chapter, verdicts, [], "", {}, "guest", who=entries.Student(name, name))


class Clean(unittest.TestCase):
    def test_a_line_has_nothing_that_acts(self):
        for text in (HOSTILE, HOSTILE.encode("utf-8", "replace").decode("utf-16", "replace"), "".join(map(chr, range(0x250))), "e" + "\u0301" * 900):
            self.assertNotRegex(clean.line(text), "[\0-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\ud800-\udfff\ufffe\uffff]")
            clean.line(text).encode()
            self.assertLessEqual(len(clean.line(text)), 160)

    def test_markdown_has_no_markup(self):
        said = clean.markdown(HOSTILE)
        self.assertNotRegex(said, r"(?<!\\)[\[\]()<>`|!]|://|www\.")
        for start in ("# x", "- x", "1. x", "=== ", "> x", "+ x", "* x"):
            self.assertRegex(clean.markdown(start), r"^\d?\\")

    def test_a_cell_is_no_formula(self):
        for start in "=+-@|%\uff1d":
            self.assertEqual(clean.cell(start + "1")[0], "'")
        self.assertNotIn(";", clean.cell("a;=1"))
        self.assertEqual(clean.cell("\t=1")[0], "'")

    def test_names_for_files(self):
        self.assertEqual([clean.slug(name) for name in ("ada", "Ada L_123", "Zo\u00eb")], ["ada", "Ada L_123", "Zo\u00eb"])
        for name in ("..", ".", "", "a/b", ".kept", "grades.csv", "class.md", "-rf", "a\n", "x" * 300, "a.json", "a.new", "\udce9", "..\u202e"):
            self.assertRegex(clean.slug(name), r"\A[^./-][^/\0-\x1f]{0,90}-[0-9a-f]{8}\Z", name)
        self.assertNotEqual(clean.slug("a/b"), clean.slug("a\\b"))

    def test_nothing_of_this_machine(self):
        said = clean.without_machine(f"{catalog.PROJECT}/build/x: root:x:0:0:root:/root:/bin/bash\nleft alone: 12:30")
        self.assertEqual(said, "./build/x: (a line of another file, not shown)\nleft alone: 12:30")

    def test_a_compiler_shows_no_other_file(self):
        own = {"exec.cpp"}
        for path in ("/etc/passwd", "../../../etc/shadow", "/usr/include/../../etc/hosts", "/usr/local/share/answers", "a.txt"):
            said = clean.compiler(f"it does not compile: {path}:1:1: error: 'root' does not name a type\n    1 | root:x:0:0\n      | ^~~~", own)
            self.assertNotIn("root", said)
            self.assertTrue(said.startswith("it does not compile: (an error in a file that it includes"), said)
            self.assertNotIn("secret", clean.compiler(f"{{standard input}}: Assembler messages:\n{path}:3: Error: no such instruction: `secret'", own))
        kept = "it does not compile: groups/exec.cpp:3:1: error: expected ';'\n    3 | int x\n      |      ^"
        self.assertEqual(clean.compiler(kept, own), kept)
        self.assertIn("no match", clean.compiler("/usr/include/c++/12/bits/x.h:5:1: error: no match for 'operator=='", own))


    def test_what_a_promise_saw_is_still_found(self):
        seen = grading.cleaned("  attack    x\n  seen      \x1b[1mBROKEN\n\n" + "more\n" * 500)
        self.assertEqual(checks.told(seen)["seen"], "?[1mBROKEN")
        self.assertEqual(len(seen.splitlines()), 60)


class Points(unittest.TestCase):
    def setUp(self):
        self.exercise = catalog.exercise("03", "groups")

    def graded(self, **results):
        verdicts = {check.name: checks.Verdict(checks.PASS) for check in self.exercise.checks}
        verdicts.update({name.replace("USER_", "USER-"): checks.Verdict(result, "seen") for name, result in results.items()})
        return reports.Grade("=cmd()", "03", [(self.exercise, verdicts)], [], "", {}, "guest")

    def test_all(self):
        self.assertEqual(self.graded().points, self.exercise.points)

    def test_robustness_counts_only_with_the_function(self):
        other = "an ordinary user is refused, and told about --keep-groups"
        robust = sum(check.points for check in self.exercise.checks if check.robust)
        self.assertEqual(self.graded(**{other: checks.FAIL}).points, self.exercise.points - 1 - robust)

    def test_without_the_promise_a_test_earns_nothing(self):
        self.assertEqual(self.graded(USER_04=checks.FAIL).points, 0)

    def test_a_skip_is_no_pass(self):
        graded = self.graded(USER_04=checks.SKIP)
        self.assertEqual(graded.not_graded, 2)
        self.assertLess(graded.points, self.exercise.points)

    def test_what_nobody_could_show_here_costs_its_own_point_alone(self):
        for chapter in catalog.chapters():
            for exercise in catalog.exercises(chapter):
                for lack in (check.name for check in exercise.checks if exercise.kind != "probe"):
                    verdicts = {check.name: checks.Verdict(checks.LACK if check.name == lack else checks.PASS) for check in exercise.checks}
                    grade = reports.Grade("ada", chapter, [(exercise, verdicts)], [], "", {}, "guest")
                    own = next(check.points for check in exercise.checks if check.name == lack)
                    self.assertEqual((grade.points, grade.not_graded), (grade.most - own, own), f"{chapter}/{exercise.id}: {lack}")
                    self.assertIn(f"0/{reports.number(own)}{'**' if own else ''} {exercise.id}: {lack} - cannot be tried here", reports.markdown(grade))

    def test_fractions(self):
        self.exercise.checks[0].points = Fraction(1, 3)
        self.exercise.checks[1].points = catalog.points_of("0.5")
        self.assertEqual(reports.number(self.graded().points), reports.number(self.graded().most))
        self.assertIn("0.33/0.33 groups", reports.markdown(self.graded()))
        json.dumps(exports.gradescope(self.graded()))
        with tempfile.TemporaryDirectory() as directory:
            for line in ("x\tgroups\tUSER-04", "1 groups USER-04", "1/0\tgroups\tUSER-04"):
                path = Path(directory) / "rubric.tsv"
                path.write_text(f"Functionality:\n{line}\n")
                with self.assertRaises(catalog.Fault):
                    catalog.read_rubric(path)

    def test_what_is_kept_is_the_same_again_and_holds_no_points(self):
        graded = self.graded(USER_04=checks.FAIL)
        saved = json.loads(json.dumps(graded.saved()))
        self.assertEqual(tables.csv_of([graded]), tables.csv_of([reports.Grade.restored(saved, [self.exercise])]))
        before = self.graded().points
        saved = json.loads(json.dumps(self.graded().saved()))
        self.exercise.checks[0].points += 3
        self.assertEqual(reports.Grade.restored(saved, [self.exercise]).points, before + 3, "other weights, and nothing ran")

    def test_the_formats_can_be_read(self):
        graded = self.graded(USER_04=checks.FAIL)
        self.assertEqual(exports.gradescope(graded)["score"], graded.points)
        self.assertEqual(exports.classroom50(graded)["schema"], "classroom50/result/v1")
        self.assertEqual(xml.fromstring(exports.junit(graded)).get("failures"), "1")
        self.assertEqual(rows_of(tables.csv_of([graded]))[0]["student"], "'=cmd()", "no formula for a spreadsheet")
        self.assertIn("USER-04", reports.markdown(graded))

    def test_host_is_marked_everywhere(self):
        graded = self.graded(USER_04=checks.FAIL)
        graded.place = reports.HOST
        self.assertIn("(host)", reports.markdown(graded))
        self.assertIn("(host)", tables.overview([graded], [], "03"))
        self.assertEqual(rows_of(tables.csv_of([graded]))[0]["place"], "host")
        self.assertTrue(all("host" in test["tags"] for test in exports.gradescope(graded)["tests"]))
        self.assertTrue(all(test["place"] == "host" for test in exports.classroom50(graded)["tests"]))
        self.assertEqual(xml.fromstring(exports.junit(graded)).find("properties/property").get("value"), "host")


class Hostile(unittest.TestCase):
    """One whose every word is meant to harm whoever reads the report."""

    def setUp(self):
        bad = checks.Verdict(checks.FAIL, f"  seen      {HOSTILE}")
        self.grade = some_grade(HOSTILE, **{"EX-IGNORED": bad, "USER-04": checks.Verdict(checks.SKIP, HOSTILE), "EX-01": checks.Verdict(checks.FAIL, HOSTILE)})
        self.grade.remarks, self.grade.reflections, self.grade.commit = [HOSTILE], {"descriptors": HOSTILE}, ""
        self.failed = reports.without_verdicts(HOSTILE, catalog.exercises("03"), "03", reports.NOT_GRADED, HOSTILE)
        for one in (self.grade, self.failed):
            one.who = entries.Student(HOSTILE, HOSTILE)

    def test_every_report(self):
        with tempfile.TemporaryDirectory() as directory:
            for number, one in enumerate((self.grade, self.failed)):
                exports.write_all(one, Path(directory) / str(number))
            lines = [HOSTILE]
            faults = tables.write_all([self.grade, self.failed], lines, None, "03", Path(directory), Path(directory) / "grades.csv")
            self.assertEqual(faults, [])
            files = [path for path in Path(directory).rglob("*") if path.is_file()]
            self.assertEqual(len(files), 8, "who has no points has no results.json, in which none would be 0")
            for path in files:
                text = path.read_text()
                self.assertNotRegex(text, "[\0-\x08\x0b-\x1f\x7f-\x9f\u202e\ufffe]", path)
                if path.suffix == ".xml":
                    xml.fromstring(text)
                if path.suffix == ".json":
                    self.assertNotRegex(json.dumps(json.loads(text), ensure_ascii=False), "\\\\u00[01]|[\ud800-\udfff\u202e]")
                if path.suffix == ".md":
                    self.assertNotRegex(text, r"(?<!\\)<img|(?<!\\)\[a\]|http://evil")
            for row in rows_of((Path(directory) / "grades.csv").read_text()):
                for cell in row.values():
                    self.assertNotRegex(cell, r"^[=+@\t]|;|\n")

    def test_a_report_directory_that_is_a_file(self):
        with tempfile.TemporaryDirectory() as directory:
            (Path(directory) / "grades.csv").mkdir()
            faults = tables.write_all([self.grade], [], None, "03", Path(directory), Path(directory) / "grades.csv")
            self.assertIn("could not be written", faults[0])
            self.assertTrue((Path(directory) / "class.md").exists(), "the others are written all the same")


class States(unittest.TestCase):
    def test_who_could_not_be_graded_has_no_zero(self):
        one = reports.without_verdicts("ada", catalog.exercises("03"), "03", reports.NOT_GRADED, "the guest did not start")
        row = rows_of(tables.csv_of([some_grade(), one]))[1]
        self.assertEqual((row["state"], row["points"], row["percent"], row["remarks"]), ("could not be graded", "", "", "the guest did not start"))
        self.assertIn("the guest did not start", reports.markdown(one))
        self.assertEqual(xml.fromstring(exports.junit(one)).get("errors"), xml.fromstring(exports.junit(one)).get("tests"))
        one.overrides = [roster.Override("", "20", "seen in the lab")]
        self.assertEqual(rows_of(tables.csv_of([one]))[0]["points"], "20")

    def test_the_class_in_figures(self):
        bad = some_grade("bob", **{"EX-IGNORED": checks.Verdict(checks.FAIL, "x")})
        said = tables.overview([some_grade(), bad], ["notes.txt: it is neither"], "03")
        self.assertRegex(said, r"\| signals \| 1 \| \d \| \d \| 0 \| EX-IGNORED: fail \\\(1\\\) \|")
        self.assertIn("notes.txt", said)
        self.assertIn("forget-students", said)
