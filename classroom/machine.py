"""A guest for each run, without the time of a boot: one is booted and saved, and then restored for every run.

    said = machine.run(tree, "bash classroom/judge.sh", plan, 300)

What is saved waits inside, before anything of a run has come near it (tests/vm/guest-init). A run is a QEMU of its
own, whose memory is a private view of the saved file: what happens in it is nowhere afterwards, and no two runs ever
share a state of the kernel. After it was restored it gets the time, a fresh seed for its random numbers, a drive
with the tree, the command, and the command's standard input. The drive's size never changes, and the saved kernel
remembers nothing of its content, so it may be another each time.

Where a machine cannot be saved, another processor or KVM, one is booted for each run (tests/vm/run).
"""
import base64
import fcntl
import hashlib
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path

import interrupt
from builder import PlaceFault
from catalog import PROJECT
from qemu import WAKE, Guest, dies_with_us

VM = PROJECT / "build/vm"
DRIVE = 1 << 30  # bytes, most of them a hole


def run(tree, command, given, seconds):
    """What `command`, as root in `tree`, printed: to its end, the guest's, or the end of `seconds`.

    `given` is its standard input. That the guest comes up is our affair (PlaceFault); that it goes on running is
    that of what runs in it, and what was said until then is returned.
    """
    place = saved_place()
    if place is None:
        return booted(tree, command, given, seconds)
    with drive_of(tree) as drive:
        for _ in range(2):
            with restored(place, drive) as guest:
                if guest.begin(command, given.encode()):
                    guest.until("job", rb"^status \d+$", seconds)
                    return guest.heard["out"].decode(errors="replace")
                trouble = guest.trouble()
    raise PlaceFault(f"the guest did not come up: {trouble}")


def booted(tree, command, given, seconds):
    """The same with a boot for each run."""
    mark = os.urandom(8).hex()
    words = f"echo {mark}; bash -c {shlex.quote(command)} < <(base64 -d <<<{shlex.quote(base64.b64encode(given.encode()).decode())})"
    environment = dict(os.environ, VM_PROJECT=str(tree), TINCAN_BUILD=str(Path(tree) / "build"), VM_TIMEOUT=str(int(seconds)))
    done = subprocess.run(dies_with_us(["timeout", "-k", "5", str(int(seconds) + 2 * WAKE), PROJECT / "tests/vm/run", words]), env=environment,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, errors="replace", start_new_session=True)
    begun, _, said = done.stdout.partition("\n")
    if begun != mark:
        raise PlaceFault(f"the guest did not come up: {done.stderr[-2000:]}")
    return said


# --- the saved one ------------------------------------------------------------------------------


def saved_place():
    """The directory with the machine that waits, made if there is none; None where none can be."""
    if not is_for_this_machine():
        return None
    architecture, kernel = os.uname().machine, os.environ.get("KERNEL") or "newest"
    image = VM / f"{architecture}-{kernel}"
    subprocess.run([PROJECT / "tests/vm/build-image", architecture, kernel, image], check=True, stdout=sys.stderr)
    place = VM / f"saved-{architecture}-{kernel}"
    with locked(VM / f"{place.name}.lock"):
        key = key_of(image)
        if interrupt.ENDING.is_set():
            raise PlaceFault("interrupted")
        if not (place / "key").exists() or (place / "key").read_text() != key:
            try:
                save(image, place, key)
            except (OSError, subprocess.SubprocessError, PlaceFault) as error:
                shutil.rmtree(place.with_suffix(".new"), ignore_errors=True)
                if interrupt.ENDING.is_set():
                    raise
                print(f"No guest could be saved, and one is booted for each run: {error}", file=sys.stderr)
                return None
    return place


def is_for_this_machine():
    """Not for another processor than an x86_64; and with KVM a boot takes a second, and there is nothing to gain."""
    architecture = os.uname().machine
    return architecture == "x86_64" and os.environ.get("ARCH", architecture) == architecture and not may_use_kvm()


def may_use_kvm():
    """As tests/vm/run has it."""
    if accelerator := os.environ.get("VM_ACCELERATOR"):
        return accelerator == "kvm"
    return os.access("/dev/kvm", os.W_OK) and any(Path(f"/sys/module/{name}").exists() for name in ("kvm_intel", "kvm_amd"))


def key_of(image):
    parts = [(image / "recipe").read_bytes(), (PROJECT / "tests/vm/guest-init").read_bytes(), Path(__file__).read_bytes(), Path(__file__).with_name("qemu.py").read_bytes(),
             subprocess.run(["qemu-system-x86_64", "--version"], stdout=subprocess.PIPE, check=True).stdout]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def save(image, place, key):
    new = place.with_suffix(".new")
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(parents=True)
    for name in ("vmlinuz", "initrd.img", "root.ext4"):
        os.link(image / name, new / name)  # an image that is made again takes nothing from who uses this one
    with tempfile.TemporaryDirectory(dir=new) as directory:
        init = Path(directory) / "project/tests/vm/guest-init"
        init.parent.mkdir(parents=True)
        shutil.copy2(PROJECT / "tests/vm/guest-init", init)
        with drive_of(directory) as drive, Guest(new, drive, "on") as guest:
            if not guest.until("job", rb"^waiting$", 2 * WAKE) or not guest.migrate("migrate", f"exec:cat >{shlex.quote(str(new / 'state'))}"):
                raise PlaceFault(guest.trouble())
    (new / "key").write_text(key)
    shutil.rmtree(place, ignore_errors=True)
    new.rename(place)


def restored(place, drive):
    with locked(VM / f"{place.name}.lock", fcntl.LOCK_SH):
        guest = Guest(place, drive, "off", "-incoming", "defer")
        guest.migrate("migrate-incoming", f"exec:cat {shlex.quote(str(place / 'state'))}")
        return guest


@contextmanager
def locked(path, how=fcntl.LOCK_EX):
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as lock:
        fcntl.flock(lock, how)
        yield


@contextmanager
def drive_of(tree):
    """An open file with a file system that holds the tree. It has no name: it is gone with whoever uses it."""
    with tempfile.TemporaryDirectory(dir=Path(tree).parent) as directory:
        path = Path(directory) / "drive"
        path.touch()
        os.truncate(path, DRIVE)
        # Root's, whoever has made it: to root inside, another's directory is no door that keeps others out.
        made = subprocess.run(["fakeroot", "sh", "-c", 'mke2fs -q -F -t ext4 -O ^has_journal -m 0 -i 65536 -d "$0" "$1"', tree, path],
                              env=dict(os.environ, PATH=os.environ["PATH"] + ":/usr/sbin:/sbin"), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        opened = path.open("rb")
    with opened:
        if made.returncode != 0:
            raise PlaceFault(f"no drive could be made: {made.stdout}")
        yield opened
