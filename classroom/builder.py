"""Building a chapter's program from a student's files and the project's objects."""
import os
import re
import shutil
import subprocess
from pathlib import Path

from catalog import PROJECT, chapter_folder

BUILD = PROJECT / "build"
SECONDS = 60


class NoBuild(Exception):
    """What the compiler said."""


def make_flags():
    """The Makefile's own words: (compile, link, libraries)."""
    show = "show: ; @echo '$(CXX) $(CPPFLAGS) $(CXXFLAGS)|$(CXX) $(LDFLAGS)|$(LDLIBS)'"
    environment = {name: value for name, value in os.environ.items() if name not in ("CI", "WERROR", "MAKEFLAGS", "MAKELEVEL")}
    said = subprocess.run(["make", "-s", "--eval", show, "show"], cwd=PROJECT, env=environment, check=True,
                          stdout=subprocess.PIPE, text=True).stdout
    return [part.split() for part in said.strip().split("|")]


def run(words, wrapper, cwd):
    """`wrapper` stands in front: where and as whom a compiler runs."""
    try:
        done = subprocess.run([*wrapper, *map(str, words)], cwd=cwd, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, errors="replace", timeout=SECONDS)
    except subprocess.TimeoutExpired:
        raise NoBuild(f"the compiler was stopped after {SECONDS} s") from None
    if done.returncode != 0:
        raise NoBuild(done.stdout[:6000])
    return done.stdout


def build(chapter, sources, program, shop=PROJECT, wrapper=()):
    """Compiles `sources` (.cpp files named as the chapter's own) and links `program` with the rest.

    All in `shop`, the project or a workshop like it; paths are relative to that. Returns the compiler's
    warnings. The caller has made the chapter's objects and libraries.
    """
    compile_, link, libraries = make_flags()
    said, objects = "", []
    for source in sources:
        made = Path(program).parent / (Path(source).stem + ".o")
        said += run([*compile_, "-O0", "-c", source, "-o", made], wrapper, shop)
        objects.append(made)
    run([*link, *objects, *rest_of(chapter, sources), *libraries_for(chapter), *libraries, "-o", program], wrapper, shop)
    return said


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
    """A directory with what a build takes and no more: headers, and objects that are not to be written.

    In it a stranger's file is compiled by a container, as an ordinary user, without a network. It holds no
    solution that could be included: of the chapter's sources there are the headers only.
    """

    def __init__(self, directory, chapter, names):
        self.chapter, self.directory = chapter, Path(directory)
        for path in [*PROJECT.glob("chapters/*/*.hpp"), *PROJECT.glob("common/*.hpp")]:
            self.put(path.relative_to(PROJECT))
        for path in [*rest_of(chapter, names), *libraries_for(chapter)]:
            self.put(path)
        (self.directory / "root").mkdir()
        for name in ("usr", "shop", "proc", "sys", "dev", "tmp"):
            (self.directory / "root" / name).mkdir()
        for name in ("bin", "lib", "lib64"):
            (self.directory / "root" / name).symlink_to(f"usr/{name}")

    def put(self, path):
        copy = self.directory / "shop" / path
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(PROJECT / path, copy)

    def build(self, name, file, text):
        """The program that `text`, as the chapter's `file`, makes; and what the compiler said."""
        place = self.directory / "shop" / name
        place.mkdir()
        (place / file).write_text(text)
        place.chmod(0o777)
        # What -a adds keeps its owners; who may come near it is decided by the closed directory above.
        wrapper = [BUILD / "chapter-10", "-m", self.directory / "root", "--read-only", "--tmp", "-u", "65534", "--memory", "1G", "-a", "/usr:/usr:ro",
                   "-a", f"{self.directory}/shop:/shop:ro", "-a", f"{place}:/shop/{name}", "--workdir", "/shop", "--"]
        said = build(self.chapter, [f"{name}/{file}"], f"{name}/chapter-{self.chapter}", self.directory, list(map(str, wrapper)))
        return place / f"chapter-{self.chapter}", said


def first_error(text):
    """Of a compiler's output, the first error and what it shows."""
    found = re.search(r"^.*\berror: .*(?:\n .*)*", text, re.M)
    return found[0] if found else text[:600]
