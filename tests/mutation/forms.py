"""How a mutant stands in a program that has all of them. Only one is on at a time, so the mistake's own side holds
the plain text, and the other side whatever mutants are inside.
"""
# Bytes that no source has: the question whether it is on, what stands there without it, the mistake, its number.
SWITCH, REST, MUTATED, NUMBER = "\1", "\2", "\3", "\4"

EXPRESSION = f"({SWITCH} ? ({MUTATED}) : ({REST}))"
# What is only asked for true or false, and may be of a class that converts to it.
CONDITION = f"({SWITCH} ? static_cast<bool>({MUTATED}) : static_cast<bool>({REST}))"
STATEMENT = f"{{ if (!{SWITCH}) {{ {REST} }} }}"
BEFORE = f"if ({SWITCH}) {MUTATED}{REST}"
RANGE = f"tincan_but_last({SWITCH}, {REST})"

# A test that comes past can see these only where it makes a difference; where that is known without harm, only then the
# place counts as reached.
WHERE_TRUE = f"(tincan_on({NUMBER}) ? static_cast<bool>({MUTATED}) : tincan_reached_if({NUMBER}, static_cast<bool>({REST})))"
WHERE_THROWN = f"(tincan_on({NUMBER}) ? ({MUTATED}) : (TincanThrown{{{NUMBER}}}, {REST}))"


def where(differs):
    """An expression; `differs`: what is true where the mistake makes a difference. It changes nothing."""
    return f"((tincan_noting() && !({differs}) ? false : {SWITCH}) ? ({MUTATED}) : ({REST}))"
