"""Verdicts on what was tried: what a record says, and what a missing one does."""
import sys
import tempfile
import unittest
from pathlib import Path
from types import SimpleNamespace

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "classroom"))
import builder
import catalog
import checks
import place
import seal
import trial


def record(output, status=0, evidence=""):
    return place.Record(status, output, evidence)


class Records(unittest.TestCase):
    def test_those_of_this_run_and_no_others(self):
        found = place.records("n0 one 0 b2sK c2Vlbg==\nother two 0 b2sK\nn0 three x b2sK\nn0 one 1 - -\nn0 four 137 - \n", "n0")
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
        this.targets = {check.name: (0 if check.name == "sound" else 1, SimpleNamespace(name=check.name)) for check in one.checks}
        records = {check.name: record(f"status {statuses.get(check.name, 1)}\n") for check in one.checks}
        return {name: verdict.good for name, verdict in this.verdicts(records).items()}

    def test_who_says_no_to_everything_has_caught_nothing(self):
        self.assertFalse(any(self.verdicts().values()))

    def test_who_knows_what_is_sound_has(self):
        self.assertTrue(all(self.verdicts(sound=0).values()))


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


class Objects(unittest.TestCase):
    def test_a_linker_gets_an_object_and_no_orders(self):
        with tempfile.TemporaryDirectory() as directory:
            path = Path(directory) / "object.o"
            for content in (b"INPUT(/solution.o)\n", b"", b"\x7fELF" + b"\0" * 12 + b"\3\0"):
                path.write_bytes(content)
                self.assertRaises(builder.NoBuild, builder.read_object, path)
            path.write_bytes(b"\x7fELF" + b"\0" * 12 + b"\1\0")
            self.assertEqual(len(builder.read_object(path)), 18)


if __name__ == "__main__":
    unittest.main()
