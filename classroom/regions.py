"""Exercise regions: pieces of the chapters' own sources that a student writes.

A region stands between two comments, each a line of its own; a shell script takes # for //:

    // exercise: three
    const int three = 1 + 2;
    // end of exercise

What replaces it in a student's copy is chapters/NN-name/exercises/three.stub, or the same lines with
a mutant planted in them. Everything that shows, patches or compares a source drops the markers first:
without_markers() is the source as its readers know it.

A student's file has been through editors and archives: decoded() and normal() undo what they do to lines. A
mark that is missing costs the region that it belongs to, and no other.
"""
import codecs
import re
from dataclasses import dataclass

MARKER = re.compile(r"^\s*(?://|#)\s*(?:exercise:\s*([a-z0-9-]+)|(end of exercise))\s*$")
GUARD = re.compile(r"^\s*// guard: ")
UNICODE = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


class Fault(Exception):
    """Markers that do not pair, or a region that is not there."""


@dataclass
class Region:
    name: str
    first: int  # index of its first line, the marker not counted
    end: int  # of the line after its last: the closing marker


def decoded(data):
    """A file's bytes as text with plain lines. What is no UTF-8 was Latin-1, if it was text."""
    encoding = next((name for mark, name in UNICODE if data.startswith(mark)), "utf-8")
    try:
        return normal(data.decode(encoding))
    except UnicodeDecodeError:
        return normal(data.decode("latin-1"))


def normal(text):
    """Lines that end in a newline and in nothing before it; \\r\\r\\n is what two conversions make."""
    text = re.sub(r"\r+\n|\r", "\n", text.removeprefix("\ufeff"))
    return text if not text or text.endswith("\n") else text + "\n"


def lines_of(text):
    """With their ends. (str.splitlines would cut at form feeds, too.)"""
    return [line + "\n" for line in normal(text).split("\n")[:-1]]


def regions(text):
    """name -> Region, in the order in which they stand there; those whose marks do not pair are left out."""
    return scanned(text)[0]


def complaints(text):
    """What is wrong with the marks, a sentence each."""
    return scanned(text)[1]


def scanned(text):
    found, wrong, opened, twice = {}, [], None, set()
    for number, line in enumerate(lines_of(text)):
        marker = MARKER.match(line)
        if not marker:
            continue
        if bool(marker[1]) == bool(opened):
            wrong.append(f"line {opened.first if opened else number + 1}: '{f'exercise: {opened.name}' if opened else line.strip()}' has no partner")
        if marker[1]:
            opened = Region(marker[1], number + 1, 0)
        elif opened:
            opened.end = number
            if opened.name in found:
                wrong.append(f"line {opened.first}: there are two regions '{opened.name}'")
                twice.add(opened.name)
            found[opened.name], opened = opened, None
    if opened:
        wrong.append(f"line {opened.first}: 'exercise: {opened.name}' has no partner")
    return {name: region for name, region in found.items() if name not in twice}, wrong


def without_markers(text):
    return "".join(line for line in text.splitlines(keepends=True) if not MARKER.match(line))


def as_shown(text):
    """The source as the texts of docs/ quote it: what answers tests/lint-guard is not for their readers either."""
    return "".join(line for line in without_markers(text).splitlines(keepends=True) if not GUARD.match(line))


def content(text, name):
    """The lines of a region, as one text."""
    region = region_of(text, name)
    return "".join(lines_of(text)[region.first : region.end])


def region_of(text, name):
    found, wrong = scanned(text)
    if name not in found:
        raise Fault("; ".join([f"the lines '// exercise: {name}' and '// end of exercise' have to be there, once", *wrong]))
    return found[name]


def replaced(text, name, new):
    """`text` with another content of the region."""
    region, lines = region_of(text, name), lines_of(text)
    return "".join(lines[: region.first]) + new + "".join(lines[region.end :])


def same(one, other):
    """Whether nothing but blanks tells these texts apart: a formatter is no author."""
    return "".join(one.split()) == "".join(other.split())


def mark_of(name):
    """How a comment begins in the file of that name."""
    return "#" if name.endswith(".sh") else "//"
