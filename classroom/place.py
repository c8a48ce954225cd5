"""Places where a student's program is tried: a container of our own, or a guest.

    place = HostPlace(directory)             # directory/programs/NAME holds what TINCAN_BUILD is to hold
    records = place.run([Bout("private", programs="private", file="chapter-05.bats", titles=["MNT-06 ..."])])
"""
import hashlib
import os
import re
import secrets
import shutil
import subprocess
from pathlib import Path

import builder
import checks
import container
import leash
import machine
from bouts import Bout, records
from builder import PlaceFault
from catalog import PROJECT

BUILD = PROJECT / "build"
# What the tests need of the project. No source of a chapter: a submission could read the solution.
NEEDED = ("tests/support", "LICENSE")


class Place:
    """A directory with what is tried and what it is tried by. Subclasses say where judge.sh runs."""

    def __init__(self, directory):
        self.directory = Path(directory)
        self.tree = self.directory / "tree"
        self.programs = self.directory / "programs"
        self.patience = 1
        # Other ids than those of a class that is graded beside this one.
        self.first = 0x40000000 + secrets.randbelow(1024) * 0x100000
        shutil.rmtree(self.directory, ignore_errors=True)
        self.programs.mkdir(parents=True)

    def fill(self):
        for name in NEEDED:
            source, copy = PROJECT / name, self.tree / name
            copy.parent.mkdir(parents=True, exist_ok=True)
            if source.is_dir():
                shutil.copytree(source, copy, symlinks=True)
            elif source.exists():
                shutil.copy2(source, copy)
        (self.tree / "tests/classroom/hidden").mkdir(parents=True, exist_ok=True)
        for path in [*PROJECT.glob("tests/*.t*"), *PROJECT.glob("classroom/*sh")]:
            (self.tree / path.relative_to(PROJECT)).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, self.tree / path.relative_to(PROJECT))
        for page in PROJECT.glob("chapters/[0-9][0-9]-*/README.md"):
            (self.tree / page.parent.relative_to(PROJECT)).mkdir(parents=True)
        (self.tree / "build/closed").mkdir(parents=True)
        (self.tree / "build/root").symlink_to("closed/root")
        shutil.copy2(builder.below(), self.tree / "build/below")
        subprocess.run(["tar", "-C", BUILD / "closed", "--owner=0", "--group=0", "-cf", self.tree / "root.tar", "."], check=True)
        # Whoever is root on the floor below is another user here. Programs have the modes that they were given.
        subprocess.run(["chmod", "-R", "go+rX", self.tree], check=True)
        subprocess.run(["find", self.programs, "-type", "d", "-exec", "chmod", "755", "{}", "+"], check=True)

    def program_directory(self, name, chapter, probe):
        """Into it come the chapters before, the judges with a sealed probe, and later the student's program."""
        directory = self.programs / name
        for path in [BUILD / "hostile", *BUILD.glob("chapter-[0-9][0-9]")]:
            if path.name < f"chapter-{chapter}" or "-" not in path.name:
                self.add(path, directory, path.name, 0o111 if path.name == "hostile" else 0o755)
        self.lend(BUILD / "doctor", directory / "doctor")
        probe(directory / "probe")
        self.make_plain(directory)
        return directory

    def make_plain(self, directory):
        """The same once more for scripts of ours that attack, with a probe that has no key, and may be copied."""
        plain = directory / "plain"
        plain.mkdir()
        (plain / "real").symlink_to("../real")
        for path in (directory / "real").iterdir():
            self.lend(builder.below(), plain / path.name)
        self.lend(BUILD / "probe", plain / "probe")

    def add(self, path, directory, name, mode=0o755):
        """A program that is started below: tests/classroom/below.cpp stands in its place, and it lies in real/."""
        (directory / "real").mkdir(parents=True, exist_ok=True)
        self.lend(path, directory / "real" / name, mode)
        self.lend(builder.below(), directory / name)

    def add_strange(self, program, directory):
        """What a student's file has become. No link: it lies where strangers wrote."""
        if program.is_symlink() or not program.is_file():
            raise builder.NoBuild("no program was made")
        shutil.copyfile(program, directory / "real" / program.name)
        (directory / "real" / program.name).chmod(0o755)
        for place in (directory, directory / "plain"):
            self.lend(builder.below(), place / program.name)

    def lend(self, path, link, mode=0o755):
        """A link to this place's own copy: whoever writes to it writes to no other's, and not to ours."""
        own = self.directory / "lent" / f"{mode:o}-{Path(path).relative_to(BUILD)}".replace("/", "-")
        if not own.exists():
            own.parent.mkdir(exist_ok=True)
            shutil.copy2(path, own)
            own.chmod(mode)
        os.link(own, link)

    def remember(self, verdicts):
        """What passed here, check name -> Verdict: then its attack works in a place like this one."""

    def bout(self, name, **what):
        return Bout(name, **what)

    def give_tests(self, bouts):
        """To each bout a file with its own: a shell reads every line of it."""
        for bout in bouts:
            if bout.file:
                path = self.tree / "tests" / self.file_of(bout)
                path.write_text(checks.as_functions(checks.cut((PROJECT / "tests" / bout.file).read_text(), bout.titles)))

    @staticmethod
    def file_of(bout):
        return f"{'classroom/hidden/' if bout.hidden else ''}{bout.name}.bats"

    def plan(self, bouts):
        lines = []
        for bout in bouts:
            at = f"/programs/{bout.programs}"
            words = [bout.name, str(bout.seconds * self.patience), at]
            if bout.script:
                words += ["script", f"{at}/{bout.script}", f"{at}/{bout.target}", *([bout.root] if bout.root else [])]
            else:
                words += ["yes" if bout.hidden else "no", f"tests/{self.file_of(bout)}"]
            lines.append("\t".join(words))
        return "\n".join(lines) + "\n"

    def run(self, bouts):
        """Bout name -> Record. One that is missing was ended by what was tried."""
        if not bouts:
            return {}
        self.fill()
        self.give_tests(bouts)
        nonce = secrets.token_hex(16)
        seconds = sum(bout.seconds for bout in bouts) * self.patience + 60
        return records(self.judge(f"{nonce} {self.first}\n{self.plan(bouts)}", seconds), nonce)


