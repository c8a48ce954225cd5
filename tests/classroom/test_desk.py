"""A student's desk: what editors and archives do to files, what a broken state costs, how points are counted."""
import contextlib
import io
import os
import shutil
import subprocess
import tempfile
import threading
import time
import unittest
from pathlib import Path
from unittest import mock

import attempt
import catalog
import checks
import desk
import grading
import linker
import regions
import telling
import watch

PROJECT = catalog.PROJECT
SOURCE = "before\n  // exercise: one\n  solved();\n  // end of exercise\nbetween\n// exercise: two\nmore();\n// end of exercise\n"
CHAPTER = "03"


class Bytes(unittest.TestCase):
    """Files as they come from a disk."""

    def test_whatever_an_editor_made_of_the_lines_the_regions_are_the_same(self):
        for name, data in {
            "CRLF": SOURCE.replace("\n", "\r\n").encode(),
            "CRLF twice": SOURCE.replace("\n", "\r\r\n").encode(),
            "CR alone": SOURCE.replace("\n", "\r").encode(),
            "a byte order mark": b"\xef\xbb\xbf" + SOURCE.encode(),
            "UTF-16": SOURCE.encode("utf-16"),
            "UTF-16, the other order": b"\xfe\xff" + SOURCE.encode("utf-16-be"),
            "UTF-32": SOURCE.encode("utf-32"),
            "no newline at the end": SOURCE.rstrip("\n").encode(),
            "blanks behind the marks": SOURCE.replace("exercise: one", "exercise: one \t").replace("end of exercise", "end of exercise\t ").encode(),
            "tabs before them": SOURCE.replace("  //", "\t//").encode(),
            "no blank in them": SOURCE.replace("// exercise: ", "//exercise:").replace("// end", "//end").encode(),
            "a no-break space": SOURCE.replace("// exercise: one", "//\u00a0exercise: one").encode(),
        }.items():
            text = regions.decoded(data)
            self.assertEqual(list(regions.regions(text)), ["one", "two"], name)
            self.assertEqual(regions.content(text, "one").strip(), "solved();", name)
            self.assertNotIn("\r", text)

    def test_a_byte_that_is_no_utf8_is_a_letter_and_no_traceback(self):
        self.assertIn("// für uns", regions.decoded(SOURCE.replace("solved", "// für uns\nsolved").encode("latin-1")))

    def test_a_form_feed_and_its_like_end_no_line(self):
        text = SOURCE.replace("solved();", "solved(); // \x0c \x1c \u2028 \x85")
        self.assertEqual(regions.replaced(text, "two", "x\n").count("\n"), SOURCE.count("\n"))

    def test_every_formatter_leaves_the_regions_there(self):
        if not shutil.which("clang-format"):
            self.skipTest("clang-format is not installed")
        for chapter in catalog.chapters():
            for path in catalog.files(chapter).values():
                for style in ("LLVM", "GNU", "Mozilla", "WebKit", "Microsoft") if path.suffix == ".cpp" else ():
                    done = subprocess.run(["clang-format", f"--style={style}", path], stdout=subprocess.PIPE, check=True)
                    self.assertEqual(regions.regions(regions.decoded(done.stdout)).keys(), regions.regions(path.read_text()).keys(), f"{path}, {style}")


class Marks(unittest.TestCase):
    def test_regions_are_found_replaced_and_left_out(self):
        self.assertEqual(regions.content(SOURCE, "one"), "  solved();\n")
        self.assertEqual(regions.content(regions.replaced(SOURCE, "one", "x\ny\n"), "one"), "x\ny\n")
        self.assertEqual(regions.without_markers(SOURCE), "before\n  solved();\nbetween\nmore();\n")

    def test_a_mark_that_is_gone_costs_its_own_region_alone(self):
        text = SOURCE.replace("  // end of exercise\n", "", 1)
        with self.assertRaisesRegex(regions.Fault, "line 2: 'exercise: one' has no partner"):
            regions.content(text, "one")
        self.assertEqual(regions.content(text, "two"), "more();\n")

    def test_a_region_that_is_there_twice_is_none(self):
        with self.assertRaisesRegex(regions.Fault, "two regions 'one'"):
            regions.content(SOURCE + SOURCE.split("between")[0], "one")

    def test_the_other_exercises_of_a_file_are_judged_without_it(self):
        one, other = catalog.exercise(CHAPTER, "groups"), catalog.exercise(CHAPTER, "signals")
        text = catalog.with_holes(CHAPTER)[one.file]
        mine = regions.replaced(text, other.id, "  // mine\n").replace("// exercise: groups\n", "")
        made = catalog.with_one(other, mine)
        self.assertEqual(regions.content(made, other.id), "  // mine\n")
        self.assertEqual(regions.content(made, one.id), regions.content(one.source.read_text(), one.id))


