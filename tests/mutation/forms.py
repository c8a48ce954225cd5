"""How a mutant stands in a program that has all of them. Only one is on at a time, so the mistake's own side holds
the plain text, and the other side whatever mutants are inside.
"""
# Three bytes that no source has: the question whether it is on, what stands there without it, the mistake.
SWITCH, REST, MUTATED = "\1", "\2", "\3"

EXPRESSION = f"({SWITCH} ? ({MUTATED}) : ({REST}))"
# What is only asked for true or false, and may be of a class that converts to it.
CONDITION = f"({SWITCH} ? static_cast<bool>({MUTATED}) : static_cast<bool>({REST}))"
STATEMENT = f"{{ if (!{SWITCH}) {{ {REST} }} }}"
BEFORE = f"if ({SWITCH}) {MUTATED}{REST}"
RANGE = f"tincan_but_last({SWITCH}, {REST})"
