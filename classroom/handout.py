"""Writing a student's repository: the chapters with holes, and nothing that gives a solution away."""
import re
import shutil
import subprocess
from pathlib import Path

import answers
import catalog
import regions

PROJECT = catalog.PROJECT
YOURS = "// ... (yours to write)"
# Of the project's files those that a student needs; tests/unit and docs/ are looked through one by one. Not the
# doctor, the benchmarks and the faults: they do what the chapters do, in the same words.
TAKEN = (".clang-format", ".editorconfig", ".gitignore", "LICENSE", "common", "tests/support", "tests/probe", "tests/vm", "tests/golden",
         "tests/run", "tests/setup_suite.bash", "tests/promises.tsv", "tests/expected-skips.txt", "tests/bad-input.tsv",
         "docs/guest.md", "docs/platforms.md")
TOOLS = ("regions.py", "catalog.py", "checks.py", "builder.py", "desk.py", "attempt.py", "leash.py", "linker.py", "telling.py", "watch.py",
         "student", "leash.sh", "try-probe.sh")
# What of the Makefile works there, and is of use.
GOALS = ("help", "deps", "all", "chapter-%", "run-%", "debug-%", "diff-%", "test-%", "exercise-%", "check-%", "hint-%", "watch-%", "progress",
         "vm", "clean")

README = """# tincan: exercises

A container in C++, built chapter by chapter. Chapters {span} have holes; they are yours to fill.

```
make deps            # the Debian packages that are missing
make exercise-{first}     # a working copy, in work/
make check-{first}        # what holds so far, and what the first failure means
make hint-{first}         # the next hint
make watch-{first}        # check again whenever you save
make progress        # a bar for each chapter
```

Each chapter's `exercises.md` says what is to be done; its text is under `docs/`. Hand in the directory
`work/NN-name` of a chapter as it is. Making containers takes root: where you are not root, `sudo` asks.
In a virtual machine you can break nothing that matters.

A probe that you write is tried in your own program, as it is by then; programs with one mistake, and a few other
tests, are the grader's. `make progress` counts their points with those of an exercise that holds.
"""


def write(directory, chapters):
    """The repository, at `directory`, which must not be there or be empty."""
    directory = Path(directory)
    if directory.exists() and any(directory.iterdir()):
        raise catalog.Fault(f"{directory} is not empty")
    for name in TAKEN:
        copy(PROJECT / name, directory / name)
    for name in TOOLS:
        copy(PROJECT / "classroom" / name, directory / "classroom" / name)
    (directory / "Makefile").write_text(makefile((PROJECT / "Makefile").read_text()))
    # A checkout on another system must not change the lines: scripts would not run.
    (directory / ".gitattributes").write_text("* text=auto eol=lf\n")
    secret = Secret(chapters)
    for folder in sorted(page.parent for page in PROJECT.glob("chapters/[0-9][0-9]-*/README.md")):
        if folder.name[:2] <= max(chapters):
            write_chapter(directory, folder, folder.name[:2] in chapters)
            write_text(directory, PROJECT / f"docs/{folder.name}.md", secret)
            for picture in PROJECT.glob(f"docs/pictures/{folder.name[:2]}-*"):
                write_picture(directory, picture, secret)
            copy(PROJECT / f"tests/chapter-{folder.name[:2]}.bats", directory / f"tests/chapter-{folder.name[:2]}.bats")
    write_order(directory, max(chapters))
    write_unit_tests(directory, max(chapters))
    span = f"{min(chapters)} to {max(chapters)}" if len(chapters) > 1 else chapters[0]
    (directory / "README.md").write_text(README.format(span=span, first=min(chapters)))


def copy(source, target):
    if not source.exists():
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target, symlinks=True)
    else:
        shutil.copy2(source, target)


def write_chapter(directory, folder, with_holes):
    target = directory / folder.relative_to(PROJECT)
    target.mkdir(parents=True)
    holes = catalog.with_holes(folder.name[:2]) if with_holes else {}
    for path in [*folder.glob("*.?pp"), *folder.glob("*.md")]:
        if with_holes or path.name != "exercises.md":
            (target / path.name).write_text(holes.pop(path.name, path.read_text()))
    if with_holes:
        copy(folder / "exercises/rubric.tsv", target / "exercises/rubric.tsv")
        for name, text in holes.items():  # the probes
            (target / "exercises" / name).write_text(text)


# --- the texts ----------------------------------------------------------------------------------


class Secret:
    """What is the students' to write or to find."""

    def __init__(self, chapters):
        self.exercises = [one for chapter in chapters for one in catalog.exercises(chapter)]
        self.lines = {line for one in self.exercises for line in answers.of(one)}
        self.calls = [answers.pattern_of(call) for one in self.exercises for call in answers.calls_of(one)]


