"""A C++ file as clang reads it: its syntax tree, and its tokens by their place.

Debian's python3-clang gives the tree. What it does not say, which operator stands between two operands, say
the tokens between them.
"""
import bisect
import functools
import subprocess
from pathlib import Path

from clang.cindex import CursorKind, Index, TokenKind

FLAGS = ["-std=c++20", "-I.", "-Ichapters", "-D_GNU_SOURCE", "-w"]


@functools.cache
def system_includes():
    """Where the headers of this compiler are: libclang alone does not find them."""
    said = subprocess.run(["clang++", "-E", "-x", "c++", "-v", "/dev/null"], capture_output=True, text=True, check=True).stderr
    listed = said.partition("<...> search starts here:")[2].partition("End of search list")[0]
    return [word for directory in listed.split() for word in ("-isystem", directory)]


class Token:
    def __init__(self, start, end, text, kind):
        self.start, self.end, self.text, self.kind = start, end, text, kind


class Source:
    """One file of a translation unit."""

    def __init__(self, unit, path):
        self.path = path
        self.file = unit.get_file(str(path))
        self.text = Path(path).read_bytes()
        whole = unit.get_extent(str(path), (0, len(self.text)))
        self.tokens = [Token(token.extent.start.offset, token.extent.end.offset, token.spelling, token.kind)
                       for token in unit.get_tokens(extent=whole) if token.kind != TokenKind.COMMENT]
        self.starts = [token.start for token in self.tokens]

    def between(self, start, end):
        """The tokens that stand there wholly."""
        first = bisect.bisect_left(self.starts, start)
        last = bisect.bisect_left(self.starts, end)
        return [token for token in self.tokens[first:last] if token.end <= end]

    def plain(self, start, end):
        """The text there in one line, without comments."""
        return joined(self.between(start, end))

    def after(self, offset):
        """The first token at or after an offset."""
        at = bisect.bisect_left(self.starts, offset)
        return self.tokens[at] if at < len(self.tokens) else None

    def line(self, offset):
        return self.text.count(b"\n", 0, offset) + 1

    def closing(self, opening):
        """The token that closes the parenthesis `opening`."""
        depth = 0
        for token in self.tokens[bisect.bisect_left(self.starts, opening.start):]:
            depth += {"(": 1, ")": -1}.get(token.text, 0)
            if depth == 0:
                return token
        raise ValueError(f"{self.path}: a parenthesis stays open")


def joined(tokens):
    """Their text; a blank where there was room."""
    text, end = "", None
    for token in tokens:
        text += (" " if end is not None and token.start > end else "") + token.text
        end = token.end
    return text


def extent(cursor):
    return cursor.extent.start.offset, cursor.extent.end.offset


def in_file(cursor, source):
    place = cursor.location.file
    return place is not None and place.name == source.file.name


def precompile(headers, path):
    """Reading them takes most of the time of parse(): `headers` once, into a file for it."""
    command = ["clang++", *FLAGS, *system_includes(), "-x", "c++-header", "-", "-o", str(path)]
    subprocess.run(command, input=headers, text=True, check=True)


def parse(path, precompiled=None):
    """The translation unit of a file below the working directory."""
    before = ["-include-pch", str(precompiled)] if precompiled else []
    unit = Index.create().parse(str(path), args=[*FLAGS, *system_includes(), *before, "-x", "c++"])
    wrong = [str(problem) for problem in unit.diagnostics if problem.severity >= problem.Error]
    if wrong and precompiled:  # clang 14 loses a friend now and then
        return parse(path)
    if wrong:
        raise ValueError(f"{path}: {wrong[0]}")
    return unit


def bare(cursor):
    """Without the conversions that nobody wrote, and without parentheses."""
    while cursor.kind in (CursorKind.UNEXPOSED_EXPR, CursorKind.PAREN_EXPR):
        children = list(cursor.get_children())
        if len(children) != 1:
            break
        cursor = children[0]
    return cursor
