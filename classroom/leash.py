"""Commands of root's that end with their time, and with all that they have started: leash.sh."""
import os
import resource
import selectors
import shutil
import subprocess
import time

import catalog

PROCESSOR = 10  # seconds of it, for each single process: a start takes some milliseconds


def as_root():
    if os.geteuid() == 0:
        return []
    if shutil.which("sudo") is None:
        raise catalog.Fault("This takes root, and there is no sudo: become root (su -, and cd back here), or make vm.")
    return ["sudo", "--preserve-env=TINCAN_BUILD"]


def patience():
    """How many times longer than on a quiet machine is waited, as tests/support/stages.bash has it."""
    busy = 1 + int(os.getloadavg()[0]) // len(os.sched_getaffinity(0))
    return int(os.environ.get("TINCAN_PATIENCE", 0)) or min(6, busy)


def leashed(command, seconds, environment=None, quiet=None, on_line=None):
    """(status, output) of a command that is root's and ends with its time; `quiet`: or after so many seconds without a line."""
    child = subprocess.Popen([*as_root(), "bash", "classroom/leash.sh", str(seconds), str(PROCESSOR), *map(str, command)], cwd=catalog.PROJECT,
                             env=dict(os.environ, **(environment or {})), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    said, last = b"", time.monotonic()
    try:
        with selectors.DefaultSelector() as ready:
            ready.register(child.stdout, selectors.EVENT_READ)
            while True:
                if ready.select(1.0):
                    piece = os.read(child.stdout.fileno(), 65536)
                    if not piece:
                        break
                    said, last = (said + piece)[-4_000_000:], time.monotonic()
                    if on_line:
                        on_line(said.decode(errors="replace"))
                elif quiet and time.monotonic() - last > quiet:
                    break
    finally:
        child.stdin.close()  # the end of the leash
        child.stdout.close()
    # timeout(1) kills its whole group, and that is itself, too: as a shell says it, 137.
    status = child.wait()
    return status if status >= 0 else 128 - status, said.decode(errors="replace")


def processor_time():
    """Seconds, of all that was started here and has ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
