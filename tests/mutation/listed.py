"""Tables: a row gone, or changed."""
import re


from source import extent

SMALLEST = 3  # fewer rows are no table


def rows(walk, cursor, place):
    children = [child for child in cursor.get_children() if child.extent.start.offset < child.extent.end.offset]
    places = sorted({extent(child) for child in children})
    if len(places) < SMALLEST or not is_table(children):
        return
    for number, (start, end) in enumerate(places):
        comma = walk.source.after(end)
        last = number == len(places) - 1
        cut = (places[number - 1][1], end) if last else (start, places[number + 1][0])
        if last or comma.text == ",":
            walk.add(fixed(place), "row gone", *cut, "")
        follower = places[number + 1] if not last else places[number - 1]
        changed(walk, place, children, (start, end), follower)


def fixed(place):
    return type(place)(place.function, True, place.table)


def is_table(children):
    """Rows are of one type; the members of a struct are not."""
    return len({child.type.get_canonical().spelling.removeprefix("const ") for child in children}) == 1


def parts(walk, row):
    """The texts between the commas of a row, and where they stand."""
    tokens = walk.source.between(*row)
    opening = next((at for at, token in enumerate(tokens) if token.text in "{("), None)
    if opening is None:
        return []
    depth, found, first = 0, [], None
    for token in tokens[opening + 1:]:
        if depth == 0 and token.text in (",", "}", ")"):
            if first:
                found.append((first.start, last.end))
            first = None
            if token.text != ",":
                return found
            continue
        depth += {"(": 1, "{": 1, "[": 1, ")": -1, "}": -1, "]": -1}.get(token.text, 0)
        first, last = first or token, token
    return found


def changed(walk, place, children, row, other):
    """A part of the row as it is in the next one; a word gone out of a list of names."""
    for mine, others in zip(parts(walk, row), parts(walk, other)):
        text, theirs = walk.source.plain(*mine), walk.source.plain(*others)
        if '"' not in text and '"' not in theirs and "[" not in text + theirs:
            walk.add(fixed(place), "row changed", *mine, theirs)
    first = (parts(walk, row) or [row])[0]
    words = re.findall(r"[\w.-]+", walk.source.plain(*first)) if re.fullmatch(r'("[a-z0-9_ ]*"\s*)+', walk.source.plain(*first)) else []
    if len(words) > 1:
        for word in words:
            rest = " ".join(other for other in words if other != word)
            walk.add(fixed(place), "row changed", *first, f'"{rest}"')
