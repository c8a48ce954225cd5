#!/usr/bin/python3
"""Every kind of mutant, in a small file: what is expected of it, and that nothing else is found."""
import os
import sys
import tempfile
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "mutants")]
sys.dont_write_bytecode = True
from sites import sites  # noqa: E402  the line before says where it is
from write import rewritten  # noqa: E402

HEAD = """\
int open(const char*, int);
int move(int, int);
int check(int, const char*);
constexpr int O_RDWR = 2, O_CLOEXEC = 8, O_APPEND = 16;
"""


def found(code, head=HEAD):
    """(kind, what stands there, what stands there then, whether it can be switched on) of each mutant of `code`."""
    with tempfile.TemporaryDirectory() as directory:
        (Path(directory) / "head.hpp").write_text(head)
        (Path(directory) / "code.cpp").write_text(f'#include "head.hpp"\n{code}')
        before = os.getcwd()
        os.chdir(directory)
        try:
            return [(site.kind, site.original, site.mutated.strip(), site.switchable) for site in sites("code.cpp")]
        finally:
            os.chdir(before)


class Kinds(unittest.TestCase):
    def expect(self, code, *mutants, switchable=True, without=()):
        """These and no others, apart from those of the kinds `without`."""
        seen = [one for one in found(code) if one[0] not in without]
        self.assertEqual(sorted(seen), sorted((*mutant, switchable) for mutant in mutants))

    def test_a_call_gone(self):
        self.expect("void f() { move(a(), b()); }".replace("a()", "1").replace("b()", "1"), ("call gone", "move(1, 1);", ";"), without=("constant",))

    def test_an_assignment_gone(self):
        self.expect("void f(int& x, int y) { x = y; }", ("assignment gone", "x = y;", ";"))
        self.expect("void f(int& x, int y) { x |= y; }", ("assignment gone", "x |= y;", ";"))

    def test_an_error_ignored(self):
        self.expect('int f(int a) { return check(a, "a"); }', ("error ignored", 'check(a, "a")', "a"), without=("return early",))
        self.expect("void f(bool x) { if (x) throw 1; }", ("condition negated", "x", "!(x)"), ("error ignored", "x", "((void)(x), false)"),
                    without=("constant",))
        self.expect("void f(bool x) { if (x) { f(x); throw 1; } }", ("condition negated", "x", "!(x)"), ("call gone", "f(x);", ";"),
                    ("error ignored", "x", "((void)(x), false)"), without=("constant",))

    def test_a_flag_out_of_an_or(self):
        self.expect('int x = open("x", O_RDWR | O_CLOEXEC);', ("flag gone", "O_RDWR | O_CLOEXEC", "O_CLOEXEC"),
                    ("close-on-exec gone", "O_RDWR | O_CLOEXEC", "O_RDWR"), switchable=False)

    def test_a_flag_more(self):
        seen = found('int x = open("x", O_RDWR);\nint y = O_APPEND;')
        self.assertEqual(seen, [("flag more", "O_RDWR", "O_RDWR | O_APPEND", False)])

    def test_close_on_exec_gone(self):
        self.expect('int f() { return open("x", O_CLOEXEC); }', ("close-on-exec gone", "O_CLOEXEC", "0"), without=("return early",))

    def test_a_condition_negated(self):
        self.expect("int f(bool x, int a, int b) { return x ? a : b; }", ("condition negated", "x", "!(x)"), without=("return early",))
        self.expect("void f(bool x) { while (x) { } }", ("condition negated", "x", "!(x)"))

    def test_a_comparison_off_by_one(self):
        for sign, other in (("<", "<="), ("<=", "<"), (">", ">="), (">=", ">"), ("==", "!="), ("!=", "==")):
            self.expect(f"bool f(int a, int b) {{ return a {sign} b; }}", ("comparison", f"a {sign} b", f"a {other} b"), without=("return early",))

    def test_an_operator_of_a_class(self):
        self.expect("struct S { bool operator==(const S&) const; };\nbool f(S a, S b) { return a == b; }",
                    ("comparison", "a == b", "a != b"), without=("return early",))

    def test_a_constant_one_more_or_less(self):
        self.expect("int f() { return 7; }", ("constant", "7", "6"), ("constant", "7", "8"), without=("return early",))
        self.expect("int f() { return 0666; }", ("constant", "0666", "0665"), ("constant", "0666", "0667"), without=("return early",))
        self.expect("constexpr int x = 0x10;", ("constant", "0x10", "0xf"), ("constant", "0x10", "0x11"), switchable=False)
        self.expect("unsigned f() { return 0U; }", ("constant", "0U", "1U"), without=("return early",))

    def test_and_for_or(self):
        self.expect("bool f(bool a, bool b) { return a && b; }", ("and for or", "a && b", "((a) || (b))"), without=("return early",))
        self.expect("bool f(bool a, bool b) { return a || b; }", ("and for or", "a || b", "((a) && (b))"), without=("return early",))

    def test_arguments_of_one_type_swapped(self):
        self.expect("int f(int a, int b) { return move(a, b); }", ("arguments swapped", "move(a, b)", "move(b, a)"), without=("return early",))
        self.expect('int f(int a) { return open("x", a); }', without=("return early",))

    def test_a_return_early(self):
        self.expect("void f() { int a; int b; int c; }", ("return early", "", "return;"), ("return early", "", "return;"))
        self.expect("int f(int a) { return a; }", ("return early", "", "return {};"))

    def test_a_loop_ended_one_early(self):
        self.expect("void f(int n) { for (int i = n; i < n; ++i) { } }", ("comparison", "i < n", "i <= n"), ("loop one short", "i < n", "(i) + 1 < (n)"))
        self.expect("void f(int (&a)[9]) { for (int x : a) { } }", ("loop one short", "a", "tincan_but_last(true, a)"), without=("constant",))

    def test_a_row_gone_or_changed(self):
        code = 'struct Row { const char* name; bool x; };\nconstexpr bool yes = true, no = false;\n' \
               'constexpr Row rows[] = {{"a", yes}, {"b c", no}, {"d", no}};'
        self.expect(code, ("row gone", '{"a", yes},', ""), ("row gone", '{"b c", no},', ""), ("row gone", ', {"d", no}', ""),
                    ("row changed", "yes", "no"), ("row changed", '"b c"', '"b"'), ("row changed", '"b c"', '"c"'), switchable=False)

    def test_what_the_compiler_has_to_know_cannot_be_switched(self):
        for code in ("constexpr int f() { return 7; }", "int f(int x) { switch (x) { case 7: break; } return x; }", "void f(int x = 7);"):
            constants = [one for one in found(code) if one[0] == "constant"]
            self.assertFalse(any(switchable for *_, switchable in constants), code)

    def test_no_text_is_a_place(self):
        self.expect('const char* x = "read";')

    def test_equal_changes_of_a_function_are_told_apart(self):
        with tempfile.TemporaryDirectory() as directory:
            path = Path(directory) / "x.cpp"
            path.write_text("int g();\nvoid f() { g(); g(); g(); }")
            gone = [site for site in sites(str(path)) if site.kind == "call gone"]
            self.assertEqual(len({site.key() for site in gone}), 3)


