"""Points, and the report that a student reads. For other programs: exports.py; of a class: tables.py.

Points are in chapters/NN-name/exercises/rubric.tsv alone, and are counted anew whenever a report is written. A check of robustness,
and the sentence about a hole, count only in an exercise whose functionality is complete: what the stub already does earns nothing.
A test without a seal counts only beside the exercise's promises. What could not be tried here is "not graded", and no point;
where nobody's program could have been tried, it costs that point and no other.
"""
import functools
from dataclasses import dataclass, field
from fractions import Fraction

import catalog
import checks
import clean

HIDDEN = "what hidden tests saw is not shown"
GRADED, NOT_GRADED, ABSENT, WAITING = "graded", "could not be graded", "nothing handed in", "not graded yet"
HOST = "host"  # what was tried with HOST=1: worth as much as the trust in whoever handed it in


def number(points):
    """2, 0.5, 1.33: as short as it is right to two places."""
    return f"{float(points):.2f}".rstrip("0").rstrip(".")


@dataclass
class Line:
    """One check of the rubric, judged."""

    exercise: catalog.Exercise
    check: catalog.Check
    verdict: checks.Verdict
    points: Fraction


@dataclass
class Grade:
    student: str
    chapter: str
    results: list  # (exercise, {check name: Verdict})
    remarks: list
    commit: str
    reflections: dict
    place: str = ""  # HOST or "guest"
    state: str = GRADED
    reason: str = ""
    overrides: list = field(default_factory=list)
    who: object = None  # the entries.Student

    @property
    def lines(self):
        found = []
        for exercise, verdicts in self.results:
            for check in exercise.checks:
                counts = verdicts[check.name].good and all(verdicts[name].good or verdicts[name].result == checks.LACK for name in needed_for(exercise, check))
                found.append(Line(exercise, check, verdicts[check.name], check.points if counts else Fraction(0)))
        return found

    @property
    def is_counted(self):
        """Are there points at all? A fault of the machine's is no zero."""
        return self.state in (GRADED, ABSENT) or any(one.points and not one.exercise for one in self.overrides)

    def per(self, name):
        """The points of an exercise, after what was decided by hand."""
        lines = [line for line in self.lines if line.exercise.id == name]
        return self.decided(name, sum((line.points for line in lines), Fraction(0)), sum((line.check.points for line in lines), Fraction(0)))

    def decided(self, name, points, most):
        for one in self.overrides:
            if one.exercise == name:
                points = one.applied(points, most)
        return points

    @property
    def points(self):
        return self.decided("", sum((self.per(exercise.id) for exercise, _ in self.results), Fraction(0)), self.most)

    @property
    def most(self):
        return sum((check.points for exercise, _ in self.results for check in exercise.checks), Fraction(0))

    @property
    def not_graded(self):
        return sum((line.check.points for line in self.lines if line.verdict.is_open), Fraction(0))

    @property
    def mark(self):
        return " (host)" if self.place == HOST and self.state == GRADED else ""

    def saved(self):
        return {"student": self.student, "chapter": self.chapter, "remarks": self.remarks, "commit": self.commit, "reflections": self.reflections,
                "place": self.place, "results": {one.id: {name: [v.result, v.seen] for name, v in verdicts.items()} for one, verdicts in self.results}}

    @classmethod
    def restored(cls, saved, exercises):
        """Throws KeyError or TypeError where it is not what was saved for these exercises."""
        results = [(one, {check.name: checks.Verdict(*saved["results"][one.id][check.name]) for check in one.checks}) for one in exercises]
        return cls(saved["student"], saved["chapter"], results, saved["remarks"], saved["commit"], saved["reflections"], saved["place"])


def without_verdicts(student, exercises, chapter, state, reason=""):
    """A Grade that says why there is none."""
    seen = "not handed in" if state == ABSENT else reason or state
    results = [(one, {check.name: checks.Verdict(checks.NONE, seen) for check in one.checks}) for one in exercises]
    return Grade(student, chapter, results, [], "", {}, "", state, reason)


