"""What is cut out of texts, and put into them: each cutter on small texts, and on all that there is."""
import re
import shutil
import tempfile
import unittest
from pathlib import Path
from unittest import mock

import answers
import catalog
import checks
import desk
import handout
import regions

PROJECT = catalog.PROJECT
EVERY = [one for chapter in catalog.chapters() for one in catalog.exercises(chapter)]
SECTION = """## private: No mount leaves

Fill the gap in `mounts.cpp`, 2.5 points.

What is to be done.

- Not an entry: this
- Read: one page,
  and another.
- Why: it matters
- Must come to hold: MNT-06 | a|title, with
  a second line
- Must still hold: MNT-01

<details><summary>Hint 1</summary>

Look
there.

</details>
<details><summary>Hint 2, on MNT-06</summary>

There.

</details>
"""


class Tests(unittest.TestCase):
    """Of a .bats file."""

    TEXT = 'load x\n\n@test "a \\"b\\"" {\n  if true; then {\n    true\n  }\n  fi\n}\nhelper() { :; }\n@test "c" { true; }\n@test "d" {\n  true\n}\nend=1\n'

    def test_one_alone(self):
        self.assertEqual(checks.cut(self.TEXT, {'a "b"'}), self.TEXT.replace('@test "c" { true; }', "").replace('@test "d" {\n  true\n}', "\n\n"))
        self.assertEqual(checks.cut(self.TEXT, {"c"}).split(), "load x helper() { :; } @test \"c\" { true; } end=1".split())
        self.assertEqual(checks.cut(self.TEXT, set()).count("\n"), self.TEXT.count("\n"))
        self.assertEqual(checks.cut(self.TEXT, set(), gap=""), "load x\n\nhelper() { :; }\nend=1\n")

    def test_as_functions(self):
        self.assertEqual(checks.as_functions('@test "a \\"b\\"" {\n}\n  @test "no" {\n@test "it\'s" { x; }\n'),
                         'test_1() {\n}\n  @test "no" {\ntest_2() { x; }\n' + """bout_titles=('a "b"' 'it'"'"'s')\n""")


class Marks(unittest.TestCase):
    def test_what_is_no_mark_stays(self):
        text = "// exercise: one\n// an exercise: it has words\nend of exercise\nx(); // end of exercise\n// exercise: Two\n// end of exercise\n"
        self.assertEqual(list(regions.regions(text)), ["one"])
        self.assertEqual(regions.without_markers(text), "".join(text.splitlines(keepends=True)[1:5]))

    def test_a_region_is_replaced_and_nothing_else(self):
        text = "a\n# exercise: one\n\n  x\n\n# end of exercise\nb\n# exercise: two\n# end of exercise\nc\n"
        self.assertEqual(regions.content(text, "one"), "\n  x\n\n")
        self.assertEqual(regions.replaced(text, "one", "y\n"), text.replace("\n  x\n\n", "y\n"))
        self.assertEqual(regions.replaced(text, "two", "y\n"), text.replace("two\n", "two\ny\n"))
        for name in ("one", "two"):
            self.assertEqual(regions.replaced(text, name, regions.content(text, name)), text)

    def test_blanks_make_no_difference_and_everything_else_does(self):
        self.assertTrue(regions.same("if (x) { y(); }\n", "\tif(x){\n  y( );\n}"))
        self.assertFalse(regions.same("x();\n", "x();\n// mine\n"))
        self.assertFalse(regions.same("x(1);\n", "x(2);\n"))


