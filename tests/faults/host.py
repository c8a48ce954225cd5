"""The host that faults are tried on: it has something to inherit and something to find."""

import collections
import contextlib
import ctypes
import dataclasses
import glob
import os
import platform
import random
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
sys.dont_write_bytecode = True
import at_once  # noqa: E402  the line before says where it is

TIME_LIMIT = "20"
Result = collections.namedtuple("Result", "events out err")
# asm/unistd_64.h and asm-generic/unistd.h: keyctl, add_key, ioprio_set.
NUMBERS = {"x86_64": (250, 248, 251), "aarch64": (219, 217, 30)}[platform.machine()]


# Tried in each start, whatever failed.
ALWAYS = at_once.IN_PROCESS


class Host:
    """A host that has something to inherit and something to find, and what it looked like before."""

    whose = ()  # what inject is told of it
    token = "%032x" % random.SystemRandom().getrandbits(128)

    def __init__(self, build):
        self.build = os.path.abspath(build)
        self.root = os.path.abspath("build/root")
        self.launcher = sorted(glob.glob(self.build + "/chapter-[0-9][0-9]"))[-1]
        self.probe = self.build + "/probe"
        self.work = tempfile.mkdtemp(prefix="tincan-faults-")
        os.chmod(self.work, 0o711)
        self.canary = os.path.join(self.work, "canary")
        with open(self.canary, "w", encoding="ascii") as file:
            file.write(self.token)
        # A full start; and one that gets its share of a machine that has other things to do.
        self.options = ["--tmp", "--hostname", "sweep", "--workdir", "/", "--env", "A=1", "-a", self.make_tree() + ":/mnt:ro"]
        self.help = subprocess.run([self.launcher, "--help"], capture_output=True, check=True, text=True).stdout
        if "--cpu-weight" in self.help:
            self.options += ["--cpu-weight", "10000"]
        self.passed = self.make_dirt()
        # Others' shared memory comes and goes; for mounts and links, `make faults` gives us namespaces.
        subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=1777", "shm", "/dev/shm"], check=True)
        self.before = self.traces()

    def make_tree(self):
        """A directory that anybody may write, where it is not shown read-only, and a mount below it."""
        tree = os.path.join(self.work, "tree")
        os.makedirs(tree + "/sub")
        subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=1777", "sub", tree + "/sub"], check=True)
        os.chmod(tree, 0o777)
        # What is mounted is shared, as systemd has it.
        subprocess.run(["mount", "--make-rshared", "/"], check=True)
        return tree

    def make_dirt(self):
        """What the launcher inherits from this process."""
        os.umask(0o077)
        os.environ["SECRET"] = self.token
        for number in (signal.SIGUSR1, signal.SIGHUP, signal.SIGPIPE):
            signal.signal(number, signal.SIG_IGN)
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR2, signal.SIGWINCH})
        resource.setrlimit(resource.RLIMIT_CORE, (resource.getrlimit(resource.RLIMIT_CORE)[1],) * 2)
        os.setgroups([4242])
        os.setpriority(os.PRIO_PROCESS, 0, -10)
        ctypes.CDLL(None).personality(0x0040000)  # ADDR_NO_RANDOMIZE
        keyctl, add_key, ioprio_set = NUMBERS
        libc = ctypes.CDLL(None)
        libc.syscall(keyctl, 1, None)  # a session keyring of our own, and a key in it
        secret = self.token.encode()
        libc.syscall(add_key, b"user", b"tincan:" + secret, secret, len(secret), -3)
        libc.syscall(ioprio_set, 1, 0, 1 << 13)  # the real-time class
        # Where root lacks a capability for it, there is that much less to inherit.
        with contextlib.suppress(OSError, ValueError):
            for limit in (resource.RLIMIT_SIGPENDING, resource.RLIMIT_MEMLOCK, resource.RLIMIT_RTPRIO):
                resource.setrlimit(limit, (resource.RLIM_INFINITY,) * 2)
            Path("/proc/self/oom_score_adj").write_text("-500")
        passed = []
        for number, path in ((77, "/"), (78, "/proc/self/ns/net")):
            os.dup2(os.open(path, os.O_RDONLY), number)
            passed.append(number)
        return passed

    def fitting(self, stands_for):
        """Which of these attacks can be tried here, and how."""
        return stands_for

    def end(self):
        subprocess.run(["umount", self.work + "/tree/sub"], check=True)
        shutil.rmtree(self.work)

    def traces(self):
        """What a container must not change."""
        with open("/proc/self/mountinfo", encoding="utf-8") as file:
            mounts = sorted(file.read().splitlines())
        tree = sorted(place + "/" + name for place, directories, files in os.walk(self.root)
                      for name in directories + files)
        with open("/proc/self/net/dev", encoding="ascii") as file:
            links = sorted(line.split(":")[0].strip() for line in file if ":" in line)
        return {"mount": mounts, "directory": tree, "link": links, "shm": sorted(os.listdir("/dev/shm"))}

    def groups(self, pid):
        """The control groups that the launcher `pid` has made and not removed."""
        tops = [line.split()[4] for line in self.before["mount"] if " - cgroup" in line]
        return [found for top in tops for depth in ("", "/*", "/*/*", "/*/*/*")
                for found in glob.glob("%s%s/tincan-%s-*" % (top, depth, pid))]

    def remove_groups(self, pid):
        """This machine is to be left as it was found, whatever the launcher did."""
        for group in self.groups(pid):
            for place, _, _ in os.walk(group, topdown=False):
                os.rmdir(place)

    def left(self, pid):
        """What is there now and was not before; ten seconds are granted, for a busy machine."""
        deadline = time.monotonic() + 10
        while True:
            try:
                now = self.traces()
            except OSError as error:
                return ["a host without its files: %s" % error]
            more = ["%s %s" % (kind, thing) for kind in now for thing in now[kind] if thing not in self.before[kind]]
            more += ["cgroup " + group for group in self.groups(pid)]
            if not more or time.monotonic() > deadline:
                self.before = now  # each is told once
                self.remove_groups(pid)
                return more
            time.sleep(0.01)

    def command(self, hold, attacks):
        """`attacks`: on top of those that are always tried."""
        if hold:
            return ["/probe", "hold"]
        facts = {"canary": self.canary, "token": self.token, "pid": os.getpid(), "root": self.root,
                 "cap": "%x" % at_once.KEPT_CAPABILITIES, "bnd": "%x" % at_once.KEPT_CAPABILITIES, "user": os.readlink("/proc/self/ns/user"),
                 "hostname": "sweep", "path": "/mnt", "nofile": 1024, "processes": 100, "mebibytes": 1100}
        return ["/probe", "each", ",".join([*ALWAYS, *attacks])] + ["%s=%s" % fact for fact in facts.items()]

    def run(self, plan, hold=False, terminal="", attacks=(), flags=()):
        """Starts a container under inject. What it wrote goes to files: a pipe would wait for leftovers."""
        ends = os.openpty() if terminal else (os.open("/dev/null", os.O_RDONLY),)
        options = [*self.options, *flags, *(["-t"] if terminal == "-t" else [])]
        try:
            return self.run_with(plan, self.command(hold, attacks), options, ends[-1])
        finally:
            for end in ends:
                os.close(end)

    def run_with(self, plan, command, options, standard_input):
        with tempfile.TemporaryDirectory(dir=self.work) as place:
            report, here = place + "/report", place + "/here"
            os.mkdir(here)
            line = [self.build + "/inject", report, TIME_LIMIT, *self.whose, *plan, "--", self.launcher, "-m", self.root,
                    "-a", self.probe + ":/probe:ro", *options, "--", *command]
            with open(place + "/out", "w+b") as out, open(place + "/err", "w+b") as err:
                # In a session of its own: Ctrl-C waits for what is being tried, and ends nothing in its middle.
                subprocess.run(line, stdin=standard_input, stdout=out, stderr=err, cwd=here, start_new_session=True,
                               pass_fds=self.passed, restore_signals=False, check=True)
                out.seek(0)
                err.seek(0)
                with open(report, encoding="ascii") as file:
                    events = [line.split() for line in file]
                events += [["left", "file", name] for name in os.listdir(here)]
                return Result(events, out.read().decode(errors="replace"), err.read().decode(errors="replace"))


