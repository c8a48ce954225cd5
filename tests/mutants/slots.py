"""Slots: isolated places in which tests run against programs that have a mistake.

Each has a copy of the tree, control groups of its own, and for the time of a test namespaces: what runs in
parallel does not see each other, and what a mistake leaves behind ends with them.
"""
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(PROJECT / "classroom"))
sys.dont_write_bytecode = True
from regions import without_markers  # noqa: E402  the line before says where it is

BUILD = PROJECT / "build"
# What compiles and links soonest, where it is there; the variant is named, so that objects stay where they are.
CLANG = shutil.which("clang++")
PRECOMPILED, INSTANTIATE = ("system.hpp.pch", ["-fpch-instantiate-templates"]) if CLANG else ("system.hpp.gch", [])
QUICKLY = ["OPT=-O0", "variant=", *(["CXX=clang++"] if CLANG else []),
           *(["LDFLAGS=-Wl,--gc-sections -static -fuse-ld=gold"] if shutil.which("ld.gold") else [])]
# g++ 12 with a precompiled header refuses to inherit the constructors of a class in it: then without.
CPPFLAGS = "CPPFLAGS=-I. -Ichapters -Itests -D_GNU_SOURCE"
# Unit tests look at themselves as a program with a loader.
UNIT_TESTS = ["LDFLAGS=-Wl,--gc-sections -pie", "build/unit-tests"]


def run(words, **how):
    """In a session of its own: Ctrl-C is heard here alone, and here it is decided what ends."""
    return subprocess.run(words, start_new_session=True, **how)


def chapter_numbers():
    return sorted(page.parent.name[:2] for page in PROJECT.glob("chapters/[0-9][0-9]-*/README.md"))


# --- a slot's control groups -------------------------------------------------------------------


def hierarchies():
    """(mount point, the directory below it in which groups are made) of each that a limit needs."""
    mounts = [line.split(" - ") for line in Path("/proc/self/mountinfo").read_text().splitlines()]
    for line in Path("/proc/self/cgroup").read_text().splitlines():
        _, names, path = line.split(":", 2)
        if names and not {"memory", "pids", "cpu", "blkio"} & set(names.split(",")):
            continue
        for left, right in mounts:
            root, point = left.split()[3:5]
            kind, _, options = right.split(" ", 2)
            is_it = kind == "cgroup" and set(names.split(",")) & set(options.split(",")) if names else kind == "cgroup2"
            if not is_it or not path.startswith(root):
                continue
            own = Path(point + "/" + path.removeprefix(root))
            # On v2 a group has processes, or groups below it with controllers.
            yield Path(point), own if names or own == Path(point) else own.parent
            break


class Groups:
    """One group in each hierarchy, and in it "tests", where the test starts."""

    def __init__(self, name):
        self.made = []  # (mount point, group)
        for point, above in hierarchies():
            self.offer_controllers(above)
            group = above / name
            (group / "tests").mkdir(parents=True)
            self.allow_real_time(group)
            self.made.append((point, group))

    def offer_controllers(self, above):
        for name in ("memory", "pids", "cpu", "io") if (above / "cgroup.subtree_control").exists() else ():
            if name in (above / "cgroup.controllers").read_text().split():
                (above / "cgroup.subtree_control").write_text(f"+{name}")

    def allow_real_time(self, group):
        """On v1 a new group may use no real-time policy (CONFIG_RT_GROUP_SCHED); EX-POLICY and its like need one."""
        for directory in (group, group / "tests"):
            if (share := directory / "cpu.rt_runtime_us").exists() and int((group.parent / share.name).read_text()) > 0:
                share.write_text("50000")

    def empty(self, also_these=False):
        for _, group in self.made:
            kept = () if also_these else (group, group / "tests")
            for directory, _, _ in os.walk(group, topdown=False):
                if Path(directory) not in kept:
                    self.remove(Path(directory))

    def remove(self, directory):
        while directory.exists():
            try:
                for pid in (directory / "cgroup.procs").read_text().split():
                    os.kill(int(pid), signal.SIGKILL)
                directory.rmdir()
            except OSError:  # not gone yet, or gone
                time.sleep(0.01)

    def words(self):
        """For a shell: "MOUNT-POINT GROUP" on a line each."""
        return "\n".join(f"{point} {group}" for point, group in self.made)


# --- a slot: a copy of the tree in which one mutant at a time lives ----------------------------


