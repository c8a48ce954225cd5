"""Slots: isolated places in which tests run against programs that have a mistake.

Each has a copy of the tree, control groups of its own, and for the time of a test namespaces: what runs in
parallel does not see each other, and what a mistake leaves behind ends with them.
"""
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(PROJECT / "classroom"))
sys.dont_write_bytecode = True
import builder  # noqa: E402  the line before says where it is
import checks  # noqa: E402
from container import ask_groups  # noqa: E402
from regions import without_markers  # noqa: E402

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


# --- a slot: a copy of the tree in which one mutant at a time lives ----------------------------


class Slot:
    def __init__(self, number, where="mutants"):
        self.root = BUILD / f"{where}/{number}"
        self.name, self.groups = f"mutants-{os.getpid()}-{number}", ""
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

    def write_alone(self, file, titles):
        """The file's tests of these titles, without the others: reading them takes Bats longer than running one."""
        alone = self.tree / f"tests/alone-{file}"
        alone.write_text(checks.cut((PROJECT / "tests" / file).read_text(), titles, gap=""))
        return alone.relative_to(self.tree)

    def run_tests(self, tests, host_pids, seconds):
        """Bats' output, as TAP, of (title, file) each."""
        alone = [self.write_alone(file, {title for title, other in tests if other == file}) for file in sorted({file for _, file in tests})]
        try:
            return subprocess.run(**self.apart(["bats", "--formatter", "tap", *alone], host_pids, seconds),
                                  text=True, errors="replace", timeout=seconds + 30).stdout
        except subprocess.TimeoutExpired as late:
            return f"no end after {late.timeout:.0f} s"
        finally:
            self.end_all()

    def apart(self, words, host_pids, seconds):
        """How `words` are run here and nowhere else, for so long: for subprocess. Afterwards end_all()."""
        self.groups = ask_groups("make_groups", self.name)
        # A shell is process 1: timeout(1) would not take in what others have left.
        command = [builder.below(), "mutant", self.tmp, "all" if host_pids else "own", "bash", "-c", 'timeout -k 2 "$@"; exit', "bash", str(seconds), *words]
        environment = dict(os.environ, TINCAN_BUILD="/tmp/programs", TMPDIR="/tmp", GROUPS_MADE=self.groups)
        environment.pop("TINCAN_NO_SKIPS", None)
        return {"args": command, "env": environment, "cwd": self.tree, "stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE,
                "stderr": subprocess.STDOUT, "start_new_session": True}

    def end_all(self):
        """What runs here, and its groups."""
        ask_groups("remove_groups", self.groups)


def system_headers():
    """What a compiler spends most of its time on: headers that no mutant changes, all of them."""
    lines = {line for path in PROJECT.glob("c*/**/*.[ch]pp") for line in path.read_text().splitlines()}
    return "".join(sorted(f"{line}\n" for line in lines if re.match(r"#include <(\w+|sys/\w+|fmt/core\.h)>$", line)))


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
