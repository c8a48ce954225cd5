"""Ending early, and leaving nothing: no process, no directory.

    with interrupt.heard(), interrupt.scratch(directory) as place:
        results = interrupt.drained(pool, function, items, stopped)

The threads that grade wait for compilers, containers and guests, each a child of this process. After Ctrl-C, or a SIGTERM, no new one
is begun (`stopped` says so) and those that run are asked to end, then killed; so the threads come back by themselves.
"""
import contextlib
import fcntl
import os
import secrets
import shutil
import signal
import threading
import time
from pathlib import Path

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
ENDING = threading.Event()  # what fails from then on is nobody's fault
PATIENCE = 2  # seconds between the question and the kill: a container removes its control groups in them


@contextlib.contextmanager
def scratch(directory):
    """A directory of this run's own, gone afterwards; and what runs that were killed have left goes, too."""
    directory.mkdir(parents=True, exist_ok=True)
    directory.chmod(0o700)
    for left in directory.glob("*.lock"):
        with contextlib.suppress(OSError), open(left, "wb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(left.with_suffix(""), ignore_errors=True)
            left.unlink()
    own = directory / secrets.token_hex(6)
    path = Path(f"{own}.lock")
    with open(path, "wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        own.mkdir()
        try:
            yield own
        finally:
            shutil.rmtree(own, ignore_errors=True)
            path.unlink(missing_ok=True)


def raised(number, _):
    raise KeyboardInterrupt(number)


@contextlib.contextmanager
def heard():
    """Within, a SIGTERM and the end of the terminal are as Ctrl-C. Outermost: what is tidied up inside is not interrupted again."""
    before = {number: signal.signal(number, raised) for number in SIGNALS if signal.getsignal(number) != signal.SIG_IGN}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def drained(pool, function, items, stopped):
    """What the function gives for each item. After an interruption: no new one is begun, the running ones are ended."""
    futures = []
    try:
        futures += [pool.submit(function, item) for item in items]
        return [future.result() for future in futures]
    except KeyboardInterrupt:
        for number in SIGNALS:
            signal.signal(number, signal.SIG_IGN)  # it is under way
        ENDING.set()
        stopped.set()
        for future in futures:
            future.cancel()
        end_all(pool)
        raise


def end_all(pool):
    """Until the pool's threads have ended: each child is asked, and after a while killed with all that it has begun."""
    ending = threading.Thread(target=pool.shutdown, daemon=True)
    ending.start()
    start = time.monotonic()
    while ending.is_alive():
        is_late = time.monotonic() - start > PATIENCE
        for child in children(os.getpid(), is_late):
            with contextlib.suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL if is_late else signal.SIGTERM)
        ending.join(0.2)


def children(pid, and_theirs):
    """Of all threads of a process; and what they have begun, and so on."""
    found = []
    for path in Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(OSError):
            found += map(int, path.read_text().split())
    return found + [below for child in found if and_theirs for below in children(child, True)]
