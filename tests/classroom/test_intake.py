"""What is taken of a submission: directories, archives, names, texts. Hostile ones and honest ones."""
import io
import os
import shutil
import stat
import subprocess
import tarfile
import tempfile
import unittest
import zipfile
from pathlib import Path

import archive
import intake

NAMES = ["a.cpp", "look-round.sh"]


class Base(unittest.TestCase):
    def setUp(self):
        self.directory = Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.directory)

    def put(self, name, content="text"):
        path = self.directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def take(self, path=None):
        taken, remarks = intake.take(path or self.directory, NAMES, "05-mounts")
        return {name: text.removesuffix("\n") for name, text in taken.items()}, remarks


class Directories(Base):
    def refused(self, why):
        taken, remarks = self.take()
        self.assertNotIn("a.cpp", taken)
        self.assertIn(why, " ".join(remarks))

    def test_a_listed_file_and_no_other(self):
        self.put("a.cpp")
        self.put("Makefile")
        taken, remarks = self.take()
        self.assertEqual(taken, {"a.cpp": "text"})
        self.assertIn("not looked at: Makefile", remarks)

    def test_what_is_no_ordinary_file(self):
        path = self.directory / "a.cpp"
        for why, make in (("symlink", lambda: path.symlink_to("/etc/passwd")), ("no ordinary file", lambda: os.mkfifo(path)), ("no ordinary file", path.mkdir),
                          ("no ordinary file", lambda: os.mknod(path, stat.S_IFSOCK | 0o600)), ("symlink", lambda: path.symlink_to("a.cpp"))):
            make()
            self.refused(why)
            path.rmdir() if path.is_dir() and not path.is_symlink() else path.unlink()

    def test_nothing_large_nothing_binary(self):
        self.put("a.cpp", b"x" * (archive.LARGEST + 1))
        self.refused("bytes")
        self.put("a.cpp", b"\x7fELF\0")
        self.refused("no text")

    def test_what_is_missing_is_said(self):
        self.refused("not handed in")

    def test_nested_folders(self):
        self.put("My Work/final/05-mounts/a.cpp")
        self.put("__MACOSX/a.cpp", "resource")
        self.put(".DS_Store")
        taken, remarks = self.take()
        self.assertEqual(taken, {"a.cpp": "text"})
        self.assertIn("the files were found in My Work/final/05-mounts", remarks)
        self.assertNotIn("MACOSX", " ".join(remarks))

    def test_of_a_whole_repository_the_students_work(self):
        self.put("chapters/05-mounts/a.cpp", "given")
        self.put("chapters/05-mounts/look-round.sh", "given")
        self.put("work/05-mounts/a.cpp", "mine")
        self.put("old/05-mounts/a.cpp", "old")
        taken, remarks = self.take()
        self.assertEqual(taken, {"a.cpp": "mine"})
        self.assertIn("look-round.sh was not handed in", remarks)

    def test_a_browser_has_numbered_it(self):
        self.put("a (1).cpp", "mine")
        self.put("LOOK-ROUND-2.sh.txt", "probe")
        self.assertEqual(self.take()[0], {"a.cpp": "mine", "look-round.sh": "probe"})

    def test_the_exact_name_comes_first(self):
        self.put("A.cpp", "other")
        self.put("a.cpp", "mine")
        taken, remarks = self.take()
        self.assertEqual(taken["a.cpp"], "mine")
        self.assertIn("not looked at: A.cpp", remarks)

    def test_names_that_are_no_text(self):
        self.put("a.cpp")
        Path(os.fsdecode(os.fsencode(self.directory) + b"/caf\xe9\x1b[31m\n.txt")).write_text("x")
        remarks = " ".join(self.take()[1])
        self.assertIn("caf\u00e9?[31m?.txt", remarks)
        remarks.encode()

    def test_a_loop_of_symlinks_and_depth(self):
        (self.directory / "loop").symlink_to(".")
        self.put("/".join("d" * 30) + "/a.cpp")
        self.refused("not handed in")

    def test_more_entries_than_anybody_has(self):
        before, archive.MOST_ENTRIES = archive.MOST_ENTRIES, 3
        self.addCleanup(setattr, archive, "MOST_ENTRIES", before)
        for number in range(5):
            self.put(str(number))
        with self.assertRaisesRegex(archive.Refused, "more than 3 entries"):
            self.take()

    def test_a_symlinked_submission_and_a_file(self):
        (self.directory / "link").symlink_to(self.directory)
        with self.assertRaisesRegex(archive.Refused, "symlink"):
            self.take(self.directory / "link")
        os.mkfifo(self.directory / "fifo")
        with self.assertRaisesRegex(archive.Refused, "neither"):
            self.take(self.directory / "fifo")
        with self.assertRaisesRegex(archive.Refused, "cannot be read"):
            self.take(self.directory / "gone")

    def test_what_editors_make_of_a_text(self):
        for content in (b"\xef\xbb\xbfl\xc3\xb6sung\r\n", "l\u00f6sung\n".encode("utf-16"), b"l\xf6sung\r", "l\u00f6sung\n".encode()):
            self.assertEqual(intake.decoded(content), "l\u00f6sung\n")

    def test_the_commit_is_read_and_no_program_asked(self):
        subprocess.run(["git", "init", "-q", self.directory], check=True)
        subprocess.run(["git", "-C", self.directory, "-c", "user.name=a", "-c", "user.email=a@localhost", "commit", "-q", "--allow-empty", "-m", "a"], check=True)
        self.assertRegex(intake.commit_of(self.directory), "^[0-9a-f]{12}$")
        for head in (b"ref: refs/heads/../../../../etc/hostname\n", b"\xff\xfe", b""):
            (self.directory / ".git/HEAD").write_bytes(head)
            self.assertEqual(intake.commit_of(self.directory), "")