def write_text(directory, page, secret):
    """The chapter's text without code, calls, and passages that tell a solution."""
    if not page.exists():
        return
    text = without_passages(page.read_text(), {one.id for one in secret.exercises})
    for one in secret.exercises:
        if one.chapter == page.name[:2]:
            text = without_region(text, one)
    kept, left_out = [], False
    for line in text.splitlines():
        bare = answers.telling_lines(re.sub(r"^[-+ ]", "", line)) | answers.telling_lines(line)
        if not bare & secret.lines:
            kept.append(line)
        elif not left_out:
            kept.append(re.match(r"\s*", line)[0] + YOURS)
        left_out = bool(bare & secret.lines)
    (directory / "docs" / page.name).write_text(without_calls("\n".join(kept) + "\n", secret))


def without_region(text, exercise):
    """Where the text quotes a whole region, with the comments in it: for a gap one line, and a hole as it was handed out."""
    solution = regions.content(exercise.source.read_text(), exercise.id)
    instead = catalog.stub(exercise).split("\n", 1)[1] if exercise.kind == "hole" else re.match(r"\s*", solution)[0] + YOURS + "\n"
    lines = [re.escape(line.strip()) for line in regions.as_shown(solution).splitlines()]
    return re.sub(r"^[ \t]*" + r"[ \t]*\n[ \t]*".join(lines) + r"[ \t]*\n", lambda _: instead, text, flags=re.M)


def without_passages(text, open_):
    """In a text, what stands between `<!-- exercise: NAME -->` and `<!-- end of exercise -->` tells the solution of that."""
    def instead(found):
        return f"*(What stands here tells the solution of the exercise `{found[1]}`.)*\n" if found[1] in open_ else found[2]
    return re.sub(r"^<!-- exercise: ([a-z0-9-]+) -->\n(.*?)^<!-- end of exercise -->\n", instead, text, flags=re.M | re.S)


def without_calls(text, secret):
    for call in secret.calls:
        text = call.sub("...", text)
    return text


def write_picture(directory, picture, secret):
    target = directory / picture.relative_to(PROJECT)
    if picture.suffix != ".svg":
        return copy(picture, target)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(without_calls(picture.read_text(), secret))


def write_order(directory, last):
    """docs/order.md, up to the last chapter and without its column of calls, which are half of the solutions."""
    kept = []
    for line in (PROJECT / "docs/order.md").read_text().splitlines(keepends=True):
        row = re.fullmatch(r"\| ([^|]+) \| ([^|]+) \| .* \| ([^|]*) \|\n", line)
        if not row:
            kept.append(line)
        elif not row[1].isdigit() or row[1] <= last:
            kept.append(f"| {row[1]} | {row[2]} | {row[3]} |\n")
    (directory / "docs/order.md").write_text("".join(kept))


def write_unit_tests(directory, last):
    """Those that need no later chapter."""
    for path in PROJECT.glob("tests/unit/*"):
        numbers = re.findall(r'^#include "(\d\d)-', path.read_text(), re.M)
        if not numbers or max(numbers) <= last:
            copy(path, directory / path.relative_to(PROJECT))


# --- the Makefile -------------------------------------------------------------------------------


def makefile(text):
    """The project's, with the goals that work in a hand-out; the others say that they are not there."""
    gone = []

    def kept(rule):
        goals = rule[1].split()
        if any(goal in GOALS for goal in goals):
            return rule[0]
        gone.extend(goals)
        return ""
    # A rule that is for people says so behind its prerequisites (common/help.sh).
    text = re.sub(r"^([a-zA-Z_%. -]+):(?!=)[^=\n]*## .*\n(?:\t.*\n)*", kept, text, flags=re.M)
    text = re.sub(r"^(with_number := )(.*)$", lambda found: found[1] + " ".join(kind for kind in found[2].split() if f"{kind}-%" in GOALS), text, flags=re.M)
    refusal = "\t@echo 'A hand-out has no make $@. What it has, make alone lists.' >&2; exit 1\n"
    plain = [goal for goal in gone if "%" not in goal]
    return (text + "\n# --- what the whole project has beside that ---\n\n" + f".PHONY: {' '.join(plain)}\n{' '.join(plain)}:\n{refusal}"
            + "".join(f"{goal}:\n{refusal}" for goal in gone if "%" in goal))


# --- and then -----------------------------------------------------------------------------------


def begin_repository(directory):
    """A first commit, so that a student's changes can be seen."""
    def git(*words):
        subprocess.run(["git", "-C", directory, "-c", "user.name=tincan", "-c", "user.email=tincan@localhost", *words], check=True)
    git("init", "-q", "-b", "main")
    git("add", "-A")
    git("commit", "-q", "-m", "The exercises as they were handed out")


def whole(chapters):
    """Those that are in it with their solutions."""
    return [chapter for chapter in catalog.chapters() if chapter < max(chapters) and chapter not in chapters]


def chapters_of(text):
    """ "03-07" or "03,05": the numbers, of those that have exercises."""
    found = set()
    for part in text.split(","):
        first, _, last = part.strip().partition("-")
        found |= {number for number in catalog.chapters() if first <= number <= (last or first)}
    if not found:
        raise catalog.Fault(f"CHAPTERS={text}: there are exercises for {', '.join(catalog.chapters())}")
    return sorted(found)
