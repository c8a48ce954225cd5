"""Tables of the instructor's: who is in the class, and what is decided by hand.

A roster is any CSV with a header line; best the one that Moodle (the grading worksheet of the assignment) or Canvas (the exported
gradebook) gives, since that goes back with the grades in it. Overrides have the columns student, exercise, points, comment.
"""
import csv
import io
import re
import unicodedata
from dataclasses import dataclass
from fractions import Fraction

import intake
from entries import Student

NAMES = ("student", "full name", "name", "username", "login", "sis login id", "email", "email address", "e-mail", "mail", "id number", "student id", "sis user id",
         "identifier", "id", "key")


class Fault(Exception):
    """A table that cannot be used, and where."""


def plain(words):
    """What two ways of writing one name have in common."""
    return re.sub(r"[\W_]", "", unicodedata.normalize("NFKC", words or "").casefold())


def read_table(path):
    """(header, rows) of a CSV, with commas, semicolons or tabs, as spreadsheets write it."""
    try:
        with open(path, "rb") as opened:
            text = intake.decoded(opened.read(32 << 20))
    except OSError as error:
        raise Fault(f"{path} cannot be read: {error.strerror}") from None
    except ValueError as error:
        raise Fault(f"{path}: {error}") from None
    head = text.split("\n", 1)[0]
    rows = list(csv.reader(io.StringIO(text), delimiter=max(",;\t", key=head.count)))
    if not rows or not any(rows[0]):
        raise Fault(f"{path} has no header line")
    width = len(rows[0])
    return rows[0], [[*row, *[""] * (width - len(row))][:width] for row in rows[1:] if any(cell.strip() for cell in row)]


class Roster:
    """Who is in the class."""

    def __init__(self, path):
        self.header, self.rows = read_table(path)
        self.columns = [name.strip().casefold() for name in self.header]
        if not set(self.columns) & set(NAMES) and "last name" not in self.columns:
            raise Fault(f"{path}: none of its columns is called {', '.join(NAMES[:9])} ...")
        self.kind = "moodle" if "identifier" in self.columns else "canvas" if "sis login id" in self.columns else ""
        # Canvas has a line below the header with what can be reached; it begins with blanks.
        self.possible = next((row for row in self.rows if row[0].strip() == "Points Possible"), None)
        self.people = [row for row in self.rows if row is not self.possible]

    def value(self, row, *names):
        return next((row[self.columns.index(name)].strip() for name in names if name in self.columns), "")

    def words_for(self, row):
        """All that a submission of this one may be called by."""
        words = {self.value(row, name) for name in NAMES}
        first, last = self.value(row, "first name"), self.value(row, "last name", "surname")
        words |= {f"{first} {last}", f"{last} {first}"} | {word.split("@")[0] for word in words if "@" in word}
        words |= {" ".join(reversed(word.split(",", 1))) for word in words if "," in word}
        return {plain(word) for word in words} - {""}

    def name_of(self, row):
        first, last = self.value(row, "first name"), self.value(row, "last name", "surname")
        return f"{first} {last}".strip() or next(filter(None, (self.value(row, name) for name in NAMES)), "?")

    def number_of(self, row):
        """The number that the system's own names for files have in them."""
        found = re.search(r"\d+", self.value(row, "identifier", "id")) if self.kind else None
        return found[0] if found else ""

    def join(self, students):
        """The students with their rows, one for each row; and lines about those who are in none."""
        lines, joined, rest = [], {}, []
        for one in students:
            rows = self.rows_of(one)
            if len(rows) == 1 and rows[0] in joined:
                joined[rows[0]].entries = sorted([*joined[rows[0]].entries, *one.entries], key=lambda entry: entry.stamp, reverse=True)
                lines.append(f"{one.title}: handed in by the same person as {joined[rows[0]].title}, the latest counts")
            elif len(rows) == 1:
                one.row, joined[rows[0]] = self.people[rows[0]], one
                rest.append(one)
            else:
                lines.append(f"{one.title}: {'several lines' if rows else 'no line'} of the roster fit")
                rest.append(one)
        absent = [Student(f"{name}_{number}" if number else name, name, number, self.kind, [], row)
                  for index, row in enumerate(self.people) if index not in joined for name, number in [(self.name_of(row), self.number_of(row))]]
        return [*rest, *absent], lines

    def rows_of(self, student):
        if student.number and student.system == self.kind:
            return [index for index, row in enumerate(self.people) if self.number_of(row) == student.number]
        words = {plain(student.name), plain(student.key)}
        return [index for index, row in enumerate(self.people) if words & self.words_for(row)]


# --- decided by hand ----------------------------------------------------------------------------


@dataclass
class Override:
    exercise: str  # empty: all of it
    points: str  # "3", "1/2", "+1", "-2", "-10%"; empty: only the comment
    comment: str

    def applied(self, points, most):
        if not self.points:
            return points
        sign, number, percent = re.fullmatch(POINTS, self.points).groups()
        value = Fraction(number) * (points / 100 if percent else 1)
        return max(Fraction(0), points + value if sign == "+" else points - value if sign == "-" else most * Fraction(number) / 100 if percent else value)


POINTS = r"([+-]?) ?(\d+(?:[./]\d*[1-9]\d*|\.\d+)?) ?(%?)"


def read_overrides(path, students, exercises):
    """Student's key -> its Overrides. What does not fit is a Fault: a decision must not be lost."""
    header, rows = read_table(path)
    columns = [name.strip().casefold() for name in header]
    if not {"student", "points"} <= set(columns) and not {"student", "comment"} <= set(columns):
        raise Fault(f"{path}: its columns are student, exercise, points, comment; of these there are: {', '.join(columns)}")
    found = {}
    for number, row in enumerate(rows, 2):
        cells = {name: cell.strip() for name, cell in zip(columns, row)}
        one = only(students, cells["student"])
        exercise, points = cells.get("exercise", ""), cells.get("points", "").replace(",", ".")
        if one is None:
            raise Fault(f"{path}, line {number}: '{cells['student']}' is not exactly one student of this class")
        if exercise and exercise not in exercises:
            raise Fault(f"{path}, line {number}: there is no exercise '{exercise}', but {', '.join(exercises)}")
        if points and not re.fullmatch(POINTS, points):
            raise Fault(f"{path}, line {number}: '{points}' is no number of points: 3, 1/2, +1, -2, -10%")
        found.setdefault(one.key, []).append(Override(exercise, points, cells.get("comment", "")))
    return found


def only(students, name):
    """The one student that a person calls so, or None."""
    for same in (lambda one: name in (one.key, one.name, one.title, one.slug, *(entry.path.rpartition("/")[2] for entry in one.entries)),
                 lambda one: plain(name) in (plain(one.name), plain(one.key)), lambda one: name in (one.row or ())):
        found = [one for one in students if same(one)]
        if found:
            return found[0] if len(found) == 1 else None
    return None