class Page(unittest.TestCase):
    def test_a_section(self):
        one = catalog.read_section("05", 3, SECTION)
        self.assertEqual((one.id, one.title, one.kind, one.file, one.points, one.number), ("private", "No mount leaves", "fill", "mounts.cpp", 2.5, 3))
        self.assertEqual((one.read, one.why), ("one page, and another", "it matters"))
        self.assertEqual((one.opens, one.stays), (["MNT-06", "a|title, with a second line"], ["MNT-01"]))
        self.assertEqual(one.text, "What is to be done.\n\n- Not an entry: this")
        self.assertEqual([(hint.about, hint.text) for hint in one.hints], [("", "Look there."), ("MNT-06", "There.")])

    def test_what_is_none(self):
        for wrong in (SECTION.replace("Fill the gap", "Mind the gap"), SECTION.replace(" points.", ""), SECTION.replace("## private", "## Private")):
            self.assertRaises(catalog.Fault, catalog.read_section, "05", 1, wrong)

    def test_the_rubric(self):
        with tempfile.TemporaryDirectory() as directory:
            path = Path(directory) / "rubric.tsv"
            path.write_text("# a comment\nFunctionality:\n2\ta\tMNT-01\n\n1/2\tb\ta title\nRobustness:\n1\ta\tMNT-02\nFunctionality:\n1\ta\tMNT-03\n")
            found = {name: [(check.name, float(check.points), check.robust) for check in listed] for name, listed in catalog.read_rubric(path).items()}
        self.assertEqual(found, {"a": [("MNT-01", 2, False), ("MNT-02", 1, True), ("MNT-03", 1, False)], "b": [("a title", 0.5, False)]})


class Holes(unittest.TestCase):
    def test_a_student_gets_every_stub_and_all_else_as_it_is(self):
        for chapter in catalog.chapters():
            texts = catalog.with_holes(chapter)
            for one in catalog.exercises(chapter):
                self.assertEqual(regions.content(texts[one.file], one.id), catalog.stub(one), f"{chapter}/{one.id}")
                self.assertFalse(regions.same(catalog.stub(one), regions.content(one.source.read_text(), one.id)), f"{chapter}/{one.id} is handed out solved")
            for name, source in catalog.files(chapter).items():
                self.assertEqual(answers.without_regions(texts[name]), answers.without_regions(source.read_text()), name)

    def test_a_mistake_is_planted_in_its_region_alone(self):
        for one in EVERY:
            if not one.side("mutant").exists():
                continue
            lines = catalog.planted(one).splitlines(keepends=True)
            self.assertEqual(lines[0], f"{regions.mark_of(one.file)} The hole: ?\n")
            patch = PROJECT / f"tests/mutants/{one.side('mutant').read_text().strip()}.patch"
            whole = catalog.patched(regions.without_markers(one.source.read_text()), one.source, patch)
            self.assertEqual(regions.without_markers(regions.replaced(one.source.read_text(), one.id, "".join(lines[1:]))), whole, one.id)

    def test_a_patch_that_no_longer_fits_is_refused(self):
        one = next(one for one in EVERY if one.side("mutant").exists())
        patch = PROJECT / f"tests/mutants/{one.side('mutant').read_text().strip()}.patch"
        context = next(line[1:] for line in patch.read_text().splitlines() if re.match(r" \s*\w", line))
        text = regions.without_markers(one.source.read_text())
        self.assertIn(context, text)
        self.assertRaises(catalog.Fault, catalog.patched, text.replace(context, context + " // moved"), one.source, patch)

    def test_of_a_students_file_one_region_counts(self):
        for one in EVERY:
            solved = one.source.read_text()
            mine = catalog.with_holes(one.chapter)[one.file]
            self.assertEqual(catalog.with_one(one, mine), regions.replaced(solved, one.id, catalog.stub(one)), f"{one.chapter}/{one.id}")
            outside = mine.replace("\n", "\n// mine, outside of any region\n", 1)
            self.assertIn("// mine, outside", catalog.with_one(one, outside))
            for other in regions.regions(solved).keys() - {one.id}:
                broken = outside.replace(f"exercise: {other}\n", "exercise\n")
                self.assertEqual(catalog.with_one(one, broken), regions.replaced(solved, one.id, catalog.stub(one)), f"{one.chapter}/{other} has no marks")


