"""How strangers' files are compiled: with what is precompiled, and that it makes no difference."""
import shutil
import tempfile
import unittest
from pathlib import Path
from unittest import mock

import builder
import catalog


class Opening(unittest.TestCase):
    def setUp(self):
        self.there = Path(tempfile.mkdtemp(dir=builder.BUILD))
        self.addCleanup(shutil.rmtree, self.there)
        self.shop = builder.Workshop(self.there, "05", ["mounts.cpp"])

    def compiled(self, *said):
        """What the shop says of a text, if the compiler says these things one after the other; and the words that it got."""
        asked = []

        def compile_one(*words):
            asked.append(words[4:])
            if isinstance(answer := said[len(asked) - 1], Exception):
                raise answer
            return answer

        with mock.patch.object(builder, "compile_one", compile_one), mock.patch.object(builder, "opening", lambda *_: "/opening"):
            return self.shop.compile("mounts.cpp", self.there), asked

    def test_the_same_program(self):
        one = catalog.exercise("05", "node")
        there = self.shop.shop("compile", [path.relative_to(catalog.PROJECT) for path in builder.headers()])
        (there / "made/nodes.cpp").write_text(one.source.read_text())
        (there / "opening").symlink_to(builder.opening("05", one.file))
        builder.compile_one("made/nodes.cpp", "made/with.o", there, ["env"], "-include", "opening/opening.hpp", "-Winvalid-pch", "-Werror")
        builder.compile_one("made/nodes.cpp", "made/without.o", there, ["env"])
        self.assertEqual((there / "made/with.o").read_bytes(), (there / "made/without.o").read_bytes())

    def test_what_a_compiler_refuses_with_it_is_compiled_without(self):
        said, asked = self.compiled(builder.NoBuild("a.cpp:1:1: error: no"), "a warning")
        self.assertEqual((said, asked), ("a warning", [("-include", "opening/opening.hpp"), ()]))

    def test_nobody_gets_twice_the_time(self):
        self.assertRaises(builder.NoBuild, self.compiled, builder.NoBuild("the compiler was stopped"), "")