class Archives(Base):
    def zip(self, files, name="x.zip"):
        with zipfile.ZipFile(self.directory / name, "w", zipfile.ZIP_DEFLATED) as made:
            for entry, content in files:
                made.writestr(entry, content)
        return self.directory / name

    def tar(self, members, name="x.tar", mode="w"):
        with tarfile.open(self.directory / name, mode) as made:
            for info, content in members:
                info.size = len(content)
                made.addfile(info, io.BytesIO(content))
        return self.directory / name

    def refused(self, path, why):
        with self.assertRaisesRegex(archive.Refused, why):
            self.take(path)

    def test_each_kind(self):
        for mode, name in (("w", "x.tar"), ("w:gz", "x.tgz"), ("w:bz2", "x.tar.bz2"), ("w:xz", "x.tar.xz")):
            path = self.tar([(tarfile.TarInfo("./work/05-mounts/a.cpp"), b"mine")], name, mode)
            self.assertEqual(self.take(path)[0], {"a.cpp": "mine"}, name)
        self.assertEqual(self.take(self.zip([("w\\a.cpp", "mine"), ("__MACOSX/._a.cpp", "x")]))[0], {"a.cpp": "mine"})
        if shutil.which("zstd"):
            subprocess.run(["zstd", "-q", self.directory / "x.tar"], check=True)
            self.assertEqual(self.take(self.directory / "x.tar.zst")[0], {"a.cpp": "mine"})

    def test_names_that_lead_out(self):
        for name in ("../a.cpp", "/etc/a.cpp", "x/../../a.cpp", "C:\\a.cpp", "..\\a.cpp"):
            taken, remarks = self.take(self.zip([(name, "x")]))
            self.assertEqual(taken, {}, name)
            self.assertIn("leads out", " ".join(remarks))
        self.assertEqual(sorted(os.listdir(self.directory)), ["x.zip"])

    def test_links_and_devices(self):
        for kind, why in ((tarfile.SYMTYPE, "symlink"), (tarfile.LNKTYPE, "no ordinary file"), (tarfile.CHRTYPE, "no ordinary"), (tarfile.FIFOTYPE, "no ordinary")):
            info = tarfile.TarInfo("a.cpp")
            info.type, info.linkname = kind, "/etc/passwd"
            taken, remarks = self.take(self.tar([(info, b"")]))
            self.assertEqual(taken, {})
            self.assertIn(why, " ".join(remarks))
        info = zipfile.ZipInfo("a.cpp")
        info.external_attr = (stat.S_IFLNK | 0o777) << 16
        self.assertIn("symlink", " ".join(self.take(self.zip([(info, "/etc/passwd")]))[1]))

    def test_bombs(self):
        start = sum(os.times()[:4])  # of the processor: the machine may be busy
        self.assertIn("bytes", " ".join(self.take(self.zip([("a.cpp", b"\0" * (200 << 20))]))[1]))
        self.refused(self.zip([(f"{number}", "") for number in range(archive.MOST_ENTRIES + 1)]), "entries")
        self.refused(self.tar([(tarfile.TarInfo("b"), b"\0" * (300 << 20))], "x.tgz", "w:gz"), "unpacks to more")
        self.assertLess(sum(os.times()[:4]) - start, 60)

    def test_damaged_ones(self):
        path = self.zip([("a.cpp", os.urandom(5000))])
        path.write_bytes(path.read_bytes()[:3000])
        self.refused(path, "damaged")
        path = self.tar([(tarfile.TarInfo("a.cpp"), os.urandom(5000))], "x.tgz", "w:gz")
        path.write_bytes(path.read_bytes()[:3000])
        self.refused(path, "damaged")
        self.refused(self.put("x.tar", b"no archive at all"), "damaged, or no archive")
        self.refused(self.put("x.zip", b""), "damaged, or no archive")
        self.refused(self.put("x.7z", b"7z\xbc\xaf\x27\x1c"), r"\.7z archive")

    def test_an_encrypted_one(self):
        path = self.zip([("a.cpp", "x")])
        data = bytearray(path.read_bytes())
        data[6] |= 1
        data[data.index(b"PK\1\2") + 8] |= 1
        path.write_bytes(data)
        self.refused(path, "encrypted")

    def test_one_in_a_directory_and_none_in_another(self):
        self.zip([("x/a.cpp", "mine")], "handin.zip")
        self.assertEqual(self.take()[0], {"a.cpp": "mine"})
        inner = (self.directory / "handin.zip").read_bytes()
        path = self.zip([("handin.zip", inner)], "outer.zip")
        self.refused(path, "archive in it")

    def test_two_of_one_name(self):
        taken, remarks = self.take(self.tar([(tarfile.TarInfo("a.cpp"), b"old"), (tarfile.TarInfo("a.cpp"), b"new")]))
        self.assertEqual(taken, {"a.cpp": "new"})
        self.assertIn("twice", " ".join(remarks))
