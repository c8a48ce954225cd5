"""How a submission is known again: by the files in it that count. Used where results are packed, and at Gradescope."""
import hashlib
import json
import os
from pathlib import Path

LARGEST = 256 << 10  # bytes of a file that are looked at; no larger one is graded


def files(directory, names):
    """(name, path) of the ordinary files called so, wherever they lie. Symlinks are not followed."""
    found = []
    for place, below, inside in os.walk(directory):
        below[:] = sorted(name for name in below if name not in (".git", "__MACOSX"))
        found += [(name, Path(place) / name) for name in inside if name in names]
    return sorted((name, path) for name, path in found if path.is_file() and not path.is_symlink())


def digest(directory, names):
    """The same for the same files, whatever folders they lie in."""
    parts = sorted((name, hashlib.sha256(first_bytes(path)).hexdigest()) for name, path in files(directory, names))
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def first_bytes(path):
    with path.open("rb") as opened:
        return opened.read(LARGEST + 1)
