"""One emulated machine for classroom/machine.py: its QEMU, and what is said on its channels."""
import base64
import json
import os
import re
import select
import socket
import subprocess
import time

MEMORY = "1024M"
CPU = "max,erms=off,fsrm=off,la57=off"  # why: tests/vm/run
LARGEST = 64 << 20  # bytes of output
WAKE, SILENCE = 120, 60  # seconds until it has to be up; and that it may say nothing, see `beat` in guest-init
PORTS = ("job", "out", "err")


def dies_with_us(words):
    return ["setpriv", "--pdeathsig", "KILL", *map(str, words)]


class Guest:
    """A QEMU, and what it says on each of its channels: its monitor, its console, and the ports of guest-init."""

    def __init__(self, place, drive, share, *more):
        self.heard = {name: bytearray() for name in ("monitor", "console", *PORTS)}
        self.left, self.ours, theirs = {}, {}, {}  # what is still to be given; the ends of the channels
        for name in self.heard:
            self.ours[name], theirs[name] = socket.socketpair()
            self.ours[name].setblocking(False)
        words = self.words(place, drive, share, {name: end.fileno() for name, end in theirs.items()})
        self.child = subprocess.Popen(dies_with_us([*words, *more]), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=theirs["console"],
                                      pass_fds=[drive.fileno(), *(end.fileno() for end in theirs.values())], start_new_session=True)
        for end in theirs.values():
            end.close()

    @staticmethod
    def words(place, drive, share, ends):
        """The same for the one that is saved and those that are restored, but for the files behind it."""
        ports = [word for name in PORTS for word in ("-device", f"virtserialport,chardev={name},name=tincan.{name}")]
        return ["qemu-system-x86_64", "-M", "q35,memory-backend=memory", "-accel", "tcg,thread=multi", "-cpu", CPU, "-smp", "1", "-m", MEMORY,
                "-object", f"memory-backend-file,id=memory,size={MEMORY},mem-path={place}/memory,share={share}",
                "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot", "-nic", "none",
                "-kernel", place / "vmlinuz", "-initrd", place / "initrd.img", "-append", "console=ttyS0 loglevel=5 panic=-1 tincan_saved=1",
                *(word for name, end in ends.items() for word in ("-chardev", f"socket,id={name},fd={end}")),
                "-mon", "chardev=monitor,mode=control", "-serial", "chardev:console",
                "-drive", f"if=none,id=root,file={place}/root.ext4,format=raw,snapshot=on", "-device", "virtio-blk-pci,drive=root",
                "-add-fd", f"set=1,fd={drive.fileno()}", "-drive", "if=none,id=job,file=/dev/fdset/1,format=raw,readonly=on",
                "-device", "virtio-blk-pci,drive=job", "-device", "virtio-serial-pci", *ports]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.child.kill()
        self.child.wait()
        for end in self.ours.values():
            end.close()

    def migrate(self, command, uri):
        """To a file or from one. The memory stays where it is: in the file that it is mapped from."""
        capabilities = [{"capability": name, "state": True} for name in ("events", "x-ignore-shared")]
        asked = (("qmp_capabilities", {}), ("migrate-set-capabilities", {"capabilities": capabilities}), (command, {"uri": uri}))
        self.left["monitor"] = "".join(json.dumps({"execute": name, "arguments": arguments}) + "\n" for name, arguments in asked).encode()
        return self.until("monitor", rb'"status": "completed"', WAKE)

    def begin(self, command, given):
        """The line that it waits for, and the command's standard input."""
        words = (f"{time.time():.3f}", base64.b64encode(os.urandom(64)).decode(), base64.b64encode(command.encode()).decode(), str(len(given)))
        self.left["job"] = " ".join(words).encode() + b"\n" + given
        return self.until("job", rb"^ready$", WAKE)

    def until(self, name, pattern, seconds):
        """Was it said on this channel? Not if the guest ends before, says nothing for a while, or too much, or the time is over."""
        alive = now = time.monotonic()
        end = now + seconds
        while not (found := re.search(pattern, self.heard[name], re.M)) and now < min(end, alive + SILENCE) and self.ours and len(self.heard["out"]) < LARGEST:
            alive = time.monotonic() if self.listen(1) else alive
            now = time.monotonic()
        while len(self.heard["out"]) < LARGEST and time.monotonic() < now + 2 and self.listen(0):
            pass  # what is on its way yet
        return bool(found)

    def listen(self, seconds):
        """Gives what it takes, and takes what it gives. True if anything came."""
        came = False
        readable, writable, _ = select.select(self.ours.values(), [self.ours[name] for name in self.left if name in self.ours], [], seconds)
        for name, end in list(self.ours.items()):
            try:
                if end in writable:
                    self.left[name] = self.left[name][end.send(self.left[name]) :]
                said = end.recv(1 << 16) if end in readable else None
            except (BrokenPipeError, ConnectionResetError):
                said = b""
            if not self.left.get(name):
                self.left.pop(name, None)
            if said == b"":
                self.ours.pop(name).close()
            elif said:
                came = True
                self.heard[name] += said
                if name != "out":
                    del self.heard[name][:-16384]
        return came

    def trouble(self):
        return "\n".join(self.heard[name][-1000:].decode(errors="replace").strip() for name in ("console", "err")).strip() or "it said nothing"
