"""Flags: one out of an or, or one more; close-on-exec gone."""
import re

from clang.cindex import CursorKind, TokenKind

from source import bare, extent

# What can stand in an or. Of AT_, AT_FDCWD is none.
FAMILY = re.compile(r"(OPEN_TREE|MOUNT_ATTR|SECCOMP_FILTER_FLAG|RESOLVE|CLONE|MSG|SOCK|MFD|IFF|MNT|MS|AT|SA|O)_[A-Z0-9_]+")
NONE = ("AT_FDCWD", "SOCK_STREAM", "SOCK_DGRAM", "SOCK_RAW", "SOCK_SEQPACKET")
WITHOUT_CLOEXEC = {"F_DUPFD_CLOEXEC": "F_DUPFD"}


def leaves(walk, cursor):
    """The texts between the | of an alternation."""
    start, end = extent(cursor)
    depth, parts, first = 0, [], start
    for token in walk.source.between(start, end):
        depth += {"(": 1, "{": 1, "[": 1, ")": -1, "}": -1, "]": -1}.get(token.text, 0)
        if token.text == "|" and depth == 0:
            parts.append(walk.source.plain(first, token.start))
            first = token.end
    return [*parts, walk.source.plain(first, end)]


def alternation(walk, cursor, place):
    start, end = extent(cursor)
    parts = leaves(walk, cursor)
    following, preceding = walk.source.after(end), walk.source.between(0, start)[-1]
    if len(parts) < 2 or (following and following.text == "|") or preceding.text == "|":
        return  # a part of a longer one
    for number, part in enumerate(parts):
        rest = " | ".join(parts[:number] + parts[number + 1:])
        walk.add(place, "close-on-exec gone" if "CLOEXEC" in part else "flag gone", start, end, rest)
    more(walk, place, start, end, parts)


def one(walk, cursor, place):
    """A flag that stands alone."""
    if cursor.kind != CursorKind.INTEGER_LITERAL and not cursor.kind.is_expression():
        return
    start, end = extent(cursor)
    text = walk.source.plain(start, end)
    if not re.fullmatch(r"[A-Z][A-Z0-9_]+", text) or bare(cursor) != cursor or beside_or(walk, start, end):
        return
    if text.endswith("CLOEXEC"):
        walk.add(place, "close-on-exec gone", start, end, WITHOUT_CLOEXEC.get(text, "0"))
    elif beside_comma(walk, start, end):
        more(walk, place, start, end, [text])


def beside_or(walk, start, end):
    return walk.source.after(end).text in ("|", "&", "~") or walk.source.between(0, start)[-1].text in ("|", "&", "~")


def beside_comma(walk, start, end):
    return walk.source.after(end).text in (",", ")") and walk.source.between(0, start)[-1].text in (",", "(")


def more(walk, place, start, end, parts):
    """One more of the same family that this file uses elsewhere."""
    match = next((FAMILY.fullmatch(part) for part in parts if FAMILY.fullmatch(part) and part not in NONE), None)
    if not match:
        return
    family = match[1] + "_"
    used = {token.text for token in walk.source.tokens if token.kind == TokenKind.IDENTIFIER}
    others = sorted(name for name in used if name.startswith(family) and FAMILY.fullmatch(name) and FAMILY.fullmatch(name)[1] == match[1])
    for name in [name for name in others if name not in parts and name not in NONE][:2]:
        walk.add(place, "flag more", start, end, " | ".join([*parts, name]))