class HostPlace(Place):
    """Chapter 10, with the powers that making containers takes: judge.sh in it is root of the host, what it tries is not."""

    def __init__(self, directory):
        super().__init__(directory)
        # Where the tests wait longer on a busy machine, so does their end.
        self.patience = leash.patience()

    def judge(self, plan, seconds):
        root = self.directory / "root"
        for name in ("usr", "etc", "proc", "sys", "dev", "tmp", "run", "var", "mnt", "evidence", "below", "bats", "closed", "project", "programs"):
            (root / name).mkdir(parents=True, exist_ok=True)
        for name in ("bin", "sbin", "lib", "lib64"):
            (root / name).symlink_to(f"usr/{name}")
        container.make_etc(root / "etc")
        self.directory.chmod(0o700)
        hidden = "tests/classroom/hidden"
        kept = self.directory / "hidden"
        (self.tree / hidden).rename(kept)
        (self.tree / hidden).mkdir()
        added = [("/usr", "/usr:ro"), (self.tree, "/project:ro"),
                 (self.programs, "/programs:ro"), (kept, f"/project/{hidden}:ro")]
        command = [BUILD / "chapter-10", "-m", root, "--read-only", "--tmp", "--share", "user", "--reachable", "--cap-add", "ALL", *container.dropped_capabilities(),
                   "--seccomp", "none", "--allow-new-privs", "--memory", "1280M", "--pids", "256", "--cpus", "1", "--nofile", "4096", "--workdir", "/project",
                   *(word for source, target in added for word in ("-a", f"{source}:{target}")), "--", "/bin/bash", "classroom/judge.sh"]
        try:
            return finish(command, plan, seconds)
        finally:
            self.remove_groups()

    def remove_groups(self):
        """What a judge that was killed has left, where chapter 10 made no group of its own for it."""
        left = [directory for directory, _, _ in os.walk("/sys/fs/cgroup") if os.path.basename(directory).startswith(f"bout-{self.first}-")]
        container.ask_groups("remove_groups", "\n".join(f"- {directory}" for directory in left))


class GuestPlace(Place):
    """A throw-away machine, see docs/guest.md: whatever the program does, it does it to that."""

    def __init__(self, directory):
        super().__init__(directory)
        self.patience, self.memory = 8, None
        if saved := machine.saved_place():
            # What a control depends on: the guest, the tests and the programs that we bring along.
            parts = [saved / "key", PROJECT / "tests/promises.tsv", *sorted(PROJECT.glob("tests/support/**/*.bash")), builder.below(),
                     BUILD / "hostile", BUILD / "probe", *sorted(BUILD.glob("chapter-[0-9][0-9]"))]
            self.memory = saved / f"controls-{hashlib.sha256(b''.join(path.read_bytes() for path in parts)).hexdigest()[:16]}"

    def known(self):
        """Promises whose control has worked in such a guest, and no submission can change that."""
        found = self.memory.read_text() if self.memory and self.memory.exists() else ""
        return sorted(set(re.findall(r"^[A-Z0-9-]+$", found, re.M)))

    def remember(self, verdicts):
        names = [name for name, verdict in verdicts.items() if verdict.good and name in checks.promises() and not name.startswith("RES-")]
        if self.memory and names:
            with self.memory.open("a") as opened:
                opened.write("\n".join(["", *names, ""]))

    def judge(self, plan, seconds):
        subprocess.run(["cp", "-al", self.programs, self.tree / "programs"], check=True)
        command = (f"ln -s /project/programs /programs; export TINCAN_PATIENCE=8 TINCAN_CONTROLLED=' {' '.join(self.known())} '; "
                   "cd /project && setarch -R bash classroom/judge.sh")
        return machine.run(self.tree, command, plan, seconds)


def finish(command, given, seconds, environment=None):
    """What the command printed, to the end or to the end of its time. It does not outlive whoever asked."""
    child = subprocess.Popen(["setpriv", "--pdeathsig", "KILL", *map(str, command)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                             text=True, errors="replace", env=environment, cwd="/", start_new_session=True)
    try:
        said, errors = child.communicate(given, timeout=seconds)
    except subprocess.TimeoutExpired:
        # The container, or the guest, ends with it, and a container's groups.
        child.terminate()
        try:
            said, errors = child.communicate(timeout=30)
        except subprocess.TimeoutExpired:
            child.kill()
            said, errors = child.communicate()
    # What could not be made is our trouble; what was spoiled later is the program's, and what is missing says so.
    if child.returncode in (2, 125, 126, 127):
        raise PlaceFault(f"the place ended with status {child.returncode}:\n{errors[-2000:]}")
    return said
