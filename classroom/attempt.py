"""Trying what a student has written so far: built as one program, and attacked by the chapter's tests.

Every step has its time, and a sentence for the case that it is over; nothing is left running (leash.sh). What
only waits is given as many times longer as the machine is busy; what burns the processor is not.
"""
import hashlib
import os
import shutil
import sys

import builder
import catalog
import checks
import desk
import linker
import leash
from leash import as_root, leashed, patience, processor_time

PROJECT = catalog.PROJECT
START, PROBE = 40, 20  # seconds that the command `true`, and a probe, may take
SILENCE = 60  # seconds without the end of a test
PATIENT_TIMES = 3  # tests that did not end, before the rest is left out
OWN_HOLES = "it was tried in your own program, in which other exercises are open still, and may be right"


def endless():
    return f"it used {leash.PROCESSOR} s of the processor and did not end: is there a loop that nothing ends?"


class NotBuilt(Exception):
    """What to say of it."""


def try_all(chapter, begun):
    """exercise id -> check name -> Verdict, of one program with all that the student has written."""
    as_root()  # who may not try it need not wait for the compiler
    place = PROJECT / "build/work" / chapter
    place.mkdir(parents=True, exist_ok=True)
    for left in place.iterdir():
        if left.suffix not in (".o", ".key"):  # builder.compile_new
            shutil.rmtree(left) if left.is_dir() else left.unlink()
    verdicts = {one.id: {check.name: checks.Verdict(checks.NONE, gone) for check in one.checks if is_here(one, check.name)}
                for one in begun if (gone := desk.marks_gone(one))}
    coded = [one for one in begun if one.kind != "probe" and one.id not in verdicts]
    probes = [one for one in begun if one.kind == "probe" and one.id not in verdicts]
    if coded or probes:
        build_own(chapter, place)
    if coded:
        results = run_tests(chapter, place, tests_of(chapter, coded))
        for one in coded:
            verdicts[one.id] = {c.name: verdict_of(one, c.name, results) for c in one.checks if is_here(one, c.name)}
    for one in probes:
        whole = not desk.holes_before(chapter, desk.State()) and all(
            verdicts.get(other.id) and all(v.good for v in verdicts[other.id].values()) for other in catalog.exercises(chapter) if other.kind != "probe")
        verdicts[one.id] = try_probe(one, place, whole)
    return verdicts


def tests_of(chapter, tried):
    """Title -> file, in the order in which bats comes to them."""
    wanted = dict(checks.test_of(chapter, c.name) for one in tried for c in one.checks if c.name != catalog.SAID and is_here(one, c.name))
    return {title: file for title, file in sorted(checks.tests(chapter).items(), key=lambda item: item[1]) if title in wanted}


def is_here(exercise, name):
    """Hidden tests, and programs with one mistake, come to nobody's desk."""
    if exercise.kind == "probe":
        return not name.startswith("catches ") or not catalog.is_hand_out(exercise.chapter)
    found = checks.test_of(exercise.chapter, name)
    return name == catalog.SAID or found is not None and not checks.is_hidden(found[1])


def verdict_of(exercise, name, results):
    if name == catalog.SAID:
        return checks.said(exercise, desk.own_region(exercise))
    title, _ = checks.test_of(exercise.chapter, name)
    return results.get(title, checks.Verdict(checks.NONE, "the tests ended before this one"))


# --- building it --------------------------------------------------------------------------------


def build_own(chapter, place):
    """build/work/NN/chapter-NN."""
    print(f"  compiling {desk.shown(desk.of_chapter(chapter))} ...", flush=True)
    try:
        builder.build(chapter, [desk.composed(path, place) for path in desk.sources(chapter)], place / f"chapter-{chapter}")
    except builder.NoBuild as error:
        raise NotBuilt(linker.explained(str(error))) from None
    for path in [PROJECT / "build/probe", PROJECT / "build/hostile", *PROJECT.glob("build/doctor"), *PROJECT.glob("build/chapter-[0-9][0-9]")]:
        if path.name < f"chapter-{chapter}" or "-" not in path.name:
            os.link(path, place / path.name)
    lend_own_before(chapter, place)


def lend_own_before(chapter, place):
    """In a hand-out the chapter before, where attacks must succeed still, with what the student has solved by then."""
    for before in desk.chapters_before(chapter)[-1:]:
        texts = [desk.composed(path, place) for path in desk.sources(before) if path.exists()]
        digest = hashlib.sha256("".join(path.read_text() for path in texts).encode(errors="replace")).hexdigest()[:16]
        program = PROJECT / "build/work/before" / digest / f"chapter-{before}"
        try:
            if texts and not program.exists():
                print(f"  compiling your chapter {before}, to compare with ...", flush=True)
                program.parent.mkdir(parents=True, exist_ok=True)
                builder.build(before, texts, program)
        except builder.NoBuild:
            continue  # it is the one that was handed out, then
        if texts:
            (place / program.name).unlink()
            os.link(program, place / program.name)


