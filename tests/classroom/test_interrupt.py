"""Ctrl-C and its like: how grading ends early, and what a run that was killed has left."""
import contextlib
import io
import signal
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path
from unittest import mock

import interrupt
import machine
from catalog import PROJECT
from graded import places_left

SLOW = """
import sys, pathlib, subprocess
import grading
def slow(chapter, taken, directory):
    directory.mkdir(parents=True)
    try:
        # One that does not heed a SIGTERM, and is no member of our session.
        subprocess.run(["sh", "-c", "trap '' TERM; sleep 300 & wait; wait"], start_new_session=True)
        return [], []
    finally:
        directory.rmdir()
grading.grade = slow
sys.argv = ["grade", "class", "03", sys.argv[1] + "/class", "--report", sys.argv[1] + "/report", "--jobs", "2"]
exec(compile(pathlib.Path("classroom/grade").read_text(), "grade", "exec"))
"""


class Interrupted(unittest.TestCase):
    def end_by(self, number):
        with tempfile.TemporaryDirectory() as directory:
            for name in "abcd":
                (Path(directory) / "class" / name).mkdir(parents=True)
            child = subprocess.Popen([sys.executable, "-c", SLOW, directory], cwd=PROJECT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                     # Also where whoever runs the tests has Ctrl-C ignored, as a shell does for its "&".
                                     preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
            self.addCleanup(child.kill)
            deadline = time.monotonic() + 120
            # Two submissions at once, and each is a shell and what it waits for.
            while len(found := interrupt.children(child.pid, True)) < 4 and time.monotonic() < deadline:
                time.sleep(0.1)
            self.assertEqual(len(found), 4)
            start = time.monotonic()
            child.send_signal(number)
            said = child.communicate(timeout=30)[1]
            self.assertLess(time.monotonic() - start, 8)
            self.assertEqual(child.returncode, 130, said)
            self.assertIn("the same command goes on", said)
            self.assertNotIn("Traceback", said)
            self.assertEqual([pid for pid in found if self.runs(pid)], [])
            self.assertEqual(list(Path(directory).glob("report/.kept/*")), [], "what was ended is no verdict")
            self.assertEqual(places_left(), [])

    @staticmethod
    def runs(pid):
        with contextlib.suppress(OSError):
            return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
        return False

    def test_by_ctrl_c(self):
        self.end_by(signal.SIGINT)

    def test_by_sigterm(self):
        self.end_by(signal.SIGTERM)

    def test_what_a_killed_run_left_goes_and_what_runs_stays(self):
        with tempfile.TemporaryDirectory() as directory:
            place = Path(directory)
            (place / "dead").mkdir()
            (place / "dead.lock").touch()
            with interrupt.scratch(place) as first:
                self.assertFalse((place / "dead").exists())
                with interrupt.scratch(place) as second:
                    self.assertTrue(first.exists() and second.exists())
            self.assertEqual(list(place.iterdir()), [])

    def test_a_guest_that_was_not_saved_for_it_is_no_fault(self):
        def ended(image, place, key):
            place.with_suffix(".new").mkdir()
            interrupt.ENDING.set()
            raise machine.PlaceFault("terminating on signal 15")

        self.addCleanup(interrupt.ENDING.clear)
        with tempfile.TemporaryDirectory() as directory, mock.patch.multiple(machine, VM=Path(directory), save=ended, key_of=str, may_use_kvm=lambda: False), \
                mock.patch.object(machine.subprocess, "run"), contextlib.redirect_stderr(io.StringIO()) as said:
            for _ in range(2):  # also where another thread waited for it
                self.assertRaises(machine.PlaceFault, machine.saved_place)
            self.assertEqual((said.getvalue(), list(Path(directory).glob("*.new"))), ("", []))
