"""The verdict on a mutant: which test notices it.

The tests that come past its place, where it makes a difference, are tried: unit tests, then those of its own chapter,
then those of the last, for a minute; with FULL=1 those between, too, and all of them. Where an error is ignored, or
nothing else comes past, it is tried what tests/faults says of system calls that fail. A test that fails is tried once more
on the programs without a mistake, under the same load: a flaw of a test is no kill.
"""
import itertools
import os
import threading
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from tried import FAULTS, UNIT, linked, switched
from alone import compiles_the_same, made, plant
from registry import promises
from slots import UNIT_TESTS, chapter_numbers
from write import FIRST_CHAPTER

MOST_OTHERS = 12  # tests of chapters that are neither its own nor the last; all with FULL=1
MOST_FLAWS = 3  # then a test is left out
LONGEST = 60_000  # milliseconds of tests, on a quiet machine; without an end with FULL=1
KILLED, SURVIVED, NONE = "killed", "SURVIVED", "no mutant"


@dataclass
class Verdict:
    site: object
    result: str
    by: str = ""  # the test that noticed; or why it is no mutant
    tried: tuple = ()
    seconds: float = 0


def chapter_of(site):
    """The number of a file's chapter; of what all share, the first that can have it."""
    folder = Path(site.file).parts[1]
    return folder[:2] if site.file.startswith("chapters/") else FIRST_CHAPTER


def is_recipe(site):
    """In a main.cpp, which no other chapter has; so it is the earlier chapters' promises that can be broken, too."""
    return site.file.endswith("/main.cpp")


def files_for(sites):
    """The files of tests that can come past them."""
    numbers = chapter_numbers()
    first = "01" if any(site.file.startswith("common/") for site in sites) else FIRST_CHAPTER
    if all(is_recipe(site) for site in sites):
        numbers = [number for number in numbers if number <= max(map(chapter_of, sites))]
    elif first != "01" and not any(map(is_recipe, sites)):
        first = min(map(chapter_of, sites))
    return [f"chapter-{number}.bats" for number in numbers if number >= first]


