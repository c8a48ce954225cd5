"""Exercise regions: pieces of the chapters' own sources that a student writes.

A region stands between two comments, each a line of its own; a shell script takes # for //:

    // exercise: three
    const int three = 1 + 2;
    // end of exercise

What replaces it in a student's copy is chapters/NN-name/exercises/three.stub, or the same lines with
a mutant planted in them. Everything that shows, patches or compares a source drops the markers first:
without_markers() is the source as its readers know it.
"""
import re
from dataclasses import dataclass

MARKER = re.compile(r"^\s*(?://|#) (?:exercise: ([a-z0-9-]+)|(end of exercise))$")


class Fault(Exception):
    """Markers that do not pair, or a region that is not there."""


@dataclass
class Region:
    name: str
    first: int  # index of its first line, the marker not counted
    end: int  # of the line after its last: the closing marker


def regions(text):
    """name -> Region, in the order in which they stand there."""
    found, opened = {}, None
    for number, line in enumerate(text.splitlines()):
        marker = MARKER.match(line)
        if not marker:
            continue
        if bool(marker[1]) == bool(opened):
            raise Fault(f"line {number + 1}: '{line.strip()}' has no partner")
        if marker[1] in found:
            raise Fault(f"line {number + 1}: there are two regions '{marker[1]}'")
        if marker[1]:
            opened = Region(marker[1], number + 1, 0)
        else:
            opened.end = number
            found[opened.name], opened = opened, None
    if opened:
        raise Fault(f"the region '{opened.name}' has no end")
    return found


def without_markers(text):
    return "".join(line for line in text.splitlines(keepends=True) if not MARKER.match(line.rstrip("\n")))


def content(text, name):
    """The lines of a region, as one text."""
    region = regions(text).get(name)
    if region is None:
        raise Fault(f"the lines '// exercise: {name}' and '// end of exercise' are not both there")
    return "".join(line + "\n" for line in text.splitlines()[region.first : region.end])


def replaced(text, name, new):
    """`text` with another content of the region."""
    content(text, name)
    region, lines = regions(text)[name], text.splitlines(keepends=True)
    return "".join(lines[: region.first]) + new + "".join(lines[region.end :])


def mark_of(name):
    """How a comment begins in the file of that name."""
    return "#" if name.endswith(".sh") else "//"
