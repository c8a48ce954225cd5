"""A class: each student graded once, and an error kept with the submission that caused it.

What was graded is kept in a file for each student and read again, as long as the student's files and what judges them are the same.
Points are no part of it: with other weights, or decisions by hand, the grades are counted anew and nothing runs. A kept file that
another machine made from the same checkout is as good as one of our own.
"""
import concurrent.futures
import hashlib
import json
import os
import re
import sys
import threading
import traceback

import catalog
import checks
import clean
import exports
import grading
import intake
import interrupt
import reports
from archive import Refused

# What counts, shows and asks, and has no part in a verdict.
NO_JUDGES = {"archive.py", "clean.py", "cohort.py", "entries.py", "exports.py", "grade", "intake.py", "reports.py", "roster.py", "tables.py",
             "student", "handout", "handout.py", "interrupt.py", "prove"}


def version_of(chapter):
    """A digest of all that a verdict depends on: the chapters' sources, the tests, what judges; not the points."""
    digest, project = hashlib.sha256(chapter.encode()), catalog.PROJECT
    paths = [path for folder in ("common", "chapters", "tests", "classroom") for path in (project / folder).rglob("*")]
    for path in sorted(paths):
        inside = str(path.relative_to(project))
        if path.is_symlink() or not path.is_file() or path.suffix in (".md", ".pyc") or path.name == "rubric.tsv" or path.name in NO_JUDGES \
                or path.name.startswith(".") or re.match(r"tests/classroom/(?!hidden/|.*\.[ch]pp$)", inside):
            continue
        digest.update(f"{inside}\0".encode() + hashlib.sha256(path.read_bytes()).digest())
    for one in catalog.exercises(chapter):
        digest.update(json.dumps([one.id, one.kind, one.file, [check.name for check in one.checks]]).encode())
    return digest.hexdigest()


class Cohort:
    """Grades students. `only`: that one anew, and of the others what is kept."""

    def __init__(self, chapter, students, kept, scratch, only=None):
        self.chapter, self.students, self.kept, self.scratch, self.only = chapter, students, kept, scratch, only
        self.exercises, self.names = catalog.exercises(chapter), list(catalog.files(chapter))
        self.folder = catalog.chapter_folder(chapter).name
        self.version = version_of(chapter)
        self.lock, self.done, self.stopped = threading.Lock(), 0, threading.Event()
        kept.mkdir(parents=True, exist_ok=True)

    def run(self, jobs):
        with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
            return interrupt.drained(pool, self.one, self.students, self.stopped)

    def one(self, student):
        grade, again = self.graded(student)
        grade.student, grade.who = student.title, student
        with self.lock:
            self.done += 1
            if not self.stopped.is_set() and grade.state != reports.WAITING:
                said = f"{reports.number(grade.points)} of {reports.number(grade.most)}{grade.mark}" if grade.state == reports.GRADED else \
                    ": ".join(filter(None, (grade.state, grade.reason)))
                print(f"[{self.done}/{len(self.students)}] {student.title}: {said}{' (as before)' if again else ''}", file=sys.stderr, flush=True)
        return grade

    def graded(self, student):
        """(its Grade, is it one that was kept?). Throws nothing: whatever goes wrong here is about this submission alone."""
        try:
            if not student.entries:
                return self.without(student, reports.ABSENT), False
            taken, remarks = student.take(self.names, self.folder)
            remarks = [*remarks, *grading.odd_words(self.chapter, taken)]
            found, again = self.kept_or_tried(student, taken)
        except Refused as refusal:
            return self.without(student, reports.NOT_GRADED, clean.line(refusal, 600)), False
        except Exception as error:  # noqa: BLE001  also what nobody has thought of: the others have a right to their points
            return self.without(student, reports.NOT_GRADED, told(error)), False
        if found is None:
            return self.without(student, reports.WAITING), False
        found.remarks = [*remarks, *found.remarks]
        found.commit = intake.commit_of(student.entries[0].path)
        found.reflections = grading.reflections(self.exercises, taken)
        return found, again

    def without(self, student, state, reason=""):
        return reports.without_verdicts(student.title, self.exercises, self.chapter, state, reason)

    def kept_or_tried(self, student, taken):
        key = hashlib.sha256(json.dumps([self.version, grading.where(), taken], sort_keys=True).encode()).hexdigest()
        memory = self.kept / f"{student.slug}.json"
        found = self.read(memory, key)
        if student is self.only or found is None and self.only is None:
            results, remarks = self.try_twice(student, taken)
            # Ctrl-C on a terminal reaches a compiler as soon as this process: what that left undone is no verdict.
            if self.stopped.wait(0.1):
                raise RuntimeError("interrupted")
            saved = reports.Grade(student.key, self.chapter, results, remarks, "", {}, grading.where()).saved()
            exports.write(memory, json.dumps({"key": key, "grade": saved}))
            return self.read(memory, key), False
        return found, True

    def read(self, memory, key):
        """What is kept, if it is of these files; a file that is no such thing is as none."""
        try:
            found = json.loads(memory.read_text(encoding="utf-8"))
            return reports.Grade.restored(found["grade"], self.exercises) if found["key"] == key else None
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def try_twice(self, student, taken):
        """A fault of the machine's, or of ours, may be gone when it is tried again; it never is a zero."""
        try:
            return grading.grade(self.chapter, taken, self.place_for(student, 1))
        except Exception as error:  # noqa: BLE001
            if self.stopped.is_set():
                raise
            print(f"{student.title}: {told(error)}; it is tried once more", file=sys.stderr, flush=True)
        return grading.grade(self.chapter, taken, self.place_for(student, 2))

    def place_for(self, student, attempt):
        """Not by the name itself, which may hold what a command line takes for more."""
        if self.stopped.is_set():
            raise RuntimeError("interrupted")
        return self.scratch / f"{hashlib.sha256(os.fsencode(student.key)).hexdigest()[:12]}-{attempt}"


def told(error):
    """An error of ours in a line: what it was, and of one that nobody expected also where."""
    words = f"{error.strerror}: {error.filename}" if isinstance(error, OSError) and error.strerror else str(error)
    if not isinstance(error, (RuntimeError, OSError)):
        at = traceback.extract_tb(error.__traceback__)[-1]
        words = f"{type(error).__name__} in {os.path.basename(at.filename)}, line {at.lineno}: {words}"
    return clean.without_machine(clean.line(" / ".join(checks.cleaned(words, 6)), 600))
