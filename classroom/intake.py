"""What is taken of a submission: of a directory or an archive the files that the exercises name, wherever they lie in it.

    taken, remarks = take(Path("class/ada"), ["exec.cpp", "clone.cpp"], "03-process")     # or class/ada.zip
"""
import errno
import os
import re
import stat
import unicodedata

import archive
import clean
import regions
from archive import LARGEST, Found, Refused

DEEPEST = 12


class Folder(Found):
    """A directory, walked through without following a symlink; of it only what is chosen is read."""

    def __init__(self, root, names):
        super().__init__()
        self.root, self.names, self.seen, self.archives = root, names, 0, []
        try:
            self.walk("", 0)
        except OSError as error:
            raise Refused(f"the directory cannot be read: {error.strerror}") from None

    def walk(self, inside, depth):
        with os.scandir(os.path.join(self.root, inside)) as entries:
            for entry in sorted(entries, key=lambda one: one.name):
                self.seen += 1
                if self.seen > archive.MOST_ENTRIES:
                    raise Refused(f"it has more than {archive.MOST_ENTRIES} entries")
                self.entry(entry, f"{inside}{entry.name}", depth)

    def entry(self, entry, path, depth):
        if archive.is_junk(entry.name):
            return
        if archive.wanted(path, self.names):
            self.files[path] = b""  # read() says whether it can be taken
        elif entry.is_dir(follow_symlinks=False):
            try:
                if depth < DEEPEST:
                    self.walk(path + "/", depth + 1)
            except PermissionError:
                self.remarks.append(f"the directory {path} cannot be read")
        else:
            self.others.append(path)
            if archive.is_archive(entry.name) and entry.is_file(follow_symlinks=False):
                self.archives.append((entry.stat(follow_symlinks=False).st_mtime, path))

    def read(self, path):
        return read_plain(os.path.join(self.root, path))


def read_plain(path):
    """The bytes of a regular file of bounded size, through no symlink and no device."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise ValueError("it is a symlink") from None
        if error.errno == errno.ENXIO:
            raise ValueError("it is no ordinary file") from None
        raise
    with os.fdopen(fd, "rb", closefd=True) if stat.S_ISREG(os.fstat(fd).st_mode) else refuse(fd) as opened:
        size = os.fstat(fd).st_size
        if size > LARGEST:
            raise ValueError(f"it has {size} bytes, and {LARGEST} are the most")
        return opened.read(LARGEST)


def refuse(fd):
    os.close(fd)
    raise ValueError("it is no ordinary file")


def decoded(content):
    """The text, whatever an editor made of it."""
    text = regions.decoded(content)
    if "\0" in text:
        raise ValueError("it is no text")
    return text


# --- which of them ------------------------------------------------------------------------------


def likelihood(folder, chapter):
    """A whole repository may have been handed in: what the student worked on lies in work/NN-name there."""
    if re.search(rf"(^|/)work/{chapter}$", folder):
        return 2
    return -1 if re.search(r"(^|/)chapters(/|$)", folder) else 1 if folder.endswith(chapter) else 0


def chosen(paths, names, chapter):
    """(folder, wanted name -> path): of the folders that hold such files the likeliest, the fullest, the highest."""
    folders = {}
    for path in sorted(paths):
        name, folder = archive.wanted(path, names), path.rpartition("/")[0]
        held = folders.setdefault(folder, {})
        if name not in held or path.rpartition("/")[2] == name:
            held[name] = path
    if not folders:
        return "", {}
    best = min(folders, key=lambda one: (-likelihood(one, chapter), -len(folders[one]), one.count("/"), one))
    held = folders.pop(best)
    for name in set(names) - held.keys():
        elsewhere = [other[name] for folder, other in folders.items() if name in other and likelihood(folder, chapter) >= 0]
        if len(elsewhere) == 1:
            held[name] = elsewhere[0]
    return best, held


def taken_of(found, names, chapter):
    """(name -> text, remarks) of a Found."""
    folder, held = chosen([*found.paths, *found.odd], names, chapter)
    taken, remarks = {}, [*found.remarks]
    for name in names:
        path = held.get(name)
        try:
            if path is None:
                remarks.append(f"{name} was not handed in")
            elif path in found.odd:
                remarks.append(f"{name} was not taken: {found.odd[path]}")
            else:
                taken[name] = decoded(found.read(path))
                if path.rpartition("/")[2] != name or path.rpartition("/")[0] != folder:
                    remarks.append(f"{path} was taken for {name}")
        except FileNotFoundError:
            remarks.append(f"{name} was not handed in")
        except (OSError, ValueError) as error:
            remarks.append(f"{name} was not taken: {getattr(error, 'strerror', None) or error}")
    if folder:
        remarks.append(f"the files were found in {folder}")
    used = set(held.values())
    others = sorted({other_in(path, folder) for path in [*found.others, *found.paths, *found.odd] if path not in used})
    if others:
        remarks.append("not looked at: " + ", ".join(clean.line(one, 60) for one in others[:8]) + (" ..." if len(others) > 8 else ""))
    return taken, remarks


def other_in(path, folder):
    """What stands beside the files, or, elsewhere, at the top."""
    return path.removeprefix(folder + "/").split("/")[0] if folder else path.split("/")[0]


# --- a submission -------------------------------------------------------------------------------


def take(submission, names, chapter=""):
    """name -> text of what is taken, and remarks on what was not. Throws Refused where nothing can be looked at."""
    names = [unicodedata.normalize("NFC", name) for name in names]
    try:
        mode = os.lstat(submission).st_mode
        if stat.S_ISLNK(mode):
            raise Refused("it is a symlink, and none is followed: whose files those are, nobody can say. Put a copy there (cp -aL)")
        if stat.S_ISDIR(mode):
            taken, remarks = take_folder(Folder(submission, names), names, chapter)
        elif stat.S_ISREG(mode):
            taken, remarks = taken_of(archive.opened(submission, names), names, chapter)
        else:
            raise Refused("it is neither a directory nor an archive")
    except OSError as error:
        raise Refused(f"it cannot be read: {error.strerror}") from None
    return taken, [clean.line(remark, 600) for remark in remarks]


def take_folder(folder, names, chapter):
    """Of a directory without any such file, the archive in it: that is how Moodle and Canvas hand on what was handed in."""
    if folder.paths or not folder.archives:
        return taken_of(folder, names, chapter)
    _, path = max(folder.archives)
    try:
        taken, remarks = taken_of(archive.opened(os.path.join(folder.root, path), names), names, chapter)
    except Refused as refusal:
        raise Refused(f"{clean.line(path, 80)}: {refusal}") from None
    others = [other for other in folder.others if other != path]
    return taken, [f"it was taken out of {path}", *remarks, *(["beside it: " + ", ".join(clean.line(one, 60) for one in others[:8])] if others else [])]


def commit_of(submission):
    """The commit that a submission's own repository stands at, read by ourselves: git would follow its configuration."""
    try:
        head = read_plain(os.path.join(submission, ".git/HEAD")).decode("ascii").strip()
        branch = re.fullmatch(r"ref: (refs/heads/[\w.-]+)", head)
        commit = read_plain(os.path.join(submission, ".git", branch[1])).decode("ascii").strip() if branch else head
    except (OSError, ValueError):
        return ""
    return commit[:12] if re.fullmatch(r"[0-9a-f]{40}", commit) else ""
