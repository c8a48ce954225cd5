"""Which pieces of a solution would give it away: whole lines, and calls within them."""
import functools
import re

import catalog
import regions

PROJECT = catalog.PROJECT


def telling_lines(text):
    """The lines of a text that say something, without comments and margins."""
    lines = {re.sub(r"(^|\s+)(//|#) .*", "", line).strip() for line in text.splitlines()}
    return {line for line in lines if len(line) > 14}


def of(exercise):
    """The lines of this solution that stand in no other place: not in what is given, and not as a turn of phrase elsewhere."""
    solution = telling_lines(regions.content(exercise.source.read_text(), exercise.id))
    common = telling_lines(catalog.stub(exercise)) | lines_given()
    for other in catalog.exercises(exercise.chapter):
        if other.kind == "hole":
            common |= telling_lines(catalog.stub(other))
    return solution - common


@functools.cache
def lines_given():
    return frozenset(line for path in given_files() for line in telling_lines(without_regions(path.read_text())))


def given_files():
    return [*PROJECT.glob("chapters/*/*.?pp"), *PROJECT.glob("tests/probe/*.?pp"), *PROJECT.glob("tests/support/hostile/*.?pp"),
            *PROJECT.glob("tests/support/**/*.bash"), *PROJECT.glob("tests/unit/*.cpp"), *PROJECT.glob("tests/*.bats"),
            *PROJECT.glob("common/*.?pp")]


def calls_of(exercise):
    """The calls in this solution, without blanks, that are in nothing that is given: `umount2(".",MNT_DETACH)`."""
    solution = re.sub(r"(//|#) .*", "", regions.content(exercise.source.read_text(), exercise.id))
    known = everything_given() + squeezed(catalog.stub(exercise))
    return {call for call in map(squeezed, calls_in(solution)) if len(call) >= 12 and call not in known}


@functools.cache
def everything_given():
    """Without the stubs of gaps, which are the exercise's own; a hole's region is there, with its mistake."""
    holes = [catalog.stub(one) for chapter in catalog.chapters() for one in catalog.exercises(chapter) if one.kind == "hole"]
    return squeezed("".join(without_regions(path.read_text()) for path in given_files()) + "".join(holes))


def calls_in(text):
    """Every NAME(...) with its arguments, those within others too."""
    for head in re.finditer(r"[\w:.>-]*\w\(", text):
        depth = 0
        for end in range(head.end() - 1, len(text)):
            depth += (text[end] == "(") - (text[end] == ")")
            if depth == 0:
                yield text[head.start() : end + 1]
                break


def squeezed(text):
    return "".join(text.split())


def pattern_of(call):
    """What finds it in a text again: with blanks and new lines anywhere, and as a picture has to write it."""
    letters = [r"(?:\"|&quot;)" if letter == '"' else r"(?:&|&amp;)" if letter == "&" else re.escape(letter) for letter in call]
    return re.compile(r"\s*".join(letters))


def without_regions(text):
    for name in regions.regions(text):
        text = regions.replaced(text, name, "")
    return text
