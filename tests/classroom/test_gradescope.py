"""The package for Gradescope, in a directory laid out as its documentation describes /autograder."""
import importlib.util
import json
import os
import subprocess
import sys
import tempfile
import unittest
import zipfile
from importlib.machinery import SourceFileLoader
from pathlib import Path

import catalog
import handed_in

HERE = catalog.PROJECT / "classroom/gradescope"

loader = SourceFileLoader("pack", str(HERE / "pack"))
pack = importlib.util.module_from_spec(importlib.util.spec_from_loader("pack", loader))
loader.exec_module(pack)

CHAPTER = "03"
NAMES = list(catalog.files(CHAPTER))
VISIBLE = {"hidden", "after_due_date", "after_published", "visible"}


class Package(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.place = Path(directory.name)
        self.classes, self.reports = self.place / "class", self.place / "reports"

    def graded(self, name, text, score, **more):
        (self.classes / name).mkdir(parents=True)
        (self.classes / name / NAMES[0]).write_text(text)
        (self.reports / name).mkdir(parents=True)
        (self.reports / name / "results.json").write_text(json.dumps({"score": score, "tests": [{"name": "<b>", "score": score}], **more}))

    def package(self, *places):
        done = subprocess.run([HERE / "pack", CHAPTER, self.place / "package.zip", *places], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        root = self.place / "autograder"
        for name in ("source", "results", "submission"):
            (root / name).mkdir(parents=True)
        with zipfile.ZipFile(self.place / "package.zip") as opened:
            opened.extractall(root / "source")
            self.modes = {entry.filename: entry.external_attr >> 16 & 0o777 for entry in opened.infolist()}
        return done

    def handed_in(self, text, metadata=None, below=""):
        root = self.place / "autograder"
        (root / "submission" / below).mkdir(exist_ok=True)
        (root / "submission" / below / NAMES[0]).write_text(text)
        if metadata:
            (root / "submission_metadata.json").write_text(json.dumps(metadata))
        (root / "run_autograder").write_text((root / "source/run_autograder").read_text())
        subprocess.run([sys.executable, "-I", root / "run_autograder"], cwd=root, env=dict(os.environ, AUTOGRADER=str(root)), check=True, stdout=subprocess.DEVNULL)
        return json.loads((root / "results/results.json").read_text())

    def test_the_zip_has_at_its_root_what_is_asked_for(self):
        self.graded("ada", "one", 7)
        self.assertEqual(self.package(self.classes, self.reports).returncode, 0)
        self.assertEqual([self.modes[name] for name in ("setup.sh", "run_autograder")], [0o755, 0o755])

    def test_a_graded_submission_gets_its_result(self):
        self.graded("ada", "one", 7)
        self.graded("eve", "two", 3)
        self.package(self.classes, self.reports)
        found = self.handed_in("two", below="nested")
        self.assertEqual(found["score"], 3)
        self.assertEqual([found["output_format"], found["tests"][0]["name_format"]], ["text", "text"], "no markup of a student's")

    def test_another_gets_no_points_and_no_total(self):
        self.graded("ada", "one", 7)
        self.package(self.classes, self.reports)
        found = self.handed_in("changed since")
        self.assertEqual(found["score"], 0)
        self.assertIn("has not been graded yet", found["output"])
        self.assertEqual(found["tests"][-1]["visibility"], "hidden", "then no total is shown")
        self.assertEqual([test["status"] for test in found["tests"][: len(NAMES)]], ["passed"] + ["failed"] * (len(NAMES) - 1))
        self.assertTrue(all(test["visibility"] in VISIBLE and isinstance(test["name"], str) for test in found["tests"]))

    def test_the_same_files_of_two_are_told_apart_by_name(self):
        self.graded("submission_7", "one", 7)
        self.graded("submission_8", "one", 8)
        self.package(self.classes, self.reports)
        self.assertEqual(self.handed_in("one", {"id": 8, "users": [{"email": "b@localhost"}]})["score"], 8)
        self.assertIn("has to look", self.handed_in("one", {"id": 9})["output"])

    def test_who_has_no_result_is_named(self):
        self.graded("ada", "one", 7)
        (self.classes / "new").mkdir()
        done = self.package(self.classes, self.reports)
        self.assertEqual((done.returncode, "new" in done.stderr), (1, True))

    def test_without_a_class_everybody_waits(self):
        self.assertEqual(self.package().returncode, 0)
        self.assertIn("has not been graded yet", self.handed_in("one")["output"])

    def test_a_symlink_is_no_file(self):
        (self.place / "submission").mkdir()
        (self.place / "submission" / NAMES[0]).symlink_to("/etc/passwd")
        self.assertEqual(handed_in.taken(self.place / "submission", NAMES, ""), {})

    def test_an_archive_is_the_same_as_its_files(self):
        (self.classes).mkdir()
        with zipfile.ZipFile(self.classes / "ada.zip", "w") as opened:
            opened.writestr(f"work/{NAMES[0]}", "one\r\n")
        (self.reports / "ada").mkdir(parents=True)
        (self.reports / "ada/results.json").write_text('{"score": 5, "tests": []}')
        self.assertEqual(self.package(self.classes, self.reports).returncode, 0)
        self.assertEqual(self.handed_in("one\n")["score"], 5)