class OrdinaryHost(Host):
    """The same for ann, 4200, an ordinary user to whom ids are granted, and no control group."""

    whose = ("as", "4200")

    def __init__(self, build):
        super().__init__(build)
        # Where she can reach them.
        self.launcher, self.probe = (shutil.copy2(path, self.work) for path in (self.launcher, self.probe))
        self.root = shutil.copytree(self.root, self.work + "/closed/root", symlinks=True)
        subprocess.run(["chown", "-hR", "4200:4200", self.work + "/closed"], check=True)
        os.chmod(self.work + "/closed", 0o700)
        self.options = [word for word in self.options if word not in ("--cpu-weight", "10000")] + ["--no-limits"]
        rows = Path("/etc/passwd").read_text(encoding="utf-8").splitlines(keepends=True)
        accounts = "".join(row for row in rows if not re.match("ann:|[^:]*:[^:]*:4200:", row))
        for name, text in (("subuid", "ann:300000:65536\n"), ("subgid", "ann:400000:65536\n"), ("passwd", accounts + "ann:x:4200:4200::/:/bin/sh\n")):
            private = Path(self.work, name)
            private.write_text(text, encoding="utf-8")
            private.chmod(0o644)
            subprocess.run(["mount", "--bind", private, "/etc/" + name], check=True)

    def end(self):
        subprocess.run(["umount", "/etc/subuid", "/etc/subgid", "/etc/passwd"], check=True)
        super().end()

    def fitting(self, stands_for):
        """Without limits nothing is bounded; and she shares no user namespace."""
        kept = super().fitting(stands_for)
        flags = () if "user" in kept.flags else kept.flags
        return dataclasses.replace(kept, attacks=tuple(one for one in kept.attacks if not one.startswith("+bounded-")), flags=flags)
