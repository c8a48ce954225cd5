"""Verdicts on what was tried: what a record says, and what a missing one does."""
import re
import tempfile
import time
import unittest
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from unittest import mock

import builder
import catalog
import checks
import bouts
import grading
import probes
import seal
import trial


def record(output, status=0, evidence=""):
    return bouts.Record(status, output, evidence)


class Tap(unittest.TestCase):
    def test_verdicts(self):
        found = checks.read_tap("1..3\nok 1 one\nnot ok 2 two\n# why\nok 3 three # skip not here\n")
        self.assertEqual([found[name].result for name in ("one", "two", "three")], [checks.PASS, checks.FAIL, checks.SKIP])
        self.assertEqual(found["two"].seen, "why")

    def test_two_verdicts_are_none(self):
        self.assertEqual(checks.read_tap("not ok 1 one\nok 1 one\n")["one"].result, checks.NONE)


class Cut(unittest.TestCase):
    def test_of_every_file_each_test_alone_and_all(self):
        for path in [*(catalog.PROJECT / "tests").glob("chapter-*.bats"), *(catalog.PROJECT / "tests/classroom/hidden").glob("*.bats")]:
            text = path.read_text()
            known = {title: path for title, file in checks.tests(path.stem[-2:]).items() if catalog.PROJECT / "tests" / file == path}
            self.assertEqual(checks.cut(text, known), text)
            for titles in [set(), *({title} for title in known)]:
                alone = checks.cut(text, titles)
                self.assertEqual(alone.count("\n@test "), len(titles))
                self.assertEqual(alone.count("\n"), text.count("\n"), "a line that is named is the same")
            # Whatever a test holds, it ends where it ends: what is left is what stands between the tests.
            left = re.sub(r"\n(?:[a-z_0-9]+\(\) (?:\{\n(?:.*\n)*?\}|\{.*\}|\(\n(?:.*\n)*?\))|#.*|load .*|(?:export )?\w+=.*)(?=\n)", "", checks.cut(text, set()))
            self.assertEqual(left.split(), ["#!/usr/bin/env", "bats"], path)


class Mutants(unittest.TestCase):
    def test_two_at_once_each_get_a_whole_program(self):
        def slowly(chapter, sources, program):
            program.write_text("half")
            time.sleep(0.2)
            program.write_text("whole")

        with tempfile.TemporaryDirectory() as directory, mock.patch.object(builder, "build", slowly), ThreadPoolExecutor(4) as pool:
            def read(number):
                time.sleep(number / 20)
                return probes.mutant_program("03", "03/umask-closed", Path(directory)).read_text()

            self.assertEqual(list(pool.map(read, range(4))), ["whole"] * 4)


class Records(unittest.TestCase):
    def test_those_of_this_run_and_no_others(self):
        found = bouts.records("n0 one 0 b2sK c2Vlbg==\nother two 0 b2sK\nn0 three x b2sK\nn0 one 1 - -\nn0 four 137 - \n", "n0")
        self.assertEqual(found, {"one": record("ok\n", 0, "seen"), "four": record("", 137)})


class Probes(unittest.TestCase):
    def test_the_status_is_compared_outside(self):
        self.assertTrue(trial.probe_verdict(1, record("status 1\n")).good)
        self.assertFalse(trial.probe_verdict(0, record("status 1\nstatus 0\n")).good, "what the probe prints comes after")
        self.assertIn("a time limit", trial.probe_verdict(1, record("status 124\n")).seen)
        self.assertEqual(trial.probe_verdict(1, record("ok 1 sound\n")).result, checks.NONE)
        self.assertEqual(trial.probe_verdict(1, None).result, checks.NONE)

    def verdicts(self, **statuses):
        one = catalog.exercise("03", "inheritance")
        this = trial.Trial(None, one, "")
        this.targets = {check.name: (0 if check.name == "sound" else 1, [SimpleNamespace(name=f"{check.name}{n}") for n in range(2)]) for check in one.checks}
        records = {f"{check.name}{n}": record(f"status {statuses.get(check.name, (1, 1))[n]}\n") for check in one.checks for n in range(2)}
        return {name: verdict.good for name, verdict in this.verdicts(records).items()}

    def test_who_says_no_to_everything_has_caught_nothing(self):
        self.assertFalse(any(self.verdicts().values()))

    def test_who_knows_what_is_sound_has(self):
        self.assertTrue(all(self.verdicts(sound=(0, 0)).values()))

    def test_who_tosses_a_coin_has_not(self):
        self.assertFalse(any(self.verdicts(sound=(0, 1)).values()))
        self.assertFalse(any(self.verdicts(sound=(1, 0)).values()))
        caught = next(check.name for check in catalog.exercise("03", "inheritance").checks if check.name != "sound")
        found = self.verdicts(sound=(0, 0), **{caught: (0, 1)})
        self.assertEqual([name for name, good in found.items() if not good], [caught], "and what it knew otherwise counts")

    def test_each_program_is_asked_more_than_once_and_the_sound_one_most(self):
        one = catalog.exercise("03", "inheritance")
        with tempfile.TemporaryDirectory() as directory:
            place = SimpleNamespace(programs=Path(directory), add=lambda program, there, *_: there.mkdir(), bout=lambda name, **_: SimpleNamespace(name=name))
            targets = [(0 if check.name == "sound" else 1, Path("chapter-03"), check.name) for check in one.checks]
            this = trial.Trial(place, one, "")
            with mock.patch.object(probes, "reference_targets", lambda *_: targets):
                this.plan_probe()
        self.assertEqual({name: len(bouts) for name, (_, bouts) in this.targets.items()}, {check.name: 3 if check.name == "sound" else 2 for check in one.checks})
        self.assertEqual(len({bout.name for bout in this.bouts}), len(this.bouts))