class Writing(unittest.TestCase):
    def test_mutants_inside_mutants(self):
        with tempfile.TemporaryDirectory() as directory:
            path = Path(directory) / "x.cpp"
            path.write_text("int g(int);\nvoid f(bool x) { if (x) g(0); }")
            all_of_them = [(number, site) for number, site in enumerate(sites(str(path)))]
            text = rewritten(path.read_bytes(), all_of_them).decode()
        self.assertEqual([(site.kind, number) for number, site in all_of_them],
                         [("condition negated", 0), ("call gone", 1), ("constant", 2)])
        self.assertIn("if ((tincan_mutant(0) ? static_cast<bool>(!(x)) : static_cast<bool>(x))) "
                      "{ if (!tincan_mutant(1)) { g((tincan_mutant(2) ? (1) : (0))); } }", text)

    def test_a_place_is_reached_where_the_mistake_makes_a_difference(self):
        for code, asked in (("bool f(int a, int b) { return a < b; }", "tincan_noting() && !((a) == (b))"),
                            ("bool f(bool a, bool b) { return a && b; }", "tincan_noting() && !((a) ? !(b) : true)"),
                            ("bool g(); bool f(bool a) { return a && g(); }", None), ("bool f(int a, int& b) { return a < ++b; }", None),
                            ("void f(bool x) { if (x) throw 1; }", "tincan_reached_if(0, static_cast<bool>"),
                            ('int check(int); int f(int a) { return check(a); }', "TincanThrown{0}")):
            with tempfile.TemporaryDirectory() as directory:
                path = Path(directory) / "x.cpp"
                path.write_text(code)
                wanted = [site for site in sites(str(path)) if site.kind in ("comparison", "and for or", "error ignored")]
                text = rewritten(path.read_bytes(), [(0, wanted[0])]).decode()
            self.assertIn(asked or "tincan_mutant(0) ?", text)
            self.assertTrue(asked or "tincan_noting" not in text, text)


if __name__ == "__main__":
    unittest.main()
