"""Seals: how the grader knows that a "blocked" is the probe's own word, and not the launcher's.

A copy of the probe gets a fresh key. For an attack that failed it prints "SEAL ID CODE", where the code
is SipHash-2-4 of the id under that key; see tests/probe/seal.cpp. A launcher that answers in the
probe's place does not know the key.
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
    Path(copy).chmod(0o755)
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


def sealed(key, evidence):
    """The ids whose seal stands in this text."""
    return {name for name, seen in re.findall(r"SEAL ([A-Z0-9_-]+) ([0-9a-f]{16})", evidence) if seen == code(key, name)}
