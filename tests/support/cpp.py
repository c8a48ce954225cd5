"""C++ as text: cut into statements and definitions, for those who hold sources against something. What the compiler
has to know (types, who calls whom) is not known here."""
import re
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
OPAQUE = re.compile(r"""//[^\n]*|R"(\w*)\((?:.|\n)*?\)\1"|"(?:\\.|[^"\\\n])*"|(?<!\d)'(?:\\.|[^'\\\n])+'""")
FRAME = re.compile(r"^(#include .*|#pragma once|namespace .*\{|\}  // namespace.*|using namespace .*;)$")


def blanked(text):
    """As long as `text`, and cut into the same lines: blanks for comments and for what strings and characters hold."""
    def blank(match):
        inner = re.sub(r"[^\n]", " ", match[0])
        return inner if match[0].startswith("//") else match[0][0] + inner[1:-1] + match[0][-1]
    return OPAQUE.sub(blank, text)


def statements(code, start=0, end=None, nested=False):
    """(first, after, what ends it) of code[start:end], which is blanked, cut at ; { and }: at those in no parenthesis, and
    not at the braces of an initializer; nested: at each."""
    depth, begin, at, end = 0, start, start, len(code) if end is None else end
    while at < end:
        depth += {"(": 1, "[": 1, ")": -1, "]": -1}.get(code[at], 0)
        if code[at] == "{" and depth == 0 and not nested and re.search(r"\b[A-Z]\w+( \w+)?$", code[begin:at]):
            at = code.index("}", at)
        elif code[at] in ";{}" and (nested or depth == 0):
            first = begin + len(code[begin:at]) - len(code[begin:at].lstrip())
            yield first, at, code[at]
            begin = at + 1
        at += 1


def definitions(lines):
    """Of a file's lines (first, last, head): what stands at the left margin, with the comment above it."""
    code = blanked("\n".join(lines)).split("\n")
    line = 0
    while line < len(lines):
        if not lines[line] or lines[line][0] in " }#" or lines[line].startswith("//") or FRAME.match(lines[line]):
            line += 1
            continue
        first, depth, head = line, 0, ""
        while True:
            head += code[line] + " "
            depth += sum(code[line].count(c) for c in "{([") - sum(code[line].count(c) for c in "})]")
            if depth <= 0 and code[line].rstrip().endswith((";", "}")) or line + 1 == len(lines):
                break
            line += 1
        while first > 0 and lines[first - 1].startswith("//"):
            first -= 1
        yield first, line, re.split(r"[{;]", head, maxsplit=1)[0] + " "
        line += 1


def included(paths, with_sources):
    """These files, and the files of ours that they include, and so on; with_sources: and what is linked for a header."""
    found, waiting = set(), list(paths)
    while waiting:
        path = waiting.pop()
        if path in found or not path.exists():
            continue
        found.add(path)
        for name in re.findall(r'^#include "([^"]+)"', path.read_text(), re.M):
            for root in (PROJECT, PROJECT / "chapters", PROJECT / "tests"):
                waiting += [root / name] + ([(root / name).with_suffix(".cpp")] if with_sources else [])
    return found
