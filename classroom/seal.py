"""Seals: how the grader knows that a "blocked" is the probe's own word, and not the launcher's.

A copy of the probe gets a fresh key. For an attack that failed it prints "SEAL ID CODE", where the code is
SipHash-2-4, under that key, of all that it was asked; see tests/probe/seal.cpp. What it has to be asked, the
hostile host says in the evidence ("ASKED"), and there is a word in it that is new each time. A launcher that
answers in the probe's place does not know the key; one that asks the probe something easier, or again
what it was asked before, gets a seal for that.
"""
import os
import re
import struct
from pathlib import Path

PLACE = b"NO-KEY-FOR-SEALS"
MASK = (1 << 64) - 1


def give_key(probe, copy):
    """Copies the program with a fresh key, and returns the key."""
    program, key = Path(probe).read_bytes(), os.urandom(16)
    if PLACE not in program:
        raise RuntimeError(f"{probe} has no place for a key")
    # It stands there twice: among the constants, and then in the data, which is the one to fill.
    at = program.rindex(PLACE)
    Path(copy).write_bytes(program[:at] + key + program[at + len(PLACE) :])
    # To be started, and read by nobody: no debugger may look into such a process either, ptrace(2).
    Path(copy).chmod(0o111)
    return key


def code(key, word):
    low, high = struct.unpack("<QQ", key)
    v = [low ^ 0x736F6D6570736575, high ^ 0x646F72616E646F6D, low ^ 0x6C7967656E657261, high ^ 0x7465646279746573]
    text = word.encode()
    padded = text.ljust(len(text) // 8 * 8 + 7, b"\0") + bytes([len(text) & 255])
    for (piece,) in struct.iter_unpack("<Q", padded):
        v[3] ^= piece
        rounds(v, 2)
        v[0] ^= piece
    v[2] ^= 0xFF
    rounds(v, 4)
    return f"{v[0] ^ v[1] ^ v[2] ^ v[3]:016x}"


def rounds(v, count):
    for _ in range(count):
        v[0] = (v[0] + v[1]) & MASK
        v[2] = (v[2] + v[3]) & MASK
        v[1] = left(v[1], 13) ^ v[0]
        v[3] = left(v[3], 16) ^ v[2]
        v[0] = left(v[0], 32)
        v[2] = (v[2] + v[1]) & MASK
        v[0] = (v[0] + v[3]) & MASK
        v[1] = left(v[1], 17) ^ v[2]
        v[3] = left(v[3], 21) ^ v[0]
        v[2] = left(v[2], 32)


def left(word, count):
    return (word << count | word >> 64 - count) & MASK


class Proof:
    """What the evidence of some bouts proves under a key."""

    def __init__(self, key, evidence):
        self.key = key
        self.seals = set(re.findall(r"^SEAL ([A-Z0-9_-]+ [0-9a-f]{16})$", evidence, re.M))
        self.asked = {}  # the promise that was tried, and the attack's id -> the questions, each a list of words
        for promise, line in re.findall(r"^ASKED\x1f(.*?)\x1f(.*)$", evidence, re.M):
            question = asked_in(line.split("\x1f"))
            if question:
                self.asked.setdefault((promise, question[0]), []).append(question)

    def of(self, promise, name):
        """Was the last question about it answered by the probe? Where it has to be reached, as a control, it is asked first."""
        asked = self.asked.get((promise, name))
        return bool(asked) and f"{name} {code(self.key, chr(31).join(asked[-1]))}" in self.seals


def asked_in(words):
    """What follows the probe's own path in a command line."""
    at = [number for number, word in enumerate(words) if word.endswith("/probe")]
    return words[at[-1] + 1 :] if at else []
