"""The instructor's tables: rosters and decisions that are read, and what Moodle and Canvas are to import."""
import csv
import io
import shutil
import tempfile
import unittest
from fractions import Fraction
from pathlib import Path

import catalog
import entries
import reports
import roster
import tables
from test_grades import rows_of, some_grade


class Tables(unittest.TestCase):
    """The instructor's tables."""

    def setUp(self):
        self.directory = Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.directory)

    def put(self, text, name="table.csv"):
        (self.directory / name).write_bytes(text if isinstance(text, bytes) else text.encode())
        return self.directory / name

    def student(self, key, name, number="", system=""):
        return entries.Student(key, name, number, system, [entries.Entry(f"/x/{key}", name, number, system, (0, "", len(key)))])

    def test_moodle_there_and_back(self):
        path = self.put("\ufeffIdentifier,Full name,Email address,Status,Grade,Maximum Grade,Grade can be changed,Last modified (submission),Last modified (grade),Feedback comments\n"
                        'Participant 12,Ada L,ada@x,Submitted,,48.00,Yes,-,-,\nParticipant 13,Bob,bob@x,,7,48.00,Yes,-,"Monday, 2 March",old\n')
        table = roster.Roster(path)
        students, lines = table.join([self.student("Ada L_12", "Ada L", "12", "moodle")])
        self.assertEqual([(one.name, bool(one.entries)) for one in students], [("Ada L", True), ("Bob", False)])
        grades = [some_grade(), reports.without_verdicts("Bob", catalog.exercises("03"), "03", reports.ABSENT)]
        for grade, one in zip(grades, students):
            grade.who = one
        grades[0].overrides = [roster.Override("", "-1", "late; =1")]
        name, text = tables.upload(grades, table, "03")
        rows = rows_of(text)
        self.assertEqual(name, "moodle.csv")
        self.assertEqual((rows[0]["Grade"], rows[0]["Feedback comments"], rows[0]["Identifier"]), ("46", "late, =1", "Participant 12"), "23 of 24 are 46 of 48")
        self.assertEqual((rows[1]["Grade"], rows[1]["Last modified (grade)"]), ("7", "Monday, 2 March"), "who handed in nothing keeps what is there")
        self.assertEqual(rows_of(tables.csv_of(grades))[1]["state"], "nothing handed in")

    def test_moodle_without_a_worksheet(self):
        grade = some_grade()
        grade.who = self.student("Ada L_12", "Ada L", "12", "moodle")
        self.assertEqual(rows_of(tables.upload([grade], None, "03")[1])[0], {"Identifier": "Participant 12", "Full name": "Ada L", "Grade": "24",
                                                                             "Last modified (grade)": "-", "Feedback comments": ""})

    def test_canvas_there_and_back(self):
        path = self.put('Student,ID,SIS User ID,SIS Login ID,Section,tincan-03 (99),Current Score\n"    Points Possible",,,,,12,\n'
                        '"Lovelace, Ada",123,,ada,A,,\n"Hopper, Grace",77,,grace,A,,\n')
        table = roster.Roster(path)
        students, lines = table.join([self.student("lovelaceada_123", "lovelaceada", "123", "canvas"), self.student("grace", "grace")])
        self.assertEqual(lines, [])
        grades = [some_grade(), some_grade("grace")]
        for grade, one in zip(grades, students):
            grade.who = one
        name, text = tables.upload(grades, table, "03")
        rows = list(csv.reader(io.StringIO(text)))
        self.assertEqual(rows[0], ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "tincan-03 (99)"])
        self.assertEqual([row[5] for row in rows[1:]], ["12", "12", "12"])

    def test_any_roster(self):
        table = roster.Roster(self.put("Last name;First name;E-mail\nLovelace;Ada;al@x.org\nBob;Bobby;bob@x.org\n"))
        students, lines = table.join([self.student("al", "al"), self.student("Lovelace, Ada", "Lovelace, Ada"), self.student("eve", "eve")])
        self.assertEqual([one.name for one in students], ["al", "eve", "Bobby Bob"])
        self.assertEqual(len(students[0].entries), 2, "both are hers")
        self.assertEqual(len(lines), 2, lines)

    def test_tables_that_are_none(self):
        for text in ("", "\n", "a,b\n1,2\n", b"\x7fELF\0"):
            with self.assertRaises(roster.Fault):
                roster.Roster(self.put(text))
        with self.assertRaises(roster.Fault):
            roster.Roster(self.directory)

    def test_decisions_by_hand(self):
        students = [self.student("ada", "ada"), self.student("bob", "bob")]
        path = self.put("student,exercise,points,comment\nada,groups,1/2,as said\nada,,-10%,late\nbob,,,well done\n")
        found = roster.read_overrides(path, students, ["groups", "signals"])
        grade = some_grade()
        grade.overrides = found["ada"]
        self.assertEqual(grade.per("groups"), Fraction(1, 2))
        self.assertEqual(grade.points, (24 - 4 + Fraction(1, 2)) * Fraction(9, 10))
        self.assertIn("late", reports.markdown(grade))
        self.assertEqual(found["bob"][0].applied(Fraction(3), 4), 3)
        for given, value in (("+1", 4), ("-5", 0), ("50%", 2), ("1.5", Fraction(3, 2)), ("-50%", Fraction(3, 2))):
            self.assertEqual(roster.Override("", given, "").applied(Fraction(3), 4), value, given)

    def test_a_decision_that_fits_nobody_is_refused(self):
        students = [self.student("ada", "ada")]
        for line, why in (("eve,,1,", "line 2"), ("ada,nothing,1,", "no exercise"), ("ada,groups,lots,", "no number"), ("ada,groups,1/0,", "no number")):
            with self.assertRaisesRegex(roster.Fault, why):
                roster.read_overrides(self.put(f"student,exercise,points,comment\n{line}\n"), students, ["groups"])
