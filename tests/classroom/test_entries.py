"""Which entries of a class's directory are whose."""
import os
import zipfile

import entries
from test_intake import NAMES, Base


class Entries(Base):
    def listed(self):
        return entries.listed(self.directory, NAMES)

    def test_directories_and_archives(self):
        (self.directory / "ada").mkdir()
        self.put("bob.tar.gz")
        students, lines = self.listed()
        self.assertEqual([one.name for one in students], ["ada", "bob"])
        self.assertEqual(lines, [])

    def test_nothing_is_silently_absent(self):
        for name in ("notes.txt", ".DS_Store", "__MACOSX/x", "grades.csv/a.cpp", ".kept/a.cpp", "...", "..a/a.cpp"):
            self.put(name)
        os.mkfifo(self.directory / "fifo")
        (self.directory / "link").symlink_to("/etc")
        (self.directory / "dangling").symlink_to("/nowhere")
        students, lines = self.listed()
        self.assertEqual([one.name for one in students], ["..a", ".kept", "dangling", "grades.csv", "link"])
        self.assertEqual(len(lines), 5, lines)
        self.assertEqual(len({one.slug for one in students} & {"grades.csv", ".kept", "..a"}), 0, "no name of ours, none that leads out")

    def test_names_of_any_bytes(self):
        for name in (b"a\nb", b"\x1b[2J", b"caf\xe9", b"=cmd()", b"a,b;c", b"-rf"):
            os.mkdir(os.path.join(os.fsencode(self.directory), name))
        students, _ = self.listed()
        self.assertEqual(len(students), 6)
        self.assertEqual(len({one.slug for one in students}), 6)
        for one in students:
            self.assertRegex(one.slug, r"\A[\w ,.'()+@-]+\Z")
            one.title.encode()
            self.assertNotRegex(one.title, "[\0-\x1f]")

    def test_moodle_canvas_blackboard(self):
        self.put("Ada L_12345_assignsubmission_file_/x/a.cpp")
        self.put("Ada L_67890_assignsubmission_file_/a.cpp")
        self.put("Ada L_12345_assignsubmission_onlinetext_/onlinetext.html")
        self.put("lovelaceada_LATE_123_4560_handin.zip")
        self.put("lovelaceada_123_4561_handin-1.zip")
        self.put("hopper_77_900_a.cpp", "old")
        self.put("hopper_77_950_a-1.cpp", "new")
        self.put("hopper_77_901_look-round.sh", "probe")
        self.put("hw 1_bob_attempt_2026-10-01-12-00-00_x.zip")
        self.put("hw 1_bob_attempt_2026-10-01-12-00-00.txt")
        students, lines = self.listed()
        self.assertEqual([one.name for one in students], ["Ada L (12345)", "Ada L (67890)", "bob", "hopper", "lovelaceada"])
        self.assertEqual(os.path.basename(students[4].entries[0].path), "lovelaceada_123_4561_handin-1.zip")
        taken, remarks = students[3].take(NAMES, "")
        self.assertEqual(taken, {"a.cpp": "new\n", "look-round.sh": "probe\n"})
        self.assertEqual(len(lines), 2, lines)

    def test_the_latest_of_several_counts_and_the_others_are_named(self):
        self.put("ada/a.cpp", "old")
        with zipfile.ZipFile(self.directory / "ada.zip", "w") as made:
            made.writestr("a.cpp", "new")
        os.utime(self.directory / "ada", (1, 1))
        taken, remarks = self.listed()[0][0].take(NAMES, "")
        self.assertEqual(taken, {"a.cpp": "new\n"})
        self.assertIn("not looked at: ada", " ".join(remarks))

    def test_a_name_with_numbers_is_no_other_systems(self):
        self.put("team_12_345_final/a.cpp")
        self.put("hw_1_2_ada.zip")
        self.put("hw_1_2_bob.zip")
        self.assertEqual([one.name for one in self.listed()[0]], ["hw_1_2_ada", "hw_1_2_bob", "team_12_345_final"])