class Promises(unittest.TestCase):
    def verdict(self, evidence, output="1..1\nok 1 USER-04 the caller's supplementary groups open no file\n", **more):
        this = trial.Trial(None, catalog.exercise("03", "groups"), "")
        this.key, this.region = bytes(range(16)), ""
        this.bouts = [SimpleNamespace(name="groups", hidden=False)]
        return this.verdicts({"groups": record(output, evidence=evidence, **more)})["USER-04"]

    def test_a_pass_takes_the_seal(self):
        asked = "ASKED\x1fUSER-04\x1f/probe\x1fUSER-04\x1ftoken=1\n"
        self.assertTrue(self.verdict(f"{asked}SEAL USER-04 {seal.code(bytes(range(16)), 'USER-04' + chr(31) + 'token=1')}\n").good)
        self.assertEqual(self.verdict(asked).result, checks.NONE)
        self.assertEqual(self.verdict(f"{asked}SEAL USER-04 {seal.code(bytes(range(16)), 'USER-04')}\n").result, checks.NONE)

    def test_what_was_stopped_has_no_verdict(self):
        self.assertIn("stopped", self.verdict("", status=137).seen)


class Lacks(unittest.TestCase):
    """A skip takes no other point along if the solution is skipped there, too, for the same reason."""

    def marked(self, mine, solutions, result=checks.SKIP):
        one = catalog.exercise("09", "resources")
        witness = SimpleNamespace(verdicts=lambda _: {"RES-06": checks.Verdict(result, solutions)})
        seen = {"RES-06": checks.Verdict(checks.SKIP, mine), "RES-04": checks.Verdict(checks.PASS)}
        with mock.patch.object(grading, "tried", lambda *_: ({one.id: (witness, {})}, [], {})), mock.patch.dict(grading.WITNESSES, clear=True):
            grading.mark_lacks(one, seen, None)
        return seen["RES-06"].result

    def test_for_anybody(self):
        self.assertEqual(self.marked("the attack did not work: 17 of 0x7f", "the attack did not work: 4 of 0x3e"), checks.LACK)

    def test_for_this_one_alone(self):
        self.assertEqual(self.marked("it was killed", "", checks.PASS), checks.SKIP)
        self.assertEqual(self.marked("the probe was killed", "the attack did not work"), checks.SKIP)

    def test_a_busy_machine_is_no_reason(self):
        self.assertEqual(self.marked("RES-06 could not be tried: time limit", "RES-06 could not be tried: time limit"), checks.SKIP)

    def test_nobody_is_asked_where_nothing_was_skipped(self):
        with mock.patch.object(grading, "tried", lambda *_: self.fail("asked")):
            grading.mark_lacks(catalog.exercise("09", "resources"), {"RES-06": checks.Verdict(checks.FAIL)}, None)

    def test_what_no_place_can_show(self):
        for name in trial.NOT_HERE:
            chapter = {"--sh": "04", "DEV-": "05", "CAP-": "07", "--se": "08"}[name[:4]]
            one = next(one for one in catalog.exercises(chapter) if any(check.name == name for check in one.checks))
            title = checks.test_of(chapter, name)[0]
            this = trial.Trial(None, one, "")
            self.assertEqual(this.verdict(name, {title: checks.Verdict(checks.SKIP)}, seal.Proof(b"", ""), "").result, checks.LACK)


class Objects(unittest.TestCase):
    def test_a_linker_gets_an_object_and_no_orders(self):
        with tempfile.TemporaryDirectory() as directory:
            path = Path(directory) / "object.o"
            for content in (b"INPUT(/solution.o)\n", b"", b"\x7fELF" + b"\0" * 12 + b"\3\0"):
                path.write_bytes(content)
                self.assertRaises(builder.NoBuild, builder.read_object, path)
            path.write_bytes(b"\x7fELF" + b"\0" * 12 + b"\1\0")
            self.assertEqual(len(builder.read_object(path)), 18)
