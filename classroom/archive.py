"""Archives that students hand in, read as what a stranger made.

    found = opened(path, ["exec.cpp", "clone.cpp"])     # in a process of its own, see below
    found.paths, found.read("work/03-process/exec.cpp"), found.odd, found.others

Nothing is unpacked onto a disk. Of the entries only ordinary files are read whose names an exercise has, into
memory, and none of more than LARGEST bytes. Parsers of hostile formats have endless loops and hunger for memory as their
classic faults: so the reading is a process with limits of its processor time and memory, and what it says is JSON.
"""
import base64
import bz2
import gzip
import io
import json
import lzma
import os
import re
import resource
import stat
import subprocess
import sys
import tarfile
import unicodedata
import zipfile
from dataclasses import dataclass, field

LARGEST = 256 << 10  # bytes of one file that is taken
MOST_PACKED = 64 << 20  # of an archive, as it was handed in
MOST_UNPACKED = 256 << 20  # that a tar may run to; a zip is never unpacked as a whole
MOST_ENTRIES = 20000
MOST_TAKEN = 100  # files with a name that is looked for
SECONDS, MEMORY = 20, 768 << 20
ENDINGS = (".zip", ".tar", ".tgz", ".tbz2", ".txz", ".tzst", ".tar.gz", ".tar.bz2", ".tar.xz", ".tar.zst", ".7z", ".rar", ".gz", ".xz", ".zst", ".bz2")
# What systems and editors add by themselves; whoever made the archive does not know that it is there.
JUNK = {"__MACOSX", ".DS_Store", "Thumbs.db", "desktop.ini", ".git", ".svn", ".hg", ".vscode", ".idea", ".cache", "__pycache__", ".gitignore", "lost+found"}


class Refused(Exception):
    """Why nothing can be taken of it."""


@dataclass
class Found:
    files: dict = field(default_factory=dict)  # path -> bytes
    odd: dict = field(default_factory=dict)  # path with a wanted name -> why it is not taken
    others: list = field(default_factory=list)
    remarks: list = field(default_factory=list)

    @property
    def paths(self):
        return list(self.files)

    def read(self, path):
        return self.files[path]


def is_junk(path):
    return any(part in JUNK or part.startswith("._") for part in path.split("/"))


def is_archive(name):
    return name.lower().endswith(ENDINGS)


def wanted(path, names):
    """Which of `names` a path stands for: itself, in other case, or as a browser or Canvas numbers a second one: exec (1).cpp, exec-1.cpp."""
    base = unicodedata.normalize("NFC", path.rsplit("/", 1)[-1])
    if base in names:
        return base
    plain = re.sub(r"(?: ?\(\d{1,3}\)|-\d{1,3})?(\.\w+?)(?:\.txt)?$", r"\1", base).casefold()
    return next((name for name in names if name.casefold() in (plain, base.casefold())), "")


# --- the process that asks ----------------------------------------------------------------------


def opened(path, names):
    """The Found of the archive at `path`, which must be an ordinary file. Throws Refused."""
    fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with os.fdopen(fd, "rb") as archive:
        status = os.fstat(fd)
        if not stat.S_ISREG(status.st_mode):
            raise Refused("it is no ordinary file")
        if status.st_size > MOST_PACKED:
            raise Refused(f"it has {status.st_size} bytes, and {MOST_PACKED} are the most")
        try:
            done = subprocess.run([sys.executable, "-X", "utf8", "-I", "-B", __file__, *names], stdin=archive, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                  timeout=2 * SECONDS, cwd="/")
            said = json.loads(done.stdout)
        except (subprocess.TimeoutExpired, ValueError):
            raise Refused(f"it cannot be read within {SECONDS} s and {MEMORY >> 20} MiB") from None
    if "refused" in said:
        raise Refused(said["refused"])
    nested = [name for name in said["others"] if is_archive(name)]
    if nested and not said["files"] and not said["odd"]:
        raise Refused(f"there is an archive in it, {nested[0].rsplit('/', 1)[-1]}, and none of the files: an archive in an archive is not opened")
    return Found({name: base64.b64decode(content) for name, content in said["files"].items()}, said["odd"], said["others"], said["remarks"])


# --- the process with limits --------------------------------------------------------------------


