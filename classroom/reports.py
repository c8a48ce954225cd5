"""Points, and the reports that are made of a grade: Markdown, Gradescope, Classroom 50, JUnit, CSV.

Points are in chapters/NN-name/exercises/rubric.tsv alone. A check of robustness, and the sentence about a hole,
count only in an exercise whose functionality is complete: what the stub already does earns nothing. A test
without a seal counts only beside the exercise's promises. What could not be tried here is "not graded", and
no point.
"""
import csv
import io
import json
import re
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

import catalog
import checks

HIDDEN = "what hidden tests saw is not shown"


@dataclass
class Line:
    """One check of the rubric, judged."""

    exercise: catalog.Exercise
    check: catalog.Check
    verdict: checks.Verdict
    points: int


@dataclass
class Grade:
    student: str
    chapter: str
    results: list  # (exercise, {check name: Verdict})
    remarks: list
    commit: str
    reflections: dict

    @property
    def lines(self):
        found = []
        for exercise, verdicts in self.results:
            for check in exercise.checks:
                counts = verdicts[check.name].good and all(verdicts[name].good for name in needed_for(exercise, check))
                found.append(Line(exercise, check, verdicts[check.name], check.points if counts else 0))
        return found

    @property
    def points(self):
        return sum(line.points for line in self.lines)

    @property
    def most(self):
        return sum(line.check.points for line in self.lines)

    @property
    def not_graded(self):
        return sum(line.check.points for line in self.lines if line.verdict.result == checks.SKIP)

    def saved(self):
        return {"student": self.student, "chapter": self.chapter, "remarks": self.remarks, "commit": self.commit, "reflections": self.reflections,
                "results": {one.id: {name: [v.result, v.seen] for name, v in verdicts.items()} for one, verdicts in self.results}}

    @classmethod
    def restored(cls, saved, exercises):
        results = [(one, {name: checks.Verdict(*words) for name, words in saved["results"][one.id].items()}) for one in exercises]
        return cls(saved["student"], saved["chapter"], results, saved["remarks"], saved["commit"], saved["reflections"])


def needed_for(exercise, check):
    """The checks without which this one earns nothing. The probe's word comes first: a test that has no seal can be fooled."""
    functional = [other.name for other in exercise.checks if not other.robust and other.name != check.name]
    if check.robust or check.name == catalog.SAID:
        return [name for name in functional if name != catalog.SAID]
    return [] if checks.is_sealed(check.name) else [name for name in functional if checks.is_sealed(name)]


def shown(line):
    """What may be told of a check that was not passed."""
    if line.verdict.seen in ("not begun", "not handed in"):
        return line.verdict.seen
    if is_hidden(line):
        return HIDDEN
    parts = checks.told(line.verdict.seen)
    return parts.get("seen") or " / ".join(checks.cleaned(line.verdict.seen, 4))


def sentence(name):
    return checks.promises().get(name, "")


# --- for the student ----------------------------------------------------------------------------


def markdown(grade):
    out = [f"# {grade.student}, chapter {grade.chapter}: {grade.points} of {grade.most} points", ""]
    if grade.not_graded:
        out += [f"{grade.not_graded} points could not be graded on this machine; they are not lost, and not won.", ""]
    for title, robust in (("Functionality", False), ("Robustness", True)):
        lines = [line for line in grade.lines if line.check.robust == robust]
        out += [f"## {title}: {sum(line.points for line in lines)} of {sum(line.check.points for line in lines)}", ""]
        out += [f"- {'**' if line.points < line.check.points else ''}{line.points}/{line.check.points}"
                f"{'**' if line.points < line.check.points else ''} {line.exercise.id}: {line.check.name} - {line.verdict.result}" for line in lines] + [""]
    for exercise, verdicts in grade.results:
        out += explained(grade, exercise)
    if grade.reflections:
        out += ["## The holes, in the student's words", "", *(f"- {name}: {plain(words)}" for name, words in grade.reflections.items()), ""]
    if grade.remarks:
        out += ["## Remarks", "", *(f"- {plain(remark)}" for remark in grade.remarks), ""]
    return "\n".join(out)


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
            f"- seen: {plain(shown(line)) or line.verdict.result}", f"- read: {exercise.read}",
            *(f"- also: {other.check.name}, {other.verdict.result}" for other in bad[1:]), ""]


