"""The saved guest (classroom/machine.py), tried in guests: a minute or two where the processor is emulated."""
import os
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path
from unittest import mock

import machine
import qemu
from catalog import PROJECT


class Saved(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        # Also where KVM is, and none is saved for a class.
        emulated = mock.patch.dict(os.environ, VM_ACCELERATOR="tcg")
        emulated.start()
        cls.addClassCleanup(emulated.stop)
        if not machine.is_for_this_machine():
            raise unittest.SkipTest("on this processor no guest is saved, and one is booted for each run")
        if machine.saved_place() is None:
            raise AssertionError("no guest could be saved, which is said above")

    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.tree = Path(directory.name)
        (self.tree / "build").mkdir()
        (self.tree / "here").write_text("of this run\n")
        self.files = set(machine.VM.iterdir())

    def tearDown(self):
        self.assertEqual(set(machine.VM.iterdir()), self.files, "files are left")
        self.assertFalse(subprocess.run(["pgrep", "-P", str(os.getpid()), "qemu"], stdout=subprocess.PIPE).stdout, "a guest is left")

    def run_there(self, command, given="", seconds=60):
        return machine.run(self.tree, command, given, seconds)

    def test_what_goes_in_and_what_comes_out(self):
        said = self.run_there("cat; cat here; echo no >&2; pwd; id -u; stat -c %u here", "given, äöü\n" + "x" * 100000)
        self.assertEqual(said, "given, äöü\n" + "x" * 100000 + "of this run\n/project\n0\n0\n")
        (self.tree / "here").write_text("of the next\n")
        self.assertEqual(self.run_there("cat here"), "of the next\n", "another drive, and nothing of the one before is remembered")

    def test_no_two_draw_the_same_random_numbers(self):
        # One number after the other from the same state is the same row of numbers, though not begun at the same place.
        draw = "perl -e 'open my $random, q(<:raw:unix), q(/dev/urandom); for (1 .. 3000) { sysread $random, my $drawn, 16; print unpack(q(H*), $drawn), qq(\\n) }'"
        one, other = (set(self.run_there(draw).split()) for _ in range(2))
        self.assertEqual((len(one), len(other), one & other), (3000, 3000, set()))

    def test_the_clock_is_right(self):
        time.sleep(5)  # the state is older than that
        before = time.time()
        self.assertTrue(before - 1 < float(self.run_there("date +%s.%N")) < time.time() + 1)

    def test_nothing_is_handed_on(self):
        leave = "for place in / /dev/shm /run /project; do touch $place/left; done; hostname left; echo 5 >/proc/sys/kernel/panic_on_oops; ls /left"
        look = "ls -d /left /dev/shm/left /run/left /project/left 2>/dev/null; hostname"
        self.assertEqual(self.run_there(leave), "/left\n")
        self.assertEqual(self.run_there(look), "guest\n")

    def test_a_panic_ends_that_run_at_once(self):
        start = time.monotonic()
        self.assertEqual(self.run_there("echo said; sleep 1; echo c >/proc/sysrq-trigger; sleep 50", seconds=300), "said\n")
        self.assertLess(time.monotonic() - start, 30)

    def test_a_guest_that_is_silent_is_given_up(self):
        with mock.patch.object(qemu, "SILENCE", 30):  # a busy machine is silent for some seconds, too
            start = time.monotonic()
            self.assertEqual(self.run_there("echo said; sleep 1; echo 1 >/sys/fs/cgroup/session/cgroup.freeze", seconds=300), "said\n")
            self.assertLess(time.monotonic() - start, 120)

    def test_the_time_is_limited(self):
        start = time.monotonic()
        self.assertEqual(self.run_there("echo said; sleep 100", seconds=3), "said\n")
        self.assertLess(time.monotonic() - start, 30)

    def test_so_is_what_it_says(self):
        with mock.patch.object(qemu, "LARGEST", 1 << 20):
            self.assertLess(len(self.run_there("yes", seconds=300)), 2 << 20)

    def test_a_guest_that_does_not_come_up_is_our_fault(self):
        words = machine.Guest.words
        with mock.patch.object(machine.Guest, "words", staticmethod(lambda *given: [*words(*given), "-no-such-option"])):
            with self.assertRaisesRegex(machine.PlaceFault, "no-such-option"):
                self.run_there("true")

    def test_a_boot_does_the_same(self):
        init = self.tree / "tests/vm/guest-init"
        init.parent.mkdir(parents=True)
        init.write_text((PROJECT / "tests/vm/guest-init").read_text())
        self.assertEqual(machine.booted(self.tree, "cat; cat here; pwd; id -u", "given\n", 300), "given\nof this run\n/project\n0\n")
        self.assertEqual(machine.booted(self.tree, "echo said; sleep 1; echo c >/proc/sysrq-trigger; sleep 50", "", 300), "said\n")