class Desk(unittest.TestCase):
    """A working copy of chapter 03, in a directory of its own."""

    def setUp(self):
        (PROJECT / "build").mkdir(exist_ok=True)
        directory = Path(tempfile.mkdtemp(dir=PROJECT / "build"))
        self.addCleanup(shutil.rmtree, directory, True)
        for name, value in (("WORK", directory), ("STATE", directory / ".state.json")):
            patch = mock.patch.object(desk, name, value)
            patch.start()
            self.addCleanup(patch.stop)
        self.said(desk.start, CHAPTER)
        self.place = desk.of_chapter(CHAPTER)

    def said(self, function, *words):
        with contextlib.redirect_stdout(io.StringIO()) as out:
            function(*words)
        return out.getvalue()

    def test_what_is_there_stays(self):
        (self.place / "exec.cpp").write_text("mine")
        self.assertIn("kept", self.said(desk.start, CHAPTER))
        self.assertEqual((self.place / "exec.cpp").read_text(), "mine")

    def test_nothing_is_begun_by_a_formatter(self):
        for path in self.place.glob("*"):
            path.write_bytes(path.read_bytes().replace(b"  ", b"\t").replace(b"\n", b"\r\n"))
        self.assertEqual([one.id for one in catalog.exercises(CHAPTER) if desk.is_begun(one)], [])
        texts = {path.name: desk.text_of(path) for path in self.place.glob("*")}
        self.assertEqual([one.id for one in catalog.exercises(CHAPTER) if grading.is_begun(one, texts[one.file])], [], "nor for the grader")

    def test_a_file_that_is_gone_is_said(self):
        (self.place / "exec.cpp").unlink()
        with self.assertRaisesRegex(catalog.Fault, "exec.cpp is not there: make exercise-03"):
            [desk.is_begun(one) for one in catalog.exercises(CHAPTER)]

    def test_a_directory_in_its_place_is_said(self):
        (self.place / "exec.cpp").unlink()
        (self.place / "exec.cpp").mkdir()
        with self.assertRaisesRegex(catalog.Fault, "cannot be read: Is a directory"):
            [desk.is_begun(one) for one in catalog.exercises(CHAPTER)]

    def test_a_state_that_was_cut_off_costs_the_hints_and_no_traceback(self):
        for text in ('{"03/groups": {"hi', "[]", '{"03/groups": 1}', '{"03/groups": {"hints": 5}}', "\0", "\xff"):
            desk.STATE.write_text(text, encoding="latin-1")
            self.said(telling.progress)
            self.assertIn("hint 1 of 3", self.said(telling.hint, CHAPTER))

    def test_the_probe_is_built_with_plain_lines(self):
        path = self.place / "inheritance.sh"
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
        self.assertNotIn("\r", desk.text_of(path))

    # --- watch ---

    def checks_seen(self, act, seconds=3.0):
        """How often `make watch` checks while `act` does something in the directory."""
        with mock.patch.object(watch.subprocess, "run") as run, mock.patch.object(watch, "SECONDS", 0.02), contextlib.redirect_stdout(io.StringIO()):
            watcher = threading.Thread(target=watch.watch, args=(CHAPTER, int(seconds / 0.02)))
            watcher.start()
            time.sleep(0.5)
            first = run.call_count
            act()
            watcher.join()
            return first, run.call_count - first

    def test_locks_backups_and_swap_files_are_no_save(self):
        def act():
            (self.place / ".#exec.cpp").symlink_to("somebody@somewhere.4711:1")
            for name in ("exec.cpp~", ".exec.cpp.swp", "4913", "#exec.cpp#", ".exec.cpp.kate-swp", "exe\u0301c.cpp"):
                (self.place / name).write_text("x")
            (self.place / os.fsdecode(b"caf\xe9")).write_text("x")
            (self.place / "4913").unlink()
        self.assertEqual(self.checks_seen(act, 1.5), (1, 0))

    def test_a_save_by_rename_is_one(self):
        def act():
            new = self.place / "exec.cpp.new"
            new.write_text((self.place / "exec.cpp").read_text() + "// saved\n")
            (self.place / "exec.cpp").rename(self.place / "exec.cpp~")
            new.rename(self.place / "exec.cpp")
        first, then = self.checks_seen(act, 1.5)
        self.assertEqual((first, then), (1, 1))

    def test_a_file_that_vanishes_and_comes_back_ends_nothing(self):
        def act():
            (self.place / "exec.cpp").rename(self.place / "away")
            time.sleep(0.3)
            (self.place / "away").rename(self.place / "exec.cpp")
        self.assertGreaterEqual(self.checks_seen(act, 1.5)[1], 1)


