"""What exercises there are: read from chapters/NN-name/exercises.md and chapters/NN-name/exercises/.

    exercises.md            what a student reads; its shape is in docs/instructor.md
    exercises/rubric.tsv    the checks of each exercise, and their points
    exercises/ID.stub       what stands in the region ID of a student's copy
    exercises/ID.mutant     or the mutant that is planted there: 05/keep-the-old-root
    exercises/ID.sh         the solution of a probe, with its region
    exercises/ID.mutants    the mutants that such a probe has to catch
"""
import re
import subprocess
import tempfile
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import regions

PROJECT = Path(__file__).resolve().parents[1]
KINDS = {"Fill the gap in": "fill", "Find the hole in": "hole", "Write the probe": "probe"}
SAID = "said in words"  # the check of a hole's answer


class Fault(Exception):
    """Something in the exercises' files that does not hold."""


@dataclass
class Check:
    name: str  # a promise's id, the title of a test, or for probes "sound" and "catches 05/..."
    points: Fraction  # or a whole number
    robust: bool


@dataclass
class Hint:
    about: str  # the check that it helps with; empty: any
    text: str


@dataclass
class Exercise:
    chapter: str
    number: int
    id: str
    title: str
    kind: str
    file: str
    points: Fraction
    text: str
    opens: list  # names of checks that the stub fails
    stays: list  # and of those that it passes
    read: str
    why: str  # what is lost without it
    hints: list
    checks: list = field(default_factory=list)

    @property
    def folder(self):
        return chapter_folder(self.chapter)

    @property
    def source(self):
        """The chapter's own file, which holds the solution."""
        return self.folder / ("exercises" if self.kind == "probe" else "") / self.file

    def side(self, ending):
        return self.folder / "exercises" / f"{self.id}.{ending}"


def chapter_folder(chapter):
    found = sorted(PROJECT.glob(f"chapters/{chapter}-*"))
    if len(found) != 1:
        raise Fault(f"there is no chapter {chapter}")
    return found[0]


def chapters():
    """The numbers of the chapters that have exercises."""
    return sorted(path.parent.name[:2] for path in PROJECT.glob("chapters/[0-9][0-9]-*/exercises.md"))


def exercises(chapter):
    folder = chapter_folder(chapter)
    page, rubric = folder / "exercises.md", folder / "exercises/rubric.tsv"
    if not page.exists():
        raise Fault(f"chapter {chapter} has no exercises; there are some for {', '.join(chapters())}")
    found = [read_section(chapter, number, part) for number, part in
             enumerate(re.split(r"^(?=## )", page.read_text(), flags=re.M)[1:], 1)]
    checks = read_rubric(rubric)
    for exercise in found:
        exercise.checks = checks.pop(exercise.id, [])
    if checks:
        raise Fault(f"{rubric}: no exercise is called {', '.join(checks)}")
    return found


def exercise(chapter, name):
    for one in exercises(chapter):
        if name in (one.id, str(one.number)):
            return one
    raise Fault(f"chapter {chapter} has no exercise {name}")


def read_section(chapter, number, section):
    head = re.match(r"## ([a-z0-9-]+): (.+)\n\n(.+?) `([\w.-]+)`, (\d+(?:[./]\d+)?) points\.\n\n", section)
    if not head or head[3] not in KINDS:
        raise Fault(f"chapter {chapter}, exercise {number}: its first lines do not say what it is")
    body = section[head.end() :]
    hints = [Hint(about or "", " ".join(text.split())) for about, text in re.findall(
        r"<details><summary>Hint \d(?:, on (.+?))?</summary>\n\n(.*?)\n\n</details>", body, re.S)]
    return Exercise(chapter, number, head[1], head[2], KINDS[head[3]], head[4], points_of(head[5]),
                    re.split(r"^- (?=Read:|Must )", body, flags=re.M)[0].strip(),
                    listed(body, "Must come to hold"), listed(body, "Must still hold"),
                    entry(body, "Read"), entry(body, "Why"), hints)


