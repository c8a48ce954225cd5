#!/usr/bin/env python3
"""The system calls of a start, step by step: what `make debug-NN` prints.

Usage: debug.py BUILD NN [FLAG...], with CMD in the environment as for run.sh; without one, `true`.

It runs under strace, which writes a file for each process. The launcher's own log lines (--debug) are calls
of write(2) among the others, and become headings; what says nothing about a step is left out.
"""
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

KINDS = {"\\0": "go", "\\1": "ready", "\\2": "failure", "\\3": "a descriptor", "\\4": "send it"}
# Questions, and tries with arguments that are wrong on purpose: is there such a call?
IDLE = re.compile(r"^\w+\((-1|4294967295),|^(clone3|fsopen|capget)\((NULL|\{[^}]*\}, NULL)|PR_CAPBSET_READ|PR_CAP_AMBIENT_IS_SET|PR_GET_|TCGETS|"
                  r"^(openat\(.*(/proc/|/sys/fs/cgroup).*O_RDONLY|getdents|prlimit64\(.*NULL, \{)|^\+\+\+ exited|^---")
SHORTER = [(r"attr_clr=0, |, userns_fd=0|, propagation=0 /\* MS_\?\?\? \*/", ""), (r"\}, (24|32|88)\)", "})"), (r"\)\s+= ", ") = "),
           (r", stack=NULL, stack_size=0", ""), (r"O_RDONLY\|", ""), (r", 0x\w+ /\* \d+ vars? \*/", "")]


def shortened(call):
    for pattern, instead in SHORTER:
        call = re.sub(pattern, instead, call)
    return call


def channel_word(call):
    """What is said over the channel, for "sendmsg(...)" and "recvmsg(...)"; None for any other call."""
    found = re.match(r"(sendmsg|recvmsg)\(.*?iov_base=\"(\\\d|)", call)
    if not found:
        return None
    return f'{found[1]}: "{KINDS.get(found[2], "?")}"' if found[2] else f"{found[1]}: end of file"


class Process:
    """One process's calls: (heading, call); `failed` is the last that the kernel refused, with its step."""

    def __init__(self, path):
        self.steps, self.calls = [], []
        self.became = self.failed = self.killed = self.refused = None
        heading, step = "", "the launcher's preparation"
        for line in path.read_text(errors="replace").splitlines():
            log = re.match(r'write\(2, "\S+ (\w+) chapter-\d\d: (.*?)(\\n)?"', line)
            if log and log[1] == "debug":
                heading, self.failed = log[2], None
                if heading.startswith(("child: ", "parent: ")):
                    step = heading
                    self.steps.append(step)
            elif not log and not IDLE.search(line):
                self.take(heading, step, line)
            # After "failure" the launcher may kill it, or it exits first: that says nothing.
            if self.became or self.refused:
                break

    def take(self, heading, step, line):
        call = channel_word(line) or shortened(line)
        self.calls.append((heading, call))
        if " = -1 E" in call:
            self.failed = (step, call)
        self.refused = call if call == 'sendmsg: "failure"' else None
        if call.startswith("+++ killed"):
            self.killed = (step, call.strip("+ "))
        if call.startswith("execve(") and call.endswith(" = 0") and len(self.calls) > 1:
            self.became = call


def tell(process, title, until=None):
    """Prints its calls under their headings; up to the one that is `until`, and gives back the rest."""
    print(f"\n=== {title}")
    shown = None
    for number, (heading, call) in enumerate(process):
        if heading != shown:
            print(f"\n{heading}" if heading else "")
            shown = heading
        print(f"    {call}")
        if call == until:
            return process[number + 1:]
    return []


def is_told(process):
    """Another process that goes through steps, as the command's does from chapter 10 on."""
    return any(step.startswith("child: ") for step in process.steps)


def conclude(launcher, others):
    print("\n=== What came out\n")
    for process in others:
        if process.became:
            return print(f"The start succeeded. The last call before the command's own:\n    {process.became}")
    for process in [*others, launcher]:
        if process.killed:
            return print(f"A process died in '{process.killed[0]}': {process.killed[1]}")
    for process in [*others, launcher]:
        if process.failed:
            return print(f"The start failed in '{process.failed[0]}'. The call that the kernel refused:\n"
                         f"    {process.failed[1]}\nWhat it means: the message above all this; man 2 {process.failed[1].split('(')[0]}")
    print("No call was refused: the launcher itself said no. Its message is above all this.")


def main(build, chapter, flags):
    if not (program := Path(build) / f"chapter-{chapter}").exists():
        sys.exit(f"There is no {program}. make check-{chapter} builds your own, once it is begun.")
    with tempfile.TemporaryDirectory() as directory:
        environment = dict(os.environ, TRACE=f"{directory}/trace", CMD=os.environ.get("CMD") or "true")
        run = [Path(__file__).parent / "run.sh", build, chapter, "--debug", *flags]
        said = subprocess.run(run, env=environment, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, errors="replace")
        print("".join(line for line in said.stderr.splitlines(keepends=True) if " debug chapter-" not in line), end="")
        files = sorted(Path(directory).glob("trace.*"), key=lambda path: int(path.suffix[1:]))
        if not files:
            sys.exit("strace could not run it: make doctor says whether this host forbids tracing")
        launcher, *others = [Process(path) for path in files]
        others = [process for process in others if is_told(process) or process.killed]
        rest = tell(launcher.calls, f"The launcher, chapter-{chapter}", 'sendmsg: "go"')
        for number, process in enumerate(others):
            tell(process.calls, "The child" if number == 0 else "The child's child")
        if rest:
            tell(rest, "The launcher, after \"go\"")
        conclude(launcher, others)


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    main(sys.argv[1], sys.argv[2], sys.argv[3:])