class Slot:
    def __init__(self, number, where="mutants"):
        self.root = BUILD / f"{where}/{number}"
        self.groups = Groups(f"mutants-{os.getpid()}-{number}")
        self.tree = self.root / "tree"
        self.tmp = self.root / "tmp"

    def make_ready(self):
        shutil.rmtree(self.root, ignore_errors=True)
        self.tree.mkdir(parents=True)
        (self.root).chmod(0o700)
        for name in ("chapters", "common", "tests", "docs"):
            shutil.copytree(PROJECT / name, self.tree / name, symlinks=True, copy_function=copy_source)
        for name in ("Makefile", "LICENSE"):
            shutil.copy2(PROJECT / name, self.tree / name)
        (self.tree / "build").mkdir()
        for name in ("obj", "lib", "closed"):
            run(["cp", "-a", BUILD / name, self.tree / "build"], check=True)
        (self.tree / "build/root").symlink_to("closed/root")
        self.precompile_headers()

    def precompile_headers(self):
        (self.tree / "system.hpp").write_text(system_headers())
        flags = make(self.tree, "build/flags", "--eval=build/flags: ; @echo $(CXX) $(CPPFLAGS) $(CXXFLAGS) $(OPT)").stdout
        run([*flags.split(), *INSTANTIATE, "-x", "c++-header", "system.hpp", "-o", PRECOMPILED], cwd=self.tree, check=True)

    def restore(self, files):
        """Undoes `files`, and every object and library that is newer than the original's."""
        for name in files:
            copy_source(PROJECT / name, self.tree / name)
        for kind in ("obj", "lib"):
            for original in (BUILD / kind).rglob("*"):
                copy = self.tree / original.relative_to(PROJECT)
                if original.is_file() and (not copy.exists() or copy.stat().st_mtime_ns != original.stat().st_mtime_ns):
                    shutil.copy2(original, copy)

    def make_program(self, name):
        """Returns the compiler's complaint, or nothing."""
        made = make(self.tree, f"build/{name}")
        if made.returncode != 0:
            made = make(self.tree, f"build/{name}", CPPFLAGS)
        return made.stdout if made.returncode != 0 else ""

    def put_programs(self, name, promise_chapter, mutated):
        """What TINCAN_BUILD holds: the controls, and the one program that is judged. And a root as it was."""
        shutil.rmtree(self.tree / "build/closed", ignore_errors=True)
        run(["cp", "-a", BUILD / "closed", self.tree / "build"], check=True)
        shutil.rmtree(self.tmp, ignore_errors=True)
        programs = self.tmp / "programs"
        programs.mkdir(parents=True)
        self.tmp.chmod(0o1777)
        controls = {f"chapter-{number}" for number in chapter_numbers() if number <= promise_chapter}
        for other in {"probe", "hostile", *controls} - {name}:
            os.link(BUILD / other, programs / other)
        os.link((self.tree / "build" if mutated else BUILD) / name, programs / name)

    def run_test(self, file, pattern, host_pids, seconds):
        alone = f"alone-{file}"
        (self.tree / "tests" / alone).write_text(with_one_test((PROJECT / "tests" / file).read_text(), pattern))
        return self.run_tests([alone], pattern, host_pids, seconds)

    def run_tests(self, files, pattern, host_pids, seconds):
        """Bats' output, as TAP."""
        words = ["bats", "--formatter", "tap", "-f", pattern, *(f"tests/{file}" for file in files)]
        command, environment = self.apart(words, host_pids, seconds)
        try:
            return run(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                       text=True, errors="replace", timeout=seconds + 30).stdout
        except subprocess.TimeoutExpired as late:
            return f"no end after {late.timeout:.0f} s"
        finally:
            self.groups.empty()

    def apart(self, words, host_pids, seconds):
        """How `words` are run here and nowhere else, for so long: a command, and its environment."""
        flags = ["-m", "-i", "-u", "-n", "-C"] + ([] if host_pids else ["-p", "--fork", "--kill-child", "--mount-proc"])
        enter = 'while read -r _ group; do echo 0 >"$group/cgroup.procs" || exit; done <<<"$GROUPS_MADE"; exec "$@"'
        script = ('while read -r at group; do echo 0 >"$group/tests/cgroup.procs" && mount --bind "$group" "$at" || exit; done'
                  ' <<<"$GROUPS_MADE"; mount --bind "$0" /tmp && mount -t tmpfs -o mode=1777 none /dev/shm && cd "$1" && shift &&'
                  ' timeout -k 2 "$@" 3>&- </dev/null')
        command = ["bash", "-c", enter, "bash", "unshare", *flags, "bash", "-c", script, self.tmp, self.tree, str(seconds), *words]
        environment = dict(os.environ, TINCAN_BUILD="/tmp/programs", TMPDIR="/tmp", GROUPS_MADE=self.groups.words())
        environment.pop("TINCAN_NO_SKIPS", None)
        return command, environment


def system_headers():
    """What a compiler spends most of its time on: headers that no mutant changes, all of them."""
    lines = {line for path in PROJECT.glob("c*/**/*.[ch]pp") for line in path.read_text().splitlines()}
    return "".join(sorted(f"{line}\n" for line in lines if re.match(r"#include <(\w+|sys/\w+|fmt/core\.h)>$", line)))


def with_one_test(text, pattern):
    """A .bats file without its other tests: reading them takes Bats longer than running one."""
    kept, inside = [], None  # inside: the test in which a line stands, and whether it is wanted
    for line in text.splitlines(keepends=True):
        if title := re.match(r'@test "(.*)" \{', line):
            inside = bool(re.match(pattern, re.sub(r"\\(.)", r"\1", title[1])))
        if inside is not False:
            kept.append(line)
        if line.startswith("}") or (title and line.endswith("}\n")):
            inside = None
    return "".join(kept)


def copy_source(original, copy):
    """As it is; a C++ source without the markers of exercises, and as old as before."""
    shutil.copy2(original, copy)
    if str(copy).endswith(".cpp"):
        Path(copy).write_text(without_markers(Path(copy).read_text()))
        shutil.copystat(original, copy)


def make(tree, *words):
    environment = {name: value for name, value in os.environ.items()
                   if name not in ("CI", "WERROR", "MAKEFLAGS", "MAKELEVEL", "MFLAGS")}
    include = f"{CPPFLAGS} -include system.hpp"
    return run(["make", "-s", *QUICKLY, include, *words], cwd=tree, env=environment,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def same(one, other):
    return one.read_bytes() == other.read_bytes()
