"""Seals: who may answer for the probe, and for which question."""
import os
import subprocess
import tempfile
import unittest
from pathlib import Path

import seal
from catalog import PROJECT


class Seals(unittest.TestCase):
    key = bytes(range(16))

    def asked(self, *questions):
        """The evidence of these questions, each answered by whoever knows the key."""
        text = ""
        for words in questions:
            text += "\x1f".join(["ASKED", words[0].replace("ROROOT", "ROSUB"), "/programs/one/chapter-05", "--", "/probe", *words]) + "\n"
            text += f"SEAL {words[0]} {seal.code(self.key, chr(31).join(words))}\n"
        return text

    def test_the_code_is_siphash(self):
        # From the paper's reference vectors: key 0 to 15, the empty message and the one of 8 bytes.
        self.assertEqual(seal.code(self.key, ""), "726fdb47dd0e0e31")
        self.assertEqual(seal.code(self.key, "".join(map(chr, range(8)))), "93f5f5799a932462")

    def test_the_probe_makes_the_same_and_is_read_by_nobody(self):
        with tempfile.TemporaryDirectory() as directory:
            probe = Path(directory) / "probe"
            key = seal.give_key(PROJECT / "build/probe", probe)
            self.assertEqual(probe.stat().st_mode & 0o777, 0o111)
            said = subprocess.run([probe, "EX-CWD", "token=new"], cwd="/", stdout=subprocess.PIPE, text=True).stdout
            asked = "ASKED\x1fEX-CWD\x1f/probe\x1fEX-CWD\x1ftoken=new\n"
            self.assertTrue(seal.Proof(key, asked + said).of("EX-CWD", "EX-CWD"))
            self.assertFalse(seal.Proof(os.urandom(16), asked + said).of("EX-CWD", "EX-CWD"))
            self.assertFalse(seal.Proof(key, asked.replace("new", "other") + said).of("EX-CWD", "EX-CWD"), "the answer to another question")
            self.assertFalse(seal.Proof(key, said).of("EX-CWD", "EX-CWD"), "nobody asked")

    def test_without_a_key_there_is_none(self):
        said = subprocess.run([PROJECT / "build/probe", "EX-CWD"], cwd="/", stdout=subprocess.PIPE, text=True).stdout
        self.assertNotIn("SEAL", said)

    def test_the_last_question_counts(self):
        first, last = ["NS-01", "token=1"], ["NS-01", "token=2"]
        self.assertTrue(seal.Proof(self.key, self.asked(first, last)).of("NS-01", "NS-01"))
        unanswered = self.asked(first) + self.asked(last).partition("\n")[0] + "\n"
        self.assertFalse(seal.Proof(self.key, unanswered).of("NS-01", "NS-01"), "what the control was asked")

    def test_what_another_test_was_answered(self):
        proof = seal.Proof(self.key, self.asked(["MNT-ROROOT", "path=/mnt"]))
        self.assertTrue(proof.of("MNT-ROSUB", "MNT-ROROOT"))
        self.assertFalse(proof.of("MNT-ROROOT", "MNT-ROROOT"))

    def test_what_is_no_line_of_the_hostile_hosts(self):
        for text in ("", "ASKED\x1f\n", "ASKED\x1fNS-01\x1f/probe\n", "SEAL NS-01 zz\n"):
            self.assertFalse(seal.Proof(self.key, text).of("NS-01", "NS-01"))