class Judge:
    def __init__(self, everything, dropped, programs, tests, noticed):
        """`programs`: where those with the switch are; `tests`: test -> (milliseconds, numbers that it reaches);
        `noticed`: of mutants that were killed before, by which test."""
        self.all, self.dropped, self.programs, self.tests = everything, dropped, Path(programs), tests
        self.expected = {test: took for test, (took, _) in tests.items()}
        self.by_number = {}
        for test, (_, reached) in tests.items():
            for number in reached:
                self.by_number.setdefault(number, []).append(test)
        self.killers = Counter()  # (file, function, test) -> how many there
        for (file, function, *_), by in noticed.items():
            self.killers[file, function, by] += 1
        self.flaws = Counter()  # (test, names of the programs) -> how often it failed without a mistake
        self.lock = threading.Lock()

    # --- which tests ---------------------------------------------------------------------------

    def reaching(self, number):
        """The tests that come past a place; past its function or its file, where the place cannot say."""
        site = self.all[number]
        if number not in self.dropped:
            return self.by_number.get(number, []) + (self.in_every_chapter(site) if is_recipe(site) else [])
        for alike in (lambda other: other.function == site.function, lambda other: True):
            near = {test for other, one in enumerate(self.all) if one.file == site.file and other not in self.dropped
                    and alike(one) for test in self.by_number.get(other, ())}
            if near:
                return near
        return list(self.tests)

    def in_every_chapter(self, site):
        """The tests of earlier chapters that come past the same function of the last one's recipe: they try every chapter."""
        last = chapter_numbers()[-1]
        there = {test for number, one in enumerate(self.all) if is_recipe(one) and chapter_of(one) == last
                 and one.function == site.function for test in self.by_number.get(number, ())}
        return [test for test in there if test[0] != UNIT and test[0] < f"chapter-{chapter_of(site)}.bats"]

    def order(self, number):
        """The unit tests; those that noticed something in this function before; those of its own chapter, of the last,
        of all others, in each first what takes little time and comes past little else."""
        site, last = self.all[number], f"chapter-{chapter_numbers()[-1]}.bats"
        own, files = f"chapter-{chapter_of(site)}.bats", files_for([site])
        if number in self.dropped and not is_recipe(site):
            files = [file for file in files if file in (own, last)]  # the others' programs are not built for it

        def rank(test):
            known = self.killers[site.file, site.function, test]
            return test[0] != UNIT, -known, test[0] not in (own, FAULTS), test[0] != last, self.expected[test] * len(self.tests[test][1]), test

        tests = sorted({test for test in self.reaching(number) if test[0] in (*files, UNIT, FAULTS)}, key=rank)
        if site.kind != "error ignored" and any(test[0] != FAULTS for test in tests):
            tests = [test for test in tests if test[0] != FAULTS]
        if os.environ.get("FULL"):
            return tests
        others = [test for test in tests if test[0] not in (own, last, UNIT, FAULTS)]
        surplus = set() if is_recipe(site) else set(others[MOST_OTHERS:])
        return self.within([test for test in tests if test not in surplus])

    def within(self, tests):
        """As many of them as can be run in time, the first at least."""
        together = itertools.accumulate(self.expected[test] for test in tests)
        return [test for at, (test, until) in enumerate(zip(tests, together)) if at == 0 or until <= LONGEST]

    # --- one mutant ----------------------------------------------------------------------------

    def judge(self, place, number):
        start, site = time.monotonic(), self.all[number]
        try:
            verdict = self.verdict(place, number)
        finally:
            if number in self.dropped:
                place.restore([site.file])
        verdict.seconds = time.monotonic() - start
        return verdict

    def verdict(self, place, number):
        site, names = self.all[number], self.names(number)
        tests = [test for test in self.order(number) if self.flaws[test, names] < MOST_FLAWS]
        units = [test for test in tests if test[0] == UNIT]
        if number in self.dropped and (complaint := plant(place, site)):
            return Verdict(site, NONE, complaint)
        for some in (units, tests[len(units):]):
            if number in self.dropped and some and not self.build_alone(place, number, some):
                return Verdict(site, NONE, "does not compile")
            if red := self.first_that_notices(place, number, some):
                with self.lock:
                    self.killers[site.file, site.function, red] += 1
                return Verdict(site, KILLED, ": ".join(red), (red,))
        if compiles_the_same(place, site):
            return Verdict(site, NONE, "the same program")
        return Verdict(site, SURVIVED, "", tuple(tests))

    def first_that_notices(self, place, number, tests):
        while tests:
            self.put(place, number, tests)
            outcome = place.try_tests(tests, self.expected)
            red = self.culprit(outcome, tests)
            if red is None or self.holds_without(place, number, red):
                return red
            with self.lock:
                self.flaws[red, self.names(number)] += 1
                print(f"without a mistake this test fails here, too, and says nothing: {red}", flush=True)
            tests = [test for test in tests if test != red and test[1] not in outcome.results]
        return None

    def culprit(self, outcome, tests):
        title = outcome.red()
        if title is None and outcome.late:
            return next((test for test in tests if test[1] not in outcome.results), None)
        return next((test for test in tests if test[1] == title), None)

    def holds_without(self, place, number, test):
        self.put_original(place, number, [test])
        outcome = place.try_tests([test], self.expected)
        return not outcome.red() and not outcome.late and test[1] in outcome.results

    # --- its programs ----------------------------------------------------------------------------

    def names(self, number):
        """What a test can ask for: programs that have it, and for controls those of the chapters before."""
        site, numbers = self.all[number], chapter_numbers()
        if is_recipe(site):  # and TINCAN_QUICK=1 tries the first that keeps a promise, and the last that is there
            numbers = [one for one in numbers if one <= chapter_of(site)]
        elif number in self.dropped:
            numbers = [one for one in numbers if one <= chapter_of(site) or one == numbers[-1]]
        return frozenset(f"chapter-{one}" for one in numbers)

    def has_it(self, name, site):
        return name == UNIT or site.file.startswith("common/") or name >= f"chapter-{chapter_of(site)}"

    def wanted(self, number, tests):
        return {UNIT} if all(file == UNIT for file, _ in tests) else self.names(number)

    def environment(self, number):
        """Of a promise only those chapters are tried that have the mistake; and no control that has none: it was REACHED
        when it was seen what the test comes past."""
        first = chapter_of(self.all[number])
        controlled = [one.id for one in promises().values()
                      if one.control in ("bare", "chroot") or (one.control == "before" and one.chapter <= first)]
        return {"TINCAN_FROM": first, "TINCAN_CONTROLLED": f" {' '.join(controlled)} "}

    def put_original(self, place, number, tests):
        place.put({name: linked(self.programs, name) for name in self.wanted(number, tests)}, self.environment(number))

    def put(self, place, number, tests):
        site = self.all[number]
        changed = ((lambda name: linked(place.tree / "build", name)) if number in self.dropped else
                   (lambda name: switched(self.programs, name, number)))
        at_once = {"TINCAN_ONCE": "1"}  # what is too slow is tried without the mistake
        place.put({name: changed(name) if self.has_it(name, site) else linked(self.programs, name)
                   for name in self.wanted(number, tests)}, self.environment(number) | at_once)

    def build_alone(self, place, number, tests):
        """The programs that these tests ask for; whether they could be made."""
        site, names = self.all[number], self.wanted(number, tests)
        return made(place, UNIT_TESTS if UNIT in names else [f"build/{name}" for name in names if self.has_it(name, site)])
