"""A grade for other programs: Gradescope, Classroom 50, JUnit; and all of a student's reports on the disk.

What a test saw, names and remarks come through clean.py: no control byte, no markup, nothing that XML cannot hold.
"""
import json
import os
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

import checks
import clean
import reports


def figure(points):
    """For JSON: a whole number where it is one."""
    return int(points) if points == int(points) else round(float(points), 4)


def gradescope(grade):
    """results.json as its documentation describes it; what could not be tried carries the tag "not graded", and with HOST=1 "host"."""
    numbers = {exercise.id: exercise.number for exercise, _ in grade.results}
    said = [*([f"{grade.state}: {grade.reason}"] if grade.state != reports.GRADED else []), *([f"tried on the {grade.place}"] if grade.mark else []),
            *(f"{one.exercise or 'all'}: {one.points} {one.comment}" for one in grade.overrides), *grade.remarks]
    return {"score": figure(grade.points), "output": "\n".join(clean.line(one, 2000) for one in said), "output_format": "text", "test_output_format": "text",
            "test_name_format": "text", "tests": [
                {"name": f"{line.exercise.id}: {line.check.name}", "number": f"{grade.chapter}.{numbers[line.exercise.id]}", "score": figure(line.points),
                 "max_score": figure(line.check.points), "status": "passed" if line.verdict.good else "failed",
                 "output": "" if line.verdict.good else reports.shown(line), "tags": tags(grade, line),
                 "visibility": "after_due_date" if reports.is_hidden(line) else "visible"} for line in grade.lines]}


def tags(grade, line):
    return [f"chapter-{grade.chapter}", "robustness" if line.check.robust else "functionality", *(["not graded"] if line.verdict.is_open else []),
            *([grade.place] if grade.mark else [])]


def classroom50(grade):
    """result.json; what its runner knows (owner, submission, times) it adds itself. Its scores are whole numbers."""
    return {"schema": "classroom50/result/v1", "assignment": f"tincan-{grade.chapter}", "commit": grade.commit,
            "score": round(grade.points), "max-score": round(grade.most), "tests": [
                {"test-name": f"{line.exercise.id}: {line.check.name}", "passed": line.verdict.good, "score": round(line.points),
                 "max-score": round(line.check.points), "verdict": line.verdict.result, "place": grade.place} for line in grade.lines]}


def junit(grade):
    lines, out = grade.lines, [f'  <properties><property name="place" value={quoteattr(grade.place)}/></properties>']
    failed = skipped = errors = 0
    for line in lines:
        name, inner = f"{line.exercise.id}: {line.check.name}", ""
        if grade.state == reports.NOT_GRADED:
            errors += 1
            inner = f"<error message={quoteattr(clean.line(grade.reason, 600))}/>"
        elif line.verdict.is_open:
            skipped += 1
            inner = f"<skipped message={quoteattr(reports.shown(line))}/>"
        elif not line.verdict.good:
            failed += 1
            inner = f"<failure message={quoteattr(line.verdict.result)}>{escape(reports.shown(line))}</failure>"
        out.append(f'  <testcase classname="chapter-{grade.chapter}" name={quoteattr(name)}>{inner}</testcase>')
    head = (f'<testsuite name={quoteattr(clean.line(grade.student))} tests="{len(lines)}" failures="{failed}" errors="{errors}" skipped="{skipped}">')
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + "\n".join([head, *out, "</testsuite>"]) + "\n"


def write_all(grade, directory):
    directory.mkdir(parents=True, exist_ok=True)
    write(directory / "report.md", reports.markdown(grade) + "\n")
    write(directory / "junit.xml", junit(grade))
    for name, made in (("results.json", gradescope), ("result.json", classroom50)):
        if grade.is_counted:
            write(directory / name, json.dumps(made(grade), indent=2) + "\n")
        else:
            (directory / name).unlink(missing_ok=True)  # it would have to say how many points, and none is a number, too


def write(path, text):
    """Whole or not at all: whoever reads it meanwhile, or after an interruption, finds no half of it."""
    new = Path(f"{path}.{os.getpid()}.new")
    try:
        new.write_text(text, encoding="utf-8")
        new.replace(path)
    except OSError:
        new.unlink(missing_ok=True)
        raise
