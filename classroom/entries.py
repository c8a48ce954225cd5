"""The entries of a directory of submissions: whose each is, which is the latest, and what is none.

    students, lines = listed(Path("class"), ["exec.cpp"])

A directory or an archive with the student's name; what Moodle makes ("Ada L_123_assignsubmission_file_"), Canvas
("lovelaceada_LATE_12_345_handin.zip", also file by file) and Blackboard ("hw_ada_attempt_2026-10-01-12-00-00_x.zip"). Each
entry ends in a student, or in a line that says why not.
"""
import os
import re
import stat
import unicodedata
from dataclasses import dataclass, field

import archive
import clean
import intake
from archive import Found

MOODLE = re.compile(r"(?P<name>.+?)_(?P<number>\d+)_assignsubmission_(?P<kind>[a-z]+)_?(?P<file>.*)", re.S)
BLACKBOARD = re.compile(r"(?P<task>.+)_(?P<name>[^_]+)_attempt_(?P<stamp>\d{4}(?:-\d\d){5})(?:_(?P<file>.+)|\.txt)?", re.S)
CANVAS = re.compile(r"(?P<name>[^_]+)_(?:(?i:late)_)?(?P<number>\d{2,})_(?P<stamp>\d{3,})_(?P<file>.+)", re.S)


@dataclass
class Entry:
    """One entry, or, of loose files, those that one student handed in."""

    path: str
    name: str  # the student's
    number: str  # and in the system that wrote the entry
    system: str
    stamp: tuple  # the greater, the later
    files: dict = field(default_factory=dict)  # wanted name -> (stamp, path), of loose files


@dataclass
class Student:
    key: str  # of this one alone, as long as the directory's names stay
    name: str
    number: str = ""
    system: str = ""
    entries: list = field(default_factory=list)  # the latest first
    row: dict = None  # of the roster

    @property
    def title(self):
        return clean.line(self.name) or "?"

    @property
    def slug(self):
        return clean.slug(self.key)

    def take(self, names, chapter):
        """(name -> text, remarks) of the latest. Throws Refused."""
        latest, *older = self.entries
        if latest.files:
            taken, remarks = intake.taken_of(Loose(latest.files), names, chapter)
        else:
            taken, remarks = intake.take(latest.path, names, chapter)
        if older:
            remarks = [*remarks, "the latest of several counts; not looked at: " + ", ".join(clean.line(os.path.basename(one.path), 80) for one in older[:4])]
        return taken, remarks


class Loose(Found):
    def __init__(self, files):
        super().__init__(files={name: path for name, (_, path) in files.items()})

    def read(self, path):
        return intake.read_plain(self.files[path])


def parsed(name, path):
    """(name, number, system, stamp, file) as the entry's name has it."""
    modified = os.lstat(path).st_mtime_ns
    for system, pattern in (("moodle", MOODLE), ("blackboard", BLACKBOARD), ("canvas", CANVAS)):
        found = pattern.fullmatch(name)
        # Only Moodle makes directories.
        if found and (system == "moodle" or os.path.isfile(path)):
            part = found.groupdict()
            stamp = part.get("stamp") or ""
            return part["name"], part.get("number") or "", system, (int(stamp) if stamp.isdigit() else 0, stamp, modified), part.get("file") or ""
    plain = name
    for ending in sorted(archive.ENDINGS, key=len, reverse=True):
        if os.path.isfile(path) and name.lower().endswith(ending) and len(name) > len(ending):
            plain = name[: -len(ending)]
            break
    return plain, "", "", (0, "", modified), name


def listed(directory, names):
    """The Students, in order, and lines about the other entries."""
    found, lines = {}, []
    for name in sorted(os.listdir(directory), key=os.fsencode):
        path = os.path.join(directory, name)
        try:
            why = sort_in(found, name, path, names)
        except OSError as error:
            why = f"it cannot be looked at: {error.strerror}"
        if why:
            lines.append(f"{clean.line(name, 80)}: {why}")
    students = [student_of(key, entries) for key, entries in sorted(found.items())]
    several = [one.name for one in students]
    for one in students:
        if several.count(one.name) > 1 and one.number:
            one.name = f"{one.name} ({one.number})"
    return students, lines


def sort_in(found, name, path, names):
    """Puts the entry to its student's; or says why it is nobody's."""
    if archive.is_junk(name):
        return "it belongs to a system or an editor, and is no submission"
    mode = os.lstat(path).st_mode
    who, number, system, stamp, file = parsed(name, path)
    if system == "moodle" and "_assignsubmission_onlinetext" in name:
        return "a text typed into Moodle, and no file"
    is_link = stat.S_ISLNK(mode)
    entry = Entry(path, who, number, system, stamp)
    if stat.S_ISREG(mode) and not archive.is_archive(name):
        wanted = archive.wanted(file, names) if system else ""
        if not wanted:
            return "it is neither a directory nor an archive" + (", and not called as an exercise's file is" if system else "")
        return add_loose(found, entry, wanted)
    if not is_link and not stat.S_ISDIR(mode) and not stat.S_ISREG(mode):
        return "it is neither a directory nor an archive, but a device, a fifo or a socket"
    found.setdefault(key_of(entry), []).append(entry)
    return ""


def key_of(entry):
    name = unicodedata.normalize("NFC", entry.name)
    return f"{name}_{entry.number}" if entry.number else name


def add_loose(found, entry, wanted):
    """One file of several: the latest of each name counts."""
    entries = found.setdefault(key_of(entry), [])
    loose = next((one for one in entries if one.files), None)
    if loose is None:
        entries.append(loose := entry)
    if wanted not in loose.files or loose.files[wanted][0] < entry.stamp:
        loose.files[wanted] = (entry.stamp, entry.path)
    loose.stamp = max(loose.stamp, entry.stamp)
    return ""


def student_of(key, entries):
    entries = sorted(entries, key=lambda one: one.stamp, reverse=True)
    return Student(key, entries[0].name, entries[0].number, entries[0].system, entries)


def single(path):
    """A Student of one submission, wherever it lies."""
    name = os.path.basename(os.path.normpath(path))
    who, number, system, stamp, _ = parsed(name, path)
    entry = Entry(path, who, number, system, stamp)
    return student_of(key_of(entry), [entry])