class Reader:
    """What an archive's entries come to."""

    def __init__(self, names):
        self.names, self.found, self.entries = names, Found(), 0

    def entry(self, name, size, why_not, read):
        """`read` gives the content, `why_not` says what speaks against it."""
        self.entries += 1
        if self.entries > MOST_ENTRIES:
            raise Refused(f"it has more than {MOST_ENTRIES} entries")
        path = name.replace("\\", "/").removeprefix("./")[:1000]
        if is_junk(path):
            return
        leads_out = path.startswith("/") or re.match(r"[A-Za-z]:", path) or ".." in path.split("/")
        if not wanted(path, self.names):
            if len(self.found.others) < 200:
                self.found.others.append(path)
            return
        if leads_out or why_not or size > LARGEST:
            self.found.odd[path] = "its name leads out of the archive" if leads_out else why_not or f"it has {size} bytes, and {LARGEST} are the most"
            return
        if path in self.found.files:
            self.found.remarks.append(f"{path} is there twice, the last one counts")
        elif len(self.found.files) >= MOST_TAKEN:
            raise Refused(f"more than {MOST_TAKEN} of its files have names that are looked for")
        self.found.files[path] = read()

    def read_zip(self, stream):
        with zipfile.ZipFile(stream) as archive:
            for info in archive.infolist():
                if not info.is_dir():
                    self.entry(info.filename, info.file_size, self.against(info), lambda info=info: self.content(archive, info))

    @staticmethod
    def against(info):
        kind = stat.S_IFMT(info.external_attr >> 16)
        if kind not in (0, stat.S_IFREG):
            return "it is a symlink" if kind == stat.S_IFLNK else "it is no ordinary file"
        if info.flag_bits & 1:
            raise Refused("it is encrypted")
        return ""

    @staticmethod
    def content(archive, info):
        with archive.open(info) as opened_:
            return opened_.read(LARGEST + 1)[:LARGEST]

    def read_tar(self, stream):
        with tarfile.open(fileobj=stream, mode="r|") as archive:
            for info in archive:
                if info.isdir():
                    continue
                why = "" if info.isreg() and not info.issparse() else "it is a symlink" if info.issym() else "it is no ordinary file"
                self.entry(info.name, info.size, why, lambda info=info: archive.extractfile(info).read(LARGEST))


class Bounded(io.RawIOBase):
    """A stream that ends in a Refused where a bomb would go on."""

    def __init__(self, stream):
        self.stream, self.left = stream, MOST_UNPACKED

    def readable(self):
        return True

    def readinto(self, buffer):
        piece = self.stream.read(len(buffer))
        self.left -= len(piece)
        if self.left < 0:
            raise Refused(f"it unpacks to more than {MOST_UNPACKED >> 20} MiB")
        buffer[: len(piece)] = piece
        return len(piece)


def unpacked(stream):
    """The tar in it, by what it begins with: names say little."""
    start = stream.read(8)
    stream.seek(0)
    if start.startswith(b"\x28\xb5\x2f\xfd"):
        try:
            return subprocess.Popen(["zstd", "-dcq", "-M64MB"], stdin=stream, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
        except FileNotFoundError:
            raise Refused("it is packed by zstd, which is not installed here (apt install zstd)") from None
    for magic, opener in ((b"\x1f\x8b", gzip.open), (b"BZh", bz2.open), (b"\xfd7zXZ\0", lzma.open)):
        if start.startswith(magic):
            return opener(stream, "rb")
    return stream


def read(stream, names):
    reader, start = Reader(names), stream.read(8)
    stream.seek(0)
    for magic, name in ((b"7z\xbc\xaf", ".7z"), (b"Rar!", ".rar")):
        if start.startswith(magic):
            raise Refused(f"it is a {name} archive, and only .zip and .tar, also packed, are opened")
    try:
        if start.startswith(b"PK"):
            reader.read_zip(stream)
        else:
            reader.read_tar(io.BufferedReader(Bounded(unpacked(stream))))
    except Refused:
        raise
    except MemoryError:
        raise Refused(f"it takes more than {MEMORY >> 20} MiB to read") from None
    # What these modules throw at broken input is not a list that anybody has written down.
    except Exception as error:  # noqa: BLE001
        raise Refused(f"it is damaged, or no archive ({type(error).__name__})") from None
    return reader.found


def main(names):
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    try:
        found = read(sys.stdin.buffer.raw, names)
        said = {"files": {name: base64.b64encode(content).decode() for name, content in found.files.items()}, "odd": found.odd, "others": found.others,
                "remarks": found.remarks}
    except Refused as refusal:
        said = {"refused": str(refusal)}
    # In ASCII, with \u for what is no UTF-8: the pipe takes anything.
    sys.stdout.write(json.dumps(said))


if __name__ == "__main__":
    main(sys.argv[1:])
