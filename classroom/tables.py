"""A class' grades as tables: ours, those that Moodle and Canvas take, and what the class found hard."""
import csv
import io
import statistics
from collections import Counter
from fractions import Fraction

import clean
import exports
import reports
from reports import number

KEPT = ("Kept on this machine: these reports with the students' names, and in .kept/ what each check said. The students' files are not copied, only a "
        "digest of them. `make forget-students` deletes it all, or, with ONLY=name, one student's.")


def percent(grade):
    return round(100 * grade.points / grade.most) if grade.most else 0


def csv_of(grades):
    """One line a student. The same submissions give the same text."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    names = [exercise.id for exercise, _ in grades[0].results] if grades else []
    writer.writerow(["student", "id", "chapter", "state", "points", "max", "percent", "not graded", "place", *names, "commit", "comment", "remarks"])
    for grade in grades:
        counted = grade.is_counted
        writer.writerow([clean.cell(grade.student), clean.cell(grade.who.number if grade.who else ""), grade.chapter, grade.state, number(grade.points) if counted else "",
                         number(grade.most), percent(grade) if counted else "", number(grade.not_graded), grade.place,
                         *(number(grade.per(name)) if counted else "" for name in names), grade.commit, clean.cell(comments(grade)),
                         clean.cell(" | ".join([*([grade.reason] if grade.reason else []), *grade.remarks]))])
    return out.getvalue()


def comments(grade):
    return " | ".join(f"{one.exercise + ': ' if one.exercise else ''}{one.comment}" for one in grade.overrides if one.comment)


# --- for the systems that students hand in to ---------------------------------------------------


def upload(grades, roster, chapter):
    """(name of the file, its text), or None. Who has no grade, and who handed in nothing, has an empty cell: a zero is for a person to give."""
    systems = Counter(grade.who.system for grade in grades if grade.who and grade.who.system)
    kind = roster.kind if roster else systems.most_common(1)[0][0] if systems else ""
    if kind == "moodle":
        return "moodle.csv", moodle(grades, roster)
    return ("canvas.csv", canvas(grades, roster, chapter)) if kind == "canvas" and roster else None


def scaled(grade, most):
    """In the points that the other system counts to."""
    if grade is None or not grade.is_counted or grade.state == reports.ABSENT and not grade.overrides:
        return ""
    try:
        return number(grade.points * Fraction(most.strip().replace(",", ".")) / grade.most)
    except (ValueError, ZeroDivisionError):
        return number(grade.points)


def by_row(grades):
    return {id(grade.who.row): grade for grade in grades if grade.who and grade.who.row is not None}


def written(rows):
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue()


def moodle(grades, roster):
    """The assignment's grading worksheet, filled in; without one, the columns of it that an import looks for."""
    if roster is None:
        rows = [[f"Participant {grade.who.number}", clean.cell(grade.who.name), scaled(grade, ""), "-", clean.cell(comments(grade))]
                for grade in grades if grade.who and grade.who.system == "moodle"]
        return written([["Identifier", "Full name", "Grade", "Last modified (grade)", "Feedback comments"], *rows])
    return written([roster.header, *(filled(row, by_row(grades).get(id(row)), roster) for row in roster.people)])


def filled(row, grade, roster):
    values = {"grade": scaled(grade, roster.value(row, "maximum grade")), "feedback comments": clean.cell(comments(grade)) if grade else ""}
    return [values.get(name) or cell for name, cell in zip(roster.columns, row)]


def canvas(grades, roster, chapter):
    """The columns of the exported gradebook by which an import knows a student, and one for this chapter: its own, if it is there."""
    title = f"tincan-{chapter}"
    column = next((index for index, name in enumerate(roster.columns) if name.startswith(title)), None)
    kept = [index for index, name in enumerate(roster.columns) if name in ("student", "id", "sis user id", "sis login id", "integration id", "section", "root account")]
    most = roster.possible[column] if roster.possible and column is not None else number(grades[0].most)
    rows = [[*(roster.header[index] for index in kept), roster.header[column] if column is not None else title],
            ["    Points Possible", *[""] * (len(kept) - 1), most.strip()]]
    found = by_row(grades)
    return written([*rows, *([*(row[index] for index in kept), scaled(found.get(id(row)), most)] for row in roster.people)])


# --- what the class found hard ------------------------------------------------------------------


def overview(grades, lines, chapter):
    """class.md: how many got how far, at what they failed, and what is in no row."""
    states = Counter(grade.state for grade in grades)
    out = [f"# Chapter {chapter}: {len(grades)} rows", "", *(f"- {state}: {count}" for state, count in sorted(states.items()))]
    graded = [grade for grade in grades if grade.state == reports.GRADED]
    if graded:
        points = [float(grade.points) for grade in graded]
        out += [f"- points of {number(graded[0].most)}: from {number(min(points))} to {number(max(points))}, median {number(statistics.median(points))}, "
                f"mean {number(statistics.mean(points))}{graded[0].mark}", "", *exercises(graded)]
    failed = [grade for grade in grades if grade.state == reports.NOT_GRADED]
    if failed:
        out += ["## Could not be graded", "", *(f"- {clean.markdown(grade.student)}: {clean.markdown(grade.reason)}" for grade in failed), ""]
    if lines:
        out += ["## In no row, or to be looked at", "", *(f"- {clean.markdown(line)}" for line in lines), ""]
    return "\n".join([*out, "", KEPT, ""])


def exercises(graded):
    out = ["| exercise | all points | some | none | not begun | fails most often at |", "| --- | --- | --- | --- | --- | --- |"]
    for exercise, _ in graded[0].results:
        got = [(grade.per(exercise.id), first_failure(grade, exercise)) for grade in graded]
        most = sum(check.points for check in exercise.checks)
        idle = sum(failure == "not begun" for _, failure in got)
        failures = Counter(failure for _, failure in got if failure and failure != "not begun").most_common(1)
        out.append(f"| {exercise.id} | {sum(points >= most for points, _ in got)} | {sum(0 < points < most for points, _ in got)} | "
                   f"{sum(points == 0 for points, _ in got) - idle} | {idle} | {clean.markdown(f'{failures[0][0]} ({failures[0][1]})') if failures else ''} |")
    return [*out, ""]


def first_failure(grade, exercise):
    """What kept a student from the first point that is missing: in words that are ours."""
    bad = [line for line in grade.lines if line.exercise.id == exercise.id and not line.verdict.good]
    if not bad:
        return ""
    seen = bad[0].verdict.seen
    if seen in ("not begun", "not handed in"):
        return "not begun"
    return "it does not compile" if seen.startswith("it does not compile") else f"{bad[0].check.name}: {bad[0].verdict.result}"


def write_all(grades, lines, roster, chapter, directory, table):
    """All tables, and the paths of those that could not be written."""
    texts = {table: csv_of(grades), directory / "class.md": overview(grades, lines, chapter)}
    given = upload(grades, roster, chapter)
    if given:
        texts[directory / given[0]] = given[1]
    faults = []
    for path, text in texts.items():
        try:
            exports.write(path, text)
        except OSError as error:
            faults.append(f"{path} could not be written: {error.strerror}")
    return faults