class Composed(unittest.TestCase):
    """A student's file as it is built."""

    def composed(self, is_hand_out):
        place = Path(tempfile.mkdtemp(dir=PROJECT / "build"))
        self.addCleanup(shutil.rmtree, place)
        mine = place / "03-process/clean_start.cpp"
        mine.parent.mkdir()
        one = catalog.exercise("03", "groups")
        mine.write_text(regions.replaced(catalog.with_holes("03")[mine.name], one.id, "  // mine\n"))
        with mock.patch.object(desk, "WORK", place), mock.patch.object(catalog, "is_hand_out", lambda _: is_hand_out), mock.patch.object(desk, "given", catalog.stub):
            return mine.read_text(), desk.composed(mine, place).read_text()

    def test_what_is_not_begun_is_solved_and_the_lines_keep_their_numbers(self):
        mine, made = self.composed(False)
        number, said = 1, {}
        for line in made.splitlines():
            found = re.match(r"#line (\d+) ", line)
            number = int(found[1]) if found else number + 1
            said[number - 1] = line
        lines = mine.splitlines()
        self.assertIn("  // mine", made.splitlines())
        # Behind the last region every line is where it was.
        last = max(region.end for region in regions.regions(mine).values())
        self.assertEqual([said[number + 1] for number in range(last, len(lines))], lines[last:])
        for one in catalog.exercises("03"):
            if one.file == "clean_start.cpp" and one.id != "groups":
                self.assertIn(regions.content(one.source.read_text(), one.id).strip(), made)

    def test_a_hand_out_has_no_solutions(self):
        mine, made = self.composed(True)
        self.assertEqual(made.partition("\n")[2], mine)


class Answers(unittest.TestCase):
    def test_lines_that_tell(self):
        self.assertEqual(answers.telling_lines("  umask(022, 1, 2);  // because\n}\nreturn false;\n# only words of a comment\n  // and more of them\n"), {"umask(022, 1, 2);"})

    def test_calls(self):
        self.assertEqual(list(answers.calls_in("need(mount(a, (b)), c(d)); x = (y);")), ["need(mount(a, (b)), c(d))", "mount(a, (b))", "c(d)"])
        pattern = answers.pattern_of('umount2(".",MNT_DETACH)')
        for text in ('umount2(".",\n   MNT_DETACH)', "umount2(&quot;.&quot;, MNT_DETACH )"):
            self.assertTrue(pattern.search(text), text)


class HandOut(unittest.TestCase):
    def test_passages(self):
        text = "\n".join(["a", "<!-- exercise: one -->", "b", "", "c", "<!-- end of exercise -->", "", "<!-- exercise: two -->", "e",
                          "<!-- end of exercise -->", "f", ""])
        told = "*(What stands here tells the solution of the exercise `one`.)*"
        self.assertEqual(handout.without_passages(text, {"one"}), f"a\n{told}\n\ne\nf\n")
        self.assertEqual(handout.without_passages(text, set()), "a\nb\n\nc\n\ne\nf\n")

    def test_which_chapters(self):
        self.assertEqual(handout.chapters_of("03-05"), ["03", "04", "05"])
        self.assertEqual(handout.chapters_of("07, 03,05-06"), ["03", "05", "06", "07"])
        self.assertEqual(handout.chapters_of("01-02"), ["02"])
        self.assertRaises(catalog.Fault, handout.chapters_of, "99")

    def test_up_to_the_last_chapter(self):
        with tempfile.TemporaryDirectory() as name:
            directory = Path(name)
            (directory / "docs").mkdir()
            handout.write_order(directory, "05")
            chapters = {row[1] for row in re.finditer(r"^\| (\d\d) \|", (directory / "docs/order.md").read_text(), re.M)}
            self.assertEqual((min(chapters), max(chapters)), ("03", "05"))
            self.assertNotIn("pivot_root(", (directory / "docs/order.md").read_text())
            handout.write_unit_tests(directory, "05")
            numbers = {number for path in directory.glob("tests/unit/*") for number in re.findall(r'^#include "(\d\d)-', path.read_text(), re.M)}
            self.assertEqual(max(numbers), "05")

    def test_chapters_that_are_not_handed_out_are_whole(self):
        with tempfile.TemporaryDirectory() as name:
            for chapter, with_holes in (("05", True), ("06", False)):
                folder = catalog.chapter_folder(chapter)
                handout.write_chapter(Path(name), folder, with_holes)
                there = Path(name) / "chapters" / folder.name
                self.assertEqual((there / "exercises.md").exists(), with_holes)
                for file, source in catalog.files(chapter).items():
                    self.assertEqual((there / file).read_text() == source.read_text(), not with_holes, file) if file.endswith("pp") else None
