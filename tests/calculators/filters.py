"""The filter stepper's rows, judged by the kernel: each policy's program, as chapter 08 prints it, and each call of its table
in tests/golden, which the stepper agrees with.

No call is made: where a program allows or kills, it is given an errno of ours to answer instead. And only the system
calls of syscall(3) are asked about, told by where the instruction lies: what Python does besides goes on."""
import ctypes
import errno
import os
import struct
import subprocess
from pathlib import Path

import calls

PROJECT = Path(__file__).resolve().parents[2]
POLICIES = {"default": [], "series": ["--seccomp", "series"]}
PR_SET_SECCOMP, MODE_FILTER = 22, 2
RETURN, ACTION, ALLOW, ERRNO = 0x06, 0xffff0000, 0x7fff0000, 0x00050000
OF_OURS = {ALLOW: 3000, 0x80000000: 3001}
ANSWERS = {3000: "allow", 3001: "kill"}
# On x86_64: uretprobe and uprobe are for code that the kernel has put into a process. It asks no filter about them (seen on
# 6.18); whoever else makes them gets SIGILL, or ENXIO.
UNASKED = [335, 336]
INSTRUCTIONS = {"x86_64": b"\x0f\x05", "aarch64": b"\x01\x00\x00\xd4"}


def program_of(policy):
    """Chapter 08's, with answers that make nothing happen."""
    printed = subprocess.run([PROJECT / os.environ.get("TINCAN_BUILD", "build") / "chapter-08", *POLICIES[policy], "--dump-seccomp"],
                             capture_output=True, text=True, check=True).stdout
    for line in printed.splitlines():
        code, yes, no, value = (int(it, 16) for it in line.split()[1:5])
        if code == RETURN and value & ACTION in OF_OURS:
            value = ERRNO | OF_OURS[value & ACTION]
        yield code, yes, no, value


def in_syscall():
    """Where a call that syscall(3) has made comes back to."""
    start, instruction = ctypes.cast(calls.LIBC.syscall, ctypes.c_void_p).value, INSTRUCTIONS[os.uname().machine]
    return start + ctypes.string_at(start, 128).index(instruction) + len(instruction)


def install(program):
    place = in_syscall()
    whole = [(0x20, 0, 0, 8), (0x15, 0, 2, place & 0xffffffff), (0x20, 0, 0, 12), (0x15, 1, 0, place >> 32), (RETURN, 0, 0, ALLOW), *program]
    code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *it) for it in whole))
    calls.call("prctl", calls.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    calls.call("prctl", PR_SET_SECCOMP, MODE_FILTER, struct.pack("HxxxxxxQ", len(whole), ctypes.addressof(code)))


def answer(number, arguments):
    try:
        calls.call("syscall", number, *arguments, *[0] * (6 - len(arguments)))
    except OSError as problem:
        return ANSWERS.get(problem.errno) or errno.errorcode.get(problem.errno, str(problem.errno))
    return "it was made"


def questions(policy):
    """(what is asked, number, arguments, what the table says), for this processor."""
    numbers = {}
    for line in (PROJECT / f"tests/golden/seccomp-{policy}.tsv").read_text().splitlines():
        what, which, those = line.split("\t") if "\t" in line else ("#", "", "")
        if what == os.uname().machine:
            for number, entry in enumerate(those.split(" "), int(which)):
                name, _, said = entry.partition("=")
                numbers[name] = number
                if what != "x86_64" or number not in UNASKED:
                    yield name, number, [], said or "allow"
        elif what.split(" ")[0] in numbers:
            name, *before = what.split(" ")
            for last in those.split(" "):
                yield f"{what} {last}", numbers[name], [int(it, 16) for it in (*before, last)], which


def ask_all(policy):
    asked, program = list(questions(policy)), list(program_of(policy))
    install(program)
    wrong = [f"{policy}, {what}: the kernel says {seen}, the table {said}"
             for what, number, arguments, said in asked if (seen := answer(number, arguments)) != said]
    return "\n".join([str(len(asked)), *wrong])


def try_filters(faults):
    """How many calls were asked about; what the kernel judges otherwise goes into `faults`."""
    asked = 0
    for policy in POLICIES:
        count, *wrong = calls.in_child(lambda _, name=policy: ask_all(name)).splitlines() or ["0", f"{policy}: whoever asked has died"]
        asked += int(count)
        faults += wrong
    return asked
