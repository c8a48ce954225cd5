"""A class of honest students and of what systems, editors and archives make of their work: what is taken is what they wrote."""
import importlib.machinery
import importlib.util
import io
import os
import shutil
import tarfile
import tempfile
import unicodedata
import unittest
import zipfile
from pathlib import Path

import catalog
import entries

CHAPTER = "03"


def make_class():
    loader = importlib.machinery.SourceFileLoader("make_class", str(Path(__file__).resolve().parent / "make-class"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("make_class", loader))
    loader.exec_module(module)
    return module


def solved(count=None):
    """name -> text, with the first `count` exercises solved, or all."""
    return make_class().solved(CHAPTER, [one.id for one in catalog.exercises(CHAPTER)][:count])


def folder(path, texts, *, encode=str.encode, name=str):
    path.mkdir(parents=True)
    for file, text in texts.items():
        (path / name(file)).write_bytes(encode(text))


def zipped(path, texts, inside="", more=()):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        for name, text in [*((inside + name, text) for name, text in texts.items()), *more]:
            made.writestr(name, text)


def tarred(path, texts, mode, inside=""):
    with tarfile.open(path, mode) as made:
        for name, text in texts.items():
            info = tarfile.TarInfo(inside + name)
            info.size = len(text.encode())
            made.addfile(info, io.BytesIO(text.encode()))


def windows(text):
    return ("\ufeff" + text).replace("\n", "\r\n").encode()


def whole_repository(path, texts):
    """With the chapter as it was handed out, and the student's work beside it."""
    given, name = catalog.with_holes(CHAPTER), catalog.chapter_folder(CHAPTER).name
    folder(path / "chapters" / name, given)
    folder(path / "work" / name, texts)
    folder(path / ".git", {"HEAD": "ref: refs/heads/main\n"})
    (path / "README.md").write_text("mine")


def macintosh(path, texts):
    resources = [("__MACOSX/03/._" + name, "\0\5\x16\7") for name in texts]
    zipped(path, texts, "03/", [*resources, ("03/.DS_Store", "\0\0\0\1Bud1")])


def several(path, texts):
    """Handed in three times; the systems keep all."""
    zipped(path.parent / "hopper_123_4001_work.zip", catalog.with_holes(CHAPTER))
    zipped(path.parent / "hopper_LATE_123_4003_work-2.zip", texts)
    zipped(path.parent / "hopper_123_4002_work-1.zip", solved(1))


def flat(path, texts):
    """File by file, as Canvas gives what was not packed."""
    for number, (name, text) in enumerate(texts.items()):
        (path.parent / f"flat_77_{900 + number}_{Path(name).stem}-1{Path(name).suffix}").write_text(text)


WAYS = {
    "plain": folder,
    "crlf": lambda path, texts: folder(path, texts, encode=windows),
    "utf16": lambda path, texts: folder(path, texts, encode=lambda text: text.encode("utf-16")),
    "nested": lambda path, texts: folder(path / "New folder/final (2)/03", texts),
    "browser": lambda path, texts: folder(path, texts, name=lambda name: f"{Path(name).stem} (1){Path(name).suffix}"),
    "capitals": lambda path, texts: folder(path, texts, name=str.upper),
    "repository": whole_repository,
    "mac.zip": macintosh,
    "dos.zip": lambda path, texts: zipped(path, texts, "work\\03-process\\"),
    "dots.tar": lambda path, texts: tarred(path, texts, "w", "./"),
    "gnu.tar.gz": lambda path, texts: tarred(path, texts, "w:gz", "home/x/work/03-process/"),
    "xz.txz": lambda path, texts: tarred(path, texts, "w:xz"),
    "Zoe\u0308 M\u00fcller_4711_assignsubmission_file_": lambda path, texts: (path.mkdir(), zipped(path / "abgabe.zip", texts, "abgabe/")),
    "hw_ada_attempt_2026-10-01-12-00-00_work.zip": zipped,
    "hopper_123": several,
    "flat_77": flat,
}


class Messy(unittest.TestCase):
    def setUp(self):
        self.directory = Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.directory)
        self.texts = solved()
        for name, way in WAYS.items():
            way(self.directory / name, self.texts)

    def test_what_each_wrote_is_taken(self):
        students, lines = entries.listed(self.directory, list(self.texts))
        self.assertEqual(lines, [])
        self.assertEqual(len(students), len(WAYS))
        for one in students:
            taken, _ = one.take(list(self.texts), catalog.chapter_folder(CHAPTER).name)
            self.assertEqual(taken, self.texts, one.key)
        self.assertIn(unicodedata.normalize("NFC", "Zoe\u0308 M\u00fcller"), [one.title for one in students])

    def test_a_loop_and_what_nobody_may_read(self):
        folder(self.directory / "plain/closed", {"x": ""})
        (self.directory / "plain/loop").symlink_to("..")
        os.chmod(self.directory / "plain/closed", 0)
        students, _ = entries.listed(self.directory, list(self.texts))
        plain = next(one for one in students if one.key == "plain")
        self.assertEqual(plain.take(list(self.texts), "03-process")[0], self.texts)