def plain(text):
    """A student's program may have chosen these words: they shall be no markup."""
    return re.sub(r"([`*_<>\[\]|\\])", r"\\\1", text)[:600]


# --- for machines -------------------------------------------------------------------------------


def gradescope(grade):
    """results.json as its documentation describes it; tests that could not be tried carry the tag "not graded"."""
    numbers = {exercise.id: exercise.number for exercise, _ in grade.results}
    return {"score": grade.points, "output": "\n".join(grade.remarks), "tests": [
        {"name": f"{line.exercise.id}: {line.check.name}", "number": f"{grade.chapter}.{numbers[line.exercise.id]}", "score": line.points,
         "max_score": line.check.points, "status": "passed" if line.verdict.good else "failed", "output": "" if line.verdict.good else shown(line),
         "tags": [f"chapter-{grade.chapter}", "robustness" if line.check.robust else "functionality", *(["not graded"] if line.verdict.result == checks.SKIP else [])],
         "visibility": "after_due_date" if is_hidden(line) else "visible"} for line in grade.lines]}


def is_hidden(line):
    test = checks.test_of(line.exercise.chapter, line.check.name)
    return bool(test and checks.is_hidden(test[1]))


def classroom50(grade):
    """result.json; what its runner knows (owner, submission, times) it adds itself."""
    return {"schema": "classroom50/result/v1", "assignment": f"tincan-{grade.chapter}", "commit": grade.commit,
            "score": grade.points, "max-score": grade.most, "tests": [
                {"test-name": f"{line.exercise.id}: {line.check.name}", "passed": line.verdict.good, "score": line.points,
                 "max-score": line.check.points, "verdict": line.verdict.result} for line in grade.lines]}


def junit(grade):
    lines, out = grade.lines, []
    for line in lines:
        name, inner = f"{line.exercise.id}: {line.check.name}", ""
        if line.verdict.result == checks.SKIP:
            inner = f"<skipped message={quoteattr(shown(line))}/>"
        elif not line.verdict.good:
            inner = f"<failure message={quoteattr(line.verdict.result)}>{escape(shown(line))}</failure>"
        out.append(f'  <testcase classname="chapter-{grade.chapter}" name={quoteattr(name)}>{inner}</testcase>')
    failed = sum(line.verdict.result in (checks.FAIL, checks.NONE) for line in lines)
    skipped = sum(line.verdict.result == checks.SKIP for line in lines)
    head = f'<testsuite name={quoteattr(grade.student)} tests="{len(lines)}" failures="{failed}" errors="0" skipped="{skipped}">'
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + "\n".join([head, *out, "</testsuite>"]) + "\n"


def csv_of(grades):
    """One line a student. The same submissions give the same text."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    names = [exercise.id for exercise, _ in grades[0].results] if grades else []
    writer.writerow(["student", "chapter", "points", "max", "percent", "not graded", *names, "commit", "remarks"])
    for grade in grades:
        per = [sum(line.points for line in grade.lines if line.exercise.id == name) for name in names]
        percent = round(100 * grade.points / grade.most) if grade.most else 0
        writer.writerow([cell(grade.student), grade.chapter, grade.points, grade.most, percent, grade.not_graded, *per,
                         grade.commit, cell("; ".join(grade.remarks))])
    return out.getvalue()


def cell(text):
    """A spreadsheet shall take no student's words for a formula."""
    return "'" + text if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


def write_all(grade, directory):
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "report.md").write_text(markdown(grade))
    (directory / "results.json").write_text(json.dumps(gradescope(grade), indent=2) + "\n")
    (directory / "result.json").write_text(json.dumps(classroom50(grade), indent=2) + "\n")
    (directory / "junit.xml").write_text(junit(grade))