class Points(unittest.TestCase):
    def points(self, exercise, **results):
        good = {check.name: checks.PASS for check in exercise.checks if attempt.is_here(exercise, check.name)}
        return telling.points_of(exercise, good | {name.replace("USER_", "USER-"): result for name, result in results.items()})

    def test_all_and_none(self):
        for one in catalog.exercises("05"):
            self.assertEqual(self.points(one)[0], one.points, one.id)
            self.assertEqual(telling.points_of(one, {}), (0, 0), one.id)

    def test_a_part_counts(self):
        one = catalog.exercise(CHAPTER, "groups")
        self.assertEqual(self.points(one, **{"an ordinary user is refused, and told about --keep-groups": checks.FAIL}), (2, 0))

    def test_robustness_counts_with_the_function_alone(self):
        one = catalog.exercise(CHAPTER, "groups")
        self.assertEqual(telling.points_of(one, {check.name: checks.PASS for check in one.checks if check.robust}), (0, 0))


class Said(unittest.TestCase):
    def verdict(self, answer):
        one = catalog.exercise("05", "exchange")
        return checks.said(one, f"{answer}\nvoid move_into() {{}}\n").good

    def test_a_sentence_is_one_in_every_language_and_on_any_line(self):
        for answer in ("// The hole: root inside finds the host", "// The hole: ?\n// root inside finds all files of the host",
                       "//The hole: the old root\n//stays where it was", "// The hole: 古いルートがそのまま残っている", "// The hole: El antiguo raíz queda allí",
                       "  // The hole : wer sucht, der findet alles"):
            self.assertTrue(self.verdict(answer), answer)

    def test_what_is_none(self):
        for answer in ("", "// The hole: ?", "// The hole: x y z w", "// The hole: yes", "// The hole: 1 2 3 4 5"):
            self.assertFalse(self.verdict(answer), answer)


class Linker(unittest.TestCase):
    def test_a_function_that_is_missing_is_named_with_its_place(self):
        said = linker.explained("/usr/bin/ld: build/obj/chapters/03-process/main.o: in function `tincan::run_container(tincan::Options const&)':\n"
                                "main.cpp:31: undefined reference to `tincan::reset_signals()'\ncollect2: error: ld returned 1 exit status\n")
        self.assertIn("reset_signals() is called, and defined nowhere", said)
        self.assertIn("clean_start.hpp", said)
        self.assertIn("clean_start.cpp", said)
        self.assertNotIn("ld returned", said)

    def test_a_name_as_the_compiler_made_it(self):
        self.assertIn("reset_signals()", linker.explained("ld.lld: error: x\nundefined reference to `_ZN6tincan13reset_signalsEv'\n"))

    def test_the_long_name_of_a_string_is_a_string(self):
        self.assertEqual(linker.plain("tincan::f(std::__cxx11::basic_string<char, std::char_traits<char>, std::allocator<char> > const&)"), "f(std::string const&)")

    def test_two_of_one_name(self):
        said = linker.explained("/usr/bin/ld: exec.o: in function `x':\nexec.cpp:3: multiple definition of `tincan::reset_signals()'; clean_start.o:clean_start.cpp:9: first defined here\n")
        self.assertIn("reset_signals() is defined twice", said)

    def test_anything_else_is_the_first_error(self):
        self.assertIn("error: expected", linker.explained("a.cpp:1:1: warning: x\na.cpp:2:1: error: expected ';'\n   2 | x\na.cpp:3:1: error: other\n"))
