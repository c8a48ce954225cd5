"""The kinds of mistakes, each as a function of a place in the syntax tree.

What people read (the words of messages) is no place for a mistake here, and no argument that is a text in
quotes changes its place with another.
"""
import re

from clang.cindex import CursorKind, TokenKind

import flags
import listed
from forms import BEFORE, CONDITION, EXPRESSION, RANGE, STATEMENT, WHERE_THROWN, WHERE_TRUE, where
from source import bare, extent, joined

COMPARISONS = {"<": "<=", "<=": "<", ">": ">=", ">=": ">", "==": "!=", "!=": "=="}
LOGICAL = {"&&": "||", "||": "&&"}
BRANCHES = {CursorKind.IF_STMT, CursorKind.WHILE_STMT}


def at(walk, cursor, place):
    """All kinds that one node of the tree has, apart from those of a function's body."""
    if cursor.kind == CursorKind.COMPOUND_STMT:
        for child in cursor.get_children():
            statement(walk, child, place)
    elif cursor.kind in BRANCHES:
        branch(walk, cursor, place)
    elif cursor.kind == CursorKind.FOR_STMT:
        counted_loop(walk, cursor, place)
    elif cursor.kind == CursorKind.CXX_FOR_RANGE_STMT:
        loop_over(walk, cursor, place)
    elif cursor.kind == CursorKind.CONDITIONAL_OPERATOR:
        negate(walk, next(iter(cursor.get_children())), place)
    elif cursor.kind == CursorKind.INTEGER_LITERAL:
        literal(walk, cursor, place)
    elif cursor.kind == CursorKind.CALL_EXPR:
        call(walk, cursor, place)
    elif cursor.kind == CursorKind.INIT_LIST_EXPR:
        listed.rows(walk, cursor, place)
    elif cursor.kind == CursorKind.LAMBDA_EXPR:
        block = list(cursor.get_children())[-1]
        if block.kind == CursorKind.COMPOUND_STMT and returns_nothing(walk, block):
            body(walk, block, type(place)(place.function, False), "void")
    binary(walk, cursor, place)
    flags.one(walk, cursor, place)


# --- statements --------------------------------------------------------------------------------


def body(walk, block, place, result):
    """A `return` early: before the first statement, and in the middle."""
    statements = list(block.get_children())
    value = "" if result == "void" or returns_nothing(walk, block) else " {}"  # a constructor's result is void
    middle = len(statements) // 2
    for number in sorted({0, middle} if len(statements) > 2 else {0} if len(statements) > 1 or value else set()):
        start = statements[number].extent.start.offset
        walk.add(place, "return early", start, start, f"return{value}; ", BEFORE)


def returns_nothing(walk, block):
    tokens = walk.source.between(*extent(block))
    return not any(token.text == "return" and after.text != ";" for token, after in zip(tokens, tokens[1:]))


def statement(walk, cursor, place):
    """A call, or an assignment, that is gone."""
    node = bare(cursor)
    if node.kind == CursorKind.CSTYLE_CAST_EXPR:
        node = bare(list(node.get_children())[-1])
    wanted = node.kind in (CursorKind.CALL_EXPR, CursorKind.COMPOUND_ASSIGNMENT_OPERATOR, CursorKind.UNARY_OPERATOR)
    if not wanted and not (node.kind == CursorKind.BINARY_OPERATOR and operator(walk, node)[1] == "="):
        return
    start, end = extent(cursor)
    semicolon = walk.source.after(end)
    if start < end and semicolon and semicolon.text == ";":
        what = "call gone" if node.kind == CursorKind.CALL_EXPR and operator(walk, node)[1] != "=" else "assignment gone"
        walk.add(place, what, start, semicolon.end, ";", STATEMENT)


def branch(walk, cursor, place):
    opening = next(token for token in walk.source.between(*extent(cursor)) if token.text in ("(", "constexpr"))
    if opening.text == "constexpr":
        return
    closing = walk.source.closing(opening)
    children = list(cursor.get_children())
    inside = [child for child in children if child.extent.end.offset <= closing.start]
    outside = [child for child in children if child.extent.start.offset >= closing.end]
    for child in outside:
        statement(walk, child, place)
    if not inside or not inside[-1].kind.is_expression() or inside[-1].extent.end.offset != last_end(walk, closing):
        return
    negate(walk, inside[-1], place)
    if cursor.kind == CursorKind.IF_STMT and outside and throws(walk, outside[0]):
        start, end = extent(inside[-1])
        walk.add(place, "error ignored", start, end, f"((void)({walk.source.plain(start, end)}), false)",
                 WHERE_TRUE)


def last_end(walk, closing):
    return walk.source.between(0, closing.start)[-1].end


def throws(walk, then):
    statements = list(then.get_children()) if then.kind == CursorKind.COMPOUND_STMT else [then]
    return bool(statements) and walk.source.between(*extent(statements[-1]))[0].text == "throw"


def negate(walk, condition, place):
    start, end = extent(condition)
    # == turned round is != already.
    if start < end and operator(walk, bare(condition))[1] not in ("==", "!="):
        walk.add(place, "condition negated", start, end, f"!({walk.source.plain(start, end)})", CONDITION)


