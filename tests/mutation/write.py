"""The mutants, written: all of a tree into one set of programs, or one into one file.

In a generated copy of the tree every place where a mistake can be switched on reads

    (tincan_mutant(17) ? (the mistake) : (what stands there))

and a number in the data of the linked program says which is on. What the compiler does not take so is
dropped there by the lines that it names, and is built alone.
"""
import functools
import os
import re
import shutil
import struct
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

from forms import NUMBER, REST, SWITCH
from sites import sites
from slots import CPPFLAGS, PROJECT, UNIT_TESTS, chapter_numbers, make, system_headers
from source import precompile

HERE = Path(__file__).resolve().parent
MAGIC = b"tincan-mutants:\0"
PATH_AFTER = len(MAGIC) + 4
SWITCHED = " -include switch.hpp -w -Wno-narrowing -Wno-c++11-narrowing -ferror-limit=0"
FIRST_CHAPTER = "03"  # before it nothing is held
# What most likely is what a compiler complains about, of all that stands on one line.
SUSPECTS = (("return early",), ("loop one short",), ("arguments swapped", "error ignored"), ("flag gone", "flag more", "close-on-exec gone"))


def files():
    """What can have a mutant: the chapters that run something, and what they share."""
    chapters = [number for number in chapter_numbers() if number >= FIRST_CHAPTER]
    found = [path for number in chapters for path in PROJECT.glob(f"chapters/{number}-*/*.[ch]pp")]
    return sorted(str(path.relative_to(PROJECT)) for path in [*found, *PROJECT.glob("common/*.[ch]pp")])


def all_sites():
    """Of all files, in one list: a place in it is a mutant's number."""
    os.chdir(PROJECT)
    with TemporaryDirectory() as directory, ProcessPoolExecutor() as pool:
        headers = Path(directory, "system.pch")
        precompile(system_headers(), headers)
        return [site for found in pool.map(functools.partial(sites, precompiled=headers), files()) for site in found]


# --- one text ----------------------------------------------------------------------------------


def rewritten(text, numbered, start=0, end=None):
    """`text` from `start` to `end` with all of the (number, site) in it, each of which can be switched on."""
    end = len(text) if end is None else end
    waiting = sorted(numbered, key=lambda one: (one[1].start, one[1].end > one[1].start, -one[1].end))
    result, at = b"", start
    while waiting:
        first = waiting[0][1]
        group = [one for one in waiting if (one[1].start, one[1].end) == (first.start, first.end)]
        rest = [one for one in waiting if one not in group]
        inside = [one for one in rest if one[1].start < first.end and first.end > first.start]
        waiting = [one for one in rest if one not in inside]
        text_there = rewritten(text, inside, first.start, first.end)
        for number, site in group:
            form = site.form.encode().replace(SWITCH.encode(), b"tincan_mutant(%d)" % number).replace(NUMBER.encode(), b"%d" % number)
            text_there = form.replace(REST.encode(), text_there)
        result += text[at:first.start] + text_there
        at = first.end
    return result + text[at:end]


def planted(site):
    """The file's text with this mistake alone."""
    text = (PROJECT / site.file).read_bytes()
    mutated = site.mutated
    if "tincan_but_last" in mutated:
        mutated = f"({mutated})"
    return text[:site.start] + mutated.encode() + text[site.end:]


# --- the tree ----------------------------------------------------------------------------------


class Combined:
    """The tree in which the mutants `wanted` are; `dropped`: the numbers of those that it could not take. `known`: the
    keys of some of them, from before."""

    def __init__(self, slot, everything, wanted, known):
        self.tree, self.all, self.wanted = slot.tree, everything, wanted
        self.dropped = {number for number, site in enumerate(everything) if not site.switchable or site.key() in known}

    def build(self):
        for name, place in (("switch.hpp", "."), ("switch.cpp", "common")):
            shutil.copy2(HERE / name, self.tree / place)
        wrong = {self.all[number].file for number in self.wanted}
        targets = [f"build/chapter-{number}" for number in chapter_numbers()]
        while wrong:
            for name in wrong:
                self.write(name)
            for flags in (f"{CPPFLAGS} -include system.hpp{SWITCHED}", CPPFLAGS + SWITCHED):
                made = make(self.tree, flags, "-k", f"-j{os.cpu_count()}", *targets)
                units = make(self.tree, flags, "-k", f"-j{os.cpu_count()}", *UNIT_TESTS)
                if made.returncode == units.returncode == 0:
                    return
            # An error may be said of a header, and only in a note of the line that led there.
            complaints = made.stdout + units.stdout
            wrong = self.drop(complaints, "error") or self.drop(complaints, "note")
            if not wrong:
                raise RuntimeError(complaints[-3000:])

    def there(self, name):
        """The (number, site) that a file can take, for all that is known."""
        return [(number, self.all[number]) for number in self.wanted if self.all[number].file == name and number not in self.dropped]

    def write(self, name):
        numbered = self.there(name)
        text, path = rewritten((PROJECT / name).read_bytes(), numbered), self.tree / name
        if path.read_bytes() != text:  # or all that includes it is compiled once more
            path.write_bytes(text)

    def drop(self, complaints, kind):
        """Leaves out what begins on a line that the compiler complains about, then what reaches over it."""
        changed = set()
        for name, line in set(re.findall(rf"^(?:\./)?([\w./-]+):(\d+):\d+: (?:fatal )?{kind}:", complaints, re.M)):
            here = self.there(name)
            text = (PROJECT / name).read_bytes() if here else b""
            begins = suspects([(number, site) for number, site in here if site.line == int(line)])
            over = {number for number, site in here if site.line <= int(line) <= site.line + text.count(b"\n", site.start, site.end)}
            self.dropped |= begins or over
            changed |= {name} if begins or over else set()
        return changed


def suspects(there):
    for kinds in SUSPECTS:
        if found := {number for number, site in there if site.kind in kinds}:
            return found
    return {number for number, _ in there}


# --- the programs --------------------------------------------------------------------------------


def with_switch(program, copy, number=-1, reached=""):
    """A copy of the program in which mutant `number` is on, and which notes in `reached` where it comes past."""
    shutil.copyfile(program, copy)
    data = Path(copy).read_bytes()
    at = data.index(MAGIC)
    if data.find(MAGIC, at + 1) != -1:
        raise ValueError(f"{program}: two places look like the switch")
    with open(copy, "r+b") as file:
        file.seek(at + len(MAGIC))
        file.write(struct.pack("<i", number) + reached.encode() + b"\0")
    os.chmod(copy, 0o755)
