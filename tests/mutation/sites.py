"""The mutants of a C++ file: each place in its syntax tree where a mistake of a known kind can be made.

    for site in sites("chapters/05-mounts/mounts.cpp"): print(site.function, site.kind, site.change())

A site is a range of the file and the text that stands there after the mistake. `switchable`: the mistake can be
switched on while the program runs; what the compiler wants to know before (constexpr, case labels, tables) cannot.
"""
import hashlib
from dataclasses import dataclass

from clang.cindex import CursorKind

import kinds
from forms import EXPRESSION, MUTATED
from source import Source, extent, in_file, parse

FUNCTIONS = {CursorKind.FUNCTION_DECL, CursorKind.CXX_METHOD, CursorKind.CONSTRUCTOR, CursorKind.DESTRUCTOR,
             CursorKind.FUNCTION_TEMPLATE, CursorKind.CONVERSION_FUNCTION}
RECORDS = {CursorKind.NAMESPACE, CursorKind.STRUCT_DECL, CursorKind.CLASS_DECL, CursorKind.CLASS_TEMPLATE}


@dataclass
class Site:
    file: str
    function: str
    kind: str
    start: int
    end: int
    original: str
    mutated: str
    form: str  # how a program with all mutants has it: forms.py
    switchable: bool
    line: int
    ordinal: int = 1  # of those that are equal in every word

    def key(self):
        return self.file, self.function, self.kind, self.hash()

    def hash(self):
        text = "\0".join((self.original, self.mutated, str(self.ordinal)))
        return hashlib.sha256(text.encode()).hexdigest()[:12]

    def change(self):
        return f"{self.original or '(nothing)'} => {self.mutated or '(nothing)'}"


@dataclass(frozen=True)
class Place:
    """Where in a file the walk is."""

    function: str = ""
    fixed: bool = True  # the compiler computes it, or it is none of a function's statements
    table: bool = False  # in a variable's initializer


class Walk:
    def __init__(self, source):
        self.source = source
        self.found = {}

    def add(self, place, kind, start, end, mutated, form=EXPRESSION):
        original = self.source.plain(start, end)
        if mutated == original:
            return
        form = form.replace(MUTATED, mutated)
        site = Site(self.source.path, place.function or "(file)", kind, start, end, original, mutated, form,
                    not place.fixed, self.source.line(start))
        self.found.setdefault((start, end, mutated), site)

    def children(self, cursor, place):
        for child in cursor.get_children():
            self.visit(child, place)

    def visit(self, cursor, place):
        kind = cursor.kind
        if kind in RECORDS:
            self.children(cursor, Place(f"{place.function}{cursor.spelling}::" if kind != CursorKind.NAMESPACE else place.function))
        elif kind in FUNCTIONS:
            self.function(cursor, place)
        elif kind in (CursorKind.VAR_DECL, CursorKind.FIELD_DECL, CursorKind.PARM_DECL):
            self.variable(cursor, place)
        elif kind == CursorKind.CASE_STMT:
            label, *rest = cursor.get_children()
            self.visit(label, Place(place.function, True, place.table))
            for child in rest:
                self.visit(child, place)
        elif kind not in (CursorKind.STATIC_ASSERT, CursorKind.ENUM_DECL, CursorKind.TYPEDEF_DECL, CursorKind.TYPE_ALIAS_DECL):
            self.expression(cursor, place)

    def function(self, cursor, place):
        if not cursor.is_definition():
            return
        words = {token.text for token in self.source.between(cursor.extent.start.offset, cursor.location.offset)}
        inside = Place(place.function + cursor.spelling, bool(words & {"constexpr", "consteval"}))
        for child in cursor.get_children():
            if child.kind == CursorKind.COMPOUND_STMT:
                kinds.body(self, child, inside, cursor.result_type.spelling)
            self.visit(child, inside)

    def variable(self, cursor, place):
        start, name = cursor.extent.start.offset, cursor.location.offset
        words = {token.text for token in self.source.between(start, name)}
        at_file = not place.function or place.function.endswith("::")
        owner = place.function + cursor.spelling if at_file else place.function
        fixed = place.fixed or bool(words & {"constexpr", "static"}) or cursor.kind == CursorKind.PARM_DECL
        inside = Place(owner, fixed, True)
        for child in cursor.get_children():
            if child.extent.start.offset > name:  # not the 2 of std::array<int, 2>
                self.visit(child, inside)

    def expression(self, cursor, place):
        start, end = extent(cursor)
        if start < end and cursor.extent.start.file and cursor.extent.start.file.name == self.source.file.name:
            kinds.at(self, cursor, place)
        if cursor.kind == CursorKind.LAMBDA_EXPR:
            place = Place(place.function, False)
        self.children(cursor, place)


def sites(path, precompiled=None):
    """The sites of one file, in the order of their places. `precompiled`: headers, see source.py."""
    unit = parse(path, precompiled)
    walk = Walk(Source(unit, path))
    for cursor in unit.cursor.get_children():
        if in_file(cursor, walk.source):
            walk.visit(cursor, Place())
    return numbered(sorted(walk.found.values(), key=lambda site: (site.start, -site.end, site.kind, site.mutated)))


def numbered(found):
    """With an ordinal for those that are equal: the same change, twice in a function."""
    seen = {}
    for site in found:
        same = (site.file, site.function, site.kind, site.original, site.mutated)
        site.ordinal = seen[same] = seen.get(same, 0) + 1
    return found