def counted_loop(walk, cursor, place):
    tokens = walk.source.between(*extent(cursor))
    closing = walk.source.closing(tokens[1])
    *head, inner = cursor.get_children()
    statement(walk, inner, place)
    first = next(token for token in tokens if token.text == ";" and token.start < closing.start)
    second = next(token for token in tokens if token.text == ";" and token.start > first.start)
    for child in head:
        start, end = extent(child)
        left, sign, right = operator(walk, bare(child))
        if first.end <= start and end <= second.start and sign in ("<", "<="):
            walk.add(place, "loop one short", start, end, f"({left}) + 1 {sign} ({right})")


def loop_over(walk, cursor, place):
    tokens = walk.source.between(*extent(cursor))
    opening = next(token for token in tokens if token.text == "(")
    closing = walk.source.closing(opening)
    *head, inner = cursor.get_children()
    statement(walk, inner, place)
    over = [child for child in head if child.kind.is_expression() and child.extent.end.offset <= closing.start]
    if over:
        start, end = extent(over[-1])
        text = walk.source.plain(start, end)
        walk.add(place, "loop one short", start, end, f"tincan_but_last(true, {text})", RANGE)


# --- expressions ---------------------------------------------------------------------------------


def operator(walk, cursor):
    """(left operand, operator, right operand) as texts; the operator is "" where there is none."""
    if cursor.kind not in (CursorKind.BINARY_OPERATOR, CursorKind.CALL_EXPR, CursorKind.UNEXPOSED_EXPR):
        return "", "", ""
    overloaded = cursor.kind == CursorKind.CALL_EXPR
    if overloaded and not cursor.spelling.startswith("operator"):
        return "", "", ""
    parts = sorted({extent(part) for part in (cursor.get_arguments() if overloaded else cursor.get_children())})
    if len(parts) < 2:
        return "", "", ""
    (start, left), (right, end) = parts[0], parts[-1]
    gap = walk.source.between(left, right)
    if len(gap) != 1 or gap[0].kind != TokenKind.PUNCTUATION or left > right:
        return "", "", ""
    return walk.source.plain(start, left), gap[0].text, walk.source.plain(right, end)


# What may change something, or is too much to say: calls but these, assignments, braces.
HARM = re.compile(r"\b(?!(?:size|empty|front|back|get|ok)\(\))\w+\(|\+\+|--|(?<![=!<>])=(?!=)|[{},;?*/%^~#]")


def harmless(*texts):
    """Whether they can be asked once more, and nothing has changed."""
    return not any(HARM.search(text) for text in texts)


def binary(walk, cursor, place):
    start, end = extent(cursor)
    left, sign, right = operator(walk, cursor)
    asked = harmless(left, right)
    if sign in COMPARISONS:
        border = sign not in ("==", "!=") and asked
        walk.add(place, "comparison", start, end, f"{left} {COMPARISONS[sign]} {right}",
                 where(f"({left}) == ({right})") if border else EXPRESSION)
    elif sign in LOGICAL:
        # Where the first has decided, the second is not asked: there, nothing is known.
        unsure = f"({left}) ? !({right}) : true" if sign == "&&" else f"({left}) ? true : static_cast<bool>({right})"
        walk.add(place, "and for or", start, end, f"(({left}) {LOGICAL[sign]} ({right}))", where(unsure) if asked else EXPRESSION)
    elif sign == "|":
        flags.alternation(walk, cursor, place)


def literal(walk, cursor, place):
    start, end = extent(cursor)
    text = walk.source.plain(start, end)
    match = re.fullmatch(r"(0[xX][0-9a-fA-F']+|0[0-7']*|[1-9][0-9']*)([uUlLzZ]*)", text)
    if not match:
        return
    digits, suffix = match[1].replace("'", ""), match[2]
    octal = digits[0] == "0" and digits.isdigit() and len(digits) > 1
    value = int(digits, 8) if octal else int(digits, 0)
    write = (lambda number: f"0{number:o}") if octal else hex if digits[:2] in ("0x", "0X") else str
    for number in (value + 1, value - 1):
        if number >= 0:
            walk.add(place, "constant", start, end, write(number) + suffix)


def call(walk, cursor, place):
    start, end = extent(cursor)
    if operator(walk, cursor)[1]:
        return
    parts = [part for part in cursor.get_arguments() if part and start <= part.extent.start.offset < part.extent.end.offset <= end]
    if cursor.spelling == "check" and parts and parts[0].extent.start.offset > start:
        walk.add(place, "error ignored", start, end, walk.source.plain(*extent(parts[0])), WHERE_THROWN)
    for one, other in zip(parts, parts[1:]):
        swap(walk, cursor, place, one, other)


def swap(walk, cursor, place, one, other):
    start, end = extent(cursor)
    (first, first_end), (second, second_end) = extent(one), extent(other)
    texts = walk.source.plain(first, first_end), walk.source.plain(second, second_end)
    if kind_of(one) != kind_of(other) or texts[0] == texts[1] or any('"' in text for text in texts):
        return
    gap = walk.source.between(first_end, second)
    if [token.text for token in gap] != [","] or first == start:
        return
    before, after = walk.source.between(start, first), walk.source.between(second_end, end)
    walk.add(place, "arguments swapped", start, end, f"{joined(before)}{texts[1]}, {texts[0]}{joined(after)}")


def kind_of(cursor):
    """Its type after the conversions to the parameter's, without const and references."""
    return re.sub(r"\bconst\b|&|\s", "", cursor.type.get_canonical().spelling)
