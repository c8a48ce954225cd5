"""Writing a student's repository: the chapters with holes, and nothing that gives a solution away."""
import re
import shutil
import subprocess
from pathlib import Path

import answers
import catalog

PROJECT = catalog.PROJECT
# Of the project's files those that a student needs; tests/unit and docs/ are looked through one by one. Not the
# doctor: it tries what the chapters do, in the same words.
TAKEN = (".clang-format", ".editorconfig", ".gitignore", "LICENSE", "Makefile", "common", "tests/support", "tests/probe",
         "tests/bench", "tests/faults", "tests/kernels", "tests/vm", "tests/golden", "tests/run", "tests/setup_suite.bash",
         "tests/promises.tsv", "tests/expected-skips.txt", "tests/bad-input.tsv", "docs/order.md", "docs/guest.md", "docs/platforms.md")
TOOLS = ("regions.py", "catalog.py", "checks.py", "builder.py", "probes.py", "student", "try-probe.sh")

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
    secret = {line for chapter in chapters for one in catalog.exercises(chapter) for line in answers.of(one)}
    for folder in sorted(PROJECT.glob("chapters/[0-9][0-9]-*")):
        if folder.name[:2] <= max(chapters):
            write_chapter(directory, folder, folder.name[:2] in chapters)
            write_text(directory, PROJECT / f"docs/{folder.name}.md", secret)
            for picture in PROJECT.glob(f"docs/pictures/{folder.name[:2]}-*"):
                copy(picture, directory / picture.relative_to(PROJECT))
            copy(PROJECT / f"tests/chapter-{folder.name[:2]}.bats", directory / f"tests/chapter-{folder.name[:2]}.bats")
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


def write_text(directory, page, secret):
    """The chapter's text, without the lines that are the student's to write."""
    if not page.exists():
        return
    kept, left_out = [], False
    for line in page.read_text().splitlines():
        bare = answers.telling_lines(re.sub(r"^[-+ ]", "", line)) | answers.telling_lines(line)
        if not bare & secret:
            kept.append(line)
        elif not left_out:
            kept.append(re.match(r"\s*", line)[0] + "// ... (yours to write)")
        left_out = bool(bare & secret)
    (directory / "docs" / page.name).write_text("\n".join(kept) + "\n")


def write_unit_tests(directory, last):
    """Those that need no later chapter."""
    for path in PROJECT.glob("tests/unit/*"):
        numbers = re.findall(r'^#include "(\d\d)-', path.read_text(), re.M)
        if not numbers or max(numbers) <= last:
            copy(path, directory / path.relative_to(PROJECT))


def begin_repository(directory):
    """A first commit, so that a student's changes can be seen."""
    def git(*words):
        subprocess.run(["git", "-C", directory, "-c", "user.name=tincan", "-c", "user.email=tincan@localhost", *words], check=True)
    git("init", "-q", "-b", "main")
    git("add", "-A")
    git("commit", "-q", "-m", "The exercises as they were handed out")


def chapters_of(text):
    """ "03-07" or "03,05": the numbers, of those that have exercises."""
    found = set()
    for part in text.split(","):
        first, _, last = part.strip().partition("-")
        found |= {number for number in catalog.chapters() if first <= number <= (last or first)}
    if not found:
        raise catalog.Fault(f"CHAPTERS={text}: there are exercises for {', '.join(catalog.chapters())}")
    return sorted(found)
