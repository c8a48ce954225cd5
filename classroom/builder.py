"""Building a chapter's program from a student's files and the project's objects."""
import contextlib
import functools
import hashlib
import os
import re
import shutil
import stat
import subprocess
import tempfile
import threading
from pathlib import Path

from catalog import PROJECT, chapter_folder

BUILD = PROJECT / "build"
SECONDS, WALL = 60, 900  # of a processor, and until nobody waits any longer, however busy the machine is
LARGEST = 64 << 20  # bytes of an object or a program
MOST_SAID = 1 << 20
LOCK = threading.Lock()


class NoBuild(Exception):
    """What the compiler said."""


class PlaceFault(RuntimeError):
    """Something of ours: a place that could not be made. It says nothing about what was to be tried there."""


def below():
    """The program that stands between tests and what they try, made of its sources; found from last time."""
    sources = [PROJECT / "tests/classroom" / name for name in ("below.cpp", "below_bout.cpp", "below_filter.cpp", "below.hpp")]
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()[:16]
    program = BUILD / f"classroom/below-{digest}/below"
    with LOCK:
        if not program.exists():
            program.parent.mkdir(parents=True, exist_ok=True)
            compile_, link, _ = make_flags()
            new = program.with_suffix(f".{os.getpid()}")
            run([*compile_, *link[1:], "-Itests", "-O2", *sources[:-1], "-o", new], (), PROJECT)
            new.rename(program)
    return program


@functools.cache
def make_flags():
    """The Makefile's own words: (compile, link, libraries)."""
    # What is no goal of the Makefile's is one below build/.
    show = "build/flags: ; @echo '$(CXX) $(CPPFLAGS) $(CXXFLAGS)|$(CXX) $(LDFLAGS)|$(LDLIBS)'"
    environment = {name: value for name, value in os.environ.items() if name not in ("CI", "WERROR", "MAKEFLAGS", "MAKELEVEL")}
    said = subprocess.run(["make", "-s", "--eval", show, "build/flags"], cwd=PROJECT, env=environment, check=True,
                          stdout=subprocess.PIPE, text=True).stdout
    return [part.split() for part in said.strip().split("|")]


def run(words, wrapper, cwd):
    """What it said. `wrapper` stands in front: where and as whom a compiler runs."""
    with tempfile.TemporaryFile() as said:
        try:
            done = subprocess.run([*wrapper, *map(str, words)], cwd=cwd, stdin=subprocess.DEVNULL, stdout=said, stderr=subprocess.STDOUT,
                                  timeout=WALL, check=False)
        except subprocess.TimeoutExpired:
            raise PlaceFault(f"a compiler did not end within {WALL} s") from None
        said.seek(0)
        text = said.read(MOST_SAID).decode(errors="replace")
    if wrapper and done.returncode in (2, 125, 126, 127):
        raise PlaceFault(f"no compiler could be started: {text[-2000:]}")
    if done.returncode != 0:
        raise NoBuild(text[:6000] or f"the compiler was stopped: it took too much time of a processor, or memory ({done.returncode})")
    return text


def build(chapter, sources, program, shop=PROJECT, wrapper=()):
    """Compiles `sources` (.cpp files named as the chapter's own) and links `program` with the rest.

    All in `shop`, the project or a workshop like it; paths are relative to that. Returns the compiler's
    warnings. The caller has made the chapter's objects and libraries.
    """
    said, objects = "", []
    for source in sources:
        made = Path(program).parent / (Path(source).stem + ".o")
        said += compile_one(source, made, shop, wrapper) if wrapper else compile_new(source, made, shop)
        objects.append(made)
    link_all(chapter, sources, objects, program, shop, wrapper)
    return said


def compile_new(source, made, shop):
    """Not what lies there from last time: whoever saves one file waits for that one."""
    key, text = made.with_suffix(".key"), (Path(shop) / source).read_bytes()
    digest = hashlib.sha256(f"{make_flags()}{headers_digest()}".encode() + text).hexdigest()
    if made.exists() and key.exists() and key.read_text() == digest:
        return ""
    key.unlink(missing_ok=True)
    said = compile_one(source, made, shop, ())
    key.write_text(digest)
    return said


@functools.cache
def headers_digest():
    return hashlib.sha256(b"".join(path.read_bytes() for path in headers())).hexdigest()


def headers():
    return sorted([*PROJECT.glob("chapters/*/*.hpp"), *PROJECT.glob("common/*.hpp")])


def compile_one(source, made, shop, wrapper, *more):
    """`wrapper`: a container for the compiler. What is built there nobody looks at with a debugger."""
    return run([*(strangers_flags() if wrapper else [*make_flags()[0], "-O0"]), *more, "-fmax-errors=9", "-c", source, "-o", made], wrapper, shop)


def strangers_flags():
    return [*make_flags()[0], "-g0", "-O0"]