def needed_for(exercise, check):
    """The checks without which this one earns nothing. The probe's word comes first: a test that has no seal can be fooled."""
    functional = [other.name for other in exercise.checks if not other.robust and other.name != check.name]
    if check.robust or check.name == catalog.SAID:
        return [name for name in functional if name != catalog.SAID]
    return [] if is_sealed(check.name) else [name for name in functional if is_sealed(name)]


# Of three hundred students each asks the same.
is_sealed = functools.cache(checks.is_sealed)


def shown(line):
    """What may be told of a check that was not passed: one line, clean for any terminal and file."""
    if line.verdict.seen in ("not begun", "not handed in"):
        return line.verdict.seen
    if is_hidden(line):
        return HIDDEN
    parts = checks.told(line.verdict.seen)
    return clean.without_machine(clean.line(parts.get("seen") or " / ".join(checks.cleaned(line.verdict.seen, 4)), 640))


def is_hidden(line):
    return is_hidden_test(line.exercise.chapter, line.check.name)


@functools.cache
def is_hidden_test(chapter, name):
    test = checks.test_of(chapter, name)
    return bool(test and checks.is_hidden(test[1]))


@functools.cache
def sentence(name):
    return checks.promises().get(name, "")


# --- for the student ----------------------------------------------------------------------------


def markdown(grade):
    head = f"{number(grade.points)} of {number(grade.most)} points{grade.mark}" if grade.is_counted else grade.state
    out = [f"# {clean.markdown(grade.student)}, chapter {grade.chapter}: {head}", "", *by_hand(grade)]
    if grade.state != GRADED:
        return "\n".join([*out, f"It {grade.state}: {clean.markdown(grade.reason)}." if grade.state == NOT_GRADED else f"State: {grade.state}.", "",
                          *remarks(grade)])
    if grade.mark:
        out += ["These points are marked *host*: the submission was tried on the machine of whoever graded it, and not in one of its own.", ""]
    if grade.not_graded:
        out += [f"{number(grade.not_graded)} points could not be graded on this machine; they are not lost, and not won.", ""]
    for title, robust in (("Functionality", False), ("Robustness", True)):
        lines = [line for line in grade.lines if line.check.robust == robust]
        out += [f"## {title}: {number(sum(line.points for line in lines))} of {number(sum(line.check.points for line in lines))}", ""]
        out += [rubric_line(line) for line in lines] + [""]
    for exercise, _ in grade.results:
        out += explained(grade, exercise)
    if grade.reflections:
        out += ["## The holes, in the student's words", "", *(f"- {name}: {clean.markdown(words)}" for name, words in grade.reflections.items()), ""]
    return "\n".join(out + remarks(grade))


def rubric_line(line):
    stars = "**" if line.points < line.check.points else ""
    return f"- {stars}{number(line.points)}/{number(line.check.points)}{stars} {line.exercise.id}: {line.check.name} - {line.verdict.result}"


def by_hand(grade):
    """What the instructor decided, before all else."""
    lines = [f"- {one.exercise or 'all of it'}{': ' + one.points + ' points' if one.points else ''}{': ' + clean.markdown(one.comment, 2000) if one.comment else ''}"
             for one in grade.overrides]
    return ["## From your instructor", "", *lines, ""] if lines else []


def remarks(grade):
    return ["## Remarks", "", *(f"- {clean.markdown(remark)}" for remark in grade.remarks), ""] if grade.remarks else []


def explained(grade, exercise):
    """Of an exercise what failed first: what ran, what was expected and seen, and where to read."""
    bad = [line for line in grade.lines if line.exercise is exercise and not line.verdict.good]
    if not bad:
        return []
    line = bad[0]
    name = line.check.name
    out = [f"## {exercise.id}: {exercise.title}", ""]
    if line.verdict.seen in ("not begun", "not handed in"):
        return [*out, f"It was {line.verdict.seen}.", ""]
    return [*out, f"- tried: {'the attack ' if sentence(name) else ''}{name}", f"- expected: {sentence(name) or 'the test passes'}",
            f"- seen: {clean.markdown(shown(line)) or line.verdict.result}", f"- read: {exercise.read}",
            *(f"- also: {other.check.name}, {other.verdict.result}" for other in bad[1:]), ""]