# --- running it ---------------------------------------------------------------------------------


def own_start(chapter, place):
    """Does the program end at all? What to say if it does not; nothing if it does, well or badly."""
    root = ["-m", "build/root"] if chapter not in ("03", "04") else []
    seconds = START * patience()
    before = processor_time()
    status, _ = leashed([place / f"chapter-{chapter}", *root, "--", "true"], seconds)
    # By what was used: process 1 of a container ends by no SIGXCPU, but by the SIGKILL that comes later.
    if processor_time() - before >= leash.PROCESSOR / 2:  # the two are counted by different clocks
        return f"started with the command `true`, {endless()}"
    if status == 137:
        return f"started with the command `true`, it did not end within {seconds} s: does it wait for something, or run in a circle?"
    return ""


def run_tests(chapter, place, tests):
    """Title -> Verdict. A test that does not end is stopped, with all that it started, and the others are tried without it."""
    never_ends = own_start(chapter, place)
    if never_ends:
        return {title: stopped(never_ends) for title in tests}
    results, left, stuck = {}, dict(tests), 0
    while left and stuck < PATIENT_TIMES:
        found = run_once(place, left, len(tests) - len(left), len(tests))
        results.update(found)
        left = {title: file for title, file in left.items() if title not in found}
        if left:  # the first of them is the one that was running
            title, stuck = next(iter(left)), stuck + 1
            results[title] = stopped(f"it did not end, and was stopped after {SILENCE * patience()} s")
            del left[title]
    results.update({title: stopped(f"it was not tried: {PATIENT_TIMES} before it did not end") for title in left})
    return results


def stopped(why):
    """No verdict; and no failure either where the machine may be to blame."""
    if patience() > 2 and "processor" not in why:
        return checks.Verdict(checks.SKIP, f"could not be tried: this machine is busy, and {why}")
    return checks.Verdict(checks.NONE, why)


def run_once(place, tests, before, all_):
    show = Counter(before, all_)
    _, said = leashed(["bats", "--formatter", "tap", "-f", checks.pattern_of(tests), *sorted({f"tests/{file}" for file in tests.values()})],
                      (60 + 120 * len(tests)) * patience(), {"TINCAN_BUILD": str(place)}, SILENCE * patience(), show)
    show.end()
    return checks.read_tap(said)


class Counter:
    """One line of a terminal that says how far the tests are; elsewhere a line when they begin."""

    def __init__(self, before, all_):
        self.before, self.all, self.live = before, all_, sys.stdout.isatty()
        if not self.live and not before:
            print(f"  trying {all_} checks ...", flush=True)
        self("")

    def __call__(self, said):
        if self.live:
            done = self.before + len(checks.read_tap(said))
            print(f"\r  trying {min(done + 1, self.all)} of {self.all} checks ...", end="", flush=True)

    def end(self):
        if self.live:
            print("\r\033[K", end="", flush=True)


# --- a student's probe --------------------------------------------------------------------------


def try_probe(exercise, place, whole):
    """A student's script, in the finished chapter, the one before, and programs with one mistake.

    A hand-out has neither a finished chapter nor mistakes: there it is tried in the student's own programs, and
    if not all of them is right yet (`whole`), a "no" may be true.
    """
    script = place / exercise.file
    script.write_text(desk.text_of(desk.file_of(exercise)))
    listed = place / f"{exercise.id}.targets"
    listed.write_text("".join(f"{status} {program} {name}\n" for status, program, name in targets_of(exercise, place)))
    print(f"  trying {exercise.file} ...", flush=True)
    # Each of its runs has an end of its own, see try-probe.sh.
    _, said = leashed(["bash", "classroom/try-probe.sh", PROBE, listed, script], 60 + 30 * len(exercise.checks) * patience())
    verdicts = checks.read_tap(said)
    for check in exercise.checks:
        if is_here(exercise, check.name):
            verdicts.setdefault(check.name, stopped("it was stopped before this one"))
    if catalog.is_hand_out(exercise.chapter) and not whole:
        for name, verdict in verdicts.items():
            if verdict.result == checks.FAIL and (name == "sound" or "ended with 125" in verdict.seen):
                verdicts[name] = checks.Verdict(checks.SKIP, OWN_HOLES)
    return verdicts


def targets_of(exercise, place):
    """(status that the probe has to end with, program, check) of each."""
    if not catalog.is_hand_out(exercise.chapter):
        from probes import reference_targets  # with the mutants, which a hand-out has not
        return reference_targets(exercise, PROJECT / "build/work/probes")
    found = []
    for check in exercise.checks:
        if check.name == "sound":
            found.append((0, place / f"chapter-{exercise.chapter}", check.name))
        elif check.name.startswith("reaches chapter "):
            found.append((1, place / f"chapter-{check.name[-2:]}", check.name))
    return found