def opening(chapter, file):
    """What the chapter's own file includes, precompiled: reading that is half of a compiler's work. Where it lies; found from last time."""
    text = "".join(re.findall(r"^#include .*\n", (chapter_folder(chapter) / file).read_text(), re.M))
    compiler = subprocess.run([make_flags()[0][0], "--version"], stdout=subprocess.PIPE, text=True, check=True).stdout
    digest = hashlib.sha256(f"{text}{compiler}{strangers_flags()}{headers_digest()}".encode()).hexdigest()[:16]
    place = BUILD / f"classroom/opening-{chapter}-{Path(file).stem}-{digest}"
    with LOCK:
        if not place.exists():
            for old in place.parent.glob(f"{place.name[:-16]}*"):  # each takes 50 MB
                shutil.rmtree(old, ignore_errors=True)
            new = place.with_suffix(f".{os.getpid()}")
            new.mkdir(parents=True)
            (new / "opening.hpp").write_text(text)
            run([*strangers_flags(), "-x", "c++-header", new / "opening.hpp", "-o", new / "opening.hpp.gch"], (), PROJECT)
            subprocess.run(["chmod", "-R", "go+rX", new], check=True)
            with contextlib.suppress(OSError):  # it is there: another grader was sooner, and has made the same
                os.replace(new, place)
    return place


def link_all(chapter, sources, objects, program, shop, wrapper):
    _, link, libraries = make_flags()
    run([*link, *(["-s"] if wrapper else []), *objects, *rest_of(chapter, sources), *libraries_for(chapter), *libraries, "-o", program], wrapper, shop)


def rest_of(chapter, sources):
    """The chapter's objects, but for those that `sources` replace."""
    names = {Path(source).name for source in sources}
    return [Path("build/obj") / path.relative_to(PROJECT).with_suffix(".o")
            for path in sorted(chapter_folder(chapter).glob("*.cpp")) if path.name not in names]


def libraries_for(chapter):
    """Those of the chapters before it, the newest first, and the common one."""
    numbers = sorted(path.name[:2] for path in PROJECT.glob("chapters/[0-9][0-9]-*"))
    return [Path(f"build/lib/{number}.a") for number in reversed(numbers) if number < chapter] + [Path("build/lib/common.a")]


class Workshop:
    """Where a stranger's file becomes a program, in containers: as an ordinary user, without a network, with an end.

    Each text gets a directory of its own to be compiled in, which holds headers and nothing else that could be
    included; then another to be linked in, which holds the objects of the chapter's other files, and no compiler
    reads there what the text names.
    """

    def __init__(self, directory, chapter, names):
        self.chapter, self.directory, self.names = chapter, Path(directory), names

    def build(self, name, file, text):
        """The program that `text`, as the chapter's `file`, makes; and what the compiler said."""
        there = self.shop(f"{name}-compile", [path.relative_to(PROJECT) for path in headers()])
        (there / "made").joinpath(file).write_text(text)
        said = self.compile(file, there)
        made = read_object(there / "made/object.o")
        there = self.shop(f"{name}-link", [*rest_of(self.chapter, [file]), *libraries_for(self.chapter)])
        (there / "object.o").write_bytes(made)
        link_all(self.chapter, [file], ["object.o"], f"made/chapter-{self.chapter}", there, self.container(there))
        return there / f"made/chapter-{self.chapter}", said

    def compile(self, file, there):
        """If need be without what is precompiled: g++ 12 refuses to inherit the constructors of a class in it."""
        (there / "opening").mkdir()
        container = self.container(there, "-a", f"{opening(self.chapter, file)}:/shop/opening:ro")
        try:
            return compile_one(f"made/{file}", "made/object.o", there, container, "-include", "opening/opening.hpp")
        except NoBuild as error:
            if "error: " not in str(error):
                raise  # its time was over
        return compile_one(f"made/{file}", "made/object.o", there, container)

    def shop(self, name, paths):
        there = self.directory / name
        for path in paths:
            copy = there / path
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(PROJECT / path, copy)
        (there / "made").mkdir(parents=True)
        (there / "made").chmod(0o777)
        return there

    def container(self, there, *more):
        root = self.directory / "root"
        if not root.exists():
            for name in ("usr", "shop", "proc", "sys", "dev", "tmp"):
                (root / name).mkdir(parents=True)
            for name in ("bin", "lib", "lib64"):
                (root / name).symlink_to(f"usr/{name}")
        # What -a adds keeps its owners; who may come near it is decided by the closed directory above.
        words = [BUILD / "chapter-10", "-m", root, "--read-only", "--tmp", "-u", "65534", "--memory", "1G", "--cpu-time", SECONDS, "--fsize", LARGEST,
                 "--stop-timeout", 1, "-a", "/usr:/usr:ro", "-a", f"{there}:/shop:ro", "-a", f"{there}/made:/shop/made", *more, "--workdir", "/shop", "--"]
        return list(map(str, words))


def read_object(path):
    """An object file, and nothing that a linker would take for orders of its own."""
    fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with os.fdopen(fd, "rb") as opened:
        content = opened.read(LARGEST + 1) if stat.S_ISREG(os.fstat(fd).st_mode) else b""
    if len(content) > LARGEST or content[:4] != b"\x7fELF" or content[16:18] != b"\1\0":
        raise NoBuild("what the compiler made is no object file")
    return content


def first_error(text):
    """Of a compiler's output, the first error and what it shows."""
    found = re.search(r"^.*\berror: .*(?:\n .*)*", text, re.M)
    return found[0] if found else text[:600]
