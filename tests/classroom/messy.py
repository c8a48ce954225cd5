"""A class of messy but honest submissions, graded with HOST=1: each gets exactly what it deserves, and the tables say so.

What is taken of every kind of mess, test_messy.py says without trying it; here a few go all the way, with a roster, decisions by hand,
other weights, one that cannot be graded and one that nobody handed in.
"""
import csv
import json
import os
import shutil
import subprocess
import unittest

import test_messy as messy
from catalog import PROJECT
from graded import places_left

HALF = 3  # exercises
ROSTER = """Identifier,Full name,Email address,Status,Grade,Maximum Grade,Grade can be changed,Last modified (submission),Last modified (grade),Feedback comments
Participant 1,Half Done,half@x,,,24.00,Yes,-,-,
Participant 2,Zo\u00eb M\u00fcller,zoe@x,,,24.00,Yes,-,-,
Participant 3,Locked,locked@x,,,24.00,Yes,-,-,
Participant 4,Absent,absent@x,,,24.00,Yes,-,-,
"""


class Messy(unittest.TestCase):
    def setUp(self):
        self.directory = PROJECT / "build/classroom/messy"
        shutil.rmtree(self.directory, ignore_errors=True)
        self.submissions = self.directory / "class"
        self.submissions.mkdir(parents=True)
        messy.macintosh(self.submissions / "Zo\u00eb M\u00fcller_2_assignsubmission_file_mac.zip", messy.solved())
        messy.folder(self.submissions / "Half Done_1_assignsubmission_file_/x/03-process", messy.solved(HALF), encode=messy.windows)
        (self.submissions / "Locked_3_assignsubmission_file_").mkdir()
        (self.submissions / "Locked_3_assignsubmission_file_/work.7z").write_bytes(b"7z\xbc\xaf\x27\x1c")
        (self.submissions / "grades.csv").mkdir()
        (self.submissions / "notes.txt").write_text("x")
        os.mkdir(os.fsencode(self.submissions) + b"/caf\xe9\n=cmd()")
        (self.directory / "reports").mkdir()
        (self.directory / "reports/Absent_4").write_text("in the way")
        (self.directory / "roster.csv").write_text(ROSTER, encoding="utf-8")

    def grade(self, *more, status=3):
        done = subprocess.run([PROJECT / "classroom/grade", "class", messy.CHAPTER, self.submissions, "--report", self.directory / "reports", "--jobs", "2",
                               "--roster", self.directory / "roster.csv", *more], env=dict(os.environ, HOST="1"), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.assertEqual(done.returncode, status, done.stderr)
        self.assertNotIn("Traceback", done.stderr)
        return {row["student"]: row for row in self.rows("grades.csv")}, done.stderr

    def rows(self, name):
        with open(self.directory / "reports" / name, encoding="utf-8") as opened:
            return list(csv.DictReader(opened))

    def test_the_class(self):
        rows, said = self.grade()
        self.assertEqual({name: (row["state"], row["points"]) for name, row in rows.items()}, {
            "Zo\u00eb M\u00fcller": ("graded", "24"), "Half Done": ("graded", "11"), "Locked": ("could not be graded", ""), "Absent": ("nothing handed in", "0"),
            "grades.csv": ("graded", "0"), "caf\u00e9?=cmd()": ("graded", "0")})
        self.assertIn("notes.txt: it is neither", said)
        self.assertIn("Absent: the report could not be written", said)
        self.assertIn(".7z archive", rows["Locked"]["remarks"])
        self.assertEqual({row["place"] for row in rows.values() if row["state"] == "graded"}, {"host"})
        self.assertEqual({row["Full name"]: row["Grade"] for row in self.rows("moodle.csv")},
                         {"Half Done": "11", "Zo\u00eb M\u00fcller": "24", "Locked": "", "Absent": ""})
        self.assertEqual(places_left(), [])
        self.decided_by_hand()
        self.of_one_alone()
        self.forgotten()

    def decided_by_hand(self):
        table = self.directory / "overrides.csv"
        table.write_text("student,exercise,points,comment\nHalf Done,,-1,a day late\nLocked,,20,shown in the lab\n")
        rows, said = self.grade("--overrides", table)
        self.assertEqual((rows["Half Done"]["points"], rows["Locked"]["points"]), ("10", "20"))
        self.assertEqual(said.count("(as before)"), 4, "nothing ran again")
        self.assertIn("a day late", (self.directory / "reports/Half Done_1/report.md").read_text())
        self.assertEqual(json.loads((self.directory / "reports/Half Done_1/results.json").read_text())["score"], 10)

    def of_one_alone(self):
        (self.directory / "reports/Absent_4").unlink()
        rows, said = self.grade("--only", "Half Done", status=0)
        self.assertEqual(rows["Zo\u00eb M\u00fcller"]["points"], "24", "the others are as they were")
        self.assertNotRegex(said, r"Half Done: .*\(as before\)")

    def forgotten(self):
        subprocess.run([PROJECT / "classroom/grade", "forget", messy.CHAPTER, "--report", self.directory / "reports", "--only", "Half Done"], check=True,
                       stdout=subprocess.DEVNULL)
        left = sorted(str(path) for path in (self.directory / "reports").rglob("*"))
        self.assertFalse([path for path in left if "Half" in path or path.endswith("grades.csv")])
        self.assertTrue([path for path in left if "Zo\u00eb" in path])
        subprocess.run([PROJECT / "classroom/grade", "forget", messy.CHAPTER, "--report", self.directory / "reports"], check=True, stdout=subprocess.DEVNULL)
        self.assertEqual([path.name for path in (self.directory / "reports").iterdir()], [])