def entry(body, name):
    """A list item "- NAME: ...", which may go on over indented lines."""
    found = re.search(rf"^- {name}: (.*(?:\n  .*)*)", body, re.M)
    return " ".join(found[1].split()).rstrip(".") if found else ""


def listed(body, name):
    return [word.strip() for word in entry(body, name).split(" | ") if word.strip()]


def read_rubric(path):
    """Exercise id -> its checks. Lines "points<TAB>exercise<TAB>check" below a title that ends in a colon."""
    checks, robust = {}, False
    for line in path.read_text().splitlines():
        if not line or line.startswith("#"):
            continue
        if line.endswith(":"):
            robust = line == "Robustness:"
            continue
        try:
            points, name, check = line.split("\t")
            checks.setdefault(name, []).append(Check(check, points_of(points), robust))
        except (ValueError, ZeroDivisionError):
            raise Fault(f"{path}: '{line}' is not points, an exercise and a check, with tabs between them") from None
    return checks


def points_of(text):
    """2, 0.5 or 1/3, exactly."""
    points = Fraction(text)
    return int(points) if points.denominator == 1 else points


# --- what a student gets ------------------------------------------------------------------------


def stub(exercise):
    """What stands in the region instead of the solution."""
    if exercise.side("mutant").exists():
        return planted(exercise)
    return exercise.side("stub").read_text()


def planted(exercise):
    """The region with a mutant in it, and the line that asks what is wrong."""
    patch = PROJECT / "tests/mutants" / f"{exercise.side('mutant').read_text().strip()}.patch"
    text = exercise.source.read_text()
    before, inside = text.splitlines(keepends=True), regions.regions(text)[exercise.id]
    head = regions.without_markers("".join(before[: inside.first]))
    tail = regions.without_markers("".join(before[inside.end :]))
    changed = patched(regions.without_markers(text), exercise.source, patch)
    if not changed.startswith(head) or not changed.endswith(tail):
        raise Fault(f"{patch}: it changes more than the region '{exercise.id}'")
    mark = regions.mark_of(exercise.file)
    return f"{mark} The hole: ?\n" + changed[len(head) : len(changed) - len(tail)]


def patched(text, source, patch):
    """The text of `source` without markers, after the part of the patch that is about it."""
    with tempfile.TemporaryDirectory() as directory:
        copy = Path(directory) / source.relative_to(PROJECT)
        copy.parent.mkdir(parents=True)
        copy.write_text(text)
        done = subprocess.run(["patch", "-p1", "-s", "-F0", "-r-", "--no-backup-if-mismatch", "-i", patch], cwd=directory,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if done.returncode != 0:
            raise Fault(f"{patch}: {done.stdout}")
        return copy.read_text()


def files(chapter):
    """The files that a student works on: name -> the chapter's own."""
    return {one.file: one.source for one in exercises(chapter)}


def with_holes(chapter):
    """name -> text of each of them, with every region replaced."""
    texts = {name: source.read_text() for name, source in files(chapter).items()}
    for one in exercises(chapter):
        texts[one.file] = regions.replaced(texts[one.file], one.id, stub(one))
    return texts


def with_one(one, text):
    """A student's text of the exercise's file, the other regions solved: nothing but this one decides.

    Where the marks of another region are gone, nobody can say what belongs to it: then it is the chapter's own
    file with this one region in it.
    """
    solved, theirs = one.source.read_text(), regions.regions(text)
    others = [name for name in regions.regions(solved) if name != one.id]
    if not all(name in theirs for name in others):
        return regions.replaced(solved, one.id, regions.content(text, one.id))
    for name in others:
        text = regions.replaced(text, name, regions.content(solved, name))
    return text


def is_hand_out(chapter):
    """Is this a student's repository, in which the chapter has holes and nobody has what was in them?"""
    return not any(one.side("stub").exists() or one.side("mutant").exists() for one in exercises(chapter))
