"""Which lines of a solution would give it away."""
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
    common = telling_lines(catalog.stub(exercise))
    for path in [*PROJECT.glob("chapters/*/*.?pp"), *PROJECT.glob("tests/probe/*.?pp"), *PROJECT.glob("tests/support/hostile/*.?pp"),
                 *PROJECT.glob("tests/support/*.bash")]:
        common |= telling_lines(without_regions(path.read_text()))
    for other in catalog.exercises(exercise.chapter):
        if other.kind == "hole":
            common |= telling_lines(catalog.stub(other))
    return solution - common


def without_regions(text):
    for name in regions.regions(text):
        text = regions.replaced(text, name, "")
    return text
