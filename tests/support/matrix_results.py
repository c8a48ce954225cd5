"""What the attacks of `make matrix` found: as they lie in build/matrix after a run, or in matrix-verdicts.tsv, the
run that the pages show."""
import datetime
import fnmatch
import os
import re
from pathlib import Path

import registry

PROJECT = Path(__file__).resolve().parents[2]
SUPPORT = PROJECT / "tests/support"
VERDICTS = SUPPORT / "matrix-verdicts.tsv"
OTHERS = ["unshare", "bwrap", "crun", "runc", "podman"]
SIGNS = {"BLOCKED": "■", "REACHED": "○", "NOT-TESTABLE": "?"}


def chapter_names():
    folders = [page.parent.name for page in (PROJECT / "chapters").glob("[0-9][0-9]-*/README.md")]
    return {name[:2]: name[3:].replace("-", " ") for name in folders}


class Note:
    def __init__(self, fields):
        self.columns, self.ids, self.text, self.link = fields

    def is_about(self, column):
        return any(fnmatch.fnmatchcase(column, one) for one in self.columns.split())

    def covers(self, column, promise):
        return self.is_about(column) and any(fnmatch.fnmatchcase(promise, one) for one in self.ids.split())


# --- a run, kept ----------------------------------------------------------------------------------


def evidence_of(line):
    """What the probe saw, without what is of this machine or of this run alone."""
    words = line.split(" ", 2)[2:] or [""]
    words = words[0].replace(str(PROJECT) + "/", "").replace(str(PROJECT), "PROJECT").replace(os.uname().nodename, "HOST").replace("\t", " ").strip()
    words = re.sub(r"/tmp/[\w.]+/", "/tmp/", words)
    words = re.sub(r"\d{4}-\d\d-\d\dT[\d:.]+Z ", "", words)
    return words[:197].rpartition(" ")[0] + " ..." if len(words) > 200 else words


def keep(found):
    """Writes VERDICTS from the directory that tests/support/matrix leaves: equal cells of a row are one line."""
    columns = in_order(path.name for path in found.iterdir() if path.is_dir())
    kernel = os.uname()
    out = ["# What tests/support/matrix found, written by `make matrix DOC=1`: by hand nothing is changed here.", "#",
           "# ran       the day; the kernel; the machine", "# column    its name; the version of the tool, if it is one",
           "# otherwise the promise; the verdict; the columns; what the probe saw there", "#",
           f"ran\t{datetime.date.today()}\tLinux {kernel.release}\t{kernel.machine}"]
    for column in columns:
        version = found / column / "version"
        out.append(f"column\t{column}\t{version.read_text().strip() if version.exists() else ''}\t")
    for promise in registry.promises():
        groups = {}
        for column in columns:
            path = found / column / promise
            line = path.read_text().strip() if path.exists() else ""
            if line.split(" ")[0] in SIGNS:
                groups.setdefault((line.split(" ")[0], evidence_of(line)), []).append(column)
        out += [f"{promise}\t{word}\t{' '.join(where)}\t{seen}" for (word, seen), where in groups.items()]
    VERDICTS.write_text("\n".join(out) + "\n")


def in_order(names):
    names = set(names)
    return sorted(name for name in names if name[0].isdigit()) + [name for other in OTHERS for name in (other, other + "+") if name in names]


# --- a run, read ----------------------------------------------------------------------------------


class Matrix:
    """What was promised, where it was tried, and how that came out."""

    def __init__(self, path=VERDICTS):
        self.promises = [(one.id, one.chapter, one.sentence) for one in registry.promises().values()]
        self.words, self.seen, self.versions, self.ran = {}, {}, {}, ["", "", ""]
        for first, *rest in registry.rows(path):
            if first == "ran":
                self.ran = rest
            elif first == "column":
                self.versions[rest[0]] = rest[1]
            else:
                for column in rest[1].split():
                    self.words[first, column] = rest[0]
                    self.seen[first, column] = rest[2]
        self.columns = in_order(self.versions)
        self.chapters = [name for name in self.columns if name[0].isdigit()]
        self.tools = [name for name in self.columns if not name[0].isdigit()]
        fields = registry.rows(SUPPORT / "matrix-notes.tsv")
        self.started = {row[0]: row[2] for row in fields if row[1] == "started"}
        self.notes = [note for note in (Note(row) for row in fields if row[1] != "started") if self.is_needed(note)]

    def word(self, promise, column):
        return self.words.get((promise, column), "")

    def where(self, promise, word):
        """The columns in which it came out so."""
        return [column for column in self.columns if self.word(promise, column) == word]

    def is_needed(self, note):
        return any(note.covers(column, promise) and self.word(promise, column) == "REACHED"
                   for promise, _, _ in self.promises for column in self.tools)

    def notes_for(self, promise, column):
        """The numbers of the notes on a cell."""
        return [number for number, note in enumerate(self.notes, 1) if note.covers(column, promise)]

    def asked_of_all(self):
        return [promise for promise, _, _ in self.promises if all(self.word(promise, column) for column in self.columns)]

    def count(self, column, promises, word="BLOCKED"):
        return sum(self.word(promise, column) == word for promise in promises)

    def unexplained(self):
        return [f"{promise} in {column}" for promise, _, _ in self.promises for column in self.tools
                if self.word(promise, column) == "REACHED" and not self.notes_for(promise, column)]
